"""Copies of accounts and of the database: export, import, backup, verify, as an administrator types them."""
import json
import os
import pty
import re
import shlex
import sqlite3
import subprocess
import unittest
from pathlib import Path

from harness import BINARY, SqliteTest, clean_environment, on_both

README = Path(__file__).resolve().parents[3] / "README.md"
LF = "From: a@far.test\nTo: alice@example.test\nSubject: {0}\nMessage-ID: <{0}@far.test>\n\nHello {0}\n"


def maildir(folder, **mailboxes):
    """A Maildir as Dovecot leaves it. mailboxes: folder name -> subjects."""
    for name, subjects in mailboxes.items():
        cur = folder / name.strip("_").replace("INBOX", "") / "cur"
        cur.mkdir(parents=True)
        for number, subject in enumerate(subjects):
            file = cur / f"{1500000000 + number}.M1P1.host:2,S"
            file.write_text(LF.format(subject))
            os.utime(file, (1500000000 + number, 1500000000 + number))
    (folder / "dovecot-uidlist").write_text("3 V1 N1\n")
    return folder


@on_both
class Archive:
    def setUp(self):
        super().setUp()
        self.done("domain", "add", "example.test")
        for name in ("alice", "bob"):
            self.done("account", "add", f"{name}@example.test", "--generate-password")
        self.source = maildir(self.folder / "Maildir", INBOX=["one", "two"], **{".Sent": ["three"], ".Work.2017": ["four"]})

    def test_mail_comes_in_and_goes_out_the_same(self):
        self.assertEqual(self.done("import", "alice@example.test", self.source, "--format", "maildir"),
                         "Imported 4 messages, 0 there already, 0 failed.\n")
        self.assertEqual(self.done_json("import", "alice@example.test", self.source, "--format=maildir"),
                         {"messages": 0, "known": 4, "failed": 0, "octets": 0})
        for form in ("maildir", "mbox"):
            out = self.folder / form
            self.assertEqual(self.done("export", "alice@example.test", out, "--format", form),
                             "Exported 4 messages, 0 there already, 0 failed.\n")
            self.done("import", "bob@example.test", out, "--format", form)
        self.assertEqual(self.done_json("export", "bob@example.test", self.folder / "again", "--format", "maildir")["messages"], 4)
        first = {f.read_bytes() for f in (self.folder / "maildir").rglob("*:2,*")}
        self.assertEqual(first, {f.read_bytes() for f in (self.folder / "again").rglob("*:2,*")})
        self.assertEqual(first, {LF.format(s).replace("\n", "\r\n").encode() for s in ("one", "two", "three", "four")})
        for file in (self.folder / "maildir" / ".Work.2017" / "cur").iterdir():
            self.assertEqual(file.stat().st_mtime, 1500000000)
            self.assertTrue(file.name.endswith(":2,S"))
        self.assertTrue((self.folder / "mbox" / "Work%2F2017.mbox").is_file())
        self.assertRegex(self.done("verify"), r"\A8 messages with \d+ octets in \d+ mailboxes: all is well\.\n\Z")

    def test_all_accounts_at_once(self):
        self.done("import", "alice@example.test", self.source, "--format", "maildir")
        out = self.folder / "all"
        self.assertEqual(self.done_json("export", "--all", out, "--format", "mbox")["messages"], 4)
        self.assertEqual(sorted(p.name for p in out.iterdir()), ["alice@example.test", "bob@example.test", "postmaster@example.test"])

    def test_the_quota_is_obeyed_unless_told_otherwise(self):
        self.done("account", "quota", "alice@example.test", "300")
        self.assertIn("--over-quota", self.refused("import", "alice@example.test", self.source, "--format", "maildir"))
        self.done("import", "alice@example.test", self.source, "--format", "maildir", "--over-quota")
        self.assertEqual(self.done_json("account", "show", "alice@example.test")["quota"]["limit"], 300)

    def test_what_cannot_be_read_is_told_and_counted(self):
        boxes = self.folder / "boxes"
        boxes.mkdir()
        (boxes / "Inbox").write_text("From a@b Mon Nov 24 16:00:00 2025\n" + LF.format("one"))
        (boxes / "notes").write_text("not mail\n")
        run = self.run_postern("import", "alice@example.test", boxes, "--format", "mbox")
        self.assertEqual((run.returncode, run.stdout), (1, "Imported 1 message, 0 there already, 1 failed.\n"))
        self.assertIn("notes: is no mbox", run.stderr)

    def test_readmes_commands_do_what_they_are_shown_for(self):
        chapter = README.read_text().split("### Accounts out and in", 1)[1]
        commands = re.findall(r"^    postern (.+)$", chapter, re.M)
        self.assertEqual(len(commands), 4)
        self.done("domain", "add", "example.org")
        for name in ("alice", "bob"):
            self.done("account", "add", f"{name}@example.org", "--generate-password")
        self.done("import", "alice@example.org", self.source, "--format", "maildir")
        for command in commands:
            self.assertIn("0 failed", self.done(*shlex.split(command.replace("/srv", str(self.folder)))))
        self.assertRegex(self.done("verify"), r"\A9 messages .*all is well")

    def test_misuse(self):
        self.assertIn("--format", self.misused("export", "alice@example.test", self.folder / "x"))
        self.assertIn("--format", self.misused("import", "alice@example.test", self.source, "--format", "pst"))
        self.assertIn("DIR", self.misused("export", self.folder / "x", "--format", "mbox"))
        self.assertIn("carol", self.refused("export", "carol@example.test", self.folder / "x", "--format", "mbox"))
        self.assertIn("nowhere", self.refused("import", "alice@example.test", "/nowhere", "--format", "mbox"))
        self.assertIn("is no Maildir", self.refused("import", "alice@example.test", self.folder, "--format", "maildir"))

    def test_a_bar_is_drawn_on_a_terminal_only(self):
        big = self.source / "cur" / "1600000000.host:2,"
        big.write_text(LF.format("big") + "x" * 20_000_000)
        master, slave = pty.openpty()
        process = subprocess.Popen([BINARY, *self.options, "import", "alice@example.test", self.source, "--format", "maildir"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=slave, env=clean_environment())
        os.close(slave)
        said = process.communicate(timeout=180)[0]
        drawn = os.read(master, 65536).decode()
        os.close(master)
        self.assertEqual(process.returncode, 0, drawn)
        self.assertIn(b"Imported 5 messages", said)
        self.assertRegex(drawn, r"\rimport \[[#.]{40}\] +\d+ %")

    def test_damage_has_a_name(self):
        self.done("import", "alice@example.test", self.source, "--format", "maildir")
        self.damage("UPDATE mailbox SET total = total + 1 WHERE role = 'inbox' AND total > 0")
        run = self.run_postern("verify", "--json")
        self.assertEqual(run.returncode, 1)
        found = json.loads(run.stdout)
        self.assertEqual([f["text"] for f in found["findings"]], ["says 3 messages and holds 2"])
        self.assertRegex(self.run_postern("verify").stdout, r"(?m)^mailbox \d+: says 3 messages and holds 2$")

    def damage(self, sql):
        url = next((o.split("=", 1)[1] for o in self.options if o.startswith("--database.url=")), None)
        if url:
            subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", url, "-c", sql], check=True)
        else:
            with sqlite3.connect(self.folder / "data" / "postern.db") as database:
                database.execute(sql)


class Backup(SqliteTest):
    def test_a_backup_is_one_file_that_verifies_and_runs(self):
        self.done("domain", "add", "example.test")
        self.done("account", "add", "alice@example.test", "--generate-password")
        self.done("import", "alice@example.test", maildir(self.folder / "m", INBOX=["one"]), "--format", "maildir")
        file = self.folder / "backup.db"
        self.assertIn(f"--database.url sqlite://{file}", self.done("backup", file))
        self.assertEqual([p.name for p in self.folder.glob("backup.db*")], ["backup.db"])
        self.assertIn("exists", self.refused("backup", file))
        self.assertIn("all is well", self.done("verify", f"--database.url=sqlite://{file}"))
        self.assertEqual(self.done_json("verify", f"--database.url=sqlite://{file}")["findings"], [])
        self.assertEqual(self.done_json("account", "list", f"--database.url=sqlite://{file}")["accounts"][0]["address"],
                         "alice@example.test")

    def test_readmes_commands_do_what_they_are_shown_for(self):
        chapter = README.read_text().split("### Backup and restore", 1)[1].split("###", 1)[0]
        commands = re.findall(r"^    postern (.+)$", chapter, re.M)
        self.assertEqual(len(commands), 3)
        (self.folder / "backup").mkdir()
        for command in commands:
            self.done(*shlex.split(command.replace("/srv", str(self.folder))))

    def test_readmes_dns_records_are_those_that_are_printed(self):
        shown = README.read_text().split("    $ postern dns records ", 1)[1].split("\n\n", 1)[0].splitlines()
        printed = self.done("dns", "records", *shown[0].split(), "--server.hostname=mx.example.org")
        self.assertEqual([line.removeprefix("    ") for line in shown[1:]], printed.splitlines())

    def test_for_postgresql_it_names_the_tool(self):
        said = self.refused("backup", "/tmp/b", "--database.url=postgresql://postern:secret@127.0.0.1:1/postern")
        self.assertRegex(said, re.escape("pg_dump --format=custom --file=/tmp/b 'postgresql://postern"))
        self.assertNotIn("secret", said)


if __name__ == "__main__":
    unittest.main()
