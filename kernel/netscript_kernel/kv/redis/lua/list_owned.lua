-- Reads a page of an owner's index. Arguments: owner, limit, and for a following page the key before it.
-- Result: the records.
local owner, limit, after = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local index = index_of(owner)
local SEEN_AT_ONCE = 100

-- A place may outlive its record where an operator or the server deleted that one, and find its key in other hands.
local function belongs(record)
  for _, each in ipairs(record.owners) do
    if each == owner then return true end
  end
  return false
end

local first = 0
if after then
  local place = live(after) and redis.call('ZRANK', index, after)
  if not place then return {TOKEN, {}} end
  first = place + 1
end

local found = {}
repeat
  local keys = redis.call('ZRANGE', index, first, first + SEEN_AT_ONCE - 1)
  for _, key in ipairs(keys) do
    local record = live(key)
    if record and belongs(record) then found[#found + 1] = record.text end
    if #found == limit then return {TOKEN, found} end
  end
  first = first + #keys
until #keys < SEEN_AT_ONCE
return {TOKEN, found}
