"""The database goes away under load and comes back: 451 and 503 meanwhile, nothing lost, and the process lives on."""

import unittest

import databases
from load import Load
from postern_process import Postern, eventually


class Outage(unittest.TestCase):
    def setUp(self):
        self.cluster = databases.Cluster()
        self.addCleanup(self.cluster.remove)
        self.cluster.start()
        databases.migrate(self.cluster.url)
        self.postern = self.enterContext(Postern(self.cluster.url))
        self.postern.add_account("alice@example.test")
        self.postern.start()

    def status(self, path, account=None):
        return self.postern.get(path, account)[0]

    def test_service_is_deferred_while_the_database_is_down_and_goes_on_after(self):
        with Load(self.postern, "alice@example.test") as load:
            for mode in ("immediate", "fast"):  # as by a crash, and as by an administrator
                with self.subTest(mode):
                    load.wait_for_accepted(100)
                    self.cluster.stop(mode)
                    load.wait_for_deferred(20)
                    self.assertEqual(self.status("/healthz"), 200)
                    self.assertEqual(self.status("/readyz"), 503)
                    self.assertEqual(self.status("/api/v1/inbox", "alice@example.test"), 503)
                    self.cluster.start()
                    load.wait_for_accepted(100)
                    eventually(lambda: self.status("/readyz") == 200, "/readyz")
        self.assertEqual(load.surprises, [])
        subjects = set(m["subject"] for m in self.postern.inbox("alice@example.test"))
        self.assertLessEqual(set(load.accepted), subjects, "accepted and lost")
        self.postern.stop()

    def test_a_session_outlives_the_outage(self):
        with self.postern.smtp() as client:
            self.assertEqual(client.docmd("MAIL", "FROM:<sender@elsewhere.test>")[0], 250)
            self.cluster.stop()
            code, text = eventually(lambda: self.refused(client), "a refusal")
            self.assertEqual((code, text[:5]), (451, b"4.3.0"))
            self.cluster.start()
            eventually(lambda: self.status("/readyz") == 200, "/readyz")  # so that few refusals count as errors
            self.assertEqual(eventually(lambda: self.taken(client), "a recipient taken")[0], 250)
            self.assertEqual(client.data(b"Subject: after\r\n\r\nx\r\n")[0], 250)
        self.postern.stop()

    def refused(self, client):
        reply = client.docmd("RCPT", "TO:<alice@example.test>")
        return reply if reply[0] != 250 else None

    def taken(self, client):
        reply = client.docmd("RCPT", "TO:<alice@example.test>")
        return reply if reply[0] == 250 else None


if __name__ == "__main__":
    unittest.main()
