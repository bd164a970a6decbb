"""A message is found by who sent it or was to have it, and one that is answered says so."""

import imaplib
import json
import ssl
import subprocess
import unittest

from case import MailCase, message
from databases import on_both_databases
from postern_process import PATIENCE, Refused, eventually

ALICE, BOB = "alice@example.test", "bob@example.test"
ANY_CERTIFICATE = ssl._create_unverified_context()


@on_both_databases
class Following(MailCase):
    @classmethod
    def prepare(cls):
        cls.postern.command("account", "admin", ALICE, "yes")

    def post(self, path, value, account=ALICE):
        said = subprocess.run(["curl", "--silent", "--fail-with-body", "--user", f"{account}:correct horse battery", "--json",
                               json.dumps(value), self.postern.http + "/api/v1" + path], capture_output=True, check=True)
        return json.loads(said.stdout)

    def traces(self, query):
        return self.postern.json("/admin/messages?" + query, ALICE)

    def test_by_sender_and_recipient_newest_first_page_by_page(self):
        sent = [self.postern.send([ALICE, BOB], message(f"n {n}"), "Shop@News.test") for n in range(5)]
        other = self.postern.send([BOB], message("other"), "else@news.test")
        self.assertEqual([m["id"] for m in self.traces("sender=sHOP@nEWS.test")["messages"]], sent[::-1])
        page = self.traces("sender=shop@news.test&limit=2")
        self.assertEqual([m["id"] for m in page["messages"]], sent[:2:-1])
        page = self.traces(f"sender=shop@news.test&limit=3&cursor={page['next_cursor']}")
        self.assertEqual([m["id"] for m in page["messages"]], sent[2::-1])
        self.assertIsNone(page["next_cursor"])
        self.assertEqual([m["id"] for m in self.traces(f"recipient={BOB.upper()}&limit=6")["messages"]], [other, *sent[::-1]])
        found = self.traces(f"recipient={BOB}&sender=else@news.test")["messages"]
        self.assertEqual([m["id"] for m in found], [other])
        self.assertEqual([e["kind"] for e in found[0]["events"]], ["received", "delivered"])
        self.assertEqual(self.traces(f"id={other}")["messages"], found)
        self.assertEqual(self.traces("recipient=nobody@news.test"), {"messages": [], "next_cursor": None})
        for wrong in ("", "?limit=5", f"?id={other}&sender=x", "?sender=x&cursor=y", "?sender=x&limit=0", "?id=x"):
            self.assertEqual(self.postern.get("/api/v1/admin/messages" + wrong, ALICE)[0], 400, wrong)
        self.assertEqual(self.postern.get("/api/v1/admin/messages?sender=x", BOB)[0], 403)

        listed = self.postern.json_command("message", "list", "--sender", "shop@news.test", "--limit", "2")["messages"]
        self.assertEqual([m["id"] for m in listed], sent[:2:-1])
        self.assertRegex(self.postern.command("message", "list", "--recipient", BOB, "--sender", "else@news.test"),
                         rf"(?m)^{other} +\S+ +<else@news.test> +<bob@example.test> +\d+ +delivered$")
        for wrong in ([], ["--sender", "x", "--limit", "0"], ["--sender", "x", "--limit", "many"]):
            with self.assertRaises(Refused):
                self.postern.command("message", "list", *wrong)

    def test_what_is_answered_says_so_however_the_answer_was_sent(self):
        for n in range(4):
            self.postern.send([ALICE], message(f"question {n}", b"?\r\n", f"Message-ID: <q{n}@news.test>".encode()))
        asked = [self.find(ALICE, f"question {n}") for n in range(4)]
        self.assertEqual([m["answered"] for m in asked], [False] * 4)
        self.post("/messages", {"to": [BOB], "text": "by number", "in_reply_to": asked[0]["id"]})
        eventually(lambda: self.find(ALICE, "question 0")["answered"], "an answer by number")
        draft = self.post("/drafts", {"to": [BOB], "text": "as a draft", "in_reply_to": asked[1]["id"]})
        self.assertFalse(self.find(ALICE, "question 1")["answered"])

        def threaded():
            mine = self.postern.json(f"/messages/{draft['id']}", ALICE)["thread"]
            return mine == self.postern.json(f"/messages/{asked[1]['id']}", ALICE)["thread"]

        eventually(threaded, "threads")
        self.post(f"/drafts/{draft['id']}/send", {})
        self.assertTrue(self.find(ALICE, "question 1")["answered"])
        self.post("/messages", {"to": [BOB], "text": "by Message-ID", "in_reply_to": "<q2@news.test>"})
        self.assertTrue(self.find(ALICE, "question 2")["answered"])
        self.post("/messages", {"to": [BOB], "text": "of another", "in_reply_to": "<q3@news.test>"}, BOB)
        self.assertFalse(self.find(ALICE, "question 3")["answered"])

    def test_the_server_says_what_it_shows_and_how_to_send_and_read(self):
        overview = self.postern.json("/admin/overview", ALICE)
        self.assertEqual(overview["sessions"]["http"], 1)
        with self.postern.smtp():
            self.assertEqual(self.postern.json("/admin/overview", ALICE)["sessions"]["smtp"], 1)
        self.assertEqual(overview["sessions"]["imap"], 0)
        with imaplib.IMAP4("127.0.0.1", self.postern.imap_port, timeout=PATIENCE), \
                imaplib.IMAP4_SSL("127.0.0.1", self.postern.imaps_port, timeout=PATIENCE, ssl_context=ANY_CERTIFICATE):
            self.assertEqual(self.postern.json("/admin/overview", ALICE)["sessions"]["imap"], 2)
        [certificate] = overview["certificates"]
        self.assertEqual(certificate["names"], ["mx.example.test"])
        self.assertIn("CN=mx.example.test", certificate["subject"])
        self.assertGreater(certificate["days_left"], 30)
        self.assertEqual(self.postern.json("/account", BOB)["submission"],
                         {"host": "mx.example.test", "starttls_port": self.postern.submission_port,
                          "tls_port": self.postern.submissions_port})
        self.assertEqual(self.postern.json("/account", BOB)["imap"],
                         {"host": "mx.example.test", "starttls_port": self.postern.imap_port, "tls_port": self.postern.imaps_port})


if __name__ == "__main__":
    unittest.main()
