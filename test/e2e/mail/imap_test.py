"""Mail is read by programs that people use: curl, Python's imaplib, and mbsync, which keeps a copy in step both ways."""

import contextlib
import email
import imaplib
import pathlib
import re
import ssl
import subprocess
import tempfile
import threading
import unittest

from case import MailCase, message
from databases import on_both_databases, sqlite
from postern_process import PATIENCE, Postern, eventually

ALICE, BOB = "alice@example.test", "bob@example.test"
PASSWORD = "correct horse battery"
ANY_CERTIFICATE = ssl._create_unverified_context()


def signed_in(postern, account=ALICE):
    client = imaplib.IMAP4_SSL("127.0.0.1", postern.imaps_port, ssl_context=ANY_CERTIFICATE, timeout=PATIENCE)
    client.login(account, PASSWORD)
    return client


def told(answer):
    """What an OK says."""
    assert answer[0] == "OK", answer
    return answer[1]


class Copy:
    """A Maildir that mbsync keeps in step with an account."""

    def __init__(self, folder, port, account):
        self.mail = pathlib.Path(folder) / "mail"
        self.mail.mkdir()
        self._configuration = pathlib.Path(folder) / "mbsyncrc"
        self._configuration.write_text(f"""
IMAPAccount server
Host 127.0.0.1
Port {port}
User {account}
Pass "{PASSWORD}"
SSLType IMAPS
CertificateFile {folder}/certificate.pem

IMAPStore far
Account server

MaildirStore near
SubFolders Verbatim
Path {self.mail}/
Inbox {self.mail}/INBOX

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
""")
        certificate = ssl.get_server_certificate(("127.0.0.1", port))
        (pathlib.Path(folder) / "certificate.pem").write_text(certificate)

    def sync(self):
        done = subprocess.run(["mbsync", "--config", self._configuration, "all"], capture_output=True, text=True, timeout=PATIENCE,
                              check=False)
        assert done.returncode == 0, done.stderr

    def messages(self, mailbox):
        """Of each message its subject and its flags."""
        found = {}
        for file in (self.mail / mailbox).glob("*/*"):
            if file.parent.name in ("cur", "new"):
                found[email.message_from_bytes(file.read_bytes())["Subject"]] = file.name.partition(":2,")[2]
        return found

    def file(self, mailbox, subject):
        return next(f for f in (self.mail / mailbox).glob("*/*") if f"Subject: {subject}".encode() in f.read_bytes())

    def add(self, mailbox, name, octets):
        for part in ("cur", "new", "tmp"):
            (self.mail / mailbox / part).mkdir(parents=True, exist_ok=True)
        (self.mail / mailbox / "cur" / f"{name}:2,").write_bytes(octets)


