-- A ticket's record, read and written.

-- Records of another layout are rebuilt from the ledger: mogirid compares this line with that of the functions it finds.
-- records: layout 2
-- The layout is in the first byte, and what was done with the ticket in the last one.
local RECORD_FORMAT, NEVER_USED, FIRST_ENTRY, USED = 130, 131, 132, 133
local LEAST_RECORD_SIZE, FIRST_ENTRY_SIZE = 19, 23

-- What was done with a ticket whose only scan was an entry, from its short form: gate 2, device 4, nonce digest 8, time 6, day 1,
-- left 1. Reply: the days, the scans
local function open_first_entry(text)
  local time, day = string.sub(text, 15, 20), string.sub(text, 21, 21)
  return day .. '\1\0\1' .. time .. string.sub(text, 1, 6) .. '\0\0',
    { string.sub(text, 3, 14) .. time .. '\1E' .. day .. string.sub(text, 22, 22) .. '\0\1' }
end

-- A ticket's record taken apart as far as a decision needs it (ticket_record.hpp has the layout); nothing when it is
-- none. Who reads it further meets no error, so that a damaged one does not stop its neighbours in the batch.
local function open_record(text)
  if not text or #text < LEAST_RECORD_SIZE or string.byte(text, 1) ~= RECORD_FORMAT then return nil end
  local form, base_end, day_count, scan_count = string.byte(text, #text), #text, 0, 0
  if form == FIRST_ENTRY then
    base_end = #text - FIRST_ENTRY_SIZE
  elseif form == USED then
    day_count, scan_count = string.byte(text, #text - 2, #text - 1)
    base_end = #text - 18 * day_count - 24 * scan_count - 3
  end
  if base_end < LEAST_RECORD_SIZE or string.byte(text, base_end) ~= NEVER_USED then return nil end
  local status, kind, allowance = string.byte(text, base_end - 3, base_end - 1)
  local record = {
    base = string.sub(text, 1, base_end), revoked = status == 82 or status == 116, test = status == 84 or status == 116,
    kind = kind, allowance = allowance, day_count = day_count, scans = {}, rest = string.sub(text, 8, base_end - 4),
  }
  if form == FIRST_ENTRY then
    record.day_count = 1
    record.days, record.scans = open_first_entry(string.sub(text, base_end + 1))
    return record
  end
  record.days = string.sub(text, base_end + 1, base_end + 18 * day_count)
  for i = 1, scan_count do
    local at = base_end + 18 * day_count + 24 * (i - 1)
    record.scans[i] = string.sub(text, at + 1, at + 24)
  end
  return record
end

-- The use of one day: inside, cycle, the first admission's 12 bytes (time, gate, device), admissions that were undone at the
-- door and those that the ledger gave back, and where it stands.
local function day_use(record, day)
  for i = 0, record.day_count - 1 do
    local at = 18 * i + 1
    local number, inside, high, low = string.byte(record.days, at, at + 3)
    if number == day then
      local undone, given_back = string.byte(record.days, at + 16, at + 17)
      return { at = at, inside = inside, cycle = high * 256 + low, first = string.sub(record.days, at + 4, at + 15),
               undone = undone, given_back = given_back }
    end
  end
  return { inside = 0, cycle = 0, first = string.rep('\0', 12), undone = 0, given_back = 0 }
end

local function put_day_use(record, day, use)
  local text = struct.pack('>BBI2', day, use.inside, use.cycle) .. use.first .. string.char(use.undone, use.given_back)
  if use.at then
    record.days = string.sub(record.days, 1, use.at - 1) .. text .. string.sub(record.days, use.at + 18)
  else
    record.days = record.days .. text
    record.day_count = record.day_count + 1
  end
end

-- What a remembered scan came to, without the marks of a double read (128) and of an override (64). Up to 5 it changed
-- the ticket's use, unless it was a double read.
local function remembered_outcome(scan)
  return string.byte(scan, 19) % 64
end

local function is_change(scan)
  local outcome = string.byte(scan, 19)
  return outcome < 128 and outcome % 64 <= 5
end

-- The last four scans are remembered; where none of them is a change, the latest one before them, which an undo needs.
local function put_scan(record, scan)
  local scans = record.scans
  scans[#scans + 1] = scan
  if #scans <= 4 then return end
  local change, kept = #scans, {}
  while change > 0 and not is_change(scans[change]) do change = change - 1 end
  if change > 0 and change < #scans - 3 then kept[1] = scans[change] end
  for i = #scans - 3, #scans do kept[#kept + 1] = scans[i] end
  record.scans = kept
end

-- The remembered admission or exit of `day` that an undo takes back: the latest that none has taken back before; nothing
-- behind what the ledger gave back (3).
local function scan_to_undo(record, day)
  local undone = 0
  for i = #record.scans, 1, -1 do
    local scan = record.scans[i]
    local outcome = is_change(scan) and remembered_outcome(scan) or 0
    if outcome == 3 then return nil end
    if outcome == 4 or outcome == 5 then
      undone = undone + 1
    elseif outcome == 1 or outcome == 2 then
      if undone == 0 then return string.byte(scan, 21) == day and scan or nil end
      undone = undone - 1
    end
  end
end

local function record_text(record)
  if record.day_count == 0 and #record.scans == 0 then return record.base end
  return record.base .. record.days .. table.concat(record.scans) .. string.char(record.day_count, #record.scans, USED)
end

local function people_left(record, use, reentry)
  local left = record.allowance - use.inside
  if not reentry then left = math.min(left, record.allowance - use.cycle + use.undone + use.given_back) end
  return math.max(left, 0)
end
