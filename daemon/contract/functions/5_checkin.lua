-- Scans in batches.

local OFFLINE_MEMORY_S = 604800
local SERIAL_SIZE, PLACE_SIZE, DEADLINE_SIZE, GROUP_SIZE = 5, 14, 6, 14

-- Where the answer to a scan that was decided offline is kept: a batch may hold more of one ticket than its record remembers.
local function offline_key(ready_key, who)
  local name = string.sub(who, 1, 5) .. string.sub(who, 8, 19)
  return string.sub(ready_key, 1, -6) .. 'n:' .. string.gsub(name, '.', function(c) return string.format('%02x', string.byte(c)) end)
end

-- Whether the key holds anything; MGET gives nothing for a value of another type.
local function there(key)
  return redis.call('EXISTS', key) == 1
end

-- What is known of an event's values from the last batch, with their texts: while Redis holds the same text it need not be read
-- again. By its ready key.
local known_events = {}

local function known_event(ready_key)
  local known = known_events[ready_key]
  if not known then
    known = {}
    known_events[ready_key] = known
  end
  return known
end

local function rules_of(known, text)
  if known.rules_text ~= text then
    local settings, day, window, reentry, double_read, capacity, kinds, kinds_to_come =
      string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')
    if not settings then return nil end
    known.rules = { settings = tonumber(settings), day = tonumber(day), window = tonumber(window), reentry = reentry == '1',
                    double_read = tonumber(double_read), capacity = tonumber(capacity), kinds = tonumber(kinds),
                    kinds_to_come = tonumber(kinds_to_come) }
    known.rules_text = text
  end
  return known.rules
end

-- The day's totals; nothing where they are not three numbers.
local function totals_of(known, key, text)
  if not text then return not there(key) and { entered = 0, exited = 0, inside = 0 } or nil end
  if known.totals_text ~= text then
    local entered, exited, inside = string.match(text, '^(%d+) (%d+) (%d+)$')
    if not entered then return nil end
    return { entered = tonumber(entered), exited = tonumber(exited), inside = tonumber(inside) }
  end
  return known.totals
end

