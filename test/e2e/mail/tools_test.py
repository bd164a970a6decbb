"""Mail sent by the tools people have, read back with curl and on the command line."""

import json
import os
import re
import subprocess
import tempfile
import unittest

from case import MailCase
from databases import on_both_databases
from postern_process import PATIENCE, without_trace

SMTP_SOURCE = os.environ.get("SMTP_SOURCE", "/opt/peers/tools/smtp-source")


def run(*arguments):
    return subprocess.run(arguments, check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE).stdout


@on_both_databases
class Tools(MailCase):
    def test_swaks_message_is_listed_read_and_traced(self):
        with tempfile.NamedTemporaryFile(suffix=".pdf") as attachment:
            attachment.write(b"%PDF-1.4\n\x00\xff binary")
            attachment.flush()
            said = run("swaks", "--server", f"127.0.0.1:{self.postern.smtp_port}", "--helo", "client.test",
                       "--from", "sender@elsewhere.test", "--to", "alice@example.test",
                       "--header", "From: =?UTF-8?Q?J=C3=BCrgen?= <sender@elsewhere.test>",
                       "--header", "Subject: =?UTF-8?B?R3LDvMOfZQ==?= by swaks",
                       "--body", "Good morning.", "--attach-name", "plan.pdf", "--attach-type", "application/pdf",
                       "--attach", "@" + attachment.name)
        accepted = re.search(r"250 2\.0\.0 (\d+) accepted", said)[1]

        listed = self.find("alice@example.test", "Grüße by swaks")
        self.assertEqual(listed["from"], {"name": "Jürgen", "address": "sender@elsewhere.test"})
        self.assertEqual(listed["to"], [{"name": "", "address": "alice@example.test"}])
        self.assertTrue(listed["has_attachments"])
        self.assertFalse(listed["seen"])
        self.assertIn("Good morning.", listed["preview"])

        # The id of the 250 finds the same message as the list's.
        read = self.postern.json(f"/messages/{accepted}", "alice@example.test")
        self.assertEqual(read["id"], listed["id"])
        self.assertEqual(read["text"].strip(), "Good morning.")
        self.assertEqual([a["filename"] for a in read["attachments"]], ["plan.pdf"])
        attached = f"/api/v1/messages/{accepted}/attachments/{read['attachments'][0]['id']}"
        self.assertEqual(self.postern.get(attached, "alice@example.test"), (200, b"%PDF-1.4\n\x00\xff binary"))

        shown = self.postern.json_command("message", "show", accepted)
        self.assertEqual(shown["reverse_path"], "sender@elsewhere.test")
        self.assertEqual(shown["recipients"], ["alice@example.test"])
        self.assertEqual(shown["size"], listed["size"])
        self.assertEqual([(p["account"], p["mailbox"], p["id"]) for p in shown["mailboxes"]],
                         [("alice@example.test", "Inbox", listed["id"])])
        self.assertEqual([e["kind"] for e in shown["events"]], ["received", "delivered"])
        self.assertIn(accepted, self.postern.command("message", "show", accepted))

    def test_curl_message_is_kept_octet_for_octet(self):
        sent = b"From: sender@elsewhere.test\r\nSubject: by curl\r\n\r\n.dots\r\n..\r\n.\r\nlast line\r\n"
        with tempfile.NamedTemporaryFile() as upload:
            upload.write(sent)
            upload.flush()
            said = run("curl", "--silent", "--verbose", f"smtp://127.0.0.1:{self.postern.smtp_port}/client.test",
                       "--mail-from", "sender@elsewhere.test", "--mail-rcpt", "alice@example.test",
                       "--mail-rcpt", "bob@example.test", "--upload-file", upload.name)
        accepted = re.search(r"250 2\.0\.0 (\d+) accepted", said)[1]
        for account in self.accounts:
            trace, kept = without_trace(self.postern.raw(accepted, account))
            self.assertEqual(kept, sent)
            self.assertRegex(trace, rb"\AReturn-Path: <sender@elsewhere\.test>\r\nReceived: from client\.test")
            self.assertIn(accepted.encode(), trace)
            self.assertIsNotNone(self.find(account, "by curl"))

    def test_smtp_source_load_is_all_there(self):
        before = len(self.postern.inbox("bob@example.test"))
        run(SMTP_SOURCE, "-s", "20", "-m", "400", "-l", "10240", "-f", "sender@elsewhere.test", "-t", "bob@example.test",
            "-M", "client.test", f"127.0.0.1:{self.postern.smtp_port}")
        self.assertEqual(len(self.postern.inbox("bob@example.test")) - before, 400)
        boxes = self.postern.json("/account", "bob@example.test")["mailboxes"]
        self.assertEqual([(b["total"], b["unread"]) for b in boxes if b["role"] == "inbox"], [(before + 400, before + 400)])

    def test_nobody_reads_what_is_anothers(self):
        accepted = self.postern.send("alice@example.test", b"Subject: private\r\n\r\nfor alice\r\n")
        for path in (f"/messages/{accepted}", f"/messages/{accepted}/raw"):
            self.assertEqual(self.postern.get("/api/v1" + path, "bob@example.test")[0], 404)
            status, problem = self.postern.get("/api/v1" + path)
            self.assertEqual(status, 401)
            self.assertEqual(json.loads(problem)["status"], 401)

    def test_a_full_mailbox_refuses_and_others_do_not(self):
        self.postern.add_account("small@example.test", "correct horse battery", "--quota", "20K")
        big = b"Subject: big\r\n\r\n" + b"x" * 70 + b"\r\n"
        big += (b"y" * 70 + b"\r\n") * 400
        with self.postern.smtp() as client:
            client.docmd("MAIL", f"FROM:<sender@elsewhere.test> SIZE={len(big)}")
            code, text = client.docmd("RCPT", "TO:<small@example.test>")
            self.assertEqual((code, text[:5]), (552, b"5.2.2"))
            self.assertEqual(client.docmd("RCPT", "TO:<alice@example.test>")[0], 250)
        with self.postern.smtp() as client:  # the size not declared: known after the data only
            client.docmd("MAIL", "FROM:<sender@elsewhere.test>")
            self.assertEqual(client.docmd("RCPT", "TO:<small@example.test>")[0], 250)
            code, text = client.data(big)
            self.assertEqual((code, text[:5]), (552, b"5.2.2"))
        self.assertEqual(self.postern.inbox("small@example.test"), [])


if __name__ == "__main__":
    unittest.main()
