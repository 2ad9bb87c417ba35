-- A check-in in lua-nginx-module, as quick as we can write it: OpenSSL by LuaJIT's FFI, RESP by hand over a cosocket that is kept.
local ffi, bit, cjson = require('ffi'), require('bit'), require('cjson.safe')
ffi.cdef [[
  unsigned char *SHA256(const unsigned char *d, size_t n, unsigned char *md);
  const void *EVP_sha256(void);
  unsigned char *HMAC(const void *type, const void *key, int key_length, const unsigned char *d, size_t n, unsigned char *md, unsigned *size);
]]
local crypto = ffi.load('libcrypto.so.3')
local digest, sha256_type = ffi.new('unsigned char[32]'), crypto.EVP_sha256()
local byte, char, sub, format, floor = string.byte, string.char, string.sub, string.format, math.floor

local function sha256(text)
  crypto.SHA256(text, #text, digest)
  return ffi.string(digest, 32)
end

local values = {}
for i = 0, 31 do values[byte('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', i + 1)] = i end
local decoded = ffi.new('unsigned char[22]')

local function base32(code)
  local buffer, bits, at = 0, 0, 0
  for i = 1, #code do
    local value = values[byte(code, i)]
    if not value then return nil end
    buffer, bits = bit.band(bit.bor(bit.lshift(buffer, 5), value), 0xfff), bits + 5
    if bits >= 8 then
      bits = bits - 8
      decoded[at] = bit.band(bit.rshift(buffer, bits), 255)
      at = at + 1
    end
  end
  return ffi.string(decoded, at)
end

local function big_endian(number, size)
  local text = ''
  for _ = 1, size do
    text = char(number % 256) .. text
    number = floor(number / 256)
  end
  return text
end

local function number_at(text, from, to)
  local number = 0
  for i = from, to do number = number * 256 + byte(text, i) end
  return number
end

local function time_text(milliseconds)
  return os.date('!%Y-%m-%dT%H:%M:%S', floor(milliseconds / 1000)) .. format('.%03dZ', milliseconds % 1000)
end

local function bulk(text)
  return '$' .. #text .. '\r\n' .. text .. '\r\n'
end

local function ask(settings, command)
  local socket = ngx.socket.tcp()
  socket:settimeout(1000)
  if not socket:connect('unix:' .. settings.redis, { pool_size = 256 }) then return nil end
  if socket:getreusedtimes() == 0 then
    socket:send('*3\r\n$4\r\nAUTH\r\n$5\r\nnginx\r\n' .. bulk(settings.password))
    socket:receive('*l')
  end
  socket:send(command)
  local head = socket:receive('*l')
  if head ~= '*3' then return nil end
  socket:receive('*l') -- the batch
  local now = sub(socket:receive('*l'), 2)
  local size = tonumber(sub(socket:receive('*l'), 2))
  local reply = socket:receive(size + 2)
  socket:setkeepalive(60000, 256)
  return sub(reply, 1, size), tonumber(now)
end

local function refuse(reason)
  ngx.header.content_type = 'application/json'
  ngx.print('{"message":"Refused.","outcome":"refused","reason":"', reason, '"}')
end

local function new(settings)
  local event = '{' .. settings.event .. '}:'
  local keys = '*15\r\n' .. bulk('FCALL') .. bulk('mogiri_checkin') .. bulk('5') .. bulk(event .. 'ready') .. bulk(event .. 'scans') ..
    bulk(event .. 'totals:1') .. bulk(event .. 'live:1')
  local rules = bulk(settings.run_id) .. bulk('0') .. bulk(settings.version .. ' 1 0 ' .. settings.reentry .. ' ' ..
    settings.double_read .. ' 0 ' .. settings.kinds .. ' 0')
  local seal_key = ngx.decode_base64(settings.seal_key)
  local size = ffi.new('unsigned[1]')
  return function()
    local key = ngx.var.http_authorization
    local device = key and settings.devices[sha256(sub(key, 8))]
    if not device then return ngx.exit(401) end
    ngx.req.read_body()
    local scan = cjson.decode(ngx.req.get_body_data())
    if not scan then return ngx.exit(400) end
    local code = #scan.code == 34 and base32(scan.code)
    if not code then return refuse('bad_code') end
    crypto.HMAC(sha256_type, seal_key, #seal_key, code, 9, digest, size)
    if ffi.string(digest, 12) ~= sub(code, 10, 21) then return refuse('unknown') end
    if number_at(code, 2, 4) ~= settings.event then return refuse('wrong_event') end
    local deadline = big_endian(floor(ngx.now() * 1000) + 240, 6)
    local reply, now = ask(settings, keys .. bulk(event .. 't:' .. format('%d', number_at(code, 5, 9))) .. rules ..
      bulk(sub(device.place, 1, 2) .. (scan.direction == 'entry' and 'E' or 'X') .. '\1\255\255\255\255' .. deadline) ..
      bulk(sub(code, 5, 9)) .. bulk(device.place .. sub(sha256(scan.nonce), 1, 8)) .. bulk(deadline))
    if not reply then return ngx.exit(503) end
    if byte(reply, 1) ~= 130 then return refuse('refused') end -- no first entry
    ngx.header.content_type = 'application/json'
    ngx.header.cache_control = 'no-store'
    local time = time_text(now)
    ngx.print('{"day":1,"first":{"device":"', device.name, '","gate":"', device.gate, '","time":"', time, '"},"inside":1,"left":',
      byte(reply, -2) - 1, ',"message":"Welcome.","outcome":"admitted","ticket":{"kind":"', settings.kind_names[byte(reply, -3) + 1],
      '","name":"', sub(reply, 16, -5), '","reference":"', sub(reply, 8, 15), '"},"time":"', time, '"}')
  end
end

return { new = new }
