"""What scripts/compose-check does within its own mounts, processes and network; everything here ends with it."""

import functools
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import yaml

ROOT, WORK = pathlib.Path(os.environ["root"]), pathlib.Path(os.environ["work"])
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
PROXY = "http://127.0.0.1:8000"
PAGE = "https://news.example/2027/bridge"
# Services without an address of their own in the file.
INNER = {"postgres": "172.31.77.13", "valkey": "172.31.77.14"}
running = {}


def fail(text):
    for log in sorted(WORK.glob("*.log")):
        print(f"-- {log.name}\n{log.read_text()[-2000:]}")
    sys.exit(f"FAILED: {text}")


def ok(text):
    print(f"ok: {text}", flush=True)


def shell(text, **more):
    return subprocess.run(text, shell=True, check=True, text=True, **more)


def start(name, words, user, environment):
    """Runs it as a user without rights, with what the file gives it."""
    command = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs", "--bounding-set=-all", *words]
    log = open(WORK / f"{name}.log", "w")
    path = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    running[name] = subprocess.Popen(command, env={**path, **environment}, cwd="/", stdout=log, stderr=log)


class From(urllib.request.HTTPHandler):
    """Asks as somebody with an address of their own on this machine."""

    def __init__(self, address):
        super().__init__()
        self.connection = functools.partial(http.client.HTTPConnection, source_address=(address, 0))

    def http_open(self, request):
        return self.do_open(self.connection, request)


