-- Commits, each of which writes all or nothing. Arguments: how many, then for each its checks (key, version or ''), deletes
-- (key) and puts (key, what follows the version in the record, end or '', owners (owner, rank)), each list after its
-- length. Result: for each its version, or nil.
-- A server does not undo what a script did before it failed, so all that could fail comes before the first write of a
-- commit. Should one fail after others, nobody learns which were done, and each of those is whole.
local at = 2
local function argument()
  at = at + 1
  return ARGV[at]
end

-- What `read` returns, as often as the next argument says.
local function list(read)
  local items = {}
  for item = 1, tonumber(argument()) do items[item] = read() end
  return items
end

local function read_check() return {key = argument(), version = tonumber(argument())} end
local function read_owner() return {name = argument(), rank = argument()} end
local function read_put() return {key = argument(), rest = argument(), ends = argument(), owners = list(read_owner)} end

local function holds(check)
  local record = live(check.key)
  return (record and record.version) == check.version
end

-- What a commit replaces, once every name that it will write to was seen to be of the right type.
local function look_at(deletes, puts)
  local replaced = {}
  local function replace(key)
    local record = stored(key)
    if not record then return end
    for _, owner in ipairs(record.owners) do redis.call('ZCARD', index_of(owner)) end
    replaced[key] = record
  end
  for _, key in ipairs(deletes) do replace(key) end
  for _, put in ipairs(puts) do
    for _, owner in ipairs(put.owners) do redis.call('ZCARD', index_of(owner.name)) end
    replace(put.key)
  end
  redis.call('ZCARD', EXPIRIES)
  return replaced
end

-- Never less than the server's time in microseconds: a server that lost its last commits, or everything, gives no
-- version out twice.
local function next_version()
  local time = redis.call('TIME')
  local version = math.max((redis.call('GET', VERSION) or 0) + 1, time[1] * 1000000 + time[2])
  -- First of the writes, because one without memory for it is refused before it has changed anything.
  redis.call('SET', VERSION, string.format('%.0f', version))
  return version
end

local function write(put, head)
  redis.call('SET', record_at(put.key), head .. put.rest)
  if put.ends ~= '' then redis.call('ZADD', EXPIRIES, put.ends, put.key) end
  for _, owner in ipairs(put.owners) do redis.call('ZADD', index_of(owner.name), owner.rank, put.key) end
end

local function commit()
  local checks, deletes, puts = list(read_check), list(argument), list(read_put)
  for _, check in ipairs(checks) do
    if not holds(check) then return false end
  end
  local replaced = look_at(deletes, puts)
  local version = next_version()
  local head = struct.pack('>BI8', FORMAT, version)
  for key, record in pairs(replaced) do remove(key, record) end
  for _, put in ipairs(puts) do write(put, head) end
  return version
end

return {TOKEN, list(commit)}
