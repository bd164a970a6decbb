"""People's mail programs: signing in and sending, by every method the tools know."""

import re
import smtplib
import ssl
import subprocess
import tempfile

from case import MailCase
from databases import on_both_databases
from postern_process import PATIENCE

ALICE, BOB = "alice@example.test", "bob@example.test"
PASSWORD = "correct horse battery"


def run(*arguments, given=""):
    done = subprocess.run(arguments, input=given, check=False, text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=PATIENCE)
    return done.returncode, done.stdout


def trusting():
    """TLS with whoever answers: the certificate is self-signed."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@on_both_databases
class Submission(MailCase):
    accounts = (ALICE, BOB)

    def sent(self, subject):
        return [m for m in self.postern.json("/sent?limit=500", ALICE)["messages"] if m["subject"] == subject]

    def client(self):
        """A connection under TLS that has said EHLO."""
        client = smtplib.SMTP("127.0.0.1", self.postern.submission_port, local_hostname="client.test", timeout=PATIENCE)
        self.addCleanup(client.close)
        client.starttls(context=trusting())
        client.ehlo()
        return client

    def signed_in(self):
        client = self.client()
        client.login(ALICE, PASSWORD)
        return client

    def test_swaks_by_each_way_it_knows(self):
        for tls, port in ((("--tls",), self.postern.submission_port),
                          (("--tls-on-connect",), self.postern.submissions_port)):
            for method in ("PLAIN", "LOGIN"):
                subject = f"swaks {method} {tls[0]}"
                code, said = run("swaks", "--server", f"127.0.0.1:{port}", *tls, "--auth", method, "--auth-user", ALICE,
                                 "--auth-password", PASSWORD, "--from", ALICE, "--to", BOB, "--header", f"Subject: {subject}")
                self.assertEqual(code, 0, said)
                self.assertTrue(self.find(BOB, subject), subject)
                filed = self.sent(subject)
                self.assertEqual([m["seen"] for m in filed], [True])
                raw = self.postern.raw(filed[0]["id"], ALICE)
                self.assertRegex(raw, rb"with ESMTPSA\s+\(TLSv1\.3\)\s+id")

    def test_curl_by_each_way_it_knows(self):
        for scheme, port in (("smtp", self.postern.submission_port), ("smtps", self.postern.submissions_port)):
            for method in ("PLAIN", "LOGIN"):
                subject = f"curl {method} {scheme}"
                with tempfile.NamedTemporaryFile("w") as upload:
                    upload.write(f"From: {ALICE}\nBcc: {BOB}\nSubject: {subject}\n\nHello.\n")
                    upload.flush()
                    code, said = run("curl", "--silent", "--show-error", "--ssl-reqd", "--insecure", "--crlf",
                                     f"{scheme}://127.0.0.1:{port}/client.test", "--user", f"{ALICE}:{PASSWORD}",
                                     "--login-options", f"AUTH={method}", "--mail-from", ALICE, "--mail-rcpt", BOB,
                                     "--upload-file", upload.name)
                self.assertEqual(code, 0, said)
                received = self.find(BOB, subject)
                raw = self.postern.raw(received["id"], BOB)
                self.assertNotIn(b"Bcc:", raw)
                self.assertRegex(raw, rb"\r\nMessage-ID: <[^@]+@example\.test>\r\n")
                self.assertRegex(raw, rb"\r\nDate: ")

    def test_gsasl_proves_an_app_password_without_showing_it(self):
        app_password = self.postern.json_command("app-password", "add", ALICE, "gsasl")["password"]
        for mechanism, options in (("SCRAM-SHA-256", ("--no-cb",)), ("SCRAM-SHA-256-PLUS", ()), ("PLAIN", ()), ("LOGIN", ())):
            def attempt(password):
                return run("gsasl", "--smtp", "--connect", f"127.0.0.1:{self.postern.submission_port}",
                           "--x509-ca-file=", "--mechanism", mechanism, "--authentication-id", ALICE, "--password", password,
                           *options)
            code, said = attempt(app_password)
            self.assertEqual(code, 0, said)
            self.assertIn("235 2.7.0", said)
            code, said = attempt(app_password[:-1] + ("x" if app_password[-1] != "x" else "y"))
            self.assertNotEqual(code, 0, said)
            self.assertIn("535 5.7.8", said)
        self.postern.command("app-password", "remove", ALICE, "gsasl")

    def test_a_password_is_not_taken_in_the_clear(self):
        with smtplib.SMTP("127.0.0.1", self.postern.submission_port, local_hostname="client.test", timeout=PATIENCE) as client:
            client.ehlo()
            self.assertFalse(client.has_extn("auth"))
            self.assertTrue(client.has_extn("starttls"))
            self.assertEqual(client.docmd("AUTH", "PLAIN AGEAYg==")[0], 538)
            self.assertEqual(client.docmd("MAIL", f"FROM:<{ALICE}>"), (530, b"5.7.0 Send STARTTLS first"))

    def test_a_wrong_password_is_refused_and_logged_without_it(self):
        client = self.client()
        with self.assertRaises(smtplib.SMTPAuthenticationError) as refused:
            client.login(BOB, "wrong-secret-word")
        self.assertEqual(refused.exception.smtp_code, 535)
        failed = self.postern.next_event("login_failed")
        self.assertEqual((failed["account"], failed["client"]), (BOB, "127.0.0.1"))
        self.assertNotIn("wrong-secret-word", "".join(self.postern.log_lines))

    def test_nobody_sends_in_anothers_name(self):
        client = self.signed_in()
        self.assertEqual(client.docmd("MAIL", f"FROM:<{BOB}>"), (550, b"5.7.1 This sender address is not yours"))
        self.assertEqual(client.docmd("MAIL", "FROM:<alice+list@example.test>")[0], 250)
        self.assertEqual(client.docmd("RCPT", f"TO:<{BOB}>")[0], 250)
        code, text = client.data(f"From: {BOB}\r\nSubject: forged\r\n\r\nx\r\n")
        self.assertEqual(code, 550, text)
        self.assertIsNone(self.find(BOB, "forged"))
        self.assertEqual(self.sent("forged"), [])

    def test_what_goes_elsewhere_is_queued_with_the_sent_copy(self):
        client = self.signed_in()
        client.docmd("MAIL", f"FROM:<{ALICE}>")
        self.assertEqual(client.docmd("RCPT", "TO:<carol@elsewhere.test>")[0], 250)
        self.assertEqual(client.docmd("RCPT", f"TO:<{BOB}>")[0], 250)
        code, text = client.data(f"From: {ALICE}\r\nSubject: to everybody\r\n\r\nx\r\n")
        self.assertEqual(code, 250, text)
        shown = self.postern.json_command("message", "show", re.search(rb"(\d+) accepted", text)[1].decode())
        kinds = {(e["kind"], e["recipient"]) for e in shown["events"]}
        self.assertLessEqual({("received", ""), ("queued", "carol@elsewhere.test"), ("delivered", BOB)}, kinds)
        self.assertEqual(sorted((p["account"], p["mailbox"]) for p in shown["mailboxes"]), [(ALICE, "Sent"), (BOB, "Inbox")])
        received = next(e for e in shown["events"] if e["kind"] == "received")
        self.assertEqual((received["detail"]["account"], received["detail"]["tls"]), (ALICE, "TLSv1.3"))
