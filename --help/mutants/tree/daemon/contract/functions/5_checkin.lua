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
