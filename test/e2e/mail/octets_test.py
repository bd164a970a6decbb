"""What is sent is what is kept, octet for octet; what could smuggle a second message in is refused."""

import unittest

from case import MailCase, message
from databases import on_both_databases
from postern_process import accepted_id, without_trace


@on_both_databases
class Octets(MailCase):
    settings = {"limits__memory_message_size": "64K"}  # so that messages here are spooled too

    def kept(self, accepted):
        return without_trace(self.postern.raw(accepted, "alice@example.test"))[1]

    def begin(self, client, parameters=""):
        self.assertEqual(client.docmd("MAIL", "FROM:<sender@elsewhere.test>" + parameters)[0], 250)
        self.assertEqual(client.docmd("RCPT", "TO:<alice@example.test>")[0], 250)

    def test_data_is_kept_as_it_came(self):
        for name, octets in {
            "dots": message("dots", b".\r\n..\r\n...\r\n.x\r\n\r\n.\r\n"),
            "8bit": message("8bit", bytes(range(0x80, 0x100)) + b"\r\n"),
            "long lines": message("long", b"x" * 998 + b"\r\n" + b"y" * 998 + b"\r\n"),
            "trailing white space": message("white", b"a \t \r\n \r\n\t\r\n"),
            "no header": b"\r\nbody only\r\n",
            "no body": b"Subject: head only\r\n",
            "own trace fields": message("trace", b"x\r\n", b"Received: from a by b; Mon, 1 Jan 2024 00:00:00 +0000"),
            "spooled": message("spooled", b"".join(b"%d .\r\n" % n for n in range(100_000))),
        }.items():
            with self.subTest(name):
                self.assertEqual(self.kept(self.postern.send("alice@example.test", octets)), octets)

    def test_bdat_in_any_mix_of_chunks_is_kept_as_it_came(self):
        octets = message("chunks", b".\r\nline\r\n.\r\n" * 10_000)
        for sizes in ([len(octets)], [1, 2, 3, len(octets) - 6], [70_000, len(octets) - 70_000, 0]):
            with self.subTest(sizes), self.postern.smtp() as client:
                self.begin(client)
                at, left = 0, len(sizes)
                for size in sizes:
                    left -= 1
                    client.send(b"BDAT %d%s\r\n" % (size, b"" if left else b" LAST") + octets[at:at + size])
                    reply = client.getreply()
                    self.assertEqual(reply[0], 250, reply)
                    at += size
                self.assertEqual(self.kept(accepted_id(reply)), octets)

    def test_binary_mime_takes_any_octets(self):
        octets = message("binary", bytes(range(256)) * 1000, b"Content-Transfer-Encoding: binary")
        with self.postern.smtp() as client:
            self.begin(client, " BODY=BINARYMIME")
            client.send(b"BDAT %d LAST\r\n" % len(octets) + octets)
            self.assertEqual(self.kept(accepted_id(client.getreply())), octets)

    def test_a_whole_pipelined_session_is_answered_in_order(self):
        with self.postern.smtp() as client:
            body = message("pipelined")
            client.send(b"MAIL FROM:<sender@elsewhere.test>\r\nRCPT TO:<nobody@example.test>\r\nRCPT TO:<alice@example.test>\r\n"
                        b"BDAT %d LAST\r\n%sMAIL FROM:<>\r\nRSET\r\nQUIT\r\n" % (len(body), body))
            self.assertEqual([client.getreply()[0] for _ in range(7)], [250, 550, 250, 250, 250, 250, 221])
            client.close()

    def test_no_bare_line_end_or_nul_gets_in_or_ends_a_message(self):
        smuggled = b"MAIL FROM:<smuggler@elsewhere.test>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nx\r\n.\r\n"
        for ending in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\x00\r\n.\r\x00\n"):
            with self.subTest(ending), self.postern.smtp() as client:
                self.begin(client)
                self.assertEqual(client.docmd("DATA")[0], 354)
                client.send(b"Subject: outer\r\n\r\nx" + ending + smuggled + b"QUIT\r\n")
                code, text = client.getreply()
                self.assertEqual((code, text[:5]), (550, b"5.6.0"))
                self.assertEqual(client.getreply()[0], 221)
                client.close()
        self.assertIsNone(self.find("alice@example.test", "smuggled"))
        self.assertIsNone(self.find("alice@example.test", "outer"))


if __name__ == "__main__":
    unittest.main()
