-- What is only looked up.

-- old_code: KEYS ready, {e}:o:<digest>; ARGV run_id, batch. Reply: the ticket's serial, or nil when there is none
local function old_code(keys, args)
  local found = redis.call('MGET', keys[1], keys[2])
  local parts, failure = read_mark(keys[1], found[1], args[1], args[2])
  if not parts then return failure end
  return found[2]
end

-- queues: KEYS streams. Reply: per stream its entries and the age of the oldest in ms
local function queues(keys)
  local now, reply = now_ms(), {}
  for _, key in ipairs(keys) do
    local oldest = redis.call('XRANGE', key, '-', '+', 'COUNT', 1)[1]
    reply[#reply + 1] = redis.call('XLEN', key)
    reply[#reply + 1] = oldest and math.max(0, now - tonumber(string.match(oldest[1], '^%d+'))) or 0
  end
  return reply
end

-- KEYS one key; reply: its text, or nil
local function read(keys)
  return redis.call('GET', keys[1])
end

redis.register_function('mogiri_old_code', old_code)
redis.register_function { function_name = 'mogiri_big_answer', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_events', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_queues', callback = queues, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_settings', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_status', callback = read, flags = { 'no-writes' } }
redis.register_function { function_name = 'mogiri_totals', callback = read, flags = { 'no-writes' } }
