# shellcheck shell=bash
# What checks say of what they see, and how they wait: for those that run within namespaces of their own.

ok() { printf 'ok: %s\n' "$*"; }

# Ten seconds at most.
eventually() {
  for _ in $(seq 200); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.05
  done
  return 1
}
