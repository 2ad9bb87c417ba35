-- take_chunk: KEYS {e}:x:<name>, {e}:x:<name>:room; ARGV life s, `next` or `gone`. Reply: the oldest chunk, or nil while there
-- is none. Each one that is taken makes room for another; `gone` tells who writes that nobody reads any more.
local function take_chunk(keys, args)
  local chunk = args[2] == 'next' and redis.call('LPOP', keys[1])
  if args[2] == 'next' and not chunk then return nil end
  redis.call('RPUSH', keys[2], args[2])
  redis.call('EXPIRE', keys[2], args[1])
  return chunk or nil
end

redis.register_function('mogiri_take_chunk', take_chunk)
