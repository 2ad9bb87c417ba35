-- What is only looked up.

-- old_code: KEYS ready, {e}:o:<digest>; ARGV run_id, batch. Reply: the ticket's serial, or nil when there is none
local function old_code(keys, args)
  local found = redis.call('MGET', keys[1], keys[2])
  local parts, failure = read_mark(keys[1], found[1], args[1], args[2])
  if not parts then return failure end
  return found[2]
end

-- How many mails are owed, and since when in ms, as mogirid's sweep wrote it down.
local function owed_mails(key)
  local count, since = string.match(redis.call('GET', key) or '', '^(%d+) (%d+)$')
  return tonumber(count) or 0, tonumber(since)
end

local function stream_entries(key)
  local oldest = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
  return redis.call('XLEN', key), oldest and tonumber(string.match(oldest[1], '^%d+'))
end

-- queues: KEYS streams, or an event's outbox. Reply: per key its entries and the age of the oldest in ms
local function queues(keys)
  local now, reply = now_ms(), {}
  for _, key in ipairs(keys) do
    local is_outbox = string.find(key, ':outbox', 1, true)
    local entries, since = (is_outbox and owed_mails or stream_entries)(key)
    reply[#reply + 1] = entries
    reply[#reply + 1] = since and math.max(0, now - since) or 0
  end
  return reply
end

-- KEYS one key; reply: its text, or nil
local function read(keys)
  return redis.call('GET', keys[1])
end

-- KEYS any; reply: their texts, nil where there is none
local function read_all(keys)
  return redis.call('MGET', unpack(keys))
end

redis.register_function('mogiri_old_code', old_code)
redis.register_function { function_name = 'mogiri_big_answer', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_events', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_live', callback = read_all, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_queues', callback = queues, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_settings', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_status', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_totals', callback = read, flags = { 'no-writes' } }
