"""A mail server that does what a test tells it to.

Left alone it takes every message. `answers` holds other answers, in turn, by stage: "CONNECT" (the greeting), EHLO, STARTTLS,
MAIL, RCPT, DATA, "." (the end of the message). An answer is a reply without CRLF, or DROP: the connection is cut instead. `always`
is the same for every time.
"""

import collections
import contextlib
import dataclasses
import socket
import threading

DROP = "drop"


@dataclasses.dataclass
class Taken:
    """A message that was accepted."""
    sender: str
    recipients: list
    octets: bytes
    tls: str


class MailHost:
    def __init__(self, address, port, *extensions, context=None):
        """`context`: for STARTTLS, which is announced with it; "broken" announces it and then talks nonsense."""
        self.answers = collections.defaultdict(collections.deque)
        self.always = {}
        self.messages = []
        self.connections = 0
        self.logins = []  # the arguments of AUTH PLAIN
        self.stages = []  # every stage that was reached, by all connections
        self._extensions = ["PIPELINING", "8BITMIME", *extensions]
        self._context = context
        self._lock = threading.Lock()
        self._open = set()
        self._listener = socket.create_server((address, port), backlog=200)
        self.address, self.port = self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        conversation = Conversation(self, connection)
        try:
            conversation.run()
        except (OSError, EOFError):  # ssl.SSLError is an OSError
            pass
        finally:
            with self._lock:
                self._open.discard(connection)
            conversation.file.close()
            conversation.connection.close()

    def answer_to(self, stage, usual):
        with self._lock:
            self.stages.append(stage)
            if self.answers[stage]:
                return self.answers[stage].popleft()
            return self.always.get(stage, usual)


class Conversation:
    def __init__(self, host, connection):
        self.host, self.connection = host, connection
        self.file = connection.makefile("rb")
        self.tls = ""
        self.sender, self.recipients = None, []

    def run(self):
        self.answer("CONNECT", "220 host.test ESMTP")
        while True:
            line = self.file.readline(4096)
            if not line:
                return
            words = line.decode("utf-8", "replace").split(None, 1)
            verb = words[0].upper() if words else ""
            argument = words[1].strip() if len(words) > 1 else ""
            if verb == "QUIT":
                self.say("221 bye")
                return
            getattr(self, "on_" + verb.lower(), self.on_unknown)(argument)

    def say(self, text):
        self.connection.sendall(text.replace("\n", "\r\n").encode() + b"\r\n")

    def answer(self, stage, usual):
        """Says what the script has; whether it was a yes."""
        text = self.host.answer_to(stage, usual)
        if text == DROP:
            raise EOFError
        self.say(text)
        return text[0] in "23"

    def on_unknown(self, _):
        self.say("500 what")

    def on_ehlo(self, _):
        extensions = list(self.host._extensions)
        if self.host._context and not self.tls:
            extensions.append("STARTTLS")
        self.answer("EHLO", "\n".join(f"250-{line}" for line in ["host.test", *extensions[:-1]]) + f"\n250 {extensions[-1]}")

    def on_helo(self, _):
        self.answer("HELO", "250 host.test")

    def on_starttls(self, _):
        if not self.answer("STARTTLS", "220 go"):
            return
        if self.host._context == "broken":
            self.connection.sendall(b"this is not TLS\r\n")
            raise EOFError
        self.file.close()
        self.connection = self.host._context.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")
        self.tls = self.connection.version()

    def on_auth(self, argument):
        self.host.logins.append(argument.split()[1])
        self.say("235 2.7.0 welcome")

    def on_rset(self, _):
        self.sender, self.recipients = None, []
        self.say("250 ok")

    def on_mail(self, argument):
        if self.answer("MAIL", "250 ok"):
            self.sender, self.recipients = argument.split(":", 1)[1].split()[0].strip("<>"), []

    def on_rcpt(self, argument):
        if self.sender is None:
            self.say("503 no sender")
        elif self.answer("RCPT", "250 ok"):
            self.recipients.append(argument.split(":", 1)[1])

    def on_data(self, _):
        if not self.recipients:
            self.say("503 nobody")
            return
        if not self.answer("DATA", "354 go"):
            return
        octets = []
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                raise EOFError
            octets.append(line[1:] if line.startswith(b".") else line)
        taken = Taken(self.sender, self.recipients, b"".join(octets), self.tls)
        self.sender, self.recipients = None, []
        text = self.host.answer_to(".", "250 taken")
        # Counted before it is said: who reads the reply finds the message here.
        if text[0] == "2":
            with self.host._lock:
                self.host.messages.append(taken)
        if text == DROP:
            raise EOFError
        self.say(text)


def plain(recipients):
    """Without brackets and parameters."""
    return [r.split()[0].strip("<>") for r in recipients]