-- A scan of a ticket that counts goes to the log; `more` is what it has besides.
local function log_scan(batch, who, direction, outcome, cycle, inside, flags, more)
  local log, notes = batch.log, batch.notes
  if more then
    local flags_of_scan, device_ms = struct.unpack('>BI6', more.text)
    flags = flags + flags_of_scan
    notes[#notes + 1] = struct.pack('>I2I2I6B', #log, 19 + #more.text - 7, device_ms, more.overrode or 0) ..
      (more.undone and string.sub(more.undone, 1, 12) or string.rep('\0', 12)) .. string.sub(more.text, 8)
  end
  log[#log + 1] = logged_scan(string.sub(who, 1, 19) .. string.char(direction), outcome, batch.now, batch.rules.day, cycle, inside, flags)
  if outcome > VENUE_FULL or (outcome > EXITED and outcome < UNKNOWN) then batch.no_scans = batch.no_scans + 1 end
  if flags % 4 < DOUBLE_READ then count_outcome(batch.counted, outcome, struct.unpack('>I2', who, 6), 1) end
end

-- The decision about the i-th scan, whichever it is. Reply: what its client is told
local function long_way(batch, i, asked, kinds)
  local key, records, rules, now = batch.keys[i + 4], batch.records, batch.rules, batch.now
  local who = string.sub(batch.serials, SERIAL_SIZE * (i - 1) + 1, SERIAL_SIZE * i) .. batch.places[i] .. string.char(asked)
  local record = records[key]
  if type(record) == 'string' then
    record = open_record(record)
  elseif record == nil then
    record = open_record(batch.found[i + 4]) or ((batch.found[i + 4] or there(key)) and NO_TICKET or false)
  end
  records[key] = record
  local more = batch.more[i]
  more = more and more ~= '' and { text = more } or nil
  local offline = more and math.floor(string.byte(more.text, 1) / OFFLINE) % 2 == 1
  -- An undo stands in the log as the direction that it undoes.
  local direction = (asked == FORCE or asked == UNDO) and ENTRY or asked
  if batch.is_late(i) or record == NO_TICKET then
    return reply_text(record == NO_TICKET and DAMAGED or LATE, 0, 0, 0, 0, NO_TICKET, now, string.rep('\0', 12))
  elseif not record then
    log_scan(batch, who, direction, UNKNOWN, 0, 0, 0, more)
    return reply_text(UNKNOWN, 0, 0, 0, 0, NO_TICKET, now, string.rep('\0', 12))
  end
  local scan, flags = earlier_answer(record, who, now, offline and 0 or rules.double_read)
  if offline and not scan then
    local place = offline_key(batch.keys[1], who)
    scan, flags = batch.kept[place] or redis.call('GET', place), REPEAT
  end
  local outcome, use, left, cycle, time
  if scan then
    local scan_day, _
    time, outcome, _, scan_day, left, cycle = struct.unpack('>I6BBBBI2', scan, 13)
    if outcome % DOUBLE_READ_BIT >= FORCED_BIT then flags = flags + FORCED end
    outcome = outcome % FORCED_BIT
    use = day_use(record, scan_day)
  else
    flags, time = 0, now
    use = day_use(record, rules.day)
    -- A test ticket is judged as another one, alone in the house, and leaves no trace but its own.
    local house = record.test and { entered = 0, exited = 0, inside = use.inside } or batch.totals
    if asked == UNDO then
      outcome, more.undone = undo(record, use, rules.day, house)
      cycle = more.undone and struct.unpack('>I2', more.undone, 23)
      if outcome == UNDONE_EXIT then direction = string.byte(more.undone, 20) end
    else
      local overrode
      outcome, overrode = decide(record, use, asked, kinds, rules, house)
      if overrode then flags, more.overrode = FORCED, overrode end
    end
    left, cycle = people_left(record, use, rules.reentry), cycle or use.cycle
    if outcome <= UNDONE_EXIT then
      if outcome == ADMITTED and use.cycle == 1 then use.first = struct.pack('>I6', now) .. string.sub(who, 6, 11) end
      put_day_use(record, rules.day, use)
    end
  end
  local double, nonce = flags % (DOUBLE_READ * 2) >= DOUBLE_READ, string.sub(who, 8, 19)
  if not scan or (double and string.sub(scan, 1, 12) ~= nonce) then
    local remembered = nonce ..
      struct.pack('>I6BBBBI2', time, outcome + (double and DOUBLE_READ_BIT or 0) + (flags >= FORCED and FORCED_BIT or 0),
                  direction, rules.day, left, cycle)
    put_scan(record, remembered)
    batch.changed[key], batch.any_changed = record, true
    if not record.test then
      log_scan(batch, who, direction, outcome, cycle, use.inside,
               (double and DOUBLE_READ or 0) + (flags >= FORCED and FORCED or 0), more)
    end
    if offline then batch.kept[offline_key(batch.keys[1], who)] = remembered end
  end
  return reply_text(outcome, flags + HAS_TICKET + (record.test and TEST or 0), left, use.inside, cycle, record, time, use.first)
end

-- The short form of the use that a first entry makes, by the last bytes of a record: status, kind, allowance, NEVER_USED. Nothing
-- for another record, and where the rules are in the way.
local function first_uses(rules, kinds, now)
  local open = rules.window == 0 and bit.band(rules.kinds, kinds) or 0
  local ending = struct.pack('>I6B', now, rules.day)
  return function(uses, state)
    local status, kind, allowance, form = string.byte(state, 1, 4)
    local use = form == NEVER_USED and status == 86 and allowance > 0 and bit.band(open, bit.lshift(1, kind)) ~= 0 and
      ending .. string.char(allowance - 1, FIRST_ENTRY)
    uses[state] = use
    return use
  end
end

-- How many bytes there are of `size` each, as a format of struct: to cut a column at once costs less than one cut after the other.
local cuts = {}

local function cut(column, size, count)
  local format = cuts[count]
  if not format then
    format = string.rep('c' .. size, count)
    cuts[count] = format
  end
  return { struct.unpack(format, column) }
end

-- checkin: KEYS ready, {e}:scans, {e}:totals:<day>, {e}:live:<day>, then one ticket key per scan (a ticket may come twice)
-- ARGV run_id, batch, rules ("<settings version> <day> <window: 0 open, 1 not yet, 2 over> <re-entry: 0, 1> <double read ms>
--      <capacity> <kinds of the day> <kinds of a later day only>", bit i: the i-th kind), then columns: groups of scans that ask for
--      the same at the same gate, serials, places (gate, device, nonce digest), deadlines; and where any scan has more, that of
--      each, mostly empty (checkin.hpp)
-- Reply: batch, now, then one string per scan (checkin.hpp)
--
-- The usual scan, a first entry with a ticket that was never used, goes a short way on which nothing is taken apart: the reply is
-- the record as it was, the new record has a use of the short form behind it, and its row of the log are the columns that came.
-- It comes to what the long way comes to (test_redis_functions compares them).
local function checkin(keys, args)
  local part = string.sub
  local run_id, groups, serials, places, deadlines, count = args[1], args[4], args[5], args[6], args[7], #keys - 4
  local known = known_event(keys[1])
  local rules = args[3] and rules_of(known, args[3])
  if count < 1 or not rules or #args ~= 7 and #args ~= 7 + count or #serials ~= SERIAL_SIZE * count or
     #places ~= PLACE_SIZE * count or #deadlines ~= DEADLINE_SIZE * count then
    return redis.error_reply('ERR these are not the arguments of this version')
  end
  local found = redis.call('MGET', unpack(keys)) -- nothing for the stream among them
  local mark = known.mark
  if not mark or found[1] ~= known.mark_text or run_id ~= known.run_id then
    local failure
    mark, failure = read_mark(keys[1], found[1], run_id, args[2])
    if not mark then return failure end
  end
  if mark.settings ~= rules.settings then
    return redis.error_reply('SETTINGS version ' .. mark.settings .. ' rules')
  end
  local totals = totals_of(known, keys[3], found[3])
  if not totals then return close_mark(keys[1], mark, 'the totals are damaged') end
  local live = found[4]
  if live ~= known.live_text and not live_is_sound(live) or not live and there(keys[4]) then
    return close_mark(keys[1], mark, 'the live counters are damaged')
  end
  live = live and live == known.live_text and known.live or open_live(live)
  -- From here on they are changed: known again when all is written.
  known.mark_text, known.totals_text, known.live_text = nil, nil, nil

  local now, counted = now_ms(), nothing_counted()
  local pieces, records, marks, replies, batch = cut(places, PLACE_SIZE, count), {}, { keys[1], '', keys[3], '' }, { 0, now }, nil
  local mark_count, entered_row = 4, logged_scan('', ADMITTED, now, rules.day, 1, 1, 0)

  local function is_late(i)
    return now > struct.unpack('>I6', deadlines, DEADLINE_SIZE * (i - 1) + 1)
  end
  local function log_entries(first, last)
    for i = first, last do
      batch.log[#batch.log + 1] = part(serials, SERIAL_SIZE * (i - 1) + 1, SERIAL_SIZE * i) .. pieces[i] .. 'E' .. entered_row
    end
  end
  -- When the first scan of the batch goes the long way: the log is written row by row from here on.
  local function leave_short_way(i)
    batch = { keys = keys, found = found, serials = serials, places = pieces, more = {}, rules = rules, totals = totals, now = now,
              records = records, is_late = is_late, counted = counted, log = {}, notes = {}, no_scans = 0, changed = {}, kept = {} }
    for n = 8, #args do batch.more[n - 7] = args[n] end
    log_entries(1, i - 1)
  end

  -- As many of the scans from `first` to `last` as are first entries, one after the other. Reply: how many
  local function enter(first, last, uses, use_of, check_deadlines)
    for i = first, last do
      local text, key = found[i + 4], keys[i + 4]
      if not text or records[key] or #text < LEAST_RECORD_SIZE then return i - first end
      local state = part(text, -4)
      local use = uses[state]
      if use == nil then use = use_of(uses, state) end
      if not use or check_deadlines and is_late(i) then return i - first end
      local fresh = text .. pieces[i] .. use
      records[key] = fresh -- for the same ticket's next scan in this batch
      marks[mark_count + 1], marks[mark_count + 2], replies[i + 2] = key, fresh, text
      mark_count = mark_count + 2
    end
    return last - first + 1
  end

  local i = 1
  for at = 1, #groups, GROUP_SIZE do
    local gate, asked, size, kinds, soonest = struct.unpack('>I2BBI4I6', groups, at)
    local use_of, uses = asked == ENTRY and #args == 7 and first_uses(rules, kinds, now), {}
    local last = i + size - 1
    while i <= last do
      if use_of then
        local room = rules.capacity == 0 and count or math.max(rules.capacity - totals.inside, 0)
        local entered = enter(i, math.min(last, i + room - 1), uses, use_of, now > soonest)
        if entered > 0 then
          add(totals, entered, 0)
          count_outcome(counted, ADMITTED, gate, entered)
          if batch then log_entries(i, i + entered - 1) end
          i = i + entered
        end
      end
      if i <= last then
        if not batch then leave_short_way(i) end
        replies[i + 2] = long_way(batch, i, asked, kinds)
        i = i + 1
      end
    end
  end

  local logged = batch and #batch.log or count
  if logged > 0 or batch.any_changed then
    mark = { epoch = mark.epoch, settings = mark.settings, batch = mark.batch + 1 }
    if not batch then
      redis.call('XADD', keys[2], '*', 'f', entered_row .. serials .. places)
    elseif #batch.notes > 0 then
      redis.call('XADD', keys[2], '*', 's', table.concat(batch.log), 'n', table.concat(batch.notes))
    elseif logged > 0 then
      redis.call('XADD', keys[2], '*', 's', table.concat(batch.log))
    end
    -- crash point: checkin.logged
    marks[2] = mark_text(run_id, mark)
    marks[4] = totals.entered .. ' ' .. totals.exited .. ' ' .. totals.inside
    local live_now
    if logged > 0 then
      counted.scans = logged - (batch and batch.no_scans or 0)
      live_now = live_text(live, counted, now)
      marks[mark_count + 1], marks[mark_count + 2] = keys[4], live_now
      mark_count = mark_count + 2
    end
    for key, record in pairs(batch and batch.changed or {}) do
      marks[mark_count + 1], marks[mark_count + 2] = key, record_text(record)
      mark_count = mark_count + 2
    end
    redis.call('MSET', unpack(marks, 1, mark_count))
    for place, scan in pairs(batch and batch.kept or {}) do redis.call('SET', place, scan, 'EX', OFFLINE_MEMORY_S) end
    -- crash point: checkin.marked
    known.mark, known.mark_text, known.run_id = mark, marks[2], run_id
    known.totals, known.totals_text, known.live, known.live_text = totals, marks[4], live, live_now
  end
  replies[1] = mark.batch
  return replies
end

redis.register_function('mogiri_checkin', checkin)
