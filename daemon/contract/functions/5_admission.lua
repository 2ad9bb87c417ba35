-- The decision about a scan.

local ADMITTED, EXITED, GIVEN_BACK, UNDONE_ENTRY, UNDONE_EXIT = 1, 2, 3, 4, 5
local UNKNOWN, REVOKED, ALREADY_INSIDE, ALLOWANCE_USED = 10, 11, 12, 13
local NOT_INSIDE, NOT_YET, OVER, WRONG_GATE, VENUE_FULL, LATE, DAMAGED, NOTHING_TO_UNDO = 14, 15, 16, 17, 18, 19, 20, 21
local REPEAT, DOUBLE_READ, HAS_TICKET, TEST, FORCED, OFFLINE = 1, 2, 4, 8, 16, 32
local FORCED_BIT, DOUBLE_READ_BIT = 64, 128 -- of a remembered outcome
-- What a scan asks for, its direction: 'E', 'X', by a supervisor 'F' (entry against a refusal) and 'U' (undo).
local ENTRY, FORCE, UNDO = 69, 70, 85

local function reply_text(outcome, flags, left, inside, cycle, record, time, first)
  return struct.pack('>BBBBI2BI6', outcome, flags, left, inside, cycle, record.kind, time) .. first .. record.rest
end

-- `who` says whose scan it is, 20 bytes: serial 5, gate 2, device 4, nonce digest 8, direction 1. So a logged scan begins.
local function logged_scan(who, outcome, time, day, cycle, inside, flags)
  return who .. struct.pack('>BI6BI2BB', outcome, time, day, cycle, inside, flags)
end

local NO_TICKET = { kind = 0, rest = '        ' }

-- The scan among the record's last four that this one repeats, and its flags; nothing when it is a new one.
local function earlier_answer(record, who, now, double_read)
  local nonce, asked = string.sub(who, 8, 19), string.byte(who, 20)
  for i = #record.scans, 1, -1 do
    local scan = record.scans[i]
    if string.sub(scan, 1, 12) == nonce then
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
      if outcome <= EXITED and string.sub(scan, 1, 4) == string.sub(who, 8, 11) and string.byte(scan, 20) == asked and
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
