#!lua name=mogiri
-- The atomic steps of mogiri in Redis. Each function reads and checks everything first, then adds to a
-- stream, then marks: Lua does not roll back. Shapes of keys, arguments and replies: WIRE.md.
-- A test lets Redis die at `crash point` lines: nothing of a function may be left that did not come to its end.
-- At load time no library is within reach: globals such as `string` are looked up when a function runs.
-- This is the first of several files, joined in the order of their names; each registers its own functions at its end.

-- {e}:ready is "<run_id 40> <epoch 10> <settings 10> <batch 16>".
local MARK_SIZE = 79

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

-- Only the caller knows: the mark is closed for mogirid to see, which rebuilds. The epoch stays readable.
local function close_mark(key, parts, why)
  redis.call('SET', key, 'closed ' .. parts.epoch)
  return redis.error_reply('NOTREADY ' .. why)
end

-- The mark's parts, or nothing and why. `key` holds `mark`. Another run_id with a batch number that is not smaller than the
-- caller's: Redis was only restarted and lost nothing; the next raised mark carries the new run_id. A caller that remembers
-- no batch (0, nginx restarted as well) cannot tell.
local function read_mark(key, mark, run_id, batch)
  if not mark or #mark ~= MARK_SIZE then
    return nil, redis.error_reply('NOTREADY the cache is not built')
  end
  local parts = {
    epoch = tonumber(string.sub(mark, 42, 51)),
    settings = tonumber(string.sub(mark, 53, 62)),
    batch = tonumber(string.sub(mark, 64, 79)),
  }
  if string.sub(mark, 1, 40) ~= run_id then
    if tonumber(batch) == 0 then return nil, redis.error_reply('NOTREADY nobody has judged the restarted Redis yet') end
    if parts.batch < tonumber(batch) then return nil, close_mark(key, parts, 'Redis lost acknowledged batches') end
  end
  return parts
end

local function mark_text(run_id, parts)
  return run_id .. string.format(' %010d %010d %016d', parts.epoch, parts.settings, parts.batch)
end

-- rearm: KEYS ready; ARGV run_id, batch. The mark is the present Redis's from now on, if it is no older than the
-- caller knows; else it is closed. Reply: batch
local function rearm(keys, args)
  local mark = redis.call('GET', keys[1])
  local parts, failure = read_mark(keys[1], mark, args[1], args[2])
  if not parts then return failure end
  local text = mark_text(args[1], parts)
  if text ~= mark then redis.call('SET', keys[1], text) end
  return parts.batch
end

redis.register_function('mogiri_rearm', rearm)
