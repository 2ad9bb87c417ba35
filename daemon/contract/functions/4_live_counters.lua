-- What screens at the gates show of a day: counted where scans are logged, one value, written with the other marks.

-- {e}:live:<day> (live_counters.hpp): entries and exits that were taken back, refusals of the outcomes 10 to 18, the latest
-- minute with a scan and the scans of that one and the nine before it; then per gate its number, entries and exits.
local LIVE_HEAD = '>I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4I4'
local LIVE_HEAD_SIZE, LIVE_GATE_SIZE, LIVE_MINUTE, LIVE_MINUTES = 88, 10, 12, 10

local function live_key(ready_key, day)
  return string.sub(ready_key, 1, -6) .. 'live:' .. day
end

local function live_is_sound(text)
  return not text or (#text >= LIVE_HEAD_SIZE and (#text - LIVE_HEAD_SIZE) % LIVE_GATE_SIZE == 0)
end

local function nothing_counted()
  return { head = {}, gates = {}, scans = 0 }
end

-- `n` logged scans that are no double reads. Outcomes are those of checkin.hpp.
local function count_outcome(counted, outcome, gate, n)
  if outcome <= 2 then
    local of_gate = counted.gates[gate]
    if not of_gate then
      of_gate = { 0, 0 }
      counted.gates[gate] = of_gate
    end
    of_gate[outcome] = of_gate[outcome] + n
  elseif outcome <= 18 then
    local place = outcome == 5 and 2 or outcome < 5 and 1 or outcome - 7
    counted.head[place] = (counted.head[place] or 0) + n
  end
end

-- The day's value with what was counted since.
local function live_text(text, counted, now)
  text = text or string.rep('\0', LIVE_HEAD_SIZE)
  local head = { struct.unpack(LIVE_HEAD, text) }
  head[LIVE_MINUTE + LIVE_MINUTES + 1] = nil -- where it stopped reading
  for place, n in pairs(counted.head) do head[place] = head[place] + n end
  if counted.scans > 0 then
    local later = math.floor(now / 60000) - head[LIVE_MINUTE]
    if later > 0 then
      for i = LIVE_MINUTES, 1, -1 do
        head[LIVE_MINUTE + i] = i > later and head[LIVE_MINUTE + i - later] or 0
      end
      head[LIVE_MINUTE], later = head[LIVE_MINUTE] + later, 0
    end
    local at = LIVE_MINUTE + 1 - later -- of a clock that was set back
    if head[at] and later > -LIVE_MINUTES then head[at] = head[at] + counted.scans end
  end
  local gates, left = {}, counted.gates
  for at = LIVE_HEAD_SIZE + 1, #text, LIVE_GATE_SIZE do
    local gate, entered, exited = struct.unpack('>I2I4I4', text, at)
    local more = left[gate]
    if more then
      gates[#gates + 1] = struct.pack('>I2I4I4', gate, entered + more[1], exited + more[2])
      left[gate] = nil
    else
      gates[#gates + 1] = string.sub(text, at, at + LIVE_GATE_SIZE - 1)
    end
  end
  for gate, more in pairs(left) do gates[#gates + 1] = struct.pack('>I2I4I4', gate, more[1], more[2]) end
  return struct.pack(LIVE_HEAD, unpack(head)) .. table.concat(gates)
end
