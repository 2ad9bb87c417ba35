-- The decision about a scan.

local ADMITTED, EXITED, GIVEN_BACK, UNDONE_ENTRY, UNDONE_EXIT = 1, 2, 3, 4, 5
local UNKNOWN, REVOKED, ALREADY_INSIDE, ALLOWANCE_USED = 10, 11, 12, 13
local NOT_INSIDE, NOT_YET, OVER, WRONG_GATE, VENUE_FULL, LATE, DAMAGED, NOTHING_TO_UNDO = 14, 15, 16, 17, 18, 19, 20, 21
local REPEAT, DOUBLE_READ, HAS_TICKET, TEST, FORCED, OFFLINE = 1, 2, 4, 8, 16, 32
local FORCED_BIT, DOUBLE_READ_BIT = 64, 128 -- of a remembered outcome
-- What a scan asks for, its direction: 'E', 'X', by a supervisor 'F' (entry against a refusal) and 'U' (undo).
local ENTRY, FORCE, UNDO = 69, 70, 85
local PLAIN_ITEM = 30 -- an item's size; behind it: flags, the device's time and a note (checkin.hpp)
local OFFLINE_MEMORY_S = 604800

local function reply_text(outcome, flags, left, inside, cycle, record, time, first)
  return struct.pack('>BBBBI2BI6', outcome, flags, left, inside, cycle, record.kind, time) .. first .. record.rest
end

-- An item's first 20 bytes say whose scan it is, and so does the log: serial 5, gate 2, device 4, nonce digest 8, direction 1.
local function logged_scan(who, outcome, time, day, cycle, inside, flags)
  return who .. struct.pack('>BI6BI2BB', outcome, time, day, cycle, inside, flags)
end

local NO_TICKET = { kind = 0, rest = '        ' }

-- Where the answer to a scan that was decided offline is kept: a batch may hold more of one ticket than its record remembers.
local function offline_key(ready_key, who)
  return string.sub(ready_key, 1, -6) .. 'n:' .. string.gsub(who, '.', function(c) return string.format('%02x', string.byte(c)) end)
end

-- The scan among the record's last four that this one repeats, and its flags; nothing when it is a new one.
local function earlier_answer(record, item, now, double_read)
  local who, asked = string.sub(item, 8, 19), string.byte(item, 20)
  for i = #record.scans, 1, -1 do
    local scan = record.scans[i]
    if string.sub(scan, 1, 12) == who then
      local outcome = string.byte(scan, 19)
      if outcome >= DOUBLE_READ_BIT then return scan, REPEAT + DOUBLE_READ end
      return scan, REPEAT
    end
  end
  if double_read == 0 or asked == FORCE or asked == UNDO then return nil end
  for i = #record.scans, 1, -1 do
    local scan = record.scans[i]
    local outcome = remembered_outcome(scan)
    if outcome <= UNDONE_EXIT then
      -- the ticket's latest change: only its own device, reading the same way, may be reading it twice
      if outcome <= EXITED and string.sub(scan, 1, 4) == string.sub(item, 8, 11) and string.byte(scan, 20) == asked and
         now - struct.unpack('>I6', scan, 13) < double_read then
        return scan, REPEAT + DOUBLE_READ
      end
      return nil
    end
  end
end

-- The rules of entry, in this order; nothing when somebody may come in.
local function refusal_of_entry(record, use, kinds, rules, totals)
  if record.revoked then return REVOKED end
  local kind = bit.lshift(1, record.kind)
  if bit.band(rules.kinds, kind) == 0 then return bit.band(rules.kinds_to_come, kind) ~= 0 and NOT_YET or OVER end
  if rules.window == 1 then return NOT_YET end
  if rules.window == 2 then return OVER end
  if bit.band(kinds, kind) == 0 then return WRONG_GATE end
  if use.inside >= record.allowance then return ALREADY_INSIDE end
  if not rules.reentry and use.cycle - use.undone - use.given_back >= record.allowance then return ALLOWANCE_USED end
  if rules.capacity > 0 and totals.inside >= rules.capacity then return VENUE_FULL end
end

local function add(totals, entered, exited)
  totals.entered = totals.entered + entered
  totals.exited = totals.exited + exited
  totals.inside = totals.inside + entered - exited
end

