-- Reads and deletes. Argument: the key. Result: the record, or nil.
local key = ARGV[3]
local record = live(key)
if not record then return {TOKEN, false} end
remove(key, record)
return {TOKEN, record.text}
