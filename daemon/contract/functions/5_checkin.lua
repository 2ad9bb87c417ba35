-- The decision about a scan.

local ADMITTED, EXITED, GIVEN_BACK, UNKNOWN, REVOKED, ALREADY_INSIDE, ALLOWANCE_USED = 1, 2, 3, 10, 11, 12, 13
local NOT_INSIDE, NOT_YET, OVER, WRONG_GATE, VENUE_FULL, LATE, DAMAGED = 14, 15, 16, 17, 18, 19, 20
local REPEAT, DOUBLE_READ, HAS_TICKET, TEST = 1, 2, 4, 8
local DOUBLE_READ_BIT = 128

local function reply_text(outcome, flags, left, inside, cycle, record, time, first)
  return struct.pack('>BBBBI2BI6', outcome, flags, left, inside, cycle, record.kind, time) .. first .. record.rest
end

local NO_TICKET = { kind = 0, rest = '        ' }

-- The scan among the record's last four that this one repeats, and its flags; nothing when it is a new one.
local function earlier_answer(record, item, now, double_read)
  local who = string.sub(item, 4, 15)
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
      if string.sub(scan, 1, 4) == string.sub(item, 4, 7) and direction == string.byte(item, 1) and
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

-- Whether the key holds anything; MGET gives nothing for a value of another type.
local function there(key)
  return redis.call('EXISTS', key) == 1
end

-- checkin: KEYS ready, {e}:scans, {e}:totals:<day>, then one ticket key per scan (a ticket may come twice)
-- ARGV run_id, batch, settings version, day, window (0 open, 1 not yet, 2 over), re-entry (0, 1),
--      double read ms, capacity, kinds of the day, kinds of a later day only (bit i: the i-th), then per scan its ticket's serial and its item (checkin.hpp)
-- Reply: batch, then one string per scan (checkin.hpp)
local function checkin(keys, args)
  local run_id = args[1]
  local wanted = { keys[1], keys[3] }
  for i = 4, #keys do wanted[i - 1] = keys[i] end
  local found = redis.call('MGET', unpack(wanted))
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
  if found[2] or there(keys[3]) then
    local entered, exited, inside = string.match(found[2] or '', '^(%d+) (%d+) (%d+)$')
    if not entered then return close_mark(keys[1], parts, 'the totals are damaged') end
    totals = { entered = tonumber(entered), exited = tonumber(exited), inside = tonumber(inside) }
  end

  local now = now_ms()
  local records, changed, any_changed, log, replies = {}, {}, false, {}, { 0 }
  for i = 4, #keys do
    local key = keys[i]
    local serial, item = tonumber(args[2 * i + 3]), args[2 * i + 4]
    local direction, _, _, _, deadline, kinds = struct.unpack('>BI2I4c8I6I4', item)
    if records[key] == nil then
      records[key] = open_record(found[i - 1]) or ((found[i - 1] or there(key)) and NO_TICKET or false)
    end
    local record = records[key]
    if now > deadline or record == NO_TICKET then
      replies[#replies + 1] =
        reply_text(record == NO_TICKET and DAMAGED or LATE, 0, 0, 0, 0, NO_TICKET, now, string.rep('\0', 12))
    elseif not record then
      replies[#replies + 1] = reply_text(UNKNOWN, 0, 0, 0, 0, NO_TICKET, now, string.rep('\0', 12))
      log[#log + 1] = struct.pack('>I5', serial) .. string.sub(item, 4, 7) .. string.sub(item, 2, 3) ..
        struct.pack('>BBI6BI2BB', direction, UNKNOWN, now, day, 0, 0, 0) .. string.sub(item, 8, 15)
    else
      local scan, flags = earlier_answer(record, item, now, double_read)
      local outcome, use, left, cycle, time
      if scan then
        local scan_day
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
            use.first = struct.pack('>I6', now) .. string.sub(item, 2, 3) .. string.sub(item, 4, 7)
          end
          put_day_use(record, day, use)
        end
      end
      if not scan or (flags >= DOUBLE_READ and string.sub(scan, 1, 12) ~= string.sub(item, 4, 15)) then
        local remembered = outcome + (flags >= DOUBLE_READ and DOUBLE_READ_BIT or 0)
        put_scan(record, string.sub(item, 4, 15) ..
          struct.pack('>I6BBBBI2', time, remembered, direction, day, left, cycle))
        changed[key], any_changed = record, true
        if not record.test then
          log[#log + 1] = struct.pack('>I5', serial) .. string.sub(item, 4, 7) .. string.sub(item, 2, 3) ..
            struct.pack('>BBI6BI2BB', direction, outcome, now, day, cycle, use.inside,
                        flags >= DOUBLE_READ and DOUBLE_READ or 0) .. string.sub(item, 8, 15)
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
    local marks = { keys[1], mark_text(run_id, parts),
                    keys[3], totals.entered .. ' ' .. totals.exited .. ' ' .. totals.inside }
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
