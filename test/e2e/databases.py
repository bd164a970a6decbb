"""Databases for end-to-end tests, migrated, without data at first, and gone at the end.

sqlite() and postgresql() give a context manager whose value is a database.url. PostgreSQL's is on the server that
POSTERN_TEST_POSTGRESQL names, without which the test fails, and other tests of this process may have had it before;
empty_postgresql() is a new one, before any migration. Cluster is a whole PostgreSQL server of one's own, to be stopped and started at
will. on_both_databases() runs a class of tests on each.
"""

import atexit
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

_kept = []  # names of databases on the server that are migrated and free
_migrated_file = None


@contextlib.contextmanager
def sqlite():
    with tempfile.TemporaryDirectory(prefix="postern-e2e-") as folder:
        make_sqlite(pathlib.Path(folder) / "postern.db")
        yield f"sqlite://{folder}/postern.db"


def make_sqlite(path):
    """Makes that file, and its folder where it is missing."""
    global _migrated_file
    if _migrated_file is None:
        with tempfile.TemporaryDirectory(prefix="postern-e2e-") as folder:
            migrate(f"sqlite://{folder}/postern.db")
            _migrated_file = (pathlib.Path(folder) / "postern.db").read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(_migrated_file)


@contextlib.contextmanager
def postgresql():
    if not _kept:
        _make_one_to_keep()
    name = _kept.pop()
    try:
        yield _url(name)
    finally:
        try:
            _psql(_url(name), "--command=SELECT kept.restore()")
            _kept.append(name)
        except subprocess.CalledProcessError:  # a test changed more than rows
            _drop(name)


@contextlib.contextmanager
def empty_postgresql():
    name = _create()
    try:
        yield _url(name)
    finally:
        _drop(name)


@atexit.register
def _drop_kept():
    while _kept:
        _drop(_kept.pop())


def _make_one_to_keep():
    name = _create()
    migrate(_url(name))
    _psql(_url(name), f"--file={pathlib.Path(__file__).parents[1] / 'data' / 'keep_database.sql'}")
    _kept.append(name)


def migrate(url):
    """For a database that comes from elsewhere."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POSTERN_")}
    subprocess.run([os.environ["POSTERN_TEST_BINARY"], "migrate", "--server.hostname=mx.example.test", f"--database.url={url}"],
                   env=environment, check=True, capture_output=True, timeout=180)


def _create():
    name = f"postern_e2e_{secrets.token_hex(6)}"
    _psql(_server(), f"--command=CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0 LOCALE 'C.UTF-8'")
    return name


def _drop(name):
    _psql(_server(), f"--command=DROP DATABASE {name} WITH (FORCE)")


def _server():
    server = os.environ.get("POSTERN_TEST_POSTGRESQL")
    if not server:
        raise AssertionError("POSTERN_TEST_POSTGRESQL is not set; test/run sets it to a throw-away PostgreSQL server")
    return server


def _url(name):
    return urllib.parse.urlparse(_server())._replace(path=f"/{name}").geturl()


def _psql(url, work):
    # Not Debian's wrapper: it takes longer to begin than most of what it is asked for.
    subprocess.run([POSTGRESQL_PROGRAMS / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={url}", work],
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
