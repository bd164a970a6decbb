"""What was answered 250 is there, whatever becomes of the process."""

import unittest

from case import MailCase
from databases import on_both_databases
from load import Load
from postern_process import without_trace


@on_both_databases
class Durability(MailCase):
    settings = {"limits__memory_message_size": "64K"}

    def test_kill_under_load_loses_nothing_that_was_accepted(self):
        for _ in range(2):  # the second time with a database that was left behind once already
            with Load(self.postern, "alice@example.test") as load:
                load.wait_for_accepted(150)
                self.postern.kill()
            self.assertEqual(load.surprises, [])
            self.postern.start()
            listed = self.postern.inbox("alice@example.test")
            subjects = [m["subject"] for m in listed]
            self.assertLessEqual(set(load.accepted), set(subjects), "accepted and lost")
            self.assertEqual(len(set(m["id"] for m in listed)), len(listed))
            inbox, = (b for b in self.postern.json("/account", "alice@example.test")["mailboxes"] if b["role"] == "inbox")
            self.assertEqual(inbox["total"], len(listed))
            for subject, accepted in list(load.accepted.items())[-40:]:
                kept = without_trace(self.postern.raw(accepted, "alice@example.test"))[1]
                self.assertEqual(kept, load.body(subject))

    def test_an_orderly_stop_under_load_loses_nothing_either(self):
        with Load(self.postern, "bob@example.test") as load:
            load.wait_for_accepted(100)
            self.postern.stop()
        self.assertEqual(load.surprises, [])
        self.postern.start()
        subjects = [m["subject"] for m in self.postern.inbox("bob@example.test")]
        self.assertEqual(sorted(load.accepted), sorted(subjects), "a stop in order stores what it answers, and no more")


if __name__ == "__main__":
    unittest.main()
