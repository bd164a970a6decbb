"""The server's start and end."""
import json
import os
import signal
import socket
import ssl
import subprocess
import urllib.request

from harness import BINARY, CliTest, clean_environment, on_both


class Server:
    """A running `postern serve` with its log as JSON."""

    def __init__(self, words):
        self.process = subprocess.Popen([BINARY, "serve", "--log.format=json", *words], stderr=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, env=clean_environment())
        self.lines = []

    def wait_for(self, event, **fields):
        """The next log line of this event and with these fields; earlier ones are kept in self.lines."""
        for text in self.process.stderr:
            try:
                line = json.loads(text)
            except ValueError:  # why it does not start, or a sanitizer's word
                raise AssertionError(text + self.process.stderr.read()) from None
            self.lines.append(line)
            if line["event"] == event and all(line.get(k) == v for k, v in fields.items()):
                return line
        raise AssertionError(f"{event} {fields} is not among {self.lines}")

    def end(self):
        """Its exit code and the rest of its log."""
        rest = self.process.stderr.read()
        self.process.stdout.close()
        self.process.stderr.close()
        return self.process.wait(timeout=180), rest

    def discard(self):
        if self.process.poll() is None:
            self.process.kill()
            self.end()


@on_both
class Serve:
    def setUp(self):
        super().setUp()
        self.options += ["--smtp.listen=127.0.0.1:0", "--submission.listen=127.0.0.1:0", "--submissions.listen=127.0.0.1:0",
                         "--imap.listen=127.0.0.1:0", "--imaps.listen=127.0.0.1:0", "--http.listen=127.0.0.1:0", "--limits.smtp_greeting_delay=0s"]

    def start(self, *words):
        server = Server([*self.options, *words])
        self.addCleanup(server.discard)
        self.smtp = int(server.wait_for("listening", protocol="smtp")["port"])
        self.http = int(server.wait_for("listening", protocol="http")["port"])
        return server

    def test_it_listens_where_it_says_and_ends_on_either_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.start()
            with socket.create_connection(("127.0.0.1", self.smtp)) as client:
                self.assertTrue(client.makefile().readline().startswith("220 mx.example.test "))
                client.sendall(b"QUIT\r\n")
                with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/healthz", timeout=30) as answer:
                    self.assertEqual(answer.status, 200)
            server.process.send_signal(number)
            code, rest = server.end()
            self.assertEqual(code, 0, rest)
            self.assertIn('"event":"stopped"', rest)

    def test_an_idle_session_is_told_when_it_stops(self):
        server = self.start()
        with socket.create_connection(("127.0.0.1", self.smtp)) as client:
            replies = client.makefile()
            self.assertTrue(replies.readline().startswith("220 "))
            server.process.send_signal(signal.SIGTERM)
            self.assertTrue(replies.readline().startswith("421 "))
            self.assertEqual(replies.readline(), "")
        self.assertEqual(server.end()[0], 0)

    def test_mail_programs_are_greeted_and_told_when_it_stops(self):
        server = Server(self.options)
        self.addCleanup(server.discard)
        ports = [int(server.wait_for("listening", protocol=name)["port"]) for name in ("imap", "imaps")]
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", ports[0])) as plain, \
                context.wrap_socket(socket.create_connection(("127.0.0.1", ports[1]))) as in_tls:
            answers = [client.makefile() for client in (plain, in_tls)]
            self.assertRegex(answers[0].readline(), r"^\* OK \[CAPABILITY IMAP4rev1 [^\]]*STARTTLS")
            self.assertRegex(answers[1].readline(), r"^\* OK \[CAPABILITY IMAP4rev1 [^\]]*AUTH=PLAIN")
            server.process.send_signal(signal.SIGTERM)
            for each in answers:
                self.assertRegex(each.readline(), r"^\* BYE ")
                self.assertEqual(each.readline(), "")
        self.assertEqual(server.end()[0], 0)

    def begin_message(self):
        """A client that has sent half of a message."""
        client = socket.create_connection(("127.0.0.1", self.smtp))
        self.addCleanup(client.close)
        replies = client.makefile()
        replies.readline()
        for command in ("HELO client.test", "MAIL FROM:<>", "RCPT TO:<postmaster@example.test>", "DATA"):
            client.sendall(f"{command}\r\n".encode())
            reply = replies.readline()
            self.assertIn(reply[0], "23", reply)
        client.sendall(b"Subject: half\r\n\r\nhal")
        return client, replies

    def test_a_transaction_begun_before_the_signal_is_ended_and_stored(self):
        self.done_domain()
        server = self.start()
        client, replies = self.begin_message()
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("stopping")
        client.sendall(b"f\r\n.\r\n")
        reply = replies.readline()
        self.assertTrue(reply.startswith("250 2.0.0 "), reply)
        self.assertTrue(replies.readline().startswith("421 "))
        self.assertEqual(server.end()[0], 0)
        message = reply.split()[2]
        shown = self.done_json_of("message", "show", message)
        self.assertEqual(shown["id"], message)
        self.assertEqual(shown["recipients"], ["postmaster@example.test"])
        self.assertEqual([p["mailbox"] for p in shown["mailboxes"]], ["Inbox"])
        self.assertEqual([e["kind"] for e in shown["events"]], ["received", "delivered"])
        told = self.done("message", "show", message)
        self.assertIn("postmaster@example.test", told)
        self.assertRegex(told, r"(?m)^\d{4}-\S+Z +delivered +postmaster@example\.test")

    def test_a_second_signal_ends_it_at_once(self):
        self.done_domain()
        server = self.start("--server.drain=1h")
        self.begin_message()
        server.process.send_signal(signal.SIGTERM)
        server.wait_for("stopping")
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.end()[0], 1)

    def test_the_drain_is_bounded(self):
        self.done_domain()
        server = self.start("--server.drain=0s")
        _, replies = self.begin_message()
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.end()[0], 0)

    def test_a_taken_port_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            finished = self.run_postern("serve", f"--http.listen=127.0.0.1:{port}")
        self.assertEqual(finished.returncode, 1)
        self.assertRegex(finished.stderr.splitlines()[-1], rf"\Apostern: .*127\.0\.0\.1:{port}.*Address already in use")

    def test_a_migration_is_left_alone_when_it_should_be(self):
        self.start("--database.migrate=no")  # the schema is current

    def done_domain(self):
        self.done("domain", "add", "example.test")

    def done_json_of(self, *words):
        return json.loads(self.done(*words, "--json"))


