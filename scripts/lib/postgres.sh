# shellcheck shell=bash
# A PostgreSQL server for the time of a script. Sourced, not run.

# Where Debian keeps the server's programs, the newest version's; false where there are none.
postgres_programs() {
  if have initdb && have pg_ctl; then
    dirname "$(command -v initdb)"
  else
    find /usr/lib/postgresql/*/bin -maxdepth 1 -name initdb 2>/dev/null | sort -V | tail -1 | xargs -r dirname | grep .
  fi
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [[ $(id -u) == 0 ]]; then
    (cd / && setpriv --reuid=postgres --regid=postgres --init-groups -- "$@")
  else
    "$@"
  fi
}

# Starts one in a temporary folder; its address is in $postgres_url. It syncs nothing, for tests; `start_postgres durable`
# syncs what it commits, as one in service does.
start_postgres() {
  local port tries syncs="-c fsync=off -c full_page_writes=off -c shared_buffers=64MB"
  [[ ${1:-} != durable ]] || syncs="-c fsync=on -c synchronous_commit=on -c shared_buffers=256MB -c max_wal_size=2GB"
  postgres_bin=$(postgres_programs) || die "There is no PostgreSQL server. On Debian: apt-get install postgresql"
  postgres_data=$(mktemp -d /tmp/replydesk-postgres.XXXXXX)
  [[ $(id -u) != 0 ]] || chown postgres: "$postgres_data"
  as_postgres "$postgres_bin/initdb" -D "$postgres_data" -U replydesk -A trust -E UTF8 --locale=C.UTF-8 --no-sync >/dev/null
  # Another may take the port between the look and the start.
  for tries in 1 2 3 4 5; do
    port=$(free_port $((10000 + RANDOM % 20000)))
    if as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -w -s -l "$postgres_data/log" -o "-c listen_addresses=127.0.0.1 \
      -c port=$port -c unix_socket_directories=$postgres_data -c max_connections=600 $syncs" start; then
      postgres_url="postgres://replydesk@127.0.0.1:$port/postgres?sslmode=disable"
      return
    fi
    say "PostgreSQL did not start on port $port (try $tries)"
  done
  cat "$postgres_data/log" >&2
  stop_postgres
  die "PostgreSQL does not start."
}

stop_postgres() {
  [[ -n ${postgres_data:-} ]] || return 0
  as_postgres "$postgres_bin/pg_ctl" -D "$postgres_data" -m immediate -s stop 2>/dev/null || true
  rm -rf "$postgres_data"
}
