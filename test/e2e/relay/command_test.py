"""The administrator's view of the queue, while the server runs and while it does not."""

from postern_process import Refused, eventually
from databases import on_both_databases
from world import ALICE, RelayCase


@on_both_databases
class Command(RelayCase):
    retry = "1h"

    def setUp(self):
        super().setUp()
        self.first, self.second = self.host(1), self.host(2)
        for host in (self.first, self.second):
            host.always["RCPT"] = "451 4.7.1 come back\x1b[2J later"
        self.one = self.submit(["bob@one.test", "carol@one.test"])
        self.two = self.submit("dave@two.test")
        eventually(lambda: len([i for i in self.waiting() if i["last_reply"]]) == 3, "three deferrals")
        for host in (self.first, self.second):
            host.always.clear()

    def changed(self, *words):
        return self.postern.json_command("queue", *words)["changed"]

    def test_what_waits_is_listed_and_shown(self):
        items = self.queue()
        self.assertEqual([i["recipient"] for i in items], ["bob@one.test", "carol@one.test", "dave@two.test"])
        self.assertEqual({i["state"] for i in items}, {"waiting"})
        self.assertEqual({i["attempts"] for i in items}, {1})
        self.assertEqual([i["recipient"] for i in self.queue("--domain", "TWO.test")], ["dave@two.test"])
        self.assertEqual(len(self.queue("--sender", ALICE)), 3)
        self.assertEqual(self.queue("--sender", "<>"), [])
        self.assertEqual(self.queue("--age", "1h"), [])
        self.assertEqual(self.queue("--state", "held"), [])
        shown = self.postern.json_command("queue", "show", self.one)["items"]
        self.assertEqual([i["recipient"] for i in shown], ["bob@one.test", "carol@one.test"])
        text = self.postern.command("queue", "list") + self.postern.command("queue", "show", items[0]["id"])
        self.assertIn("<carol@one.test>", text)
        self.assertIn("451 4.7.1 come back", text)
        self.assertNotIn("\x1b", text)

    def test_a_retry_goes_out_at_once(self):
        self.assertEqual(self.changed("retry", self.one), 2)
        eventually(lambda: self.first.messages, "the message")
        self.assertEqual(self.second.messages, [])
        self.assertEqual(self.changed("retry", "--domain", "two.test"), 1)
        self.emptied()

    def test_what_is_held_stays_until_it_is_released(self):
        self.assertEqual(self.changed("hold", "--all"), 3)
        self.assertEqual({i["state"] for i in self.queue()}, {"held"})
        self.assertEqual(self.changed("retry", "--all"), 0)
        self.assertEqual(self.changed("release", self.two), 1)
        eventually(lambda: self.second.messages, "the message")
        eventually(lambda: len(self.waiting()) == 2, "its end")
        self.assertEqual(self.first.messages, [])
        kinds = [k for k, _ in self.events(self.two)]
        self.assertEqual(kinds[kinds.index("held"):], ["held", "released", "relayed"])

    def test_what_is_given_up_goes_back_to_its_sender(self):
        self.assertEqual(self.changed("bounce", self.one), 2)
        bounce = self.bounce()
        for recipient in ("bob@one.test", "carol@one.test"):
            self.assertIn(f"Final-Recipient: rfc822;{recipient}", bounce)
        self.assertEqual(self.events(self.one)[-1], ("notified", ALICE))
        self.assertEqual([i["recipient"] for i in self.queue()], ["dave@two.test"])

    def test_what_is_removed_is_told_to_nobody(self):
        self.assertEqual(self.changed("remove", "--all"), 3)
        self.assertEqual(self.queue(), [])
        self.assertEqual(self.postern.inbox(ALICE), [])
        self.assertEqual(self.events(self.two)[-1], ("removed", "dave@two.test"))

    def test_without_saying_which_nothing_is_changed(self):
        for words, said in ((("hold",), "--all"), (("hold", "1", "--all"), "not both"), (("hold", "x"), "ids are numbers"),
                            (("hold", "999999999"), "nothing with the id"), (("list", "--age", "4"), "no unit"),
                            (("list", "--state", "lost"), "waiting or held")):
            with self.assertRaises(Refused) as refused:
                self.postern.command("queue", *words)
            self.assertIn(said, refused.exception.said)
        self.assertEqual({i["state"] for i in self.queue()}, {"waiting"})

    def test_the_queue_outlives_the_server(self):
        self.postern.stop()
        self.assertEqual(len(self.queue()), 3)
        self.assertEqual(self.changed("retry", "--all"), 3)
        self.postern.start()
        self.emptied()
        self.assertEqual((len(self.first.messages), len(self.second.messages)), (1, 1))
