-- Calls of the API, and the sessions of who makes them.

-- Nobody takes calls when the oldest has waited that long: more of them are not taken either.
local CALLS_STAND_STILL_MS = 15000

-- call: KEYS {e}:c:<id>, {e}:calls; ARGV deadline ms, body hash, high water, life of what has no answer yet s, call JSON
-- Reply: NEW | PENDING | DECIDED | CONFLICT | BUSY | LATE, answer JSON
-- A call that was not begun in time is put on its way again when it is repeated.
local function call(keys, args)
  local now, known = now_ms(), redis.call('GET', keys[1])
  if known then
    if string.sub(known, 1, 32) ~= args[2] then return { 'CONFLICT', '' } end
    if string.sub(known, 33, 33) == '{' then return { 'DECIDED', string.sub(known, 33) } end
    if now <= tonumber(string.sub(known, 33)) then return { 'PENDING', '' } end
  end
  if now > tonumber(args[1]) then return { 'LATE', '' } end
  local oldest = redis.call('XRANGE', keys[2], '-', '+', 'COUNT', 1)[1]
  if oldest and (redis.call('XLEN', keys[2]) >= tonumber(args[3]) or
                 now - tonumber(string.match(oldest[1], '^%d+')) > CALLS_STAND_STILL_MS) then
    return { 'BUSY', '' }
  end
  redis.call('XADD', keys[2], '*', 'call', args[5])
  -- crash point: call.added
  redis.call('SET', keys[1], args[2] .. args[1], 'EX', args[4])
  return { 'NEW', '' }
end

-- drop_call: KEYS {e}:c:<id>, {e}:calls; ARGV group, stream id, what the key holds while the call has no answer
-- A call that came too late: it leaves no trace, unless it was repeated meanwhile.
local function drop_call(keys, args)
  redis.call('XACK', keys[2], args[1], args[2])
  redis.call('XDEL', keys[2], args[2])
  if redis.call('GET', keys[1]) == args[3] then redis.call('DEL', keys[1]) end
  return redis.status_reply('OK')
end

-- session: KEYS {people}:session:<hash>, which holds "<idle ms> <absolute end ms> <JSON>". Reply: the JSON, or nil. Whoever
-- asks keeps it alive, never beyond its absolute end; with an idle time of 0 it only ends by itself.
local function session(keys)
  local idle, ends, about = string.match(redis.call('GET', keys[1]) or '', '^(%d+) (%d+) (.*)$')
  if not idle then return nil end
  local life = math.min(tonumber(idle), tonumber(ends) - now_ms())
  if idle ~= '0' then
    if life <= 0 then return nil end
    -- one write in a tenth of its time, not one a request
    if redis.call('PTTL', keys[1]) < life * 0.9 then redis.call('PEXPIRE', keys[1], life) end
  end
  return about
end

-- try: KEYS {people}:tries:<name>, its wait, {people}:tries:<network>, its wait; ARGV free tries of a name, of a network, longest
-- wait s, how long tries are remembered s. Reply: 0, and the try is counted, or the seconds in which nobody may try. Beyond the
-- free ones the wait doubles with each.
local function try(keys, args)
  local wait = math.max(redis.call('PTTL', keys[2]), redis.call('PTTL', keys[4]))
  if wait > 0 then return math.ceil(wait / 1000) end
  for one = 1, 2 do
    local tries = redis.call('INCR', keys[2 * one - 1])
    redis.call('EXPIRE', keys[2 * one - 1], args[4])
    local beyond = tries - tonumber(args[one])
    if beyond >= 0 then redis.call('SET', keys[2 * one], '1', 'EX', math.min(2 ^ math.min(beyond, 10), tonumber(args[3]))) end
  end
  return 0
end

redis.register_function('mogiri_call', call)
redis.register_function('mogiri_drop_call', drop_call)
redis.register_function('mogiri_session', session)
redis.register_function('mogiri_try', try)
