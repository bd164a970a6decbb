"""Databases for end-to-end tests, each empty at first and gone at the end.

sqlite() and postgresql() give a context manager whose value is a database.url. PostgreSQL's is a new database on the server that
POSTERN_TEST_POSTGRESQL names; without that variable the test fails. Cluster is a whole PostgreSQL server of one's own, to be stopped
and started at will. on_both_databases() runs a class of tests on each.
"""

import contextlib
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

POSTGRESQL_PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")


@contextlib.contextmanager
def sqlite():
    with tempfile.TemporaryDirectory(prefix="postern-e2e-") as folder:
        yield f"sqlite://{folder}/postern.db"


@contextlib.contextmanager
def postgresql():
    server = os.environ.get("POSTERN_TEST_POSTGRESQL")
    if not server:
        raise AssertionError("POSTERN_TEST_POSTGRESQL is not set; test/run sets it to a throw-away PostgreSQL server")
    name = f"postern_e2e_{secrets.token_hex(6)}"
    _psql(server, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0 LOCALE 'C.UTF-8'")
    try:
        yield urllib.parse.urlparse(server)._replace(path=f"/{name}").geturl()
    finally:
        _psql(server, f"DROP DATABASE {name} WITH (FORCE)")


def _psql(server, statement):
    subprocess.run(["psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={server}", f"--command={statement}"],
                   check=True, capture_output=True, timeout=180)


class Cluster:
    """A PostgreSQL server in a folder of its own, reached through a socket there: no port is taken.

    PostgreSQL refuses to run as root, so root runs it as the user postgres.
    """

    def __init__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="postern-pg-"))
        self._as_user = []
        if os.geteuid() == 0:
            shutil.chown(self._folder, "postgres")
            self._as_user = ["runuser", "-u", "postgres", "--"]
        self._folder.chmod(0o755)
        self._run("initdb", "--pgdata", self._data, "--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale")

    @property
    def _data(self):
        return str(self._folder / "data")

    @property
    def url(self):
        return f"postgresql://postgres@/postgres?host={self._folder}"

    def start(self):
        self._run("pg_ctl", "start", "--wait", "--silent", "--pgdata", self._data, "--log", str(self._folder / "log"),
                  "--options", f"-c listen_addresses= -c unix_socket_directories={self._folder}")

    def stop(self, mode="immediate"):
        self._run("pg_ctl", "stop", "--wait", "--silent", "--pgdata", self._data, "--mode", mode)

    def remove(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.stop()
        shutil.rmtree(self._folder)

    def _run(self, program, *arguments):
        # Its server would inherit captured pipes and keep them open, so what it says goes to a file.
        with open(self._folder / "programs", "ab") as said:
            subprocess.run([*self._as_user, str(POSTGRESQL_PROGRAMS / program), *arguments], check=True, cwd="/",
                           stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=120)


def on_both_databases(case):
    """Makes of a class of tests one on SQLite and one on PostgreSQL."""
    module = sys.modules[case.__module__]
    for database in (sqlite, postgresql):
        made = type(f"{case.__name__}_on_{database.__name__}", (case,), {"database": staticmethod(database)})
        made.__module__ = case.__module__
        setattr(module, made.__name__, made)
    return None  # the class itself has no database, so it must not be found as a test