def ask(url, body=None, reader="127.0.0.1", **headers):
    data = None if body is None else json.dumps(body).encode()
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = urllib.request.Request(url, data, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.build_opener(From(reader)).open(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as fault:
        return fault.code, fault.read().decode()
    except OSError as fault:
        return 0, str(fault)


def eventually(what, look):
    """Waits for it; `what` tells at the end of the wait what is wrong."""
    for _ in range(200):
        if look():
            return
        time.sleep(0.1)
    fail(what())


def lay_out():
    """Addresses, names, secrets and settings where a container has them."""
    shell("ip link set lo up; mount --make-rprivate /")
    fixed = {name: SERVICES[name]["networks"]["front"]["ipv4_address"] for name in ("proxy", "one", "two")}
    for address in {**fixed, **INNER}.values():
        shell(f"ip address add {address}/28 dev lo")
    names = "".join(f"{address} {name}\n" for name, address in INNER.items())
    (WORK / "hosts").write_text(f"127.0.0.1 localhost\n{names}")
    shell(f"mount --bind {WORK}/hosts /etc/hosts")
    shell(f"sh {ROOT}/deploy/compose/first-start {WORK}/private", stdout=subprocess.DEVNULL)
    # Nothing of the machine's own is touched: this is a mount of this namespace.
    shell("mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/secrets")
    shell(f"cp -p {WORK}/private/secrets/* /run/secrets/")
    return fixed


def start_inner():
    words = [str(word) for word in SERVICES["valkey"]["command"]]
    if words[0] != "valkey-server":
        fail("valkey runs something else")
    scratch = WORK / "scratch"
    scratch.mkdir()
    scratch.chmod(0o777)
    words = [os.environ["valkey"], *(str(scratch) if word == "/tmp" else word for word in words[1:])]
    start("valkey", [*words, "--bind", INNER["valkey"]], 65534, {})

    command, given = SERVICES["postgres"]["command"], SERVICES["postgres"]["environment"]
    programs, data = os.environ["postgres"], WORK / "database"
    data.mkdir()
    shell(f"chown postgres {data}")
    # As the image does at its first start.
    options = f"-D {data}/d -U {given['POSTGRES_USER']} --pwfile={given['POSTGRES_PASSWORD_FILE']} {given['POSTGRES_INITDB_ARGS']}"
    shell(f"cd / && setpriv --reuid=postgres --regid=postgres --init-groups {programs}/initdb {options}", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with open(data / "d" / "pg_hba.conf", "a") as rules:
        rules.write("host all all all scram-sha-256\n")
    user = shell("id -u postgres", stdout=subprocess.PIPE).stdout.strip()
    where = ["-D", f"{data}/d", "-c", f"listen_addresses={INNER['postgres']}", "-c", f"unix_socket_directories={data}"]
    start("postgres", [f"{programs}/{command[0]}", *where, *command[1:]], user, {})
    check = SERVICES["postgres"]["healthcheck"]["test"][1:]
    check = [check[0], *(INNER["postgres"] if word == "127.0.0.1" else word for word in check[1:])]
    eventually(lambda: "PostgreSQL does not start", lambda: subprocess.run(check, stderr=subprocess.DEVNULL).returncode == 0)
    create = f"PGPASSWORD=$(cat /run/secrets/postgres_password) psql -qh {INNER['postgres']} -U {given['POSTGRES_USER']} postgres"
    shell(f"{create} -c 'CREATE DATABASE {given['POSTGRES_DB']}'")


def environment(name, address):
    # The image says where it listens; here all share one machine, whose /etc is left alone.
    # A span that no slow machine gets a place free in.
    own = {"REPLYDESK__SERVER__LISTEN": f"{address}:8080", "REPLYDESK_CONFIG": f"{WORK}/private/settings/replydesk.toml", "REPLYDESK__LIMITS__PER_IP": '["5/10m"]'}
    return {**SERVICES[name]["environment"], **own}


def figure(address, name):
    """A metric of the instance there; none that was not counted yet."""
    lines = ask(f"http://{address}:8080/metrics")[1].splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(f"replydesk_{name} "))


def six(reader):
    """What six comments of one reader are answered."""
    minting = [str(WORK / "replydesk"), "captcha", "mint", "--page", PAGE, "--count", "6"]
    payloads = subprocess.run(minting, env=environment("one", "127.0.0.1"), check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    answers = []
    for n, payload in enumerate(payloads):
        comment = {"page": PAGE, "name": "Ada Reader", "email": "ada@readers.example", "body": f"Comment number {n} from {reader}.", "captcha": payload}
        answers.append(ask(f"{PROXY}/api/comments", comment, reader, Origin="https://news.example")[0])
    return answers


def share_limits(instances):
    """A busy machine may make Redis miss its deadline, or the proxy not know both yet: that round says nothing, and another reader comes."""
    alone = [figure(address, "limit_fallbacks") for address in instances]
    for n in range(2, 7):
        answers, before = six(f"127.0.{n}.1"), alone
        alone = [figure(address, "limit_fallbacks") for address in instances]
        took = [figure(address, 'submissions_total{outcome="queued"}') for address in instances]
        if alone != before:
            continue
        if answers != [202] * 5 + [429]:
            fail(f"six comments of one reader are answered {answers}")
        if all(took):
            return
    fail(f"the instances do not share the work or the limits: {took} were taken, {alone} times one counted alone")


def main():
    fixed = lay_out()
    start_inner()
    for name in ("one", "two"):
        start(name, [str(WORK / "replydesk"), "serve"], 10001, environment(name, fixed[name]))
    start("proxy", [os.environ["haproxy"], "-W", "-db", "-f", str(ROOT / "deploy/haproxy.cfg")], 65534, SERVICES["proxy"]["environment"])

    for name in ("one", "two"):
        url = f"http://{fixed[name]}:8080/readyz"
        eventually(lambda: f"{name} is not well: {ask(url)}", lambda: (told := ask(url))[0] == 200 and json.loads(told[1])["status"] == "ok")
    ok("both instances are ready, with every check ok: the database, shared limits, settings")
    eventually(lambda: "the proxy does not serve", lambda: ask(f"{PROXY}/livez")[0] == 200)
    told = [ask(f"{PROXY}{path}")[0] for path in ("/metrics", "/readyz")]
    if told != [403, 403]:
        fail(f"the proxy hands out what is for operators: {told}")
    ok("the proxy serves, and keeps /metrics and /readyz")

    instances = [fixed[name] for name in ("one", "two")]
    share_limits(instances)
    ok("of six comments of one reader five are taken, by both instances, and the sixth is answered 429: limits are shared")
    eventually(lambda: "the instances do not wake each other", lambda: all(figure(address, 'wakes_total{by="redis"}') for address in instances))
    ok("the instances wake each other")

    for name, how, code in (("one", signal.SIGTERM, 0), ("two", signal.SIGTERM, 0), ("postgres", signal.SIGINT, 0), ("valkey", signal.SIGTERM, 0)):
        running[name].send_signal(how)
        ended = running[name].wait(30)
        if ended != code:
            fail(f"{name} ends with {ended}")
    ok("the instances, PostgreSQL and Valkey end well")
    running["proxy"].kill()


main()
