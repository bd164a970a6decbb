"""A backup that is made while mail comes in is whole, and a server started on it has what was accepted before it began."""

import pathlib
import tempfile
import unittest

from databases import sqlite
from load import Load
from postern_process import Postern, Refused

ALICE = "alice@example.test"


class Backup(unittest.TestCase):
    def test_under_load(self):
        with sqlite() as url, tempfile.TemporaryDirectory() as folder, Postern(url) as postern:
            postern.add_account(ALICE)
            postern.start()
            file = pathlib.Path(folder) / "backup.db"
            with Load(postern, ALICE, clients=4) as load:
                load.wait_for_accepted(200)
                before = dict(load.accepted)
                postern.command("backup", str(file))
                self.assertIn("all is well", postern.command("verify"))  # beside a server that writes
                load.wait_for_accepted(50)
            self.assertEqual(load.surprises, [])
            postern.stop()
            self.assertIn("all is well", postern.command("verify", f"--database.url=sqlite://{file}"))
            with self.assertRaises(Refused):
                postern.command("backup", str(file))

            # Restoring is putting the file where the database was.
            postern.set(database__url=f"sqlite://{file}")
            postern.start()
            there = {m["subject"] for m in postern.inbox(ALICE)}
            self.assertLessEqual(set(before), there)
            postern.stop()


if __name__ == "__main__":
    unittest.main()
