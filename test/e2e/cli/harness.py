"""Runs the built program (POSTERN_TEST_BINARY) with databases of its own."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import databases
from postern_process import of_a_command

BINARY = os.environ["POSTERN_TEST_BINARY"]


def clean_environment(**extra):
    """The environment without anybody's settings of Postern, and with `extra`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("POSTERN_")}
    return environment | {k: str(v) for k, v in extra.items()}


class CliTest(unittest.TestCase):
    """A test with a folder of its own; `self.options` stand at the front of every command line."""

    maxDiff = None

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="postern_cli_"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.options = [f"--server.data_dir={self.folder / 'data'}", "--server.hostname=mx.example.test",
                        "--dns.servers=127.0.0.1:9", "--dns.timeout=50ms"]  # nobody: no name leaves the machine

    def run_postern(self, *words, given=None, environment=None):
        """The finished process of `postern WORDS` with `given` as its standard input, no terminal."""
        return subprocess.run(
            [BINARY, *self.options, *map(str, words)], input=given or "", capture_output=True, text=True, timeout=180,
            env=of_a_command(clean_environment(**(environment or {}))))

    def done(self, *words, **how):
        """The standard output of a command that must succeed and say nothing on standard error."""
        finished = self.run_postern(*words, **how)
        self.assertEqual((finished.returncode, finished.stderr), (0, ""), finished)
        return finished.stdout

    def done_json(self, *words, **how):
        return json.loads(self.done(*words, "--json", **how))

    def refused(self, *words, **how):
        """The reason of a command that must be refused, with and without --json, and must print nothing else."""
        finished = self.run_postern(*words, **how)
        self.assertEqual((finished.returncode, finished.stdout), (1, ""), finished)
        self.assertRegex(finished.stderr, r"\Apostern: [^\n]+\n\Z")
        return finished.stderr.removeprefix("postern: ").rstrip("\n")

    def misused(self, *words, **how):
        """What is said to a wrong command line."""
        finished = self.run_postern(*words, **how)
        self.assertEqual((finished.returncode, finished.stdout), (2, ""), finished)
        return finished.stderr


class SqliteTest(CliTest):
    """Its database is the default: a file in the data folder."""

    def setUp(self):
        super().setUp()
        self.make_database()

    def make_database(self):
        databases.make_sqlite(self.folder / "data" / "postern.db")


class PostgresqlTest(SqliteTest):
    def make_database(self):
        self.options.append(f"--database.url={self.enterContext(databases.postgresql())}")


def on_both(tests):
    """Class decorator: puts NAME_sqlite and NAME_postgresql, with the tests of a mixin, into its module."""
    module = sys.modules[tests.__module__]
    for base, suffix in ((SqliteTest, "sqlite"), (PostgresqlTest, "postgresql")):
        name = f"{tests.__name__}_{suffix}"
        setattr(module, name, type(name, (tests, base), {"__module__": tests.__module__}))
    return tests
