-- Applications: taken onto the road, answered, and tried again after a failure.

-- apply: KEYS ready, {e}:jobs, then {e}:a:<id> per application
-- ARGV run_id, batch, life s, then per application: deadline ms, body hash, high water, job JSON
-- Reply: batch, age of the oldest job ms, then per application: NEW | PENDING | DECIDED | CONFLICT | BUSY | LATE, answer JSON
local function apply(keys, args)
  local run_id, jobs, life = args[1], keys[2], args[3]
  local found = redis.call('MGET', unpack(keys))
  local parts, failure = read_mark(keys[1], found[1], run_id, args[2])
  if not parts then return failure end
  local now, queued, age = now_ms(), redis.call('XLEN', jobs), 0
  local oldest = redis.call('XRANGE', jobs, '-', '+', 'COUNT', 1)[1]
  if oldest then age = now - tonumber(string.match(oldest[1], '^%d+')) end
  local reply, hashes, fresh = { parts.batch, age }, {}, {}
  for i = 3, #keys do
    local key, at = keys[i], 4 * i - 8
    local known, state, answer = hashes[key] or found[i], 'NEW', ''
    if known then
      state = string.sub(known, 1, 32) ~= args[at + 1] and 'CONFLICT' or #known > 32 and 'DECIDED' or 'PENDING'
      if state == 'DECIDED' then answer = string.sub(known, 33) end
    elseif now > tonumber(args[at]) then
      state = 'LATE'
    elseif queued + #fresh >= tonumber(args[at + 2]) then
      state = 'BUSY'
    else
      hashes[key], fresh[#fresh + 1] = args[at + 1], i
    end
    reply[#reply + 1] = state
    reply[#reply + 1] = answer
  end
  if #fresh == 0 then return reply end
  for _, i in ipairs(fresh) do redis.call('XADD', jobs, '*', 'apply', args[4 * i - 5]) end
  -- crash point: apply.added
  parts.batch = parts.batch + 1
  redis.call('SET', keys[1], mark_text(run_id, parts))
  for _, i in ipairs(fresh) do redis.call('SET', keys[i], hashes[keys[i]], 'EX', life) end
  -- crash point: apply.remembered
  reply[1] = parts.batch
  return reply
end

-- Of a stored answer, or of its JSON alone: `failed` is the one decision that a retry may turn into another.
local function is_failed(answer)
  return string.find(answer, '"decision":"failed"', 1, true) ~= nil
end

-- How often what was answered first has changed.
local function version_of(answer)
  return tonumber(string.match(answer, '"version":(%d+)')) or 0
end

-- answer: KEYS {e}:jobs, then {e}:a:<id> per application
-- ARGV group, life s, then per application: stream id, body hash, answer JSON, channel (may be empty), application id
-- `failed` is told only while its job is there: who wakes late with it must not undo what came of a retry.
-- An older answer never takes the place of a newer one, however late it comes: the newer is told. Reply: how many were told
local function answer(keys, args)
  local jobs, group, told, channels = keys[1], args[1], {}, {}
  local known = redis.call('MGET', unpack(keys, 2))
  for i = 2, #keys do
    local at = 5 * i - 7
    local stream_id, text, channel = args[at], args[at + 2], args[at + 3]
    if not is_failed(text) or #redis.call('XRANGE', jobs, stream_id, stream_id) > 0 then
      if known[i - 1] and version_of(known[i - 1]) > version_of(text) then
        text = string.sub(known[i - 1], 33)
      else
        redis.call('SET', keys[i], args[at + 1] .. text, 'EX', args[2])
      end
      told[#told + 1] = stream_id
      if channel ~= '' then
        local lines = channels[channel] or {}
        lines[#lines + 1] = args[at + 4] .. ' ' .. text
        channels[channel] = lines
      end
    end
  end
  if #told == 0 then return 0 end
  -- crash point: answer.stored
  redis.call('XACK', jobs, group, unpack(told))
  redis.call('XDEL', jobs, unpack(told))
  -- crash point: answer.acknowledged
  for channel, lines in pairs(channels) do
    redis.call('PUBLISH', channel, table.concat(lines, '\n'))
  end
  return #told
end

-- retry: KEYS {e}:a:<id>, {e}:jobs; ARGV body hash, life s, job JSON. An application that failed is undecided again
-- and back on the road. Reply: 1, or 0 when it is on its way already or has another answer
local function retry(keys, args)
  local known = redis.call('GET', keys[1])
  if known and not is_failed(known) then return 0 end
  redis.call('XADD', keys[2], '*', 'apply', args[3])
  redis.call('SET', keys[1], args[1], 'EX', args[2])
  return 1
end

redis.register_function('mogiri_apply', apply)
redis.register_function('mogiri_answer', answer)
redis.register_function('mogiri_retry', retry)