class Refusal(CliTest):
    """What keeps the server from starting."""

    def last_line(self, *words):
        finished = self.run_postern("serve", "--smtp.listen=127.0.0.1:0", "--http.listen=127.0.0.1:0", *words)
        self.assertEqual((finished.returncode, finished.stdout), (1, ""))
        return finished.stderr.splitlines()[-1]

    def test_a_data_folder_that_cannot_be_made(self):
        (self.folder / "data").write_text("")
        self.assertEqual(self.last_line(), f"postern: server.data_dir {self.folder}/data is not a folder")
        self.options = ["--server.data_dir=/proc/postern", "--server.hostname=mx.example.test"]
        self.assertTrue(self.last_line().startswith("postern: server.data_dir /proc/postern cannot be made: "))

    def test_the_data_folder_is_for_nobody_else(self):
        os.umask(0o022)
        self.done("migrate")
        self.assertEqual((self.folder / "data").stat().st_mode & 0o777, 0o700)

    def test_an_empty_database_that_it_may_not_migrate(self):
        (self.folder / "data").mkdir()
        self.assertIn("run `postern migrate`", self.last_line("--database.migrate=no"))

    def test_a_database_that_stays_away(self):
        told = self.last_line("--database.url=postgresql://mail:hunter2@127.0.0.1:1/mail")
        self.assertTrue(told.startswith("postern: the database could not be reached for 10 seconds: "), told)
        self.assertNotIn("hunter2", told)
