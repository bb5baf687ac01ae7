-- Writes all or nothing. Arguments: checks (key, version or ''), deletes (key), puts (key, what follows the version in
-- the record, end or '', owners (owner, rank)), each list after its length. Result: the version, or nil.
-- A server does not undo what a script did before it failed, so all that could fail comes before the first write.
local at = 2
local function argument()
  at = at + 1
  return ARGV[at]
end
local function length() return tonumber(argument()) end

for _ = 1, length() do
  local key = argument()
  local expected = tonumber(argument())
  local record = live(key)
  if (record and record.version) ~= expected then return {TOKEN, false} end
end

local function touch_indexes(owners)
  for _, owner in ipairs(owners) do redis.call('ZCARD', index_of(owner)) end
end

local replaced, puts = {}, {}
local function replace(key)
  local record = stored(key)
  if record then
    touch_indexes(record.owners)
    replaced[key] = record
  end
end

for _ = 1, length() do replace(argument()) end
for _ = 1, length() do
  local put = {key = argument(), owners = {}, ranks = {}}
  put.rest = argument()
  put.ends = argument()
  for place = 1, length() do
    put.owners[place] = argument()
    put.ranks[place] = argument()
  end
  touch_indexes(put.owners)
  replace(put.key)
  puts[#puts + 1] = put
end
redis.call('ZCARD', EXPIRIES)

-- Never less than the server's time in microseconds: a server that lost its last commits, or everything, gives no
-- version out twice.
local time = redis.call('TIME')
local version = math.max((redis.call('GET', VERSION) or 0) + 1, time[1] * 1000000 + time[2])
-- First of the writes, because one without memory for it is refused before it has changed anything.
redis.call('SET', VERSION, string.format('%.0f', version))
local head = struct.pack('>BI8', FORMAT, version)

for key, record in pairs(replaced) do remove(key, record) end
for _, put in ipairs(puts) do
  redis.call('SET', record_at(put.key), head .. put.rest)
  if put.ends ~= '' then redis.call('ZADD', EXPIRIES, put.ends, put.key) end
  for place, owner in ipairs(put.owners) do redis.call('ZADD', index_of(owner), put.ranks[place], put.key) end
end
return {TOKEN, version}
