"""The page in a browser, on the built program: Chromium plays each scenario of this folder with an account of its own.

Pictures of the views are left in $PAGE_PICTURES for people to look at. They are taken, and the views judged, with one database:
what is seen is the same with the other.
"""

import os
import pathlib
import subprocess
import unittest

from databases import on_both_databases
from postern_process import Postern

HERE = pathlib.Path(__file__).parent
SCENARIOS = ("account", "administration", "reading", "searching", "writing")
OF_THE_PAGE_ALONE = ("hostile", "keyboard", "narrow")  # which databases make no difference to: played once
PATIENCE = 900  # seconds for a scenario


@on_both_databases
class Page(unittest.TestCase):
    def test_scenarios(self):
        self.once = self.database.__name__ == "postgresql"
        scenarios = SCENARIOS + (OF_THE_PAGE_ALONE if self.once else ())
        with self.database() as url, Postern(url) as postern:
            for name in scenarios:
                options = ["--admin"] if name == "administration" else []
                postern.add_account(f"{name}@example.test", "correct horse battery", *options)
            postern.start()
            for name in scenarios:
                with self.subTest(name):
                    self.play(postern, name)
            postern.stop()

    def play(self, postern, name):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/tmp"),
            "LANG": "C.UTF-8",  # else Chromium gives files with other letters in their names the name "download"
            "PAGE_URL": postern.http,
            "PAGE_SMTP_PORT": str(postern.smtp_port),
            "PAGE_ACCOUNT": f"{name}@example.test",
            "PAGE_PASSWORD": "correct horse battery",
            "PAGE_MODULES": os.environ["PAGE_MODULES"],
        }
        if self.once:
            environment["PAGE_PICTURES"] = os.environ["PAGE_PICTURES"]
        done = subprocess.run(["node", "--test", f"{name}.mjs"], cwd=HERE, env=environment, text=True, capture_output=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
