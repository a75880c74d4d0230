# shellcheck shell=bash
# What the scripts share: words, tools, a free port. Sourced, not run; it goes to the project's root.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root" || exit 1

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# What a build needs, and how to get it.
need_build_tools() {
  have cargo || die "Rust is missing: there is no cargo. Install it with rustup, then start this again."
  have cc || die "A C compiler is missing; SQLite is built from C. On Debian: apt-get install build-essential"
}

# Installs Debian packages where this is root on Debian; false where it is not or it fails.
install_packages() {
  [[ $(id -u) == 0 ]] && have apt-get || return 1
  say "Installing $*"
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >&2
}

# Where cargo puts what it builds.
target_dir() {
  cargo metadata --no-deps --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

# Builds the program as scripts/run does and prints its path.
fast_binary() {
  cargo build --profile fast --bin replydesk >&2 && printf '%s/fast/replydesk\n' "$(target_dir)"
}

# Whether something listens on this port of this machine.
is_busy() {
  (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || (: <>"/dev/tcp/::1/$1") 2>/dev/null
}

# The first free port from this one on.
free_port() {
  local port=$1
  while is_busy "$port"; do
    port=$((port + 1))
    ((port < 65536)) || die "There is no free port from $1 on."
  done
  printf '%s\n' "$port"
}
