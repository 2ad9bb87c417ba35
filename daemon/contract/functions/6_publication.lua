-- What mogirid publishes for the door: tickets, settings, and the word that all of it is there.

-- 0 of what is no record: anything takes its place.
local function version_of(record)
  if not open_record(record) then return 0 end
  return struct.unpack('>I6', record, 2)
end

-- Gives back to `record`, which Redis has, the admissions of which `wanted` tells more (it counts them since the event
-- began, so none is given back twice). Each counts as a scan by no device: logged, remembered, and off the day's totals.
-- Reply: whether there were any
local function give_back(record, wanted, serial, now, log, totals_of)
  local any = false
  for i = 0, wanted.day_count - 1 do
    local day = string.byte(wanted.days, 18 * i + 1)
    local use, target = day_use(record, day), day_use(wanted, day).given_back
    while use.given_back < math.min(target, use.cycle - use.undone) do
      any = true
      local totals = totals_of(day)
      use.given_back = use.given_back + 1
      if use.inside > 0 then
        use.inside = use.inside - 1
        totals.inside = math.max(totals.inside - 1, 0)
      else
        totals.exited = math.max(totals.exited - 1, 0)
      end
      totals.entered = math.max(totals.entered - 1, 0)
      count_outcome(totals.live, GIVEN_BACK, 0, 1)
      put_day_use(record, day, use)
      put_scan(record, string.rep('\0', 12) .. struct.pack('>I6BBBBI2', now, GIVEN_BACK, 69, day, 0, use.cycle))
      log[#log + 1] = logged_scan(struct.pack('>I5', serial) .. string.rep('\0', 14) .. 'E', GIVEN_BACK, now, day, use.cycle, use.inside, 0)
    end
  end
  return any
end

-- publish: KEYS ready, then ticket keys; ARGV run_id, merge | replace, then one record per ticket key
-- merge keeps the use and the scans that Redis has, and gives back what staff gave back; replace (a rebuild) takes the
-- ledger's. An older version never overwrites. Reply: batch (0 when the mark was not raised), records written
local function publish(keys, args)
  local found = redis.call('MGET', unpack(keys))
  local marks, log, totals, now = {}, {}, {}, now_ms()
  -- Of the same event: its keys differ in their ends alone.
  local prefix = string.sub(keys[1], 1, -6)
  local function totals_of(day)
    if not totals[day] then
      local text = redis.call('GET', prefix .. 'totals:' .. day)
      local entered, exited, inside = string.match(text or '', '^(%d+) (%d+) (%d+)$')
      totals[day] = { sound = entered ~= nil, entered = tonumber(entered or 0), exited = tonumber(exited or 0),
                      inside = tonumber(inside or 0), live = nothing_counted() }
    end
    return totals[day]
  end
  for i = 2, #keys do
    local new, old = args[i + 1], found[i]
    if not old or version_of(old) == 0 then
      marks[#marks + 1] = keys[i]
      marks[#marks + 1] = new
    else
      local record, kept, is_newer = open_record(new), open_record(old), version_of(new) > version_of(old)
      local wanted = is_newer
      if args[2] == 'merge' then
        local serial = tonumber(string.match(keys[i], '%d+$'))
        wanted = give_back(kept, record, serial, now, log, totals_of) or is_newer
        record = is_newer and record or kept
        record.day_count, record.days, record.scans = kept.day_count, kept.days, kept.scans
      else
        wanted = is_newer or version_of(new) == version_of(old)
      end
      if wanted then
        marks[#marks + 1] = keys[i]
        marks[#marks + 1] = record_text(record)
      end
    end
  end
  local written = math.floor(#marks / 2)
  for day, counted in pairs(totals) do
    if counted.sound then
      marks[#marks + 1] = prefix .. 'totals:' .. day
      marks[#marks + 1] = counted.entered .. ' ' .. counted.exited .. ' ' .. counted.inside
      local key = live_key(keys[1], day)
      local live = redis.call('GET', key)
      if live_is_sound(live) then -- else the next scan closes the door for it
        marks[#marks + 1] = key
        marks[#marks + 1] = live_text(open_live(live), counted.live, now)
      end
    end
  end
  local mark, batch = found[1], 0
  -- The mark of a Redis that restarted is not raised before somebody has judged it: it could hide that time was lost.
  if mark and #mark == MARK_SIZE and string.sub(mark, 1, 40) == args[1] then
    batch = tonumber(string.sub(mark, 64, 79)) + 1
    marks[#marks + 1] = keys[1]
    marks[#marks + 1] = string.sub(mark, 1, 63) .. string.format('%016d', batch)
  end
  if #log > 0 then redis.call('XADD', prefix .. 'scans', '*', 's', table.concat(log)) end
  if #marks > 0 then redis.call('MSET', unpack(marks)) end
  -- crash point: publish.written
  return { batch, written }
end

-- publish_settings: KEYS ready, {e}:settings, events; ARGV version, settings JSON, events JSON, channel, event, run_id
-- Reply: 1 when written, 0 when what is there is as new
local function publish_settings(keys, args)
  local known = redis.call('GET', keys[2])
  local version = tonumber(args[1])
  redis.call('SET', keys[3], args[3])
  if known and cjson.decode(known).version >= version then return 0 end
  redis.call('SET', keys[2], args[2])
  -- crash point: publish_settings.written
  local mark = redis.call('GET', keys[1])
  if mark and #mark == MARK_SIZE then
    local batch = tonumber(string.sub(mark, 64, 79))
    if string.sub(mark, 1, 40) == args[6] then batch = batch + 1 end -- as in publish
    redis.call('SET', keys[1], string.sub(mark, 1, 52) .. string.format('%010d %016d', version, batch))
  end
  redis.call('PUBLISH', args[4], args[5])
  return 1
end

-- arm: KEYS ready, {e}:settings; ARGV run_id, epoch. Opens the door after a rebuild. Reply: the first batch number
local function arm(keys, args)
  local mark, epoch = redis.call('GET', keys[1]), tonumber(args[2])
  if mark and #mark == MARK_SIZE and tonumber(string.sub(mark, 42, 51)) >= epoch then
    return redis.error_reply('STALE epoch')
  end
  local settings = redis.call('GET', keys[2])
  if not settings then return redis.error_reply('NOSETTINGS publish the settings first') end
  local parts = { epoch = epoch, settings = cjson.decode(settings).version, batch = epoch * 4294967296 }
  redis.call('SET', keys[1], mark_text(args[1], parts))
  -- crash point: arm.opened
  return parts.batch
end

redis.register_function('mogiri_publish', publish)
redis.register_function('mogiri_publish_settings', publish_settings)
redis.register_function('mogiri_arm', arm)
