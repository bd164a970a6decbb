"""Clients that send all the time, whatever happens to the server, and keep account of what they were promised."""

import smtplib
import threading

from postern_process import PATIENCE, accepted_id


class Load:
    """`clients` threads, each sending message after message to `recipient`. A context manager: sends while it is entered.

    `accepted` maps each message's subject to the id in its 250; what was not answered so was promised to nobody.
    `deferred` counts the answers 451.
    """

    def __init__(self, postern, recipient, clients=8):
        self._postern = postern
        self._recipient = recipient
        self._changed = threading.Condition()
        self._ending = False
        self.accepted = {}
        self.deferred = 0
        self.surprises = []
        self._threads = [threading.Thread(target=self._send_all, args=(n,), daemon=True) for n in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self._ending = True
        for thread in self._threads:
            thread.join(PATIENCE)

    def wait_for_accepted(self, count):
        """Waits until that many more are accepted."""
        self._wait(lambda: len(self.accepted), count, "accepted")

    def wait_for_deferred(self, count):
        self._wait(lambda: self.deferred, count, "deferred")

    def _wait(self, number, count, what):
        with self._changed:
            goal = number() + count
            if not self._changed.wait_for(lambda: number() >= goal, PATIENCE):
                raise AssertionError(f"only {number()} of {goal} {what} in {PATIENCE} s")

    def body(self, subject):
        """Every seventh message is large enough to be spooled to a file."""
        lines = 20_000 if int(subject.rsplit("-", 1)[1]) % 7 == 0 else 20
        return f"Subject: {subject}\r\n\r\n".encode() + f"{subject}\r\n".encode() * lines

    def _send_all(self, client):
        number = 0
        while not self._ending:
            try:
                with self._postern.smtp() as smtp:
                    while not self._ending:
                        number += 1
                        self._send_one(smtp, f"load-{client}-{number}")
            except (OSError, smtplib.SMTPException):
                # The server is gone, or closed the session after many errors. Waiting lets a dead one come back.
                with self._changed:
                    self._changed.wait(0.02)

    def _send_one(self, smtp, subject):
        smtp.docmd("RSET")
        for verb, text in (("MAIL", "FROM:<sender@elsewhere.test>"), ("RCPT", f"TO:<{self._recipient}>")):
            code, said = smtp.docmd(verb, text)
            if code != 250:
                return self._refused(code, said)
        try:
            reply = smtp.data(self.body(subject))
        except smtplib.SMTPDataError as e:  # no 354
            return self._refused(e.smtp_code, e.smtp_error)
        if reply[0] != 250:
            return self._refused(*reply)
        with self._changed:
            self.accepted[subject] = accepted_id(reply)
            self._changed.notify_all()

    def _refused(self, code, said):
        with self._changed:
            if (code, said[:5]) == (451, b"4.3.0"):
                self.deferred += 1
            elif code not in (-1, 421):  # the end of a session
                self.surprises.append((code, said))
            self._changed.notify_all()
            self._changed.wait(0.02)
