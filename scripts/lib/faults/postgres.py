"""A PostgreSQL server of one's own that syncs as it does in earnest, and every way to hurt it."""

import os
import pathlib
import pwd
import signal
import subprocess

from machine import find, free_port, install, missing, until
from table import Skipped


class Postgres:
    """A cluster in a folder; databases are made in it as they are needed."""

    def __init__(self, folder, wal=None, **settings):
        self.programs = _programs()
        try:
            self.user = pwd.getpwnam("postgres")
        except KeyError:
            raise Skipped("there is no user postgres to run the database as") from None
        self.folder, self.port = pathlib.Path(folder), free_port()
        self.data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        for own in (self.folder, *([wal] if wal else [])):
            os.chown(own, self.user.pw_uid, self.user.pw_gid)
        self.as_postgres("initdb", "-D", str(self.data), "-U", "replydesk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", *(["--waldir", str(wal)] if wal else []))
        lines = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "max_connections": 60, **settings}
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.writelines(f"{name} = '{value}'\n" for name, value in lines.items())

    def as_postgres(self, program, *words, check=True, **more):
        command = [str(self.programs / program), *words]
        return subprocess.run(command, user=self.user.pw_uid, group=self.user.pw_gid, extra_groups=[], cwd="/", check=check, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)

    def __enter__(self):
        self.up()
        return self

    def __exit__(self, *_):
        self.as_postgres("pg_ctl", "-D", str(self.data), "-m", "immediate", "-s", "stop", check=False)

    def up(self):
        """Starts it; returns once it takes sessions."""
        self.as_postgres("pg_ctl", "-D", str(self.data), "-w", "-s", "-l", str(self.folder / "log"), "-t", "60", "start")

    def down(self, mode="fast"):
        self.as_postgres("pg_ctl", "-D", str(self.data), "-w", "-s", "-m", mode, "stop")

    def postmaster(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def processes(self):
        """The postmaster and all that it started."""
        main = self.postmaster()
        children = subprocess.run(["pgrep", "-P", str(main)], stdout=subprocess.PIPE, text=True).stdout.split()
        return [main, *map(int, children)]

    def signal_all(self, number):
        for process in self.processes():
            try:
                os.kill(process, number)
            except ProcessLookupError:
                pass

    def kill(self):
        """The postmaster dies as if the power of its process had gone; what it started notices and goes too."""
        processes = self.processes()
        os.kill(processes[0], signal.SIGKILL)
        until("its backends are gone", lambda: not any(map(is_alive, processes)), 30)
        for left in (self.data / "postmaster.pid",):
            left.unlink(missing_ok=True)

    def sql(self, text, database="postgres"):
        done = subprocess.run([str(self.programs / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", text, self.url(database)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def url(self, database="postgres", port=None):
        return f"postgres://replydesk@127.0.0.1:{port or self.port}/{database}?sslmode=disable"

    def database(self, name):
        self.sql(f"CREATE DATABASE {name}")
        return name

    def bodies(self, database):
        return self.sql("SELECT body FROM comments", database).splitlines()

    def end_sessions(self):
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'replydesk'")

    def answers(self):
        try:
            return self.sql("SELECT 1") == "1"
        except RuntimeError:
            return False

    def log(self):
        return (self.folder / "log").read_text(errors="replace")


def _programs():
    """Where the newest version's programs are, all of them; installed where there are none and this is Debian."""
    return _newest() or _installed() or missing("initdb", "postgresql")


def _newest():
    found = [folder for folder in pathlib.Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    elsewhere = find("initdb")
    return max(found, key=lambda folder: float(folder.parent.name)) if found else elsewhere and pathlib.Path(elsewhere).resolve().parent


def _installed():
    settings = pathlib.Path("/etc/postgresql-common/createcluster.conf")
    if find("apt-get") and not settings.exists():
        # The package would start a server of its own otherwise, which nobody asked for.
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("create_main_cluster = false\n")
    install("postgresql")
    return _newest()


def is_alive(process):
    try:
        state = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"
