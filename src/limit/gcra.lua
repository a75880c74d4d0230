-- Charges all KEYS or none by the arithmetic of gcra.rs. All keys lie in one hash slot.
-- ARGV[1]: '' for the server's time, or microseconds (tests); then emission and burst of each key.
-- Answers remaining, next_us and retry_us of each key, in order.
local now = tonumber(ARGV[1])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

local standing, retry, granted = {}, {}, true
for i, key in ipairs(KEYS) do
  local emission, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local full = now + emission * burst
  local kept = tonumber(redis.call('GET', key) or now) or now
  standing[i] = math.min(math.max(kept, now), full)
  retry[i] = math.max(standing[i] + emission - full, 0)
  granted = granted and retry[i] == 0
end

local answer = {}
for i, key in ipairs(KEYS) do
  local emission, burst = tonumber(ARGV[2 * i]), tonumber(ARGV[2 * i + 1])
  local arrival = standing[i]
  if granted then
    arrival = arrival + emission
    -- Plain tostring would round a number of this size.
    redis.call('SET', key, string.format('%.0f', arrival), 'PX', math.max(math.ceil((arrival - now) / 1000), 1))
  end
  local free = now + emission * burst - arrival
  local remaining = math.floor(free / emission)
  answer[#answer + 1] = remaining
  answer[#answer + 1] = remaining == burst and 0 or emission - free % emission
  answer[#answer + 1] = retry[i]
end
return answer
