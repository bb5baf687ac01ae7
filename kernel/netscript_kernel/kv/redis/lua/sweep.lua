-- Deletes expired records. Argument: how many to look at. Result: how many it looked at, and how many it deleted.
-- A place that outlived its record, because an operator or the server deleted that one, is forgotten.
local keys = redis.call('ZRANGE', EXPIRIES, '-inf', ARGV[2], 'BYSCORE', 'LIMIT', 0, ARGV[3])
local deleted = 0
for _, key in ipairs(keys) do
  local record = stored(key)
  if record and not record.is_live then
    remove(key, record)
    deleted = deleted + 1
  else
    redis.call('ZREM', EXPIRIES, key)
  end
end
return {TOKEN, {#keys, deleted}}
