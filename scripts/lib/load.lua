-- What wrk sends: wrk ... -s load.lua URL -- KIND THREADS PAYLOADS
--
-- get:     the URL, as it is
-- insert:  a row of its own
-- comment: the same words as a comment of its own, with a payload of its own from the file PAYLOADS, from an
--          address of its own
-- flood:   one comment again and again, from one address
--
-- Each thread takes every THREADSth payload. When they run out it goes on with the last one, which is refused:
-- only what is 2xx may be counted, and `done` says how many were not.

local started = 0

function setup(thread)
  thread:set("number", started)
  started = started + 1
end

-- Four hundred words, so that no two comments are near-copies.
local starts = { "brid", "riv", "oak", "lam", "coun", "scho", "wint", "rep", "cyc", "bak", "stat", "morn", "ram", "summ",
  "neigh", "traff", "budg", "prom", "mark", "eng" }
local ends = { "ge", "er", "en", "ps", "cil", "ol", "ing", "air", "list", "ery", "ion", "ed", "ps", "ert", "bour", "ic", "et", "ise",
  "ets", "ine" }

-- Of an English text's words every third or fourth is one of these.
local small = { "the", "and", "of", "to", "in", "is", "that", "it", "was", "for", "they", "not" }

local function text()
  local said = {}
  for n = 1, 48 do
    said[n] = n % 4 == 0 and small[math.random(#small)] or starts[math.random(#starts)] .. ends[math.random(#ends)]
  end
  return "We read about the " .. table.concat(said, " ") .. "."
end

local function row(unique, payload)
  local captcha = payload and ',"captcha":"' .. payload .. '"' or ""
  return string.format('{"page":"/load","name":"Reader","email":"reader-%s@example.org","body":"%s"%s}', unique, text(), captcha)
end

-- An odd stride walks through all of 10.0.0.0/8, network by network.
local function address(n)
  local host = n * 65793 % 16777216
  return string.format("10.%d.%d.%d", math.floor(host / 65536), math.floor(host / 256) % 256, host % 256)
end

local function lines_of(file, threads)
  local mine, line = {}, 0
  for payload in io.lines(file) do
    if line % threads == number then mine[#mine + 1] = payload end
    line = line + 1
  end
  return mine
end

function init(args)
  local kind, threads = args[1], tonumber(args[2])
  if kind == "get" then return end
  math.randomseed(os.time() + number)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Accept-Language"] = "en"
  wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
  if kind == "flood" then
    wrk.body = row("0")
    return
  end
  local payloads = args[3] and lines_of(args[3], threads)
  local run, sent = string.format("%x", os.time()), 0
  function request()
    sent = sent + 1
    local n = sent * threads + number
    if payloads then wrk.headers["X-Forwarded-For"] = address(n) end
    return wrk.format(nil, nil, nil, row(run .. "-" .. n, payloads and payloads[math.min(sent, #payloads)]))
  end
end

function done(summary, latency, _)
  io.write(string.format("result %d %d %d %d %d\n", summary.requests, summary.errors.status, summary.duration,
    latency:percentile(50), latency:percentile(99)))
end
