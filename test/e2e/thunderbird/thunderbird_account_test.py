"""Thunderbird is given a name, an address and a password, and becomes that account's mail program: it finds the servers by itself."""

import itertools
import re
import unittest

import databases
from postern_process import Postern, eventually
from thunderbird import Thunderbird

ALICE, BOB = "alice@example.test", "bob@example.test"
PASSWORD = "pässwörd—日本 😀"
HOST = "mx.example.test"
BEFORE = "Grüße von früher 😀"
USES = {"Inbox": "INBOX", "SentMail": "Sent", "Drafts": "Drafts", "Junk": "Junk", "Trash": "Trash", "Archive": "Archive"}


def encoded(subject):
    return f"Subject: {subject}\r\nFrom: Bob Ö <{BOB}>\r\nTo: {ALICE}\r\n\r\n"


def exception(port):
    return f"Add Security Exception: {HOST}:{port}: Unknown Identity: Confirm Security Exception"


class ThunderbirdAccountTest(unittest.TestCase):
    """One account for all tests, with a message that was there before it."""

    @classmethod
    def setUpClass(cls):
        cls.postern = cls.enterClassContext(Postern(cls.enterClassContext(databases.sqlite())))
        for address in (ALICE, BOB):
            cls.postern.add_account(address, PASSWORD)
        cls.postern.start()
        cls.deliver(BEFORE)
        cls.thunderbird = cls.enterClassContext(Thunderbird(http_port=int(cls.postern.http.rpartition(":")[2])))
        cls.account = cls.thunderbird.do("addAccount", {"address": ALICE, "name": "Alice Ä", "password": PASSWORD})

    @classmethod
    def tearDownClass(cls):
        cls.postern.stop()

    @classmethod
    def deliver(cls, subject, body="Schöne Grüße!\r\n.\r\n"):
        with cls.postern.smtp() as client:
            client.sendmail("sender@elsewhere.test", [ALICE], (encoded(subject) + body).encode(),
                            mail_options=["SMTPUTF8", "BODY=8BITMIME"])

    def do(self, what, subject, use="Inbox", **more):
        return self.thunderbird.do(what, {"server": self.account["server"], "use": use, "subject": subject, **more})

    def receive(self, subject):
        self.deliver(subject)
        self.thunderbird.do("getMessages", {"server": self.account["server"]})
        self.do("see", subject)

    def listed(self, role):
        """What the server has in the mailbox of that role: messages by their subject."""
        mailbox, = [m for m in self.postern.json("/mailboxes", ALICE)["mailboxes"] if m["role"] == role]
        return {m["subject"]: m for m in self.postern.json(f"/mailboxes/{mailbox['id']}/messages?limit=500", ALICE)["messages"]}

    def test_it_asks_about_the_certificate_and_nothing_else(self):
        self.assertEqual(self.account["shown"], [exception(self.postern.imaps_port)])

    def test_mailboxes_are_what_they_are_for(self):
        self.assertEqual(self.thunderbird.do("foldersOf", {"server": self.account["server"], "uses": list(USES)}), USES)

    def test_what_was_there_is_there_to_the_octet(self):
        seen = self.do("see", BEFORE)
        self.assertIn("Bob Ö", seen["from"])
        self.assertEqual((seen["read"], seen["flagged"]), (False, False))
        raw = self.postern.raw(self.listed("inbox")[BEFORE]["id"], ALICE)
        fetched = self.do("fetch", BEFORE).encode("latin-1")
        self.assertEqual(re.sub(rb"\A(?:X-Mozilla-[^\n]*\n)*", b"", fetched), raw)  # it notes things in its own copy

    def test_new_mail_appears_by_itself(self):
        numbers = itertools.count()

        def comes():
            """What it is told of in the middle of an answer it looks at with the next news only: so there are more."""
            subject = f"by itself {next(numbers)}"
            self.deliver(subject)
            return self.do("comes", subject, within=5000)

        eventually(comes, "new mail")

    def test_what_is_marked_and_deleted_here_is_so_everywhere(self):
        self.receive("to be marked")
        self.do("mark", "to be marked")

        def marked():
            message = self.listed("inbox")["to be marked"]
            return message["seen"] and message["flagged"]

        eventually(marked, "the marks on the server")
        self.do("remove", "to be marked")
        eventually(lambda: "to be marked" in self.listed("trash") and "to be marked" not in self.listed("inbox"), "it in Trash")
        self.do("miss", "to be marked")

    def test_what_is_deleted_elsewhere_is_gone_here(self):
        self.receive("elsewhere")
        status, _ = self.postern.get(f"/api/v1/messages/{self.listed('inbox')['elsewhere']['id']}", ALICE, method="DELETE")
        self.assertIn(status, (200, 204))
        self.thunderbird.do("getMessages", {"server": self.account["server"]})
        self.do("miss", "elsewhere")

    def test_what_is_sent_is_in_sent(self):
        self.thunderbird.do("write", {"identity": self.account["identity"], "to": BOB, "subject": "sent from here", "text": "Hello.\n"})
        self.addCleanup(self.thunderbird.do, "discard")
        refused = self.thunderbird.do("send", {"dialogs": 2})  # the certificate, once more for this port
        self.assertEqual(refused["shown"][1:], [exception(self.postern.submissions_port)])
        self.assertEqual(self.thunderbird.do("send", {}), {"sent": True, "shown": []})
        eventually(lambda: "sent from here" in self.listed("sent"), "it in Sent")
        self.thunderbird.do("open", {"server": self.account["server"], "use": "SentMail"})
        self.do("see", "sent from here", "SentMail")


if __name__ == "__main__":
    unittest.main()
