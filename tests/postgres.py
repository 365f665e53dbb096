"""A real PostgreSQL for tests: a server of its own in a temporary folder, that tests may stop, start and freeze."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

USER = "wxp"  # owns everything, and comes in without a password
GUARDED = "guarded"  # may only read, and needs PASSWORD
PASSWORD = "s3cret@/:?"


class Missing(Exception):
    """PostgreSQL is not installed."""


def programs():
    """The folder with initdb and pg_ctl, of the newest version."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    try:
        # By number: 9.6 comes before 16.
        return max(
            (file.parent for file in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
            key=lambda folder: float(folder.parent.name),
        )
    except ValueError:
        raise Missing("PostgreSQL (initdb, pg_ctl) is not installed") from None


class Server:
    """PostgreSQL in `folder`. `url` is a DSN that psycopg and SQLAlchemy take."""

    def __init__(self, folder):
        self.folder = folder
        self.port = _free_port()
        self.bin = programs()
        self._run("initdb", "-D", folder / "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        rules = folder / "data/pg_hba.conf"
        rules.write_text(f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\n" + rules.read_text())

    @property
    def url(self):
        return self.url_of("postgres")

    def url_of(self, database, user=USER):
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self):
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "-o", options, "-l", self.folder / "log", "start")

    def stop(self):
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")

    @contextmanager
    def frozen(self):
        """Every process of the server is stopped, so that connections stay open and nothing answers."""
        leader = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(leader)], capture_output=True, text=True)
        everyone = [leader, *map(int, listed.stdout.split())]
        for process in everyone:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in everyone:
                os.kill(process, signal.SIGCONT)

    def databases(self):
        import psycopg

        with psycopg.connect(self.url) as connection:
            return [row[0] for row in connection.execute("select datname from pg_database")]

    def execute(self, *statements, database="postgres"):
        import psycopg

        with psycopg.connect(self.url_of(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def _run(self, program, *arguments):
        # initdb refuses to run as root; `user` of Popen would need a real fork, which a large process may be refused.
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
        done = subprocess.run(
            [*as_user, self.bin / program, *map(str, arguments)], cwd=self.folder, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
        if done.returncode:
            log = self.folder / "log"
            raise RuntimeError(f"{program}: {done.stderr}{log.read_text() if log.exists() else ''}")


@contextmanager
def running():
    """Yields a Server that is running. Raises Missing where PostgreSQL is not installed."""
    programs()
    folder = Path(tempfile.mkdtemp(prefix="wxp-postgres-"))
    try:
        if os.geteuid() == 0:
            try:
                entry = pwd.getpwnam("postgres")
            except KeyError:
                raise Missing("there is no user postgres to run PostgreSQL as") from None
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        server = Server(folder)
        server.start()
        server.execute(f"create role {GUARDED} login password '{PASSWORD}'")
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
