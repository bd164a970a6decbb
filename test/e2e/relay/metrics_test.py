"""What /metrics says beside what happened: taken, refused, delivered, put off, given up, and the machine below."""

import imaplib
import pathlib
import re
import smtplib
import unittest

from databases import on_both_databases
from postern_process import PATIENCE, eventually
from world import ALICE, RelayCase


README = pathlib.Path(__file__).parents[3] / "README.md"


def figures(postern):
    """Every sample by its name with its labels: {'postern_refused_total{listener="smtp",reason="loop"}': 0.0}."""
    status, body = postern.get("/metrics")
    assert status == 200, body
    samples = {}
    for line in body.decode().splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            samples[name] = float(value)
    return samples


@on_both_databases
class Metrics(RelayCase):
    retry = "1h"

    def now(self, name):
        return figures(self.postern)[name]

    def becomes(self, name, value):
        eventually(lambda: self.now(name) == value, f"{name} {value}")

    def test_what_comes_in_is_counted_by_the_way_it_came(self):
        self.postern.add_account("bob@example.test")
        for _ in range(3):
            self.postern.send(["alice@example.test", "bob@example.test"], "Subject: in\r\n\r\n.\r\n")
        self.submit("bob@example.test")
        with self.postern.smtp() as client:
            client.mail("x@elsewhere.test")
            for refused in ("nobody@example.test", "nobody2@example.test", "far@away.test"):
                self.assertEqual(client.rcpt(refused)[0], 550)
            self.assertEqual(client.docmd("NONSENSE")[0], 500)
            self.assertEqual(self.now('postern_smtp_sessions{listener="smtp"}'), 1)
        self.becomes('postern_smtp_sessions{listener="smtp"}', 0)
        with imaplib.IMAP4("127.0.0.1", self.postern.imap_port, timeout=PATIENCE):
            self.assertEqual(self.now('postern_imap_sessions{listener="imap"}'), 1)
        self.becomes('postern_imap_sessions{listener="imap"}', 0)
        self.assertEqual(self.now('postern_imap_connections_total{listener="imap"}'), 1)
        seen = figures(self.postern)
        self.assertEqual(seen['postern_accepted_total{via="smtp"}'], 3)
        self.assertEqual(seen['postern_accepted_total{via="submission"}'], 1)
        self.assertEqual(seen['postern_accepted_total{via="http"}'], 0)
        self.assertEqual(seen['postern_delivered_total{to="local"}'], 3 * 2 + 1)  # a Sent copy is no delivery
        self.assertEqual(seen['postern_refused_total{listener="smtp",reason="unknown_user"}'], 2)
        self.assertEqual(seen['postern_refused_total{listener="smtp",reason="not_allowed"}'], 1)
        self.assertEqual(seen['postern_refused_total{listener="smtp",reason="protocol"}'], 1)
        self.assertEqual(seen['postern_smtp_connections_total{listener="smtp"}'], 3 + 1)
        with smtplib.SMTP("127.0.0.1", self.postern.submission_port) as client:
            client.ehlo()
            client.starttls()
            client.ehlo()
            with self.assertRaises(smtplib.SMTPAuthenticationError):
                client.login(ALICE, "wrong")
        self.assertGreaterEqual(self.now('postern_refused_total{listener="submission",reason="authentication"}'), 1)

    def test_what_goes_out_is_counted_by_what_became_of_it(self):
        one, two, three = self.host(1), self.host(2), self.host(3)
        two.always["RCPT"] = "550 5.1.1 nobody"
        three.always["RCPT"] = "451 4.2.1 later"
        self.submit(["bob@one.test", "carol@one.test", "dave@two.test", "erin@three.test"])
        self.becomes('postern_delivered_total{to="remote"}', 2)
        self.becomes('postern_bounced_total{reason="refused"}', 1)
        self.becomes("postern_deferred_total", 1)
        self.becomes('postern_delivered_total{to="local"}', 1)  # the notice
        self.becomes('postern_queue_recipients{state="waiting"}', 1)
        self.assertEqual(len(one.messages), 1)
        self.postern.command("queue", "hold", "--all")
        self.becomes('postern_queue_recipients{state="held"}', 1)
        seen = figures(self.postern)
        self.assertEqual(seen['postern_queue_recipients{state="waiting"}'], 0)
        self.assertGreater(seen["postern_queue_oldest_age_seconds"], 0)
        self.assertGreaterEqual(seen['postern_dns_queries_total{result="found",type="MX"}'], 3)
        self.submit("frank@one.test")
        self.becomes('postern_delivered_total{to="remote"}', 3)
        self.assertGreaterEqual(self.now("postern_dns_cache_hits_total"), 1)
        self.postern.command("queue", "remove", "--all")
        self.becomes('postern_queue_recipients{state="held"}', 0)
        self.becomes("postern_queue_oldest_age_seconds", 0)

    def test_the_machine_below_is_measured_and_nobody_is_named(self):
        self.postern.send("alice@example.test", "Subject: x\r\n\r\n.\r\n")
        eventually(lambda: self.now("postern_loop_lag_seconds_count") > 1, "loop lag")
        seen = figures(self.postern)
        self.assertGreaterEqual(seen['postern_commit_items_sum{lane="small"}'], 1)
        self.assertEqual(seen['postern_commit_items_count{lane="small"}'], seen['postern_commit_seconds_count{lane="small"}'])
        self.assertEqual(seen['postern_commit_failures_total{lane="small"}'], 0)
        self.assertGreaterEqual(seen["postern_http_connections"], 1)
        _, text = self.postern.get("/metrics")
        self.assertNotRegex(text.decode(), r"@|\.test|127\.0\.0")
        names = set(re.findall(r"^# TYPE (\S+)", text.decode(), re.MULTILINE))
        documented = set(re.findall(r"`(postern_\w+)", README.read_text()))
        self.assertEqual(names - documented, set(), "not in README")
        self.assertEqual(documented & {n for n in documented if n.endswith("_total")} - names, set(), "in README only")


if __name__ == "__main__":
    unittest.main()
