# shellcheck shell=bash
# What scripts/image-check does within its own mounts, processes and network; everything here ends with it.
set -euo pipefail
# shellcheck source=scripts/lib/seen.sh
source "$(dirname "${BASH_SOURCE[0]}")/seen.sh"

root=$work/root data=$work/data beside=$work/beside
user=$(cat "$beside/user")
url=http://127.0.0.1:8080
setpriv=$(command -v setpriv) chroot=$(command -v chroot)

fail() {
  printf 'FAILED: %s\n' "$*"
  cat "$beside/log" 2>/dev/null || true
  exit 1
}

ip link set lo up 2>/dev/null || ifconfig lo up
# The names an engine gives a container, and a certificate of an authority of our own beside the public ones.
printf '127.0.0.1 localhost\n127.0.0.1 cache\n' >"$beside/hosts"
echo 'nameserver 127.0.0.1' >"$beside/resolv.conf"
certificates=$root/etc/ssl/certs/ca-certificates.crt
(($(grep -c 'BEGIN CERTIFICATE' "$certificates") > 50)) || fail "the image brings no authorities"
touch "$root/etc/hosts" "$root/etc/resolv.conf"
mkdir -p "$root/proc" "$root/dev"
if command -v openssl >/dev/null; then
  (
    cd "$beside"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=image-check -keyout ca.key -out ca.pem
    openssl req -newkey rsa:2048 -nodes -subj /CN=captcha.test -keyout stub.key -out stub.csr
    openssl x509 -req -in stub.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out stub.pem \
      -extfile <(echo 'subjectAltName = DNS:captcha.test')
  ) >/dev/null 2>&1
  cat "$certificates" "$beside/ca.pem" >"$beside/ca-certificates.crt"
fi

mount --make-rprivate /
mount --bind "$root" "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o mode=755,nosuid,noexec tmpfs "$root/dev"
# As every engine gives them.
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t tmpfs -o size=16m,mode=1777,nosuid,nodev,noexec tmpfs "$root/tmp"
# An empty volume takes over the folder's owner and rights.
chown --reference="$root/data" "$data"
chmod --reference="$root/data" "$data"
mount --bind "$data" "$root/data"
for file in hosts resolv.conf; do
  mount --bind "$beside/$file" "$root/etc/$file"
done
[[ ! -e $beside/ca-certificates.crt ]] || mount --bind "$beside/ca-certificates.crt" "$certificates"
mount -o remount,bind,ro,nosuid,nodev "$root"

# Runs the program as an engine would: the image's user and environment and what is asked for, nothing else.
contained() {
  local -a set
  mapfile -t set <"$beside/environment"
  # By their paths: the program's own PATH leads to neither.
  exec env -i "${set[@]}" "${asked[@]}" "$setpriv" --no-new-privs "$chroot" --userspec="$user" --groups='' "$root" \
    /usr/local/bin/replydesk "$@"
}
command_of() { (contained "$@"); }

news=(
  REPLYDESK__SERVER__PUBLIC_URL=https://comments.news.example
  'REPLYDESK__SITE=[{id = "news", origins = ["https://news.example"]}]'
)
start() {
  asked=("${news[@]}" "$@")
  began=$(date +%s%N)
  contained serve 2>"$beside/log" &
  server=$!
  eventually curl -sf "$url/readyz" || fail "it does not become ready"
  took=$((($(date +%s%N) - began) / 1000000))
}
stop() {
  local code=0 began
  began=$(date +%s%N)
  kill -TERM "$server"
  wait "$server" || code=$?
  took=$((($(date +%s%N) - began) / 1000000))
  ((code == 0 && took < 12000)) || fail "SIGTERM: it ends with $code after $took ms"
}
state() { curl -s "$url/readyz" | python3 -c "import json, sys; print(json.load(sys.stdin)['checks']['$1']['state'])"; }
page=https://news.example/2027/bridge
post() {
  curl -s -o /dev/null -w '%{http_code}' -H 'Origin: https://news.example' -H 'Content-Type: application/json' -d "{\"page\": \"$page\", \
    \"name\": \"Ada Reader\", \"email\": \"ada@readers.example\", \"body\": \"$1\", \"captcha\": \"$2\"}" "$url/api/comments"
}

