"""Who gets mail for an address, and that nobody gets any through us."""

import unittest

from case import MailCase, message
from databases import on_both_databases


@on_both_databases
class Addresses(MailCase):
    accounts = ("alice@example.test", "bob@example.test", "off@example.test")

    @classmethod
    def prepare(cls):
        run = cls.postern.command
        run("domain", "add", "bücher.test")
        run("domain", "add", "second.test")
        run("alias", "add", "team@example.test", "alice@example.test", "bob@example.test")
        run("alias", "add", "half@example.test", "bob@example.test", "off@example.test")
        run("alias", "add", "@second.test", "bob@example.test")
        run("account", "disable", "off@example.test")
        cls.postern.add_account("jürgen@bücher.test")

    def rcpt(self, path, mail_parameters=""):
        """The reply to one RCPT."""
        with self.postern.smtp() as client:
            client.command_encoding = "utf-8"
            code, text = client.docmd("MAIL", "FROM:<sender@elsewhere.test>" + mail_parameters)
            self.assertEqual(code, 250, text)
            return client.docmd("RCPT", f"TO:{path}")

    def test_every_spelling_finds_its_accounts(self):
        cases = [
            # address                       who gets it
            ("ALICE@Example.TEST", ["alice"]),
            ('"alice"@example.test', ["alice"]),
            ("alice+lists@example.test", ["alice"]),  # RFC 5233
            ("alice+a+b@example.test", ["alice"]),
            ("team@example.test", ["alice", "bob"]),
            ("Team+tag@example.test", ["alice", "bob"]),
            ("half@example.test", ["bob"]),  # the disabled half is left out
            ("anybody@second.test", ["bob"]),  # catch-all
            ("postmaster@example.test", ["alice"]),  # the oldest account that can sign in
            ("Postmaster@second.test", ["alice"]),  # before the catch-all
            ("abuse@example.test", ["alice"]),
            ("postmaster", ["alice"]),
        ]
        for number, (address, accounts) in enumerate(cases):
            with self.subTest(address):
                subject = f"spelling {number}"
                self.postern.send(address, message(subject))
                for name in ("alice", "bob"):
                    found = self.find(f"{name}@example.test", subject)
                    self.assertEqual(found is not None, name in accounts, name)

    def test_a_message_for_many_is_stored_once_and_each_account_gets_it_once(self):
        everyone = ["alice@example.test", "team@example.test", "alice+x@example.test", "bob@example.test"]
        accepted = self.postern.send(everyone, message("for many"))
        shown = self.postern.json_command("message", "show", accepted)
        self.assertEqual(shown["recipients"], everyone)
        self.assertEqual(sorted(p["account"] for p in shown["mailboxes"]), ["alice@example.test", "bob@example.test"])

    def test_an_international_address_is_taken_in_both_forms_of_its_domain(self):
        for number, domain in enumerate(("bücher.test", "BÜCHER.test", "xn--bcher-kva.test")):
            with self.subTest(domain), self.postern.smtp() as client:
                client.command_encoding = "utf-8"
                self.assertEqual(client.docmd("MAIL", "FROM:<absender@bücher.test> SMTPUTF8")[0], 250)
                code, text = client.docmd("RCPT", f"TO:<JÜRGEN@{domain}>")
                self.assertEqual(code, 250, text)
                code, text = client.data(f"From: Jürgen <jürgen@bücher.test>\r\nSubject: Grüße {number}\r\n\r\nÄ\r\n".encode())
                self.assertEqual(code, 250, text)
                found = self.find("jürgen@bücher.test", f"Grüße {number}")
                self.assertEqual(found["from"], {"name": "Jürgen", "address": "jürgen@bücher.test"})

    def test_an_international_address_needs_smtputf8(self):
        code, text = self.rcpt("<jürgen@bücher.test>")
        self.assertEqual((code, text[:5]), (553, b"5.6.7"))

    def test_refusals_say_why(self):
        for address, code, status in [
            ("nobody@example.test", 550, b"5.1.1"),
            ("off@example.test", 550, b"5.2.1"),
            ("off+tag@example.test", 550, b"5.2.1"),
        ]:
            with self.subTest(address):
                given, text = self.rcpt(f"<{address}>")
                self.assertEqual((given, text[:5]), (code, status))

    def test_nothing_is_relayed_however_it_is_spelled(self):
        for path in [
            "<victim@elsewhere.test>",
            "<VICTIM@ELSEWHERE.TEST>",
            "<victim@elsewhere.test.>",
            "<victim@sub.example.test>",
            "<victim@example.test.elsewhere.test>",
            '<"victim"@elsewhere.test>',
            "<victim%elsewhere.test@example.test>",
            "<victim%elsewhere.test@second.test>",  # a catch-all must not swallow it
            "<elsewhere.test!victim@example.test>",
            "<elsewhere.test!victim@second.test>",
            '<"victim@elsewhere.test"@example.test>',
            '<"victim@elsewhere.test"@second.test>',
            '<"victim\\@elsewhere.test"@second.test>',
            "<@example.test:victim@elsewhere.test>",
            "<@second.test,@example.test:victim@elsewhere.test>",
            "<victim@[127.0.0.1]>",
            "<victim@[IPv6:::1]>",
            "<alice@[127.0.0.1]>",
        ]:
            with self.subTest(path):
                code, text = self.rcpt(path)
                self.assertEqual((code, text[:5]), (550, b"5.7.1"), text)
        with self.subTest("pretending to be local"), self.postern.smtp() as client:
            self.assertEqual(client.docmd("MAIL", "FROM:<alice@example.test>")[0], 250)
            self.assertEqual(client.docmd("RCPT", "TO:<victim@elsewhere.test>")[0], 550)


if __name__ == "__main__":
    unittest.main()
