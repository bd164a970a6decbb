"""A Postern that relays, a name server, and hosts on the loopback network that it leads to."""

import contextlib
import smtplib
import ssl
import subprocess
import tempfile
import unittest

from mail_host import MailHost
from name_server import NameServer, free_port
from postern_process import PATIENCE, Postern, eventually

ALICE = "alice@example.test"


class RelayCase(unittest.TestCase):
    """Each test has its own server and hosts: host(1), host(2), ... at 127.0.0.2, 127.0.0.3, ..., all on one port. The domains
    one.test, two.test and three.test have the mail hosts 1, 2 and 3; both.test has 1 before 2; none.test takes no mail
    (RFC 7505); self.test has no MX and is host 1 itself; lame.test has a host that does not exist. `settings`: of Postern."""

    database = None  # set by on_both_databases
    settings = {}
    retry = "300ms, 1s"
    records = ("one MX 10 mx1", "two MX 10 mx2", "three MX 10 mx3", "both MX 10 mx1", "both MX 20 mx2", "none MX 0 .",
               "self A 127.0.0.2", "lame MX 10 nowhere", "mx1 A 127.0.0.2", "mx2 A 127.0.0.3", "mx3 A 127.0.0.4",
               "alias CNAME one")

    def setUp(self):
        self._stack = contextlib.ExitStack()
        self.addCleanup(self._stack.close)
        self.port = free_port("127.0.0.2")
        names = self._stack.enter_context(NameServer(self.records))
        self.postern = Postern(self._stack.enter_context(self.database()), dns__servers=f"127.0.0.1:{names.port}",
                               relay__port=self.port, queue__retry=self.retry, **self.settings)
        self._stack.enter_context(self.postern)
        self.postern.add_account(ALICE, "correct horse battery", "--admin")
        self.postern.start()

    def host(self, number, *extensions, context=None):
        return self._stack.enter_context(MailHost(f"127.0.0.{number + 1}", self.port, *extensions, context=context))

    def submit(self, recipients, text="Subject: hello\r\n\r\nHello.\r\n", sender=ALICE, options=(), rcpt_options=()):
        """Hands a message in as a mail program does; returns its id."""
        with submission(self.postern) as client:
            client.mail(sender, options)
            for recipient in [recipients] if isinstance(recipients, str) else recipients:
                code, said = client.rcpt(recipient, rcpt_options)
                self.assertEqual(code, 250, said)
            code, said = client.data(text)
            self.assertEqual(code, 250, said)
            return said.split()[1].decode()

    def queue(self, *filters):
        """As the command line tells of it, whether or not a server runs."""
        return self.postern.json_command("queue", "list", *filters)["items"]

    def waiting(self):
        """As the server tells of it, which is to be asked where somebody waits: it takes no process each time."""
        return self.postern.json("/admin/queue", ALICE)["items"]

    def emptied(self):
        eventually(lambda: not self.waiting(), "an empty queue")

    def events(self, message):
        """(kind, recipient) of each step of a message, in order."""
        return [(e["kind"], e["recipient"]) for e in self.trace(message)]

    def trace(self, message):
        return self.postern.json_command("message", "show", message)["events"]

    def details(self, message, kind):
        return [e["detail"] for e in self.trace(message) if e["kind"] == kind]

    def inbox(self, account=ALICE):
        """The messages of an account, newest first, in octets."""
        return [self.postern.raw(m["id"], account) for m in self.postern.inbox(account)]

    def bounce(self):
        """Alice's one bounce, as soon as it is there."""
        eventually(lambda: self.postern.inbox(ALICE), "a bounce")
        self.assertEqual(len(self.postern.inbox(ALICE)), 1)
        return self.inbox()[0].decode()


def submission(postern, account=ALICE, password="correct horse battery"):
    client = smtplib.SMTP("127.0.0.1", postern.submission_port, local_hostname="client.test", timeout=PATIENCE)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    client.starttls(context=context)
    client.ehlo()
    client.login(account, password)
    return client


def server_context(name="host.test"):
    """TLS with a certificate nobody knows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        certificate(folder, name)
        context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    return context


def certificate(folder, name):
    """cert.pem and key.pem in `folder`."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem"], check=True,
                   capture_output=True)
