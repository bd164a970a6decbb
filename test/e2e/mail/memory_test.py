"""Memory is bounded: a hundred large messages at once, as many octets as would fill it many times over.

The sanitizers' own memory counts, and the program people run has less: the bound is held with more to spare there.
"""

import hashlib
import threading
import unittest

from databases import on_both_databases
from postern_process import Postern, accepted_id, without_trace

CLIENTS = 100
SIZE = 25_000_000
PATIENCE = 800  # seconds
BOUND = 400 * 1000 * 1000
LINE = b"All work and no play makes Jack a dull boy. 0123456789 abcdefghijklm\r\n"


@on_both_databases
class Memory(unittest.TestCase):
    database = None

    def setUp(self):
        self.postern = self.enterContext(Postern(self.enterContext(self.database())))
        self.postern.add_account("alice@example.test")
        self.postern.start()
        self.body = memoryview(LINE * (SIZE // len(LINE)))  # the clients share it
        self.all_half_way = threading.Barrier(CLIENTS)
        self.ids = {}
        self.failures = []

    def head(self, client):
        return f"Subject: large {client}\r\n\r\n".encode()

    def send(self, client):
        try:
            with self.postern.smtp() as smtp:
                smtp.sock.settimeout(PATIENCE)
                smtp.docmd("MAIL", "FROM:<sender@elsewhere.test>")
                smtp.docmd("RCPT", "TO:<alice@example.test>")
                assert smtp.docmd("DATA")[0] == 354
                half = len(self.body) // 2
                smtp.sock.sendall(self.head(client))
                smtp.sock.sendall(self.body[:half])
                self.all_half_way.wait(PATIENCE)  # so that all of them are in the server at the same time
                smtp.sock.sendall(self.body[half:])
                smtp.sock.sendall(b".\r\n")
                self.ids[client] = accepted_id(smtp.getreply())
        except Exception as e:  # pylint: disable=broad-except
            self.all_half_way.abort()
            self.failures.append(e)

    def test_a_hundred_large_messages_at_once(self):
        threads = [threading.Thread(target=self.send, args=(n,), daemon=True) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.failures, [])
        self.assertEqual(len(self.postern.inbox("alice@example.test")), CLIENTS)
        for client in (0, CLIENTS - 1):
            raw = self.postern.raw(self.ids[client], "alice@example.test")
            kept = without_trace(raw)[1]
            self.assertEqual(hashlib.sha256(kept).digest(), hashlib.sha256(self.head(client) + self.body).digest())
        print(f"peak resident memory: {self.postern.peak_memory / 1e6:.0f} MB")
        self.assertLess(self.postern.peak_memory, BOUND)
        self.postern.stop()


if __name__ == "__main__":
    unittest.main()
