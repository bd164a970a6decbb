"""Thunderbird sends: Debian's own, with the settings of README's table."""

import contextlib
import pathlib
import random
import socket
import threading
import unittest

import databases
from mail_host import MailHost
from postern_process import Postern, eventually
from thunderbird import Thunderbird

ALICE, BOB, CARL = "alice@example.test", "bob@example.test", "carl@example.test"
PASSWORDS = {ALICE: "pässwörd—日本 😀", BOB: "correct horse", CARL: "correct horse"}
HOST = "mx.example.test"

# What the dialogs say.
UNTRUSTED = ("Send Message Error: Sending of the message failed.\nThe certificate is not trusted because it is self-signed.\n"
             f"The configuration related to {HOST} must be corrected.")
WRONG = f'Login to account "{HOST}" failed: Login to server {HOST} with username {CARL} failed.'
ASKS = "Password Required for Outgoing (SMTP) Server {0}: Enter your password for {1} on {0}:"
UNREACHABLE = f"connecting to Outgoing server (SMTP) {HOST} failed"

SENT = {"sent": True, "shown": []}  # and nothing said


def refused_for_now(port):
    """What comes of sending when the certificate is new to it: a reason, and an exception that is made with the next dialog."""
    exception = f"Add Security Exception: {HOST}:{port}: Unknown Identity: Confirm Security Exception"
    return {"sent": False, "shown": [UNTRUSTED, exception]}


class Cutter:
    """A way to a port that breaks when the first client has sent so many octets; those who come after it are let through."""

    def __init__(self, port, octets):
        self._to = ("127.0.0.1", port)
        self._left = octets
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._to)
                for source, sink, counts in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._forward, args=(source, sink, counts), daemon=True).start()

    def _forward(self, source, sink, counts):
        with contextlib.suppress(OSError), source, sink:
            while octets := source.recv(65536):
                if counts and self._left is not None:
                    self._left -= len(octets)
                    if self._left < 0:
                        self._left = None
                        for end in (source, sink):
                            end.shutdown(socket.SHUT_RDWR)
                        return
                sink.sendall(octets)


