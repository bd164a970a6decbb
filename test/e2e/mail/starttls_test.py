"""TLS on the port where mail comes in, by the tools people have."""

import re
import subprocess

from case import MailCase
from databases import on_both_databases
from postern_process import PATIENCE


def run(*arguments, given=None):
    done = subprocess.run(arguments, input=given, check=False, text=True, errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=PATIENCE)
    return done.returncode, done.stdout


@on_both_databases
class StartTls(MailCase):
    def s_client(self, *options, given="QUIT\n"):
        return run("openssl", "s_client", "-starttls", "smtp", "-connect", f"127.0.0.1:{self.postern.smtp_port}", "-crlf",
                   "-ign_eof", "-brief", *options, given=given)

    def test_swaks_delivers_over_tls_and_the_message_says_so(self):
        code, said = run("swaks", "--server", f"127.0.0.1:{self.postern.smtp_port}", "--tls", "--helo", "client.test",
                         "--from", "sender@elsewhere.test", "--to", "alice@example.test", "--header", "Subject: over TLS")
        self.assertEqual(code, 0, said)
        self.assertIn("=== TLS started with cipher TLSv1.3:", said)
        listed = self.find("alice@example.test", "over TLS")
        raw = self.postern.raw(listed["id"], "alice@example.test")
        received = re.search(rb"Received: .*?(?=\r\n[^\t])", raw, re.S)[0]
        self.assertRegex(received, rb"with ESMTPS\s+\(TLSv1\.3\)\s+id \d+\s+for <alice@example\.test>\s+tls TLS_\w+;")
        accepted = re.search(r"250 2\.0\.0 (\d+) accepted", said)[1]
        shown = self.postern.json_command("message", "show", accepted)
        self.assertEqual(shown["events"][0]["detail"]["tls"], "TLSv1.3")

    def test_openssl_agrees_on_what_is_modern_and_on_nothing_else(self):
        for options, agreed in (((), "Protocol version: TLSv1.3"),
                                (("-tls1_2",), "Protocol version: TLSv1.2"),
                                (("-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305"), "Ciphersuite: ECDHE-ECDSA-CHACHA20"),
                                (("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256"), None),  # CBC
                                (("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"), None)):
            code, said = self.s_client(*options)
            if agreed:
                self.assertEqual(code, 0, said)
                self.assertIn(agreed, said)
                self.assertIn("221 2.0.0", said)
            else:
                self.assertNotEqual(code, 0, said)
                self.assertIn("alert", said)

    def test_the_certificate_is_for_the_servers_name(self):
        _, said = self.s_client("-servername", "mx.example.test")
        self.assertRegex(said, r"Peer certificate: CN = mx\.example\.test")
