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
