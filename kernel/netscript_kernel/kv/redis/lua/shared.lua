-- Goes before every script. All keys begin with one hash tag, so that they lie together in any kind of cluster.
--   PREFIX r:KEY     a record, see below
--   PREFIX o:OWNER   the index of an owner: keys by rank
--   PREFIX expiries  keys by the instant from which they are no longer there
--   PREFIX version   the last version given out
-- Every script gets a token and our clock's time first, and gives the token back with its result.
local PREFIX, TOKEN, NOW = KEYS[1], ARGV[1], tonumber(ARGV[2])
local EXPIRIES, VERSION = PREFIX .. 'expiries', PREFIX .. 'version'

-- A record: format, version, end (infinite for none), size of the key, size of its owners; then key, owners, value.
local HEAD, FORMAT = '>BI8dI4I4', 1

local function record_at(key) return PREFIX .. 'r:' .. key end
local function index_of(owner) return PREFIX .. 'o:' .. owner end

local function read_owners(text)
  local owners, at = {}, 1
  while at <= #text do
    owners[#owners + 1], at = struct.unpack('>I4c0', text, at)
  end
  return owners
end

-- What is stored under a key, whether it has expired or not; nil where nothing is.
local function stored(key)
  local text = redis.call('GET', record_at(key))
  if not text then return nil end
  local format, version, ends, key_size, owners_size, at = struct.unpack(HEAD, text)
  if format ~= FORMAT then error(redis.error_reply('FORMAT of another version')) end
  local owners_at = at + key_size
  if text:sub(at, owners_at - 1) ~= key then error(redis.error_reply('MISPLACED record of another key')) end
  return {
    text = text,
    version = version,
    is_live = ends > NOW,
    owners = read_owners(text:sub(owners_at, owners_at + owners_size - 1)),
  }
end

local function live(key)
  local record = stored(key)
  return record and record.is_live and record or nil
end

local function remove(key, record)
  for _, owner in ipairs(record.owners) do redis.call('ZREM', index_of(owner), key) end
  redis.call('ZREM', EXPIRIES, key)
  redis.call('DEL', record_at(key))
end
