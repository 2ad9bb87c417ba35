// The Redis function library as text; generated from functions/*.lua.
#include "function_library.hpp"

namespace mogiri {

std::string_view function_library() {
    return R"functions(#!lua name=mogiri
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

redis.register_function('mogiri_call', call)
redis.register_function('mogiri_drop_call', drop_call)
redis.register_function('mogiri_session', session)

-- A ticket's record, read and written.

-- A ticket's record taken apart as far as a decision needs it (ticket_record.hpp has the layout); nothing when it is
-- none. Who reads it further meets no error, so that a damaged one does not stop its neighbours in the batch.
local function open_record(text)
  if not text or #text < 20 or string.byte(text, 1) ~= 1 then return nil end
  local _, status, kind, allowance = string.byte(text, 1, 4)
  local day_count, scan_count = string.byte(text, 11, 12)
  local scans_at = 13 + 18 * day_count
  local rest_at = scans_at + 24 * scan_count
  if #text < rest_at + 7 then return nil end
  local scans = {}
  for i = 1, scan_count do
    local at = scans_at + 24 * (i - 1)
    scans[i] = string.sub(text, at, at + 23)
  end
  return {
    head = string.sub(text, 1, 10), revoked = status == 82 or status == 116, test = status == 84 or status == 116,
    kind = kind, allowance = allowance,
    day_count = day_count, days = string.sub(text, 13, scans_at - 1), scans = scans,
    rest = string.sub(text, rest_at),
  }
end

-- The use of one day: inside, cycle, the first admission's 12 bytes (time, gate, device), admissions that were given back,
-- and where it stands.
local function day_use(record, day)
  for i = 0, record.day_count - 1 do
    local at = 18 * i + 1
    local number, inside, high, low = string.byte(record.days, at, at + 3)
    if number == day then
      return { at = at, inside = inside, cycle = high * 256 + low, first = string.sub(record.days, at + 4, at + 15),
               given_back = struct.unpack('>I2', record.days, at + 16) }
    end
  end
  return { inside = 0, cycle = 0, first = string.rep('\0', 12), given_back = 0 }
end

local function put_day_use(record, day, use)
  local text = struct.pack('>BBI2', day, use.inside, use.cycle) .. use.first .. struct.pack('>I2', use.given_back)
  if use.at then
    record.days = string.sub(record.days, 1, use.at - 1) .. text .. string.sub(record.days, use.at + 18)
  else
    record.days = record.days .. text
    record.day_count = record.day_count + 1
  end
end

local function put_scan(record, scan)
  if #record.scans == 4 then table.remove(record.scans, 1) end
  record.scans[#record.scans + 1] = scan
end

local function record_text(record)
  return record.head .. string.char(record.day_count, #record.scans) .. record.days ..
    table.concat(record.scans) .. record.rest
end

local function people_left(record, use, reentry)
  local left = record.allowance - use.inside
  if not reentry then left = math.min(left, record.allowance - use.cycle + use.given_back) end
  return math.max(left, 0)
end

-- The decision about a scan.

local ADMITTED, EXITED, GIVEN_BACK, UNKNOWN, REVOKED, ALREADY_INSIDE, ALLOWANCE_USED = 1, 2, 3, 10, 11, 12, 13
local NOT_INSIDE, NOT_YET, OVER, WRONG_GATE, VENUE_FULL, LATE, DAMAGED = 14, 15, 16, 17, 18, 19, 20
local REPEAT, DOUBLE_READ, HAS_TICKET, TEST = 1, 2, 4, 8
local DOUBLE_READ_BIT = 128

local function reply_text(outcome, flags, left, inside, cycle, record, time, first)
  return struct.pack('>BBBBI2BI6', outcome, flags, left, inside, cycle, record.kind, time) .. first .. record.rest
end

-- An item's first 20 bytes say whose scan it is, and so does the log: serial 5, gate 2, device 4, nonce digest 8, direction 1.
local function logged_scan(who, outcome, time, day, cycle, inside, flags)
  return who .. struct.pack('>BI6BI2BB', outcome, time, day, cycle, inside, flags)
end

local NO_TICKET = { kind = 0, rest = '        ' }

-- The scan among the record's last four that this one repeats, and its flags; nothing when it is a new one.
local function earlier_answer(record, item, now, double_read)
  local who = string.sub(item, 8, 19)
  for i = #record.scans, 1, -1 do
    local scan = record.scans[i]
    if string.sub(scan, 1, 12) == who then
      local outcome = string.byte(scan, 19)
      if outcome >= DOUBLE_READ_BIT then return scan, REPEAT + DOUBLE_READ end
      return scan, REPEAT
    end
  end
  if double_read == 0 then return nil end
  for i = #record.scans, 1, -1 do
    local scan = record.scans[i]
    local outcome, direction = string.byte(scan, 19, 20)
    if outcome % DOUBLE_READ_BIT <= GIVEN_BACK then
      -- the ticket's latest change: only its own device, reading the same way, may be reading it twice
      if string.sub(scan, 1, 4) == string.sub(item, 8, 11) and direction == string.byte(item, 20) and
         now - struct.unpack('>I6', scan, 13) < double_read then
        return scan, REPEAT + DOUBLE_READ
      end
      return nil
    end
  end
end

-- The rules of entry and exit, in this order; changes `use` and `totals` when somebody passes.
local function decide(record, use, entry, kinds, rules, totals)
  if not entry then
    if use.inside == 0 then return record.revoked and REVOKED or NOT_INSIDE end
    use.inside = use.inside - 1
    totals.exited = totals.exited + 1
    totals.inside = totals.inside - 1
    return EXITED
  end
  if record.revoked then return REVOKED end
  local kind = bit.lshift(1, record.kind)
  if bit.band(rules.kinds, kind) == 0 then return bit.band(rules.kinds_to_come, kind) ~= 0 and NOT_YET or OVER end
  if rules.window == 1 then return NOT_YET end
  if rules.window == 2 then return OVER end
  if bit.band(kinds, kind) == 0 then return WRONG_GATE end
  if use.inside >= record.allowance then return ALREADY_INSIDE end
  if not rules.reentry and use.cycle - use.given_back >= record.allowance then return ALLOWANCE_USED end
  if rules.capacity > 0 and totals.inside >= rules.capacity then return VENUE_FULL end
  use.inside = use.inside + 1
  use.cycle = use.cycle + 1
  totals.entered = totals.entered + 1
  totals.inside = totals.inside + 1
  return ADMITTED
end

-- The usual scan, a first entry with a ticket that was never used, goes a short way: what all such scans of a batch have in
-- common is made once for each kind of ticket, and the record is put together from pieces instead of being taken apart.
-- Called with a record's text and an item; returns the new record, the reply and the logged scan, which are those of the
-- long way (test_redis_functions compares them), or nothing for any other scan.
local function first_entries(rules, day, now)
  local bytes, part = string.byte, string.sub
  local time, plans = struct.pack('>I6', now), {}
  local logged = logged_scan('', ADMITTED, now, day, 1, 1, 0)

  local function plan_for(kind, allowance)
    local bits, left = bit.lshift(1, kind), allowance - 1
    if left < 0 or rules.window ~= 0 or bit.band(rules.kinds, bits) == 0 then return false end
    return {
      bits = bits,
      use = struct.pack('>BBBBI2', 1, 1, day, 1, 1) .. time, -- one day, one scan; the day's first admission
      scan = time .. struct.pack('>BBBBI2', ADMITTED, 69, day, left, 1),
      reply = struct.pack('>BBBBI2B', ADMITTED, HAS_TICKET, left, 1, 1, kind) .. time .. time,
    }
  end

  return function(text, item)
    local format, status, kind, allowance, _, _, _, _, _, _, day_count, scan_count = bytes(text, 1, 12)
    if scan_count ~= 0 or day_count ~= 0 or format ~= 1 or status ~= 86 or #text < 20 then return nil end
    local place = kind * 256 + allowance
    local plan = plans[place]
    if plan == nil then
      plan = plan_for(kind, allowance)
      plans[place] = plan
    end
    if not plan then return nil end
    local tail = part(item, 20) -- mostly the same: a turn of nginx's loop has one deadline
    local may_pass = plan[tail]
    if may_pass == nil then
      local direction, deadline, kinds = struct.unpack('>BI6I4', tail)
      may_pass = direction == 69 and now <= deadline and bit.band(kinds, plan.bits) ~= 0
      plan[tail] = may_pass
    end
    if not may_pass then return nil end
    local place_and_device, rest = part(item, 6, 11), part(text, 13)
    return part(text, 1, 10) .. plan.use .. place_and_device .. '\0\0' .. part(item, 8, 19) .. plan.scan .. rest,
      plan.reply .. place_and_device .. rest, part(item, 1, 20) .. logged
  end
end

-- Whether the key holds anything; MGET gives nothing for a value of another type.
local function there(key)
  return redis.call('EXISTS', key) == 1
end

-- checkin: KEYS ready, {e}:scans, {e}:totals:<day>, then one ticket key per scan (a ticket may come twice)
-- ARGV run_id, batch, settings version, day, window (0 open, 1 not yet, 2 over), re-entry (0, 1),
--      double read ms, capacity, kinds of the day, kinds of a later day only (bit i: the i-th), then per scan its item (checkin.hpp)
-- Reply: batch, then one string per scan (checkin.hpp)
local function checkin(keys, args)
  local run_id = args[1]
  local found = redis.call('MGET', unpack(keys)) -- nothing for the stream among them
  local parts, failure = read_mark(keys[1], found[1], run_id, args[2])
  if not parts then return failure end
  if parts.settings ~= tonumber(args[3]) then
    return redis.error_reply('SETTINGS version ' .. parts.settings .. ' rules')
  end
  local day = tonumber(args[4])
  local rules = { window = tonumber(args[5]), reentry = args[6] == '1', capacity = tonumber(args[8]),
                  kinds = tonumber(args[9]), kinds_to_come = tonumber(args[10]) }
  local double_read = tonumber(args[7])
  local totals = { entered = 0, exited = 0, inside = 0 }
  if found[3] or there(keys[3]) then
    local entered, exited, inside = string.match(found[3] or '', '^(%d+) (%d+) (%d+)$')
    if not entered then return close_mark(keys[1], parts, 'the totals are damaged') end
    totals = { entered = tonumber(entered), exited = tonumber(exited), inside = tonumber(inside) }
  end

  local now = now_ms()
  local short_way = first_entries(rules, day, now)
  local records, changed, any_changed, log, replies, marks = {}, {}, false, {}, { 0 }, { keys[1], '', keys[3], '' }
  for i = 4, #keys do
    local key = keys[i]
    local item = args[i + 7]
    local text, record = found[i], records[key]
    local fresh, reply, logged
    if text and record == nil and (rules.capacity == 0 or totals.inside < rules.capacity) then
      fresh, reply, logged = short_way(text, item)
    end
    local direction, deadline, kinds
    if not fresh then
      direction, deadline, kinds = struct.unpack('>BI6I4', item, 20)
      if type(record) == 'string' then
        record = open_record(record)
      elseif record == nil then
        record = open_record(text) or ((text or there(key)) and NO_TICKET or false)
      end
      records[key] = record
    end
    if fresh then
      records[key] = fresh -- for the same ticket's next scan in this batch
      totals.entered = totals.entered + 1
      totals.inside = totals.inside + 1
      replies[i - 2], log[#log + 1] = reply, logged
      local at = #marks
      marks[at + 1], marks[at + 2] = key, fresh
    elseif now > deadline or record == NO_TICKET then
      replies[#replies + 1] =
        reply_text(record == NO_TICKET and DAMAGED or LATE, 0, 0, 0, 0, NO_TICKET, now, string.rep('\0', 12))
    elseif not record then
      replies[#replies + 1] = reply_text(UNKNOWN, 0, 0, 0, 0, NO_TICKET, now, string.rep('\0', 12))
      log[#log + 1] = logged_scan(string.sub(item, 1, 20), UNKNOWN, now, day, 0, 0, 0)
    else
      local scan, flags = earlier_answer(record, item, now, double_read)
      local outcome, use, left, cycle, time
      if scan then
        local scan_day, _
        time, outcome, _, scan_day, left, cycle = struct.unpack('>I6BBBBI2', scan, 13)
        outcome = outcome % DOUBLE_READ_BIT
        use = day_use(record, scan_day)
      else
        flags, time = 0, now
        use = day_use(record, day)
        -- A test ticket is judged as another one, alone in the house, and leaves no trace but its own.
        outcome = decide(record, use, direction == 69, kinds, rules,
                         record.test and { entered = 0, exited = 0, inside = use.inside } or totals)
        left, cycle = people_left(record, use, rules.reentry), use.cycle
        if outcome <= EXITED then
          if outcome == ADMITTED and use.cycle == 1 then
            use.first = struct.pack('>I6', now) .. string.sub(item, 6, 11)
          end
          put_day_use(record, day, use)
        end
      end
      if not scan or (flags >= DOUBLE_READ and string.sub(scan, 1, 12) ~= string.sub(item, 8, 19)) then
        local remembered = outcome + (flags >= DOUBLE_READ and DOUBLE_READ_BIT or 0)
        put_scan(record, string.sub(item, 8, 19) ..
          struct.pack('>I6BBBBI2', time, remembered, direction, day, left, cycle))
        changed[key], any_changed = record, true
        if not record.test then
          log[#log + 1] = logged_scan(string.sub(item, 1, 20), outcome, now, day, cycle, use.inside,
                                      flags >= DOUBLE_READ and DOUBLE_READ or 0)
        end
      end
      replies[#replies + 1] =
        reply_text(outcome, flags + HAS_TICKET + (record.test and TEST or 0), left, use.inside, cycle, record, time, use.first)
    end
  end

  if #log > 0 or any_changed then
    parts.batch = parts.batch + 1
    if #log > 0 then redis.call('XADD', keys[2], '*', 's', table.concat(log)) end
    -- crash point: checkin.logged
    marks[2] = mark_text(run_id, parts)
    marks[4] = totals.entered .. ' ' .. totals.exited .. ' ' .. totals.inside
    for key, record in pairs(changed) do
      marks[#marks + 1] = key
      marks[#marks + 1] = record_text(record)
    end
    redis.call('MSET', unpack(marks))
    -- crash point: checkin.marked
  end
  replies[1] = parts.batch
  return replies
end

redis.register_function('mogiri_checkin', checkin)

-- What mogirid publishes for the door: tickets, settings, and the word that all of it is there.

-- 0 of what is no record: anything takes its place.
local function version_of(record)
  if not open_record(record) then return 0 end
  return struct.unpack('>I6', record, 5)
end

-- Gives back to `record`, which Redis has, the admissions of which `wanted` tells more (it counts them since the event
-- began, so none is given back twice). Each counts as a scan by no device: logged, remembered, and off the day's totals.
-- Reply: whether there were any
local function give_back(record, wanted, serial, now, log, totals_of)
  local any = false
  for i = 0, wanted.day_count - 1 do
    local day = string.byte(wanted.days, 18 * i + 1)
    local use, target = day_use(record, day), day_use(wanted, day).given_back
    while use.given_back < math.min(target, use.cycle) do
      any = true
      local totals = totals_of(day)
      use.given_back = use.given_back + 1
      if use.inside > 0 then
        use.inside = use.inside - 1
        totals.inside = math.max(totals.inside - 1, 0)
      else
        totals.exited = math.max(totals.exited - 1, 0)
      end
      totals.entered = math.max(totals.entered - 1, 0)
      put_day_use(record, day, use)
      put_scan(record, string.rep('\0', 12) .. struct.pack('>I6BBBBI2', now, GIVEN_BACK, 69, day, 0, use.cycle))
      log[#log + 1] = logged_scan(struct.pack('>I5', serial) .. string.rep('\0', 14) .. 'E', GIVEN_BACK, now, day, use.cycle, use.inside, 0)
    end
  end
  return any
end

-- publish: KEYS ready, then ticket keys; ARGV run_id, merge | replace, then one record per ticket key
-- merge keeps the use and the scans that Redis has, and gives back what staff gave back; replace (a rebuild) takes the
-- ledger's. An older version never overwrites. Reply: batch (0 when the mark was not raised), records written
local function publish(keys, args)
  local found = redis.call('MGET', unpack(keys))
  local marks, log, totals, now = {}, {}, {}, now_ms()
  -- Of the same event: its keys differ in their ends alone.
  local prefix = string.sub(keys[1], 1, -6)
  local function totals_of(day)
    if not totals[day] then
      local text = redis.call('GET', prefix .. 'totals:' .. day)
      local entered, exited, inside = string.match(text or '', '^(%d+) (%d+) (%d+)$')
      totals[day] = { sound = entered ~= nil, entered = tonumber(entered or 0), exited = tonumber(exited or 0),
                      inside = tonumber(inside or 0) }
    end
    return totals[day]
  end
  for i = 2, #keys do
    local new, old = args[i + 1], found[i]
    if not old or version_of(old) == 0 then
      marks[#marks + 1] = keys[i]
      marks[#marks + 1] = new
    else
      local record, kept, is_newer = open_record(new), open_record(old), version_of(new) > version_of(old)
      local wanted = is_newer
      if args[2] == 'merge' then
        local serial = tonumber(string.match(keys[i], '%d+$'))
        wanted = give_back(kept, record, serial, now, log, totals_of) or is_newer
        record = is_newer and record or kept
        record.day_count, record.days, record.scans = kept.day_count, kept.days, kept.scans
      else
        wanted = is_newer or version_of(new) == version_of(old)
      end
      if wanted then
        marks[#marks + 1] = keys[i]
        marks[#marks + 1] = record_text(record)
      end
    end
  end
  local written = math.floor(#marks / 2)
  for day, counted in pairs(totals) do
    if counted.sound then
      marks[#marks + 1] = prefix .. 'totals:' .. day
      marks[#marks + 1] = counted.entered .. ' ' .. counted.exited .. ' ' .. counted.inside
    end
  end
  local mark, batch = found[1], 0
  -- The mark of a Redis that restarted is not raised before somebody has judged it: it could hide that time was lost.
  if mark and #mark == MARK_SIZE and string.sub(mark, 1, 40) == args[1] then
    batch = tonumber(string.sub(mark, 64, 79)) + 1
    marks[#marks + 1] = keys[1]
    marks[#marks + 1] = string.sub(mark, 1, 63) .. string.format('%016d', batch)
  end
  if #log > 0 then redis.call('XADD', prefix .. 'scans', '*', 's', table.concat(log)) end
  if #marks > 0 then redis.call('MSET', unpack(marks)) end
  -- crash point: publish.written
  return { batch, written }
end

-- publish_settings: KEYS ready, {e}:settings, events; ARGV version, settings JSON, events JSON, channel, event, run_id
-- Reply: 1 when written, 0 when what is there is as new
local function publish_settings(keys, args)
  local known = redis.call('GET', keys[2])
  local version = tonumber(args[1])
  redis.call('SET', keys[3], args[3])
  if known and cjson.decode(known).version >= version then return 0 end
  redis.call('SET', keys[2], args[2])
  -- crash point: publish_settings.written
  local mark = redis.call('GET', keys[1])
  if mark and #mark == MARK_SIZE then
    local batch = tonumber(string.sub(mark, 64, 79))
    if string.sub(mark, 1, 40) == args[6] then batch = batch + 1 end -- as in publish
    redis.call('SET', keys[1], string.sub(mark, 1, 52) .. string.format('%010d %016d', version, batch))
  end
  redis.call('PUBLISH', args[4], args[5])
  return 1
end

-- arm: KEYS ready, {e}:settings; ARGV run_id, epoch. Opens the door after a rebuild. Reply: the first batch number
local function arm(keys, args)
  local mark, epoch = redis.call('GET', keys[1]), tonumber(args[2])
  if mark and #mark == MARK_SIZE and tonumber(string.sub(mark, 42, 51)) >= epoch then
    return redis.error_reply('STALE epoch')
  end
  local settings = redis.call('GET', keys[2])
  if not settings then return redis.error_reply('NOSETTINGS publish the settings first') end
  local parts = { epoch = epoch, settings = cjson.decode(settings).version, batch = epoch * 4294967296 }
  redis.call('SET', keys[1], mark_text(args[1], parts))
  -- crash point: arm.opened
  return parts.batch
end

redis.register_function('mogiri_publish', publish)
redis.register_function('mogiri_publish_settings', publish_settings)
redis.register_function('mogiri_arm', arm)

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

-- What mends a cache that differs from the ledger: only what is still as it was when somebody judged it.

-- mend: KEYS ready, then keys; ARGV run_id, then per key what it held when it was judged ('' nothing) and what it shall hold
-- ('' nothing). Reply: how many were as they had been judged, and are mended
local function mend(keys, args)
  local found, marks, gone = redis.call('MGET', unpack(keys)), {}, {}
  for i = 2, #keys do
    local seen, wanted = args[2 * i - 2], args[2 * i - 1]
    if (found[i] or '') == seen and (found[i] or not there(keys[i])) then
      if wanted == '' then
        gone[#gone + 1] = keys[i]
      else
        marks[#marks + 1] = keys[i]
        marks[#marks + 1] = wanted
      end
    end
  end
  local mended = math.floor(#marks / 2) + #gone
  local mark = found[1]
  if mended > 0 and mark and #mark == MARK_SIZE and string.sub(mark, 1, 40) == args[1] then -- as in publish
    marks[#marks + 1] = keys[1]
    marks[#marks + 1] = string.sub(mark, 1, 63) .. string.format('%016d', tonumber(string.sub(mark, 64, 79)) + 1)
  end
  if #gone > 0 then redis.call('DEL', unpack(gone)) end
  if #marks > 0 then redis.call('MSET', unpack(marks)) end
  return mended
end

-- mend_totals: KEYS ready, {e}:totals:<day>; ARGV run_id, then what is to be added to entered, exited and inside. Scans go on
-- meanwhile, so it is added. Reply: 1, or 0 when what is there are no three numbers (a scan will have the event rebuilt)
local function mend_totals(keys, args)
  local text = redis.call('GET', keys[2])
  local entered, exited, inside = string.match(text or '0 0 0', '^(%d+) (%d+) (%d+)$')
  if not entered then return 0 end
  redis.call('SET', keys[2], math.max(entered + args[2], 0) .. ' ' .. math.max(exited + args[3], 0) .. ' ' ..
    math.max(inside + args[4], 0))
  local mark = redis.call('GET', keys[1])
  if mark and #mark == MARK_SIZE and string.sub(mark, 1, 40) == args[1] then
    redis.call('SET', keys[1],
               string.sub(mark, 1, 63) .. string.format('%016d', tonumber(string.sub(mark, 64, 79)) + 1))
  end
  return 1
end

redis.register_function('mogiri_mend', mend)
redis.register_function('mogiri_mend_totals', mend_totals)

)functions";
}

}  // namespace mogiri
