"""What cannot be delivered: at once, for a while, for good, and what its sender is told."""

import email
import email.policy

from mail_host import DROP, plain
from postern_process import eventually
from databases import on_both_databases
from world import ALICE, RelayCase


def parts_of(bounce):
    """The message, and the fields of its delivery status: of the message, then of each recipient."""
    parsed = email.message_from_string(bounce, policy=email.policy.default)
    assert parsed.get_content_type() == "multipart/report", bounce
    text, status, returned = parsed.iter_parts()
    assert not parsed.defects and not status.defects
    return parsed, text.get_content(), [dict(block) for block in status.get_payload()], returned


@on_both_databases
class Failure(RelayCase):
    def test_one_bounce_tells_of_every_recipient_that_failed(self):
        one, two = self.host(1), self.host(2)
        one.answers["RCPT"].extend(["550 5.1.1 no bob here", "250 ok"])
        two.always["RCPT"] = "552-5.2.2 the mailbox\n552 5.2.2 is full"
        sent = self.submit(["bob@one.test", "carol@one.test", "dave@two.test", "erin@no-such.test", "frank@none.test"])
        self.emptied()
        parsed, text, (message, *recipients), returned = parts_of(self.bounce())
        self.assertEqual(parsed["To"].addresses[0].addr_spec, ALICE)
        self.assertEqual(parsed["Auto-Submitted"], "auto-replied")
        self.assertEqual(message["Reporting-MTA"], "dns; mx.example.test")
        told = {r["Final-Recipient"].split(";")[1]: r for r in recipients}
        self.assertEqual(set(told), {"bob@one.test", "dave@two.test", "erin@no-such.test", "frank@none.test"})
        self.assertEqual({r["Action"] for r in recipients}, {"failed"})
        self.assertEqual([told[r]["Status"] for r in ("bob@one.test", "dave@two.test", "erin@no-such.test", "frank@none.test")],
                         ["5.1.1", "5.2.2", "5.1.2", "5.1.10"])
        self.assertEqual(told["bob@one.test"]["Remote-MTA"], "dns; mx1.test")
        self.assertEqual(told["bob@one.test"]["Diagnostic-Code"], "smtp; 550 5.1.1 no bob here")
        self.assertIn("mailbox", told["dave@two.test"]["Diagnostic-Code"])
        self.assertNotIn("Remote-MTA", told["erin@no-such.test"])
        self.assertIn("Subject: hello", text)
        self.assertIn("carol@one.test", str(one.messages[0].recipients))
        self.assertEqual(returned.get_content_type(), "message/rfc822")
        self.assertEqual(self.events(sent)[-1], ("notified", ALICE))

    def test_greylisted_mail_is_tried_again(self):
        one = self.host(1)
        one.answers["RCPT"].extend(["451 4.7.1 greylisted"] * 2)
        sent = self.submit("bob@one.test")
        self.emptied()
        self.assertEqual(len(one.messages), 1)
        self.assertEqual([k for k, _ in self.events(sent)], ["received", "queued", "deferred", "deferred", "relayed"])
        self.assertEqual(self.details(sent, "deferred")[0]["reply"], "451 4.7.1 greylisted")
        self.assertEqual(self.postern.inbox(ALICE), [])

    def test_refusals_at_each_stage_are_final(self):
        for stage in ("MAIL", "RCPT", "DATA", "."):
            with self.subTest(stage=stage), self.host(1) as one:
                one.always[stage] = f"554 5.7.1 not at {stage}"
                sent = self.submit("bob@one.test")
                self.emptied()
                self.assertEqual(self.details(sent, "bounced")[0]["reply"], f"554 5.7.1 not at {stage}")
                self.assertEqual(one.messages, [])
                self.assertEqual(one.stages.count(stage), 1)

    def test_a_connection_cut_at_each_stage_is_tried_again(self):
        for stage in ("CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."):
            with self.subTest(stage=stage), self.host(1) as one:
                one.answers[stage].append(DROP)
                sent = self.submit("bob@one.test")
                self.emptied()
                self.assertEqual(len(one.messages), 1)
                self.assertEqual(len(self.details(sent, "deferred")), 1)

    def test_what_dns_cannot_say_is_no_refusal(self):
        sent = self.submit("bob@lame.test")
        eventually(lambda: self.details(sent, "deferred"), "a deferral")
        self.assertEqual(self.details(sent, "bounced"), [])
        self.assertEqual(self.queue()[0]["last_status"][0], "4")

    def test_a_dead_host_delays_nobody(self):
        two = self.host(2)
        for n in range(50):
            self.submit("bob@one.test", f"Subject: {n}\r\n\r\nx\r\n")
        self.submit("carol@two.test")
        eventually(lambda: two.messages, "the message to the host that lives")
        self.assertEqual(len(self.queue()), 50)
        one = self.host(1)
        self.emptied()
        self.assertEqual(len(one.messages), 50)

    def test_ret_and_notify_are_kept_to(self):
        one = self.host(1)
        one.always["RCPT"] = "550 5.1.1 no"
        self.submit("bob@one.test", options=["RET=HDRS", "ENVID=E+2B1"], rcpt_options=["ORCPT=rfc822;robert@old.test"])
        self.emptied()
        _, _, (message, recipient), returned = parts_of(self.bounce())
        self.assertEqual(message["Original-Envelope-Id"], "E+1")
        self.assertEqual(recipient["Original-Recipient"], "rfc822;robert@old.test")
        self.assertEqual(returned.get_content_type(), "text/rfc822-headers")
        silent = self.submit("bob@one.test", rcpt_options=["NOTIFY=NEVER"])
        self.emptied()
        self.assertEqual(self.events(silent)[-1], ("bounced", "bob@one.test"))
        self.assertEqual(len(self.postern.inbox(ALICE)), 1)

    def test_success_is_told_when_it_was_asked_for(self):
        self.host(1)
        self.postern.add_account("bob@example.test")
        self.submit(["carol@one.test", "bob@example.test"], rcpt_options=["NOTIFY=SUCCESS"])
        eventually(lambda: len(self.postern.inbox(ALICE)) == 2, "two notices")
        actions = {r["Final-Recipient"].split(";")[1]: r["Action"]
                   for bounce in self.inbox() for r in parts_of(bounce.decode())[2][1:]}
        self.assertEqual(actions, {"carol@one.test": "relayed", "bob@example.test": "delivered"})


