"""A server with mail accounts for each class of tests, on each database."""

import unittest

from postern_process import Postern


class MailCase(unittest.TestCase):
    """The server runs for the whole class with the accounts alice and bob; other tests' mail is told apart by its subject."""

    database = None  # set by on_both_databases
    accounts = ("alice@example.test", "bob@example.test")
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.postern = cls.enterClassContext(Postern(cls.enterClassContext(cls.database()), **cls.settings))
        for address in cls.accounts:
            cls.postern.add_account(address)
        cls.prepare()
        cls.postern.start()

    @classmethod
    def prepare(cls):
        """What a class wants made before the server starts."""

    @classmethod
    def tearDownClass(cls):
        cls.postern.stop()

    def find(self, account, subject):
        """The one message of that subject in the account's inbox; None when there is none."""
        found = [m for m in self.postern.inbox(account) if m["subject"] == subject]
        self.assertLessEqual(len(found), 1, f"{account} has it more than once")
        return found[0] if found else None


def message(subject, body=b"Hello.\r\n", *fields):
    """A small message in octets."""
    head = [b"From: Sender <sender@elsewhere.test>", b"To: alice@example.test", b"Subject: " + subject.encode(), *fields]
    return b"\r\n".join(head) + b"\r\n\r\n" + body
