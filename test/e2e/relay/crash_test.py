"""kill -9 in the midst of it: nothing is lost, and twice comes only what the host has taken without our having written it down."""

import collections
import re
import threading

from postern_process import eventually
from databases import on_both_databases
from world import RelayCase, submission
from world import ALICE

MESSAGES = 500
SENDERS = 8


@on_both_databases
class Crash(RelayCase):
    settings = {"queue__lease": "2s", "submission__messages_per_hour": "100000", "submission__recipients_per_hour": "100000"}

    def test_nothing_is_lost_when_the_process_is_killed_while_it_receives_and_relays(self):
        host = self.host(1)
        acknowledged, left = set(), collections.deque(range(MESSAGES))
        guard = threading.Lock()

        def send():
            """Until all are sent or the server is gone. A message that was acknowledged is not sent again."""
            try:
                with submission(self.postern) as client:
                    while left:
                        with guard:
                            number = left.popleft()
                        try:
                            client.sendmail(ALICE, ["bob@one.test"], f"Subject: number {number}\r\n\r\nx\r\n")
                        except BaseException:
                            with guard:
                                left.append(number)
                            raise
                        with guard:
                            acknowledged.add(number)
            except (OSError, EOFError, IndexError):
                pass
            except Exception as e:  # smtplib's own: the connection is gone
                assert "onnection" in str(e) or "disconnect" in type(e).__name__.lower(), e

        def run_senders():
            threads = [threading.Thread(target=send) for _ in range(SENDERS)]
            for t in threads:
                t.start()
            return threads

        def arrived():
            return collections.Counter(int(re.search(rb"Subject: number (\d+)", m.octets)[1]) for m in list(host.messages))

        threads = run_senders()
        eventually(lambda: len(acknowledged) >= MESSAGES // 3 and len(host.messages) >= MESSAGES // 5, "the midst of it")
        self.postern.kill()
        for t in threads:
            t.join()
        before = arrived()
        known = set(acknowledged)
        self.postern.start()
        for t in run_senders():
            t.join()
        self.assertEqual(len(acknowledged), MESSAGES)
        self.emptied()
        after = arrived()
        self.assertEqual(set(range(MESSAGES)) - set(after), set(), "lost")
        twice = {n for n, count in after.items() if count > 1}
        # What was on its way or waiting for its commit at the kill: no more than connections and senders.
        self.assertLessEqual(len(twice), 20 + SENDERS, twice)
        self.assertLessEqual(twice, set(before) | (set(range(MESSAGES)) - known))
        self.assertLessEqual(max(after.values()), 2)

    def test_another_process_takes_over_what_a_dead_one_had_leased(self):
        host = self.host(1)
        host.always["CONNECT"] = "421 4.3.2 not yet"
        sent = self.submit("bob@one.test")
        eventually(lambda: host.connections, "an attempt")
        self.postern.kill()
        del host.always["CONNECT"]
        self.postern.start()
        self.emptied()
        self.assertEqual(len(host.messages), 1)
        self.assertEqual(self.events(sent)[-1], ("relayed", "bob@one.test"))
