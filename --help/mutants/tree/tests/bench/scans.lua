-- For wrk: every request is a check-in with a ticket of its own. Arguments: address, device key, file of codes (35 bytes a line),
-- the first line to use. The last line printed is what was counted, as JSON.
local codes, address, key

function init(arguments)
  address, key = arguments[1], arguments[2]
  codes = io.open(arguments[3])
  codes:seek('set', 35 * tonumber(arguments[4]))
  head = 'POST ' .. address .. ' HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAuthorization: Bearer ' .. key ..
    '\r\nContent-Length: %d\r\n\r\n'
  local example = '{"code":"' .. string.rep('A', 34) .. '","direction":"entry","nonce":"' .. string.rep('A', 34) .. '"}'
  head = string.format(head, #example) .. '{"code":"'
end

function request()
  local code = codes:read(34)
  codes:read(1)
  if not code then -- too few were made: these count as errors, and the run says so
    return 'GET /out-of-codes HTTP/1.1\r\nHost: bench\r\n\r\n'
  end
  return head .. code .. '","direction":"entry","nonce":"' .. code .. '"}'
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format('\n{"requests":%d,"seconds":%.6f,"failed":%d,"p50":%.3f,"p99":%.3f}\n', summary.requests,
    summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
