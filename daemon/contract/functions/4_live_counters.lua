-- What screens at the gates show of a day: counted where scans are logged, one value, written with the other marks.

-- {e}:live:<day> (live_counters.hpp): entries and exits that were taken back, refusals of the outcomes 10 to 18, the latest
-- minute with a scan and the scans of that one and the nine before it; then per gate its number, entries and exits.
local LIVE_HEAD_SIZE, LIVE_GATE_SIZE, LIVE_SUMS, LIVE_MINUTES = 88, 10, '>I4I4I4I4I4I4I4I4I4I4I4', 10

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

-- The day's value, for live_text: sums as they stand there, the latest minute and its scans, those of the nine before it, gates.
local function open_live(text)
  text = text or string.rep('\0', LIVE_HEAD_SIZE)
  local live = { sums = string.sub(text, 1, 44), before = string.sub(text, 53, 88), gates = {}, gate_texts = {} }
  live.minute, live.scans = struct.unpack('>I4I4', text, 45)
  for at = LIVE_HEAD_SIZE + 1, #text, LIVE_GATE_SIZE do
    local gate, entered, exited = struct.unpack('>I2I4I4', text, at)
    local place = #live.gate_texts + 1
    live.gates[gate] = { entered, exited, place }
    live.gate_texts[place] = string.sub(text, at, at + LIVE_GATE_SIZE - 1)
  end
  return live
end

local function count_scans(live, n, minute)
  local later = minute - live.minute
  if later > 0 then
    local between = string.rep('\0', 4 * (math.min(later, LIVE_MINUTES) - 1))
    live.before = string.sub(between .. struct.pack('>I4', live.scans) .. live.before, 1, 36)
    live.minute, live.scans = minute, n
  elseif later == 0 then
    live.scans = live.scans + n
  elseif later > -LIVE_MINUTES then -- of a clock that was set back
    local at = -4 * (later + 1)
    local scans = struct.unpack('>I4', live.before, at + 1) + n
    live.before = string.sub(live.before, 1, at) .. struct.pack('>I4', scans) .. string.sub(live.before, at + 5)
  end
end

-- The value with what was counted since; `live` has it too.
local function live_text(live, counted, now)
  if next(counted.head) then
    local sums = { struct.unpack(LIVE_SUMS, live.sums) }
    for place, n in pairs(counted.head) do sums[place] = sums[place] + n end
    live.sums = struct.pack(LIVE_SUMS, unpack(sums, 1, 11))
  end
  if counted.scans > 0 then count_scans(live, counted.scans, math.floor(now / 60000)) end
  for gate, more in pairs(counted.gates) do
    local known = live.gates[gate]
    if not known then
      known = { 0, 0, #live.gate_texts + 1 }
      live.gates[gate] = known
    end
    known[1], known[2] = known[1] + more[1], known[2] + more[2]
    live.gate_texts[known[3]] = struct.pack('>I2I4I4', gate, known[1], known[2])
  end
  return live.sums .. struct.pack('>I4I4', live.minute, live.scans) .. live.before .. table.concat(live.gate_texts)
end
