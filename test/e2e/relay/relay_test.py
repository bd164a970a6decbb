"""Where mail goes: by MX, by addresses, past hosts that are not there, over TLS, through a smarthost."""

from mail_host import DROP, plain
from postern_process import eventually
from databases import on_both_databases
from world import ALICE, RelayCase, server_context


@on_both_databases
class Relay(RelayCase):
    def test_a_message_goes_where_dns_says_and_its_every_step_is_told(self):
        one, two = self.host(1), self.host(2)
        text = "Subject: dots\r\n\r\n.\r\n..two\r\nend\r\n"
        sent = self.submit(["bob@one.test", "carol@one.test", "dave@two.test", "erin@alias.test", "frank@self.test"], text)
        self.emptied()
        eventually(lambda: len(one.messages) == 3 and len(two.messages) == 1, "all messages")
        together = [m for m in one.messages if len(m.recipients) == 2]
        self.assertEqual([plain(m.recipients) for m in together], [["bob@one.test", "carol@one.test"]])
        self.assertEqual(together[0].sender, ALICE)
        self.assertTrue(together[0].octets.startswith(b"Received: from "))
        self.assertTrue(together[0].octets.endswith(b"\r\n\r\n.\r\n..two\r\nend\r\n"))
        events = self.events(sent)
        self.assertEqual(events[0], ("received", ""))
        for recipient in ("bob@one.test", "carol@one.test", "dave@two.test", "erin@alias.test", "frank@self.test"):
            self.assertIn(("queued", recipient), events)
            self.assertIn(("relayed", recipient), events)
        detail = self.details(sent, "relayed")[0]
        self.assertEqual(detail["reply"], "250 taken")
        self.assertIn(detail["host"], ("mx1.test", "mx2.test", "self.test", "one.test"))
        self.assertIn("127.0.0.", detail["address"])
        self.assertIn("seconds", detail)
        self.assertIn("relayed", self.postern.command("message", "show", sent))
        of_owner = self.postern.json(f"/messages/{sent}/events", ALICE)["events"]
        self.assertEqual([(e["kind"], e["recipient"] or "") for e in of_owner], events)

    def test_the_next_host_takes_what_the_first_does_not(self):
        for stage in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."):
            for answer in ("451 4.3.0 later", DROP):
                if (stage, answer) == (".", DROP):
                    continue  # it may have been taken
                with self.subTest(stage=stage, answer=answer), self.host(1) as one, self.host(2) as two:
                    one.always[stage] = answer
                    self.submit("bob@both.test")
                    self.emptied()
                    self.assertEqual(len(two.messages), 1)
                    self.assertEqual(one.messages, [])

    def test_a_host_that_is_not_there_is_passed_over(self):
        two = self.host(2)
        self.submit("bob@both.test")
        self.emptied()
        self.assertEqual(len(two.messages), 1)

    def test_tls_is_used_where_it_is_offered_and_left_where_it_is_broken(self):
        good, broken = self.host(1, context=server_context()), self.host(2, context="broken")
        sent = self.submit(["bob@one.test", "carol@two.test"])
        self.emptied()
        self.assertEqual([m.tls for m in good.messages], ["TLSv1.3"])
        self.assertEqual([m.tls for m in broken.messages], [""])
        self.assertEqual(broken.connections, 2)
        self.assertEqual({(d["host"], d.get("tls")) for d in self.details(sent, "relayed")},
                         {("mx1.test", "TLSv1.3"), ("mx2.test", None)})

    def test_dsn_parameters_are_passed_on(self):
        one = self.host(1, "DSN")
        self.submit("bob@one.test", options=["RET=HDRS", "ENVID=QQ+2B1"],
                    rcpt_options=["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;bob+2Btag@one.test"])
        self.emptied()
        self.assertEqual(one.messages[0].recipients,
                         ["<bob@one.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;bob+2Btag@one.test"])
        self.assertEqual(self.postern.inbox(ALICE), [])

    def test_what_dns_says(self):
        shown = self.postern.json_command("dns", "lookup", "mx", "both.test")
        self.assertEqual((shown["status"], shown["records"]), ("found", ["10 mx1.test.", "20 mx2.test."]))
        self.assertEqual(self.postern.json_command("dns", "lookup", "mx", "no.test")["status"], "no such name")
        self.assertEqual(self.postern.json_command("dns", "lookup", "aaaa", "mx1.test")["status"], "no data")
        self.assertIn("127.0.0.2", self.postern.command("dns", "lookup", "A", "mx1.test"))


@on_both_databases
class Routes(RelayCase):
    def setUp(self):
        super().setUp()
        self.postern.stop()
        self.smart, self.fixed = self.host(1, "AUTH PLAIN"), self.host(2)
        self.postern.set(relay__host="127.0.0.2", relay__routes=f"fixed.test=127.0.0.3:{self.port}", relay__user="us",
                         relay__password="secret")
        self.postern.start()

    def test_a_smarthost_gets_everything_but_what_has_a_route_of_its_own(self):
        self.submit(["bob@one.test", "carol@no-such.test", "dave@fixed.test"])
        self.emptied()
        self.assertEqual([plain(m.recipients) for m in self.smart.messages], [["bob@one.test", "carol@no-such.test"]])
        self.assertEqual([plain(m.recipients) for m in self.fixed.messages], [["dave@fixed.test"]])
        self.assertEqual(self.smart.logins, ["AHVzAHNlY3JldA=="])  # "\0us\0secret"
        self.assertEqual(self.fixed.logins, [])
