"""What arrives can be found, also what arrived just before the server was killed, or in great number."""

import unittest
import urllib.parse

from case import MailCase, message
from databases import on_both_databases
from postern_process import eventually


@on_both_databases
class Search(MailCase):
    def found(self, q, account="alice@example.test"):
        return [m["subject"] for m in self.postern.json("/search?limit=500&q=" + urllib.parse.quote(q), account)["messages"]]

    def test_what_arrives_is_found_by_its_reader_alone(self):
        self.postern.send(["alice@example.test"], message("Lunch", "Im Café um zwölf.\r\n".encode()))
        self.postern.send(["bob@example.test"], message("Other lunch", b"cafe\r\n"))
        eventually(lambda: self.found("cafe"), "the message being found")
        self.assertEqual(self.found('"CAFE UM" from:sender is:unread'), ["Lunch"])
        self.assertEqual(self.found("lunch -zwolf"), [])
        eventually(lambda: self.found("cafe", "bob@example.test") == ["Other lunch"], "bob's being found")

    def test_what_was_not_indexed_when_the_server_was_killed_is_found_after_it_starts(self):
        for n in range(100):
            self.postern.send(["alice@example.test"], message(f"Killed {n}", b"unindexed\r\n"))
        self.postern.kill()
        self.postern.start()
        eventually(lambda: len(self.found("unindexed")) == 100, "all of them being found")


if __name__ == "__main__":
    unittest.main()