class ThunderbirdTest(unittest.TestCase):
    """One Thunderbird for all tests. Alice sends by what it found by itself; she has met the dialogs about the certificates."""

    @classmethod
    def setUpClass(cls):
        cls.elsewhere = cls.enterClassContext(MailHost("127.0.0.1", 0))
        cls.postern = cls.enterClassContext(Postern(cls.enterClassContext(databases.sqlite()), limits__message_size="8M",
                                                    relay__routes=f"elsewhere.test=127.0.0.1:{cls.elsewhere.port}"))
        for address, password in PASSWORDS.items():
            cls.postern.add_account(address, password)
        cls.postern.start()
        cls.thunderbird = cls.enterClassContext(Thunderbird(http_port=int(cls.postern.http.rpartition(":")[2])))
        cls.found = cls.thunderbird.do("findSettings", ALICE)
        cls.implicit, cls.starttls = ({**server, "name": "Alice Ä", "address": ALICE} for server in cls.found["outgoing"])
        cls.first_times = []
        cls.alice = {server["security"]: cls.meet(server) for server in (cls.implicit, cls.starttls)}

    @classmethod
    def tearDownClass(cls):
        cls.postern.stop()

    @classmethod
    def meet(cls, server):
        """An identity that sends by that server: its certificate is accepted and its password remembered."""
        identity = cls.thunderbird.do("addServer", server)
        cls.thunderbird.do("write", {"identity": identity, "to": BOB, "subject": "first", "text": "first"})
        cls.first_times.append((cls.thunderbird.do("send", {"dialogs": 2}),
                                cls.thunderbird.do("send", {"answers": [{"password": PASSWORDS[ALICE]}]})))
        return identity

    def setUp(self):
        self.addCleanup(self.thunderbird.do, "discard")

    def write(self, subject, to=BOB, identity=None, text="Hello.\n", **more):
        message = {"identity": identity or self.alice["STARTTLS"], "to": to, "subject": subject, "text": text}
        self.thunderbird.do("write", {**message, **more})

    def send(self, **expected):
        return self.thunderbird.do("send", expected)

    def hand_in(self, subject, **message):
        """Writes and sends what is to be accepted without a word."""
        self.write(subject, **message)
        self.assertEqual(self.send(), SENT)

    def turned_down(self, subject, **message):
        """The words for what is not accepted; what was written stays in the window."""
        self.write(subject, **message)
        answer = self.send()
        self.thunderbird.do("discard")
        self.assertFalse(answer["sent"], subject)
        self.assertEqual(len(answer["shown"]), 1, answer["shown"])
        return answer["shown"][0]

    def found_in(self, mailbox, account, subject):
        """The messages of that subject, whole."""
        listed = self.postern.json(f"/{mailbox}?limit=500", account)["messages"]
        return [self.postern.json(f"/messages/{m['id']}", account) for m in listed if m["subject"] == subject]

    def file(self, size):
        """A file of so many octets: its path and they."""
        octets = random.Random(size).randbytes(size)
        path = pathlib.Path(self.thunderbird.path(str(size)))
        path.write_bytes(octets)
        return str(path), octets

    def test_it_finds_the_servers(self):
        same = {"host": HOST, "method": "Normal password", "user": ALICE}
        self.assertEqual(self.found, {
            "incoming": [{**same, "type": "imap", "port": self.postern.imaps_port, "security": "SSL/TLS"},
                         {**same, "type": "imap", "port": self.postern.imap_port, "security": "STARTTLS"}],
            "outgoing": [{**same, "type": "smtp", "port": self.postern.submissions_port, "security": "SSL/TLS"},
                         {**same, "type": "smtp", "port": self.postern.submission_port, "security": "STARTTLS"}],
        })

    def test_it_asks_about_each_port_s_certificate_and_about_the_password_once(self):
        asks = ASKS.format(HOST, ALICE)
        self.assertEqual(self.first_times, [
            (refused_for_now(self.postern.submissions_port), {"sent": True, "shown": [asks]}),
            (refused_for_now(self.postern.submission_port), SENT)])

    def test_it_sends_by_both_ways(self):
        for security, identity in self.alice.items():
            subject, text = f"Grüße aus 東京 😀 {security}", "Schöne Grüße!\n.\n..dots\n"
            self.hand_in(subject, identity=identity, to=f"Bob Ö <{BOB}>", text=text)
            received, = self.found_in("inbox", BOB, subject)
            self.assertEqual((received["text"], received["from"], received["to"]),
                             (text, {"name": "Alice Ä", "address": ALICE}, [{"name": "Bob Ö", "address": BOB}]))
            self.assertEqual([e["kind"] for e in received["events"]], ["received", "delivered"])
            detail = received["events"][0]["detail"]
            self.assertEqual((detail["account"], detail["protocol"], detail["tls"]), (ALICE, "ESMTPSA", "TLSv1.3"))
            sent, = self.found_in("sent", ALICE, subject)
            self.assertTrue(sent["seen"])

    def test_a_file_arrives_as_it_is_and_bcc_is_nobodys_business(self):
        path, octets = self.file(5_000_000)
        self.hand_in("a file", bcc=CARL, file={"path": path, "name": "Größe 日本.bin"}, receipt=True)
        for mailbox, account in (("inbox", BOB), ("inbox", CARL), ("sent", ALICE)):
            message, = self.found_in(mailbox, account, "a file")
            attachment, = message["attachments"]
            self.assertEqual((attachment["filename"], attachment["size"]), ("Größe 日本.bin", len(octets)))
            status, body = self.postern.get(f"/api/v1/messages/{message['id']}/attachments/{attachment['id']}", account)
            self.assertEqual(status, 200)
            self.assertTrue(body == octets, "the file has changed on its way")
            names = [h["name"].lower() for h in message["headers"]]
            self.assertNotIn("bcc", names)
            self.assertIn("disposition-notification-to", names)

    def test_it_is_told_what_became_of_mail_if_it_asks(self):
        self.hand_in("how is it", to=f"{BOB}, dora@elsewhere.test", notification=True)
        asked, = self.found_in("sent", ALICE, "how is it")
        notices = eventually(lambda: self.postern.inbox(ALICE)[1:] and self.postern.inbox(ALICE), "two notices")
        self.assertCountEqual([n["subject"] for n in notices], ["Your message was delivered", "Your message was handed on"])
        for notice in notices:
            report = self.postern.raw(notice["id"], ALICE)
            self.assertIn(f"\r\nOriginal-Envelope-Id: <{asked['message_id']}>\r\n".encode(), report)
        taken, = self.elsewhere.messages
        self.assertEqual((taken.sender, taken.recipients), (ALICE, ["<dora@elsewhere.test>"]))

    def test_what_is_refused_stays_on_the_screen_with_the_reason(self):
        path, _ = self.file(6_500_000)
        other = self.thunderbird.do("addServer", {**self.starttls, "address": BOB})
        for subject, message, words in (
                ("to nobody", {"to": "nobody@example.test"}, "responded:\nNo such user here.\nPlease check the message"),
                ("in another's name", {"identity": other}, "responded: This sender address is not yours."),
                ("too large", {"file": {"path": path, "name": "large"}}, "responded:  Message is too large: at most 8 MB are taken.")):
            self.assertIn(words, self.turned_down(subject, **message))
            self.assertEqual(self.found_in("inbox", BOB, subject) + self.found_in("sent", ALICE, subject), [])

    def test_a_wrong_password_can_be_typed_again(self):
        identity = self.thunderbird.do("addServer", {**self.starttls, "user": CARL, "address": CARL, "name": "Carl"})
        self.write("from Carl", identity=identity)
        new_password = {"button": 2}
        answer = self.send(answers=[{"password": "wrong"}, new_password, {"password": PASSWORDS[CARL]}])
        self.assertEqual(answer, {"sent": True, "shown": [ASKS.format(HOST, CARL), WRONG, ASKS.format(HOST, CARL)]})
        self.assertEqual(len(self.found_in("inbox", BOB, "from Carl")), 1)

    def test_a_connection_that_breaks_in_a_message_loses_nothing(self):
        path, octets = self.file(2_000_000)
        with Cutter(self.postern.submission_port, 1_000_000) as cutter:
            identity = self.thunderbird.do("addServer", {**self.starttls, "port": cutter.port})
            self.write("broken off", identity=identity, file={"path": path, "name": "large"})
            self.assertEqual(self.send(dialogs=2), refused_for_now(cutter.port))
            self.assertFalse(self.send()["sent"])
            self.assertEqual(self.found_in("inbox", BOB, "broken off"), [])
            self.assertEqual(self.send(), SENT)
        received, = self.found_in("inbox", BOB, "broken off")
        self.assertEqual(received["attachments"][0]["size"], len(octets))

    def test_a_restart_between_two_messages_is_not_noticed(self):
        self.hand_in("before")
        self.postern.keep_ports()
        self.postern.stop()
        self.assertIn(UNREACHABLE, self.turned_down("meanwhile"))
        self.postern.start()
        self.hand_in("after")
        self.assertEqual([len(self.found_in("inbox", BOB, s)) for s in ("before", "meanwhile", "after")], [1, 0, 1])