start
ok "it starts and is ready, $took ms after it was begun"
of() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$server/status"; }
[[ $(of Uid) == "${user%:*}" && $(of CapEff) == 0000000000000000 && $(of NoNewPrivs) == 1 && -z $(awk '/^Groups:/ { print $2 }' "/proc/$server/status") ]] ||
  fail "it has rights: $(grep -E 'Uid|Cap|Groups' "/proc/$server/status")"
ok "it runs as $user, without a capability or another group"
command_of health http://127.0.0.1:8080 >/dev/null || fail "the health check fails"
ok "the health check of the Dockerfile says that it is ready"
code=$(post 'From a container.' "$(command_of captcha mint --page "$page")")
[[ $code == 202 ]] || fail "a comment is answered $code"
[[ $(curl -s -o /dev/null -w '%{http_code}' "$url/demo") == 200 ]] || fail "its pages are not served"
ok "it takes a comment with its proof of work, and serves pages"
stop
ok "SIGTERM: it drains and ends with 0, in $took ms"

asked=("${news[@]}")
token=$(command_of token create check --scope read)
start
[[ $(curl -s -H "Authorization: Bearer $token" "$url/api/moderation/comments?status=pending") == *'From a container.'* ]] ||
  fail "the comment is gone after a restart"
ok "after a restart the comment is there, from the volume"
stop

redis=$(command -v redis-server || command -v redis-check-rdb || command -v valkey-server || true)
if [[ -n $redis ]]; then
  ln -s "$redis" "$beside/redis-server"
  (cd "$beside" && exec ./redis-server --port 6390 --save '') >/dev/null &
  others=$!
fi
if [[ -e $beside/stub.pem ]]; then
  (cd "$beside" && exec python3 image_check_stub.py stub.pem stub.key) &
  others="${others:-} $!"
fi
if [[ -n $redis ]]; then
  start REPLYDESK__REDIS__URL=redis://cache:6390
  eventually eval '[[ $(state redis) == ok ]]' || fail "a Redis by its name in /etc/hosts is $(state redis): $(curl -s "$url/readyz")"
  ok "a name is found in /etc/hosts, as an engine gives its containers'"
  stop
else
  printf 'skipped: names in /etc/hosts: there is no redis-server\n'
fi
if [[ -e $beside/stub.pem ]]; then
  if [[ -n $redis ]]; then
    start REPLYDESK__REDIS__URL=redis://cache.test:6390
    eventually eval '[[ $(state redis) == ok ]]' || fail "a Redis by its name in DNS is $(state redis): $(curl -s "$url/readyz")"
    ok "a name is found by DNS"
    stop
  fi
  start REPLYDESK__CAPTCHA__PROVIDER=siteverify 'REPLYDESK__CAPTCHA__SECRET=a secret' REPLYDESK__CAPTCHA__VERIFY_URL=https://captcha.test:8443/
  code=$(post 'Past a provider.' token-1)
  curl -s "$url/metrics" | grep -q '^replydesk_captcha_total{.*outcome="pass"} 1' || fail "the provider was not believed, $code: $(curl -s "$url/metrics" | grep captcha)"
  ok "a captcha provider is asked over TLS, by the certificates in /etc/ssl/certs"
  stop
else
  printf 'skipped: names by DNS, and TLS: there is no openssl\n'
fi
kill ${others:-} 2>/dev/null || true

[[ -z $(ls -A "$root/tmp") ]] || fail "it left something in /tmp"
! touch "$root/probe" 2>/dev/null || fail "the root can be written"
ok "the root could not be written, /tmp is empty, and /data holds $(find "$data" -type f -printf '%P ' | sort)"