-- Decides what is asked for; changes `use` and `totals` when somebody passes. Reply: the outcome, and of a forced entry the
-- refusal that it overrides.
local function decide(record, use, asked, kinds, rules, totals)
  if asked ~= ENTRY and asked ~= FORCE then
    if use.inside == 0 then return record.revoked and REVOKED or NOT_INSIDE end
    use.inside = use.inside - 1
    add(totals, 0, 1)
    return EXITED
  end
  local refusal = refusal_of_entry(record, use, kinds, rules, totals)
  if refusal and (asked ~= FORCE or refusal == REVOKED or use.inside == 255) then return refusal end
  use.inside = use.inside + 1
  use.cycle = use.cycle + 1
  add(totals, 1, 0)
  return ADMITTED, refusal
end

-- Takes the ticket's latest admission or exit of the day back. An admission keeps its number, under which the ledger has it,
-- so the next one is another. Reply: the outcome, and the scan that is undone.
local function undo(record, use, day, totals)
  local scan = scan_to_undo(record, day)
  if not scan then return NOTHING_TO_UNDO end
  if remembered_outcome(scan) == EXITED then
    if use.inside == 255 then return NOTHING_TO_UNDO end
    use.inside = use.inside + 1
    add(totals, 0, -1)
    return UNDONE_EXIT, scan
  end
  if use.inside == 0 or use.undone == 255 then return NOTHING_TO_UNDO end
  use.inside = use.inside - 1
  use.undone = use.undone + 1
  add(totals, -1, 0)
  return UNDONE_ENTRY, scan
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
    if scan_count ~= 0 or day_count ~= 0 or format ~= 1 or status ~= 86 or #text < 20 or #item ~= PLAIN_ITEM then return nil end
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
      plan.reply .. place_and_device .. rest, part(item, 1, 20) .. logged, place_and_device
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
  local live_at = live_key(keys[1], args[4])
  local wanted = { unpack(keys) }
  wanted[#keys + 1] = live_at
  local found = redis.call('MGET', unpack(wanted)) -- nothing for the stream among them
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

  local live, counted = found[#keys + 1], nothing_counted()
  if not live_is_sound(live) or (not live and there(live_at)) then
    return close_mark(keys[1], parts, 'the live counters are damaged')
  end

  local now = now_ms()
  local short_way = first_entries(rules, day, now)
  local records, changed, any_changed, log, replies, marks = {}, {}, false, {}, { 0 }, { keys[1], '', keys[3], '' }
  local notes, kept, no_scans, first_entered = {}, {}, 0, {}
  -- A scan of a ticket that counts goes to the log; `more` is what its item holds behind the plain part.
  local function write(item, direction, outcome, cycle, inside, flags, more)
    if more then
      local flags_of_item, device_ms = struct.unpack('>BI6', item, PLAIN_ITEM + 1)
      flags = flags + flags_of_item
      notes[#notes + 1] = struct.pack('>I2I2I6B', #log, 19 + #item - PLAIN_ITEM - 7, device_ms, more.overrode or 0) ..
        (more.undone and string.sub(more.undone, 1, 12) or string.rep('\0', 12)) .. string.sub(item, PLAIN_ITEM + 8)
    end
    log[#log + 1] = logged_scan(string.sub(item, 1, 19) .. string.char(direction), outcome, now, day, cycle, inside, flags)
    if outcome > VENUE_FULL or (outcome > EXITED and outcome < UNKNOWN) then no_scans = no_scans + 1 end
    if flags % 4 < DOUBLE_READ then count_outcome(counted, outcome, struct.unpack('>I2', item, 6), 1) end
  end
  for i = 4, #keys do
    local key = keys[i]
    local item = args[i + 7]
    local text, record = found[i], records[key]
    local fresh, reply, logged, place_and_device
    if text and record == nil and (rules.capacity == 0 or totals.inside < rules.capacity) then
      fresh, reply, logged, place_and_device = short_way(text, item)
    end
    local asked, deadline, kinds
    if not fresh then
      asked, deadline, kinds = struct.unpack('>BI6I4', item, 20)
      if type(record) == 'string' then
        record = open_record(record)
      elseif record == nil then
        record = open_record(text) or ((text or there(key)) and NO_TICKET or false)
      end
      records[key] = record
    end
    local more = not fresh and #item > PLAIN_ITEM and {}
    local offline = more and math.floor(string.byte(item, PLAIN_ITEM + 1) / OFFLINE) % 2 == 1
    -- An undo stands in the log as the direction that it undoes.
    local direction = (asked == FORCE or asked == UNDO) and ENTRY or asked
    if fresh then
      records[key] = fresh -- for the same ticket's next scan in this batch
      totals.entered = totals.entered + 1
      totals.inside = totals.inside + 1
      first_entered[place_and_device] = (first_entered[place_and_device] or 0) + 1
      replies[i - 2], log[#log + 1] = reply, logged
      local at = #marks
      marks[at + 1], marks[at + 2] = key, fresh
    elseif now > deadline or record == NO_TICKET then
      replies[#replies + 1] =
        reply_text(record == NO_TICKET and DAMAGED or LATE, 0, 0, 0, 0, NO_TICKET, now, string.rep('\0', 12))
    elseif not record then
      replies[#replies + 1] = reply_text(UNKNOWN, 0, 0, 0, 0, NO_TICKET, now, string.rep('\0', 12))
      write(item, direction, UNKNOWN, 0, 0, 0, more)
    else
      local who = string.sub(item, 8, 19)
      local scan, flags = earlier_answer(record, item, now, offline and 0 or double_read)
      if offline and not scan then
        local place = offline_key(keys[1], string.sub(item, 1, 5) .. who)
        scan, flags = kept[place] or redis.call('GET', place), REPEAT
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
        use = day_use(record, day)
        -- A test ticket is judged as another one, alone in the house, and leaves no trace but its own.
        local house = record.test and { entered = 0, exited = 0, inside = use.inside } or totals
        if asked == UNDO then
          outcome, more.undone = undo(record, use, day, house)
          cycle = more.undone and struct.unpack('>I2', more.undone, 23)
          if outcome == UNDONE_EXIT then direction = string.byte(more.undone, 20) end
        else
          local overrode
          outcome, overrode = decide(record, use, asked, kinds, rules, house)
          if overrode then flags, more.overrode = FORCED, overrode end
        end
        left, cycle = people_left(record, use, rules.reentry), cycle or use.cycle
        if outcome <= UNDONE_EXIT then
          if outcome == ADMITTED and use.cycle == 1 then
            use.first = struct.pack('>I6', now) .. string.sub(item, 6, 11)
          end
          put_day_use(record, day, use)
        end
      end
      local double = flags % (DOUBLE_READ * 2) >= DOUBLE_READ
      if not scan or (double and string.sub(scan, 1, 12) ~= who) then
        local remembered = who ..
          struct.pack('>I6BBBBI2', time, outcome + (double and DOUBLE_READ_BIT or 0) + (flags >= FORCED and FORCED_BIT or 0),
                      direction, day, left, cycle)
        put_scan(record, remembered)
        changed[key], any_changed = record, true
        if not record.test then
          write(item, direction, outcome, cycle, use.inside, (double and DOUBLE_READ or 0) + (flags >= FORCED and FORCED or 0), more)
        end
        if offline then kept[offline_key(keys[1], string.sub(item, 1, 5) .. who)] = remembered end
      end
      replies[#replies + 1] =
        reply_text(outcome, flags + HAS_TICKET + (record.test and TEST or 0), left, use.inside, cycle, record, time, use.first)
    end
  end

  if #log > 0 or any_changed then
    parts.batch = parts.batch + 1
    if #notes > 0 then
      redis.call('XADD', keys[2], '*', 's', table.concat(log), 'n', table.concat(notes))
    elseif #log > 0 then
      redis.call('XADD', keys[2], '*', 's', table.concat(log))
    end
    -- crash point: checkin.logged
    marks[2] = mark_text(run_id, parts)
    marks[4] = totals.entered .. ' ' .. totals.exited .. ' ' .. totals.inside
    if #log > 0 then
      for place_and_device, n in pairs(first_entered) do
        count_outcome(counted, ADMITTED, struct.unpack('>I2', place_and_device), n)
      end
      counted.scans = #log - no_scans
      marks[#marks + 1] = live_at
      marks[#marks + 1] = live_text(live, counted, now)
    end
    for key, record in pairs(changed) do
      marks[#marks + 1] = key
      marks[#marks + 1] = record_text(record)
    end
    redis.call('MSET', unpack(marks))
    for place, scan in pairs(kept) do redis.call('SET', place, scan, 'EX', OFFLINE_MEMORY_S) end
    -- crash point: checkin.marked
  end
  replies[1] = parts.batch
  return replies
end

redis.register_function('mogiri_checkin', checkin)
