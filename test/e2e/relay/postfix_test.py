"""Mail between Postern and what the world runs: a real Postfix, and its smtp-sink."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from postern_process import eventually
from postfix_server import Postfix
from databases import on_both_databases
from world import ALICE, RelayCase


@unittest.skipIf(os.geteuid() != 0, "Postfix runs as root only")
@on_both_databases
class RealPostfix(RelayCase):
    records = (*RelayCase.records, "postfix MX 10 mx.postfix", "mx.postfix A 127.0.0.9")

    def setUp(self):
        super().setUp()
        self.postfix = self._stack.enter_context(Postfix("127.0.0.9", self.port))

    def test_postfix_takes_a_message_octet_for_octet_over_tls(self):
        body = "Gr\u00fc\u00dfe\r\n.\r\n..\r\n" + "x" * 900 + "\r\n"
        text = "Subject: hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" \
               "Content-Transfer-Encoding: 8bit\r\n\r\n" + body
        sent = self.submit(["user@postfix.test", "other@postfix.test"], text.encode(), options=["BODY=8BITMIME"])
        self.emptied()
        for user in ("user", "other"):
            eventually(lambda user=user: self.postfix.mail(user), "the message in its Maildir")
            self.assertTrue(self.postfix.mail(user)[0].endswith(b"\n\n" + body.replace("\r\n", "\n").encode()))
        self.assertEqual({d["tls"] for d in self.details(sent, "relayed")}, {"TLSv1.3"})
        self.assertIn("queued as", self.details(sent, "relayed")[0]["reply"])

    def test_postfix_takes_over_the_notices_it_can_give(self):
        self.submit("user@postfix.test", rcpt_options=["NOTIFY=SUCCESS"])
        self.emptied()
        eventually(lambda: self.postfix.mail("user"), "the message in its Maildir")
        self.assertEqual(self.postern.inbox(ALICE), [])

    def test_postfix_refusing_a_recipient_is_told_in_its_own_words(self):
        self.submit(["user@postfix.test", "nobody@postfix.test"])
        self.emptied()
        bounce = self.bounce()
        self.assertIn("Final-Recipient: rfc822;nobody@postfix.test", bounce)
        self.assertIn("User unknown in virtual mailbox table", " ".join(bounce.split()))
        self.assertNotIn("Final-Recipient: rfc822;user@postfix.test", bounce)

    def test_many_messages_share_few_connections(self):
        for n in range(30):
            self.submit("user@postfix.test", f"Subject: {n}\r\n\r\nx\r\n")
        self.emptied()
        eventually(lambda: len(self.postfix.mail("user")) == 30, "all messages")
        self.assertLess(self.postfix.log().count(": connect from"), 30)


@on_both_databases
class Sink(RelayCase):
    def test_smtp_sink_takes_everything_by_each_way_it_can_be_told_to_offer(self):
        for options in ((), ("-8", "-p"), ("-e",)):
            with self.subTest(options=options), tempfile.TemporaryDirectory() as folder:
                os.chmod(folder, 0o777)
                whom = ("-u", "nobody") if os.geteuid() == 0 else ()
                # -D: a file per message; what it holds shows what came.
                sink = subprocess.Popen([os.environ["SMTP_SINK"], *whom, *options, "-D", f"{folder}/message.", f"127.0.0.2:{self.port}",
                                         "100"])
                try:
                    self.submit([f"user{n}@one.test" for n in range(20)])
                    self.emptied()
                    found = [f.read_text() for f in pathlib.Path(folder).rglob("*") if f.is_file()]
                    self.assertEqual(len(found), 1)
                    self.assertEqual(found[0].count("X-Rcpt-To:") or found[0].count("X-Rcpt-Args:"), 20, found[0][:2000])
                finally:
                    sink.terminate()
                    sink.wait()