@on_both_databases
class Imap(MailCase):
    def fresh(self, account):
        """Nobody else's test looks into it."""
        address = f"{account}@example.test"
        self.postern.add_account(address, PASSWORD)
        return address

    def test_curl_reads_a_message_as_it_came(self):
        reader = self.fresh("curl")
        octets = message("over curl", b"\xc3\xa4\xf6\r\n" * 3)
        self.postern.send([reader], octets)
        said = subprocess.run(["curl", "--silent", "--show-error", "--insecure", "--user", f"{reader}:{PASSWORD}",
                               f"imaps://127.0.0.1:{self.postern.imaps_port}/INBOX;MAILINDEX=1"], capture_output=True, check=True,
                              timeout=PATIENCE)
        self.assertTrue(said.stdout.endswith(octets), said.stdout)
        said = subprocess.run(["curl", "--silent", "--show-error", "--insecure", "--user", f"{reader}:{PASSWORD}",
                               f"imaps://127.0.0.1:{self.postern.imaps_port}/INBOX?SUBJECT%20curl"], capture_output=True,
                              check=True, timeout=PATIENCE)
        self.assertEqual(said.stdout, b"* SEARCH 1\r\n")

    def test_what_is_done_over_imap_shows_over_http_and_the_other_way_round(self):
        both = self.fresh("both")
        ids = [self.postern.send([both], message(f"n {n}")) for n in range(3)]
        with signed_in(self.postern, both) as client:
            self.assertEqual(told(client.select()), [b"3"])
            told(client.fetch("1", "(BODY[])"))
            told(client.store("2", "+FLAGS", r"(\Flagged $Forwarded)"))
            told(client.uid("MOVE", "3", "Archive"))
            self.assertEqual([(m["subject"], m["seen"], m["flagged"]) for m in self.postern.inbox(both)],
                             [("n 1", False, True), ("n 0", True, False)])
            status, _ = self.postern.get(f"/api/v1/messages/{ids[1]}", both, "DELETE")
            self.assertIn(status, (200, 204))
            told(client.noop())
            self.assertEqual(client.response("EXPUNGE")[1], [b"3", b"2"])
            self.assertEqual(told(client.fetch("1:*", "(UID FLAGS)")), [rb"1 (UID 1 FLAGS (\Seen))"])
            self.assertEqual(told(client.status("Trash", "(MESSAGES UNSEEN)")), [b"Trash (MESSAGES 1 UNSEEN 1)"])

    def test_who_waits_in_idle_hears_of_a_message_when_it_comes(self):
        idle = self.fresh("idle")
        with signed_in(self.postern, idle) as client:
            told(client.select())
            client.send(b"i1 IDLE\r\n")
            self.assertEqual(client.readline(), b"+ idling\r\n")
            self.postern.send([idle], message("news"))
            self.assertEqual(client.readline(), b"* 1 EXISTS\r\n")
            client.send(b"DONE\r\n")
            self.assertEqual(client.readline(), b"i1 OK Done\r\n")

    def test_mbsync_keeps_a_copy_in_step_both_ways(self):
        kept = self.fresh("kept")
        for n in range(5):
            self.postern.send([kept], message(f"far {n}"))
        with tempfile.TemporaryDirectory(prefix="postern-e2e-") as folder, signed_in(self.postern, kept) as client:
            told(client.create("Work/2026"))
            told(client.append("Work/2026", r"(\Seen)", None, message("plan")))
            copy = Copy(folder, self.postern.imaps_port, kept)
            copy.sync()
            self.assertEqual(copy.messages("INBOX"), {f"far {n}": "" for n in range(5)})
            self.assertEqual(copy.messages("Work/2026"), {"plan": "S"})

            # Here: two come, one is read, one goes, and one mailbox. There: one is flagged, one goes, and one moves.
            for n in range(2):
                copy.add("INBOX", f"1.{n}.near", message(f"near {n}").replace(b"\r\n", b"\n"))
            copy.add("Near", "1.3.near", message("in a new mailbox").replace(b"\r\n", b"\n"))
            read = copy.file("INBOX", "far 0")
            read.rename(copy.mail / "INBOX" / "cur" / (re.sub(":2,.*", "", read.name) + ":2,S"))
            copy.file("INBOX", "far 1").unlink()
            told(client.select())
            told(client.store("3", "+FLAGS", r"(\Flagged)"))
            told(client.store("4", "+FLAGS", r"(\Deleted)"))
            told(client.expunge())
            told(client.uid("MOVE", "5", "Work"))
            copy.sync()
            copy.sync()

            inbox = {"far 0": "S", "far 2": "F", "near 0": "", "near 1": ""}
            self.assertEqual(copy.messages("INBOX"), inbox)
            self.assertEqual(copy.messages("Work"), {"far 4": ""})
            self.assertEqual(copy.messages("Near"), {"in a new mailbox": ""})
            self.assertEqual(sorted((m["subject"], m["seen"], m["flagged"]) for m in self.postern.inbox(kept)),
                             sorted((subject, flags == "S", flags == "F") for subject, flags in inbox.items()))
            self.assertEqual(told(client.status("Near", "(MESSAGES)")), [b"Near (MESSAGES 1)"])


class Durability(unittest.TestCase):
    def test_what_append_says_ok_to_is_there_after_the_server_was_killed(self):
        with sqlite() as url, Postern(url) as postern:
            postern.add_account(ALICE, PASSWORD)
            postern.start()
            uids = []

            def append_until_the_end():
                with contextlib.suppress(OSError, imaplib.IMAP4.error), signed_in(postern) as client:
                    for n in range(10_000):
                        answer = told(client.append("Archive", None, None, message(f"kept {n}")))
                        uids.append(int(re.search(rb"APPENDUID \d+ (\d+)", answer[0])[1]))

            writer = threading.Thread(target=append_until_the_end)
            writer.start()
            eventually(lambda: len(uids) >= 20, "twenty messages")
            postern.kill()
            writer.join()
            postern.start()
            with signed_in(postern) as client:
                told(client.select("Archive"))
                there = [int(uid) for uid in told(client.uid("SEARCH", "ALL"))[0].split()]
            self.assertEqual(there[:len(uids)], uids)
            self.assertLessEqual(len(there), len(uids) + 1)  # one may have been stored and not answered
            postern.command("verify")
            postern.stop()


if __name__ == "__main__":
    unittest.main()
