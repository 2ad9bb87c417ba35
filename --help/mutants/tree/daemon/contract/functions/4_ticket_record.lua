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
