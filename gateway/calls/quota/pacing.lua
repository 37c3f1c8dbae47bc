-- Grants calls so that no more than `limit` leave in any span of `second`, for all processes.
-- KEYS: the newest grants, since when they are kept. ARGV: grant id, limit, calls, second and
-- silence in microseconds, whether the asker comes back from what stood in for us.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit, calls = tonumber(ARGV[2]), tonumber(ARGV[3])
local second, silence = tonumber(ARGV[4]), tonumber(ARGV[5])

-- Whoever lost us may have been granted calls elsewhere, and what we knew may be gone: nothing is
-- granted before everybody is back and the last call granted elsewhere is more than a second old.
local since = tonumber(redis.call('GET', KEYS[2]))
if since == nil or since > now or ARGV[6] == '1' then
  since = now
  redis.call('SET', KEYS[2], string.format('%d', now))
end
if now < since + silence then
  return {0, since + silence - now}
end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%d', now - second))
local taken = math.max(0, math.min(calls, limit - redis.call('ZCARD', KEYS[1])))
for number = 1, taken do
  redis.call('ZADD', KEYS[1], string.format('%d', now), ARGV[1] .. ':' .. number)
end
redis.call('PEXPIRE', KEYS[1], math.ceil(second / 1000) * 2)
if taken == calls then
  return {taken, 0}
end
local oldest = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {taken, tonumber(oldest[2]) + second - now}
