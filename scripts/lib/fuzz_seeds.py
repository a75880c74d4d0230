"""Writes seeds out of public corpora of hostile input: fuzz_seeds.py CORPORA FOLDER. A folder a target; see scripts/fuzz."""

import json
import pathlib
import sys

corpora, folder = map(pathlib.Path, sys.argv[1:])


def write(target, kind, inputs):
    (folder / target).mkdir(parents=True, exist_ok=True)
    for n, text in enumerate(inputs):
        data = text if isinstance(text, bytes) else text.encode("utf-8", "replace")
        (folder / target / f"{kind}-{n}").write_bytes(data[:16384])


def read(name):
    file = corpora / name
    return file.read_text(encoding="utf-8") if file.is_file() else None


if text := read("xss/core.jsonl"):
    payloads = [json.loads(line)["payload"] for line in text.splitlines()]
    for target in ("markdown", "links"):
        write(target, "xss", payloads)
        write(target, "xss-link", [f"[x]({payload})" for payload in payloads[::7]])
    write("text", "xss", ["spam\n" + payload for payload in payloads[::7]])
    write("fields", "xss", payloads[::7])
    write("page", "xss", ["/a\n" + payload for payload in payloads[::7]])
if text := read("naughty/blns.json"):
    strings = json.loads(text)
    for target in ("markdown", "links", "fields"):
        write(target, "naughty", strings)
    write("text", "naughty", ["a\n" + string for string in strings])
    write("json", "naughty", [json.dumps({"page": "/a", "name": string, "body": string}) for string in strings])
    write("tokens", "naughty", ["t" + string for string in strings])
if text := read("markdown/pathological.json"):
    write("markdown", "deep", [(case["unit"] * case["repeat"])[:2000] for case in json.loads(text)])
if text := read("form/urlencoded_parser.json"):
    write("form", "standard", ["u" + case["input"] for case in json.loads(text)])
if text := read("email/isemail.json"):
    cases = json.loads(text)
    addresses = [case.get("address", "") if isinstance(case, dict) else str(case) for case in cases]
    write("fields", "email", [f"Ada\n{address}\n\n\n\n\nA comment" for address in addresses])
    write("fields", "email-alone", addresses)