@on_both_databases
class Expiry(RelayCase):
    retry = "200ms"
    settings = {"queue__expire": "3s", "queue__delay_notice": "1s"}

    def test_a_delay_is_told_and_then_the_end(self):
        one = self.host(1)
        one.always["RCPT"] = "451 4.2.1 the mailbox is busy"
        sent = self.submit("bob@one.test")
        self.emptied()
        eventually(lambda: len(self.postern.inbox(ALICE)) == 2, "two notices")
        actions = [parts_of(m.decode())[2][1]["Action"] for m in self.inbox()]
        self.assertEqual(actions, ["failed", "delayed"])
        self.assertEqual([k for k, _ in self.events(sent)][-2:], ["expired", "notified"])

    def test_a_bounce_that_cannot_be_delivered_is_the_end(self):
        one = self.host(1)
        one.always["RCPT"] = "550 5.1.1 no"
        with self.postern.smtp() as client:
            code, said = client.docmd("MAIL", "FROM:<someone@one.test>")
            self.assertEqual(code, 250, said)
            client.docmd("RCPT", f"TO:<{ALICE}>", )
            client.data("Subject: x\r\n\r\nx\r\n")
        self.assertEqual(self.queue(), [])
        self.assertEqual(plain([r for m in one.messages for r in m.recipients]), [])
