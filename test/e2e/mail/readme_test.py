"""README's curl commands do what they are shown for, typed as they stand there; only ports and the messages' numbers are the test's."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from case import MailCase
from databases import on_both_databases

README = pathlib.Path(__file__).parents[3] / "README.md"
MULTIPART = (b"From: bob@example.test\r\nTo: alice@example.test\r\nSubject: File\r\nMIME-Version: 1.0\r\n"
             b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nLunch at noon?\r\n"
             b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=list.txt\r\n\r\nbread\r\n--b--\r\n")
# A stream has no end: curl's exit code for the time it was given.
EXPECTED = {"events": (28, "retry: ")}


def commands():
    """The lines of code that begin with curl, under the two headings that are about curl."""
    text = README.read_text()
    sections = re.findall(r"^## (?:Reading|Changing)[^\n]* with curl\n(.*?)(?=^## )", text, re.S | re.M)
    return [line.strip() for s in sections for line in s.splitlines() if line.startswith("    curl ")]


@on_both_databases
class Readme(MailCase):
    accounts = ("bob@example.test",)

    @classmethod
    def prepare(cls):
        cls.postern.add_account("alice@example.test", "readme-example")  # a password that needs no quotes, as those of app/run

    def test_every_command_is_answered_as_meant(self):
        accepted = [self.postern.send(["alice@example.test"], MULTIPART, "bob@example.test") for _ in range(3)]
        entries = sorted((m["id"] for m in self.postern.inbox("alice@example.test")), key=int)
        self.assertGreater(len(commands()), 15)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "report.txt").write_text("A report.\n")
            for command in commands():
                with self.subTest(command):
                    self.run_as_typed(command, accepted[0], entries, folder)

    def run_as_typed(self, command, message_id, entries, folder):
        numbers = {"1": message_id, "129": entries[0], "130": entries[1], "131": entries[2]}
        typed = command.replace("http://127.0.0.1:8080", self.postern.http)
        typed = re.sub(r'(?<=/messages/)\d+|(?<=/threads/)\d+|(?<=")\d+(?=")', lambda m: numbers[m[0]], typed)
        script = 'curl() { command curl --silent --show-error --fail-with-body --max-time 3 "$@"; }\n' + typed
        done = subprocess.run(["bash", "-c", script], cwd=folder, text=True, capture_output=True, check=False, errors="replace",
                              env={"PATH": "/usr/bin:/bin", "PASSWORD": "readme-example",
                                   "H": self.postern.http + "/api/v1"})
        code, said = next((e for word, e in EXPECTED.items() if f"/{word} " in command), (0, ""))
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn(said, done.stdout)


if __name__ == "__main__":
    unittest.main()
