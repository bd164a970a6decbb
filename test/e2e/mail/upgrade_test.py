"""A new server takes the place of the running one under load: nobody who connects is refused or reset, and nothing is lost.

Once it takes the sockets from the old server (`serve --take-over`), once both have them from whoever opened them before (systemd's
socket activation), who keeps them while no server runs.
"""

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from case import MailCase
from databases import on_both_databases
from postern_process import PATIENCE, Refused, eventually

# Puts the sockets where sd_listen_fds(3) looks for them, as systemd does between fork and exec.
ACTIVATE = """
import os, sys
count = int(sys.argv[1])
for at, descriptor in enumerate(sys.argv[2:2 + count]):
    os.dup2(int(descriptor), 100 + at)
for at in range(count):
    os.dup2(100 + at, 3 + at)
    os.close(100 + at)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(count))
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


class Callers:
    """Clients that connect again and again, for a message, a request or a greeting, and note every connection that came to nothing."""

    def __init__(self, smtp_port, http_port, imap_port, recipient):
        self._smtp = ("127.0.0.1", smtp_port)
        self._http = http_port
        self._imap = ("127.0.0.1", imap_port)
        self._recipient = recipient
        self._ending = False
        self._changed = threading.Condition()
        self.accepted = set()
        self.answered = 0
        self.greeted = 0  # by IMAP
        self.failures = []
        self._threads = [threading.Thread(target=self._mail, args=(n,), daemon=True) for n in range(4)]
        self._threads += [threading.Thread(target=self._ask, daemon=True) for _ in range(2)]
        self._threads += [threading.Thread(target=self._look, daemon=True)]

    def __enter__(self):
        for each in self._threads:
            each.start()
        return self

    def __exit__(self, *_):
        self._ending = True
        for each in self._threads:
            each.join(PATIENCE)

    def wait_for(self, mails, answers):
        """Until that many more of both went well."""
        with self._changed:
            mails += len(self.accepted)
            answers += self.answered
            done = self._changed.wait_for(lambda: len(self.accepted) >= mails and self.answered >= answers, PATIENCE)
        assert done, (len(self.accepted), self.answered, self.failures[:5])

    def _mail(self, client):
        number = 0
        while not self._ending:
            number += 1
            subject = f"upgrade-{client}-{number}"
            try:
                code = self._send(subject)
            except OSError as e:
                code = repr(e)
            with self._changed:
                if code == b"250":
                    self.accepted.add(subject)
                elif code != b"421":  # a session that was between two commands when its server was told to end
                    self.failures.append((subject, code))
                self._changed.notify_all()

    def _send(self, subject):
        """The code of the last reply; an exception when the connection could not be made or was reset."""
        with socket.create_connection(self._smtp, timeout=PATIENCE) as client, client.makefile("rb") as replies:
            code = self._reply(replies)
            message = f"Subject: {subject}\r\n\r\n{subject}\r\n.".encode()
            for line in (b"HELO client.test", b"MAIL FROM:<sender@elsewhere.test>", f"RCPT TO:<{self._recipient}>".encode(),
                         b"DATA", message, b"QUIT"):
                if code[:1] not in (b"2", b"3"):
                    return code
                last = code
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # then a 421 is there to be read
                    client.sendall(line + b"\r\n")
                code = self._reply(replies)
            return last if code in (b"221", b"421") else code

    @staticmethod
    def _reply(replies):
        line = replies.readline()
        if not line:
            raise ConnectionResetError("closed without a word")
        return line[:3]

    def _look(self):
        """At IMAP: a BYE is for who came to a server between the word that it is to end and the end of its sockets."""
        while not self._ending:
            try:
                with socket.create_connection(self._imap, timeout=PATIENCE) as client, client.makefile("rb") as answers:
                    said = answers.readline()
                    if said.startswith(b"* OK"):
                        self.greeted += 1
                        client.sendall(b"1 LOGOUT\r\n")
                        said = answers.readline()
            except OSError as e:
                said = repr(e).encode()
            if not said.startswith(b"* BYE"):
                with self._changed:
                    self.failures.append(("imap", said))
                    self._changed.notify_all()

    def _ask(self):
        while not self._ending:
            asking = http.client.HTTPConnection("127.0.0.1", self._http, timeout=PATIENCE)
            try:
                asking.request("GET", "/healthz")
                status = asking.getresponse().status
            except (OSError, http.client.HTTPException) as e:
                status = repr(e)
            finally:
                asking.close()
            with self._changed:
                if status == 200:
                    self.answered += 1
                else:
                    self.failures.append(("http", status))
                self._changed.notify_all()


class UpgradeCase(MailCase):
    def ports(self):
        return self.postern.smtp_port, int(self.postern.http.rsplit(":", 1)[1]), self.postern.imap_port

    def check(self, callers, recipient):
        self.assertEqual(callers.failures, [])
        self.assertGreater(callers.greeted, 10)
        found = eventually(lambda: {m["subject"] for m in self.postern.inbox(recipient)} >= callers.accepted,
                           "every accepted message")
        self.assertTrue(found)
        subjects = [m["subject"] for m in self.postern.inbox(recipient) if m["subject"].startswith("upgrade-")]
        self.assertEqual(len(subjects), len(set(subjects)), "delivered twice")


@on_both_databases
class TakeOver(UpgradeCase):
    def test_a_successor_takes_over_under_load(self):
        with Callers(*self.ports(), "alice@example.test") as callers:
            for _ in range(3):
                callers.wait_for(40, 20)
                self.postern.take_over()
            callers.wait_for(40, 20)
        self.check(callers, "alice@example.test")

    def test_a_transaction_of_the_old_server_is_ended_there(self):
        with socket.create_connection(("127.0.0.1", self.postern.smtp_port)) as client, client.makefile("rb") as replies:
            replies.readline()
            for line in (b"HELO client.test", b"MAIL FROM:<>", b"RCPT TO:<bob@example.test>", b"DATA"):
                client.sendall(line + b"\r\n")
                replies.readline()
            old = self.postern.take_over(wait=False)
            with self.postern.smtp():  # the new one serves
                self.assertIsNone(old.process.poll())
                client.sendall(b"Subject: slow\r\n\r\nslow\r\n.\r\n")
                self.assertTrue(replies.readline().startswith(b"250 2.0.0 "))
                self.assertTrue(replies.readline().startswith(b"421 "))
            old.join()
        self.assertTrue(self.find("bob@example.test", "slow"))

    def test_without_being_asked_nobody_takes_anything(self):
        with self.assertRaisesRegex(Refused, "Address already in use"):
            self.postern.command("serve")  # on the ports of the one that runs: take_over() has set them
        self.assertEqual(self.postern.get("/healthz")[0], 200)


@on_both_databases
class Activation(UpgradeCase):
    def test_sockets_that_somebody_keeps_are_never_closed(self):
        self.postern.stop()
        kept = []
        for name in ("smtp", "submission", "submissions", "imap", "imaps", "http"):
            opened = self.enterContext(socket.create_server(("127.0.0.1", 0), backlog=1000))
            kept.append(opened)
            self.postern.set(**{f"{name}__listen": f"127.0.0.1:{opened.getsockname()[1]}"})
        numbers = [str(s.fileno()) for s in kept]
        front = [sys.executable, "-c", ACTIVATE, str(len(kept)), *numbers]
        self.postern.start(front=front, pass_fds=[s.fileno() for s in kept])
        with Callers(*self.ports(), "alice@example.test") as callers:
            for _ in range(2):
                callers.wait_for(40, 20)
                self.postern.stop()
                self.postern.start(front=front, pass_fds=[s.fileno() for s in kept])
            callers.wait_for(40, 20)
        self.check(callers, "alice@example.test")


class NobodyBefore(unittest.TestCase):
    def test_to_take_over_from_nobody_is_refused(self):
        folder = self.enterContext(tempfile.TemporaryDirectory(prefix="postern-e2e-"))
        done = subprocess.run([os.environ["POSTERN_TEST_BINARY"], "serve", "--take-over", "--server.hostname=mx.example.test",
                               f"--server.data_dir={folder}/data",
                               "--smtp.listen=none", "--submission.listen=none", "--submissions.listen=none", "--imap.listen=none",
                               "--imaps.listen=none", "--http.listen=none"],
                              env={}, capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"no server to take over from answers at .*handover\.sock")


if __name__ == "__main__":
    unittest.main()
