# shellcheck shell=bash
# What scripts/unit-check looks at, run as a unit of the systemd that it booted.
set -euo pipefail
# shellcheck source=scripts/lib/seen.sh
source "$(dirname "${BASH_SOURCE[0]}")/seen.sh"

url=http://127.0.0.1:8080

fail() {
  printf 'FAILED: %s\n' "$*"
  systemctl status --no-pager --lines 20 "${unit:-replydesk}" || true
  exit 1
}

as_replydesk() { setpriv --reuid=replydesk --regid=replydesk --init-groups -- "$@"; }
property() { systemctl show "${unit:-replydesk}" --property "$1" --value; }
is_ready() { curl -sf --max-time 5 "$url/readyz"; }

systemd-sysusers
chown -R root:replydesk /etc/replydesk/secrets
chmod 750 /etc/replydesk/secrets && chmod 640 /etc/replydesk/secrets/*

systemctl start replydesk || fail "it does not start"
eventually is_ready || fail "it does not become ready"
pid=$(property MainPID)
ok "it starts and is ready, as $(stat -c %U "/proc/$pid"), $(systemctl --version | head -1)"

of() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$pid/status"; }
[[ $(of Seccomp) == 2 && $(of NoNewPrivs) == 1 && $(of CapBnd) == 0000000000000000 && $(of CapEff) == 0000000000000000 ]] ||
  fail "it runs without its sandbox"
ok "it has no capability, gains none, and its system calls are filtered: what is not allowed would kill it"

within() { nsenter --target "$pid" --mount --setuid "$(id -u replydesk)" --setgid "$(id -g replydesk)" -- "$@"; }
for folder in / /etc/replydesk /usr/local/bin /var/lib /home; do
  ! within touch "$folder/probe" 2>/dev/null || fail "it can write in $folder"
done
within touch /var/lib/replydesk/probe && rm /var/lib/replydesk/probe || fail "it cannot write in its own folder"
[[ $(stat -c '%U %a' /var/lib/replydesk) == "replydesk 700" ]] || fail "others see into its folder"
ok "of the machine it can write in /var/lib/replydesk alone, which nobody else can read"

replydesk() { as_replydesk /usr/local/bin/replydesk --config /etc/replydesk/replydesk.toml "$@"; }
page=https://news.example/2027/bridge
payload=$(replydesk captcha mint --page "$page")
answer=$(curl -s -w ' %{http_code}' -H 'Origin: https://news.example' -H 'Content-Type: application/json' -d "{\"page\": \"$page\", \
  \"name\": \"Ada Reader\", \"email\": \"ada@readers.example\", \"body\": \"From within a sandbox.\", \"captcha\": \"$payload\"}" $url/api/comments)
[[ $answer == *' 202' ]] || fail "a comment is answered $answer"
token=$(replydesk token create check --scope admin)
waiting() { curl -s -H "Authorization: Bearer $token" "$url/api/moderation/comments?status=pending"; }
[[ $(waiting) == *'From within a sandbox.'* ]] || fail "the comment does not wait in the queue: $(waiting)"
ok "it takes a comment, and commands beside it make payloads and tokens that hold"

version() { curl -s $url/metrics | awk '$1 == "replydesk_config_version" { print $2 }'; }
before=$(version)
echo 'max_body = "190 KiB"' | sed -i '/^\[server\]/r /dev/stdin' /etc/replydesk/replydesk.toml
systemctl reload replydesk || fail "it does not reload"
grown() { (($(version) > before)); }
eventually grown || fail "a reload brings nothing"
ok "systemctl reload brings new settings"

if replydesk backup --help >/dev/null 2>&1; then
  unit=replydesk-backup
  systemctl start replydesk-backup || fail "the backup fails"
  kept=/var/backups/replydesk
  copy=$(find $kept -name 'replydesk-*.db' -size +0 | head -1)
  [[ -n $copy && $(stat -c '%U %a' "$copy") == "replydesk 600" && $(stat -c '%U %a' $kept) == "replydesk 700" ]] || fail "there is no backup that is its own: $(ls -la $kept)"
  ok "replydesk-backup makes a backup beside the server, which nobody else can read"
  unset unit
else
  printf 'skipped: replydesk-backup: this binary has no backup\n'
fi

kill -KILL "$pid"
again() { [[ $(property MainPID) != "$pid" && $(property MainPID) != 0 ]] && is_ready; }
eventually again || fail "it does not come back after a crash"
[[ $(waiting) == *'From within a sandbox.'* ]] || fail "a crash lost the comment"
ok "after a crash it is back by itself, with the comment"

began=$(date +%s%N)
systemctl stop replydesk
took=$((($(date +%s%N) - began) / 1000000))
[[ $(property Result) == success && $(property ExecMainStatus) == 0 && $took -lt 15000 ]] || fail "it does not end well: $(property Result), $took ms"
ok "systemctl stop drains and ends with 0, in $took ms"

sed -i 's/^mode = .*/mode = "perhaps"/' /etc/replydesk/replydesk.toml
systemctl start replydesk || true
gave_up() { [[ $(property ActiveState) == failed && $(property ExecMainStatus) == 2 ]]; }
eventually gave_up || fail "with wrong settings it is $(property ActiveState)"
sleep 2
gave_up || fail "with wrong settings it is started again and again"
[[ $(journalctl -u replydesk --no-pager -o cat) == *'moderation.mode'* ]] || fail "the journal does not say what is wrong"
ok "with wrong settings it ends once, and the journal says what is wrong"
sed -i 's/^mode = .*/mode = "pre"/' /etc/replydesk/replydesk.toml

unit=replydesk@8081
systemctl start replydesk@8081 || fail "the instance by port does not start"
url=http://127.0.0.1:8081
eventually is_ready || fail "the instance by port does not become ready"
systemctl stop replydesk@8081
ok "replydesk@8081 listens on its port"

touch /unit-check/passed
