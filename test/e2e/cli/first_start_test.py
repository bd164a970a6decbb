"""What the first start on an empty database makes: the administrator of server.first_administrator; and `health`."""
import base64
import concurrent.futures
import json
import socket
import subprocess
import urllib.error
import urllib.request

from harness import BINARY, CliTest, PostgresqlTest, clean_environment, on_both
from serve_test import Server

MADE = "first administrator made"


class Starting:
    def setUp(self):
        super().setUp()
        self.options += ["--smtp.listen=127.0.0.1:0", "--submission.listen=none", "--submissions.listen=none",
                         "--imap.listen=none", "--imaps.listen=none", "--http.listen=127.0.0.1:0"]

    def start(self, *words):
        """A server that listens for HTTP, and where."""
        server = Server([*self.options, *words])
        self.addCleanup(server.discard)
        return server, int(server.wait_for("listening", protocol="http")["port"])

    def stop(self, server):
        server.process.terminate()
        code, rest = server.end()
        self.assertEqual(code, 0, rest)

    def account(self, port, address, password):
        """What the API tells of the account; the status where it does not."""
        credentials = base64.b64encode(f"{address}:{password}".encode()).decode()
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/account",
                                         headers={"Authorization": f"Basic {credentials}"})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code


def made_by(server):
    return [line for line in server.lines if line["event"] == MADE]


@on_both
class FirstAdministrator(Starting):
    ADDRESS = "admin@new.example.test"

    def first(self):
        return f"--server.first_administrator={self.ADDRESS}"

    def test_it_is_made_once_with_its_domain_and_a_password_that_the_log_shows(self):
        server, port = self.start(self.first(), "--log.level=info")
        (line,) = made_by(server)
        self.assertEqual((line["level"], line["account"]), ("warning", self.ADDRESS))
        self.assertRegex(line["password"], r"\A[a-z2-7]{20}\Z")
        self.assertEqual(self.account(port, self.ADDRESS, line["password"])["address"], self.ADDRESS)
        self.stop(server)
        (account,) = self.done_json("account", "list")["accounts"]
        self.assertIs(account["admin"], True)
        again, port = self.start(self.first())
        self.assertEqual(made_by(again), [])
        self.assertEqual(self.account(port, self.ADDRESS, line["password"])["address"], self.ADDRESS)
        self.stop(again)

    def test_two_that_start_at_once_make_one(self):
        with concurrent.futures.ThreadPoolExecutor() as pool:
            servers = list(pool.map(lambda i: self.start(f"--server.first_administrator=admin{i}@new.example.test"), range(2)))
        lines = [line for server, _ in servers for line in made_by(server)]
        self.assertEqual(len(lines), 1, lines)
        for server, port in servers:
            self.assertEqual(self.account(port, lines[0]["account"], lines[0]["password"])["address"], lines[0]["account"])
            self.stop(server)
        self.assertEqual(len(self.done_json("account", "list")["accounts"]), 1)

    def test_where_somebody_lives_none_is_made(self):
        self.done("domain", "add", "example.test")
        server, _ = self.start(self.first())
        self.assertEqual(made_by(server), [])
        self.stop(server)

    def test_none_is_made_unless_asked_for(self):
        server, _ = self.start()
        self.assertEqual(made_by(server), [])
        self.stop(server)
        self.assertEqual(self.done_json("account", "list")["accounts"], [])

    def test_an_address_that_no_account_can_have_is_refused(self):
        self.assertIn("server.first_administrator: ",
                      self.run_postern("serve", "--server.first_administrator=a%b@example.test").stderr.splitlines()[-1])


class FirstLog(Starting, CliTest):
    def test_the_password_is_shown_whatever_the_level_of_the_log(self):
        server = Server([*self.options, "--server.first_administrator=admin@example.test", "--log.level=off"])
        self.addCleanup(server.discard)
        server.wait_for(MADE, account="admin@example.test")


class Health(Starting, CliTest):
    def test_it_is_well_as_long_as_the_server_is(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
        listen = f"--http.listen=0.0.0.0:{port}"
        self.assertIn("Connection refused", self.refused("health", listen))
        server, _ = self.start(listen)
        self.assertEqual(self.done("health", listen), "")
        self.stop(server)
        self.assertIn("Connection refused", self.refused("health", listen))

    def test_who_is_not_ready_or_says_nothing_is_not_well(self):
        for answer, told in ((b"HTTP/1.1 503 Service Unavailable\r\n\r\n", "the server is not ready: HTTP/1.1 503 Service Unavailable"),
                             (b"", "the server does not answer"), (b"x" * 8192, "the server does not answer")):
            with self.subTest(told=told), socket.create_server(("127.0.0.1", 0)) as other:
                command = subprocess.Popen([BINARY, *self.options, "health", f"--http.listen=127.0.0.1:{other.getsockname()[1]}"],
                                           stderr=subprocess.PIPE, text=True, env=clean_environment())
                connection, _ = other.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(answer)
                    connection.shutdown(socket.SHUT_WR)
                    self.assertEqual((command.communicate(timeout=180)[1], command.returncode), (f"postern: {told}\n", 1))

    def test_without_a_listener_there_is_nobody_to_ask(self):
        self.assertIn("http.listen is none", self.refused("health", "--http.listen=none"))


class Password(PostgresqlTest):
    def test_the_databases_password_may_stand_in_a_file(self):
        secret = self.folder / "password"
        secret.write_text("hunter2\n")
        shown = {s["setting"]: s for s in self.done_json("config", environment={"POSTERN_DATABASE_PASSWORD_FILE": secret})["settings"]}
        self.assertEqual((shown["database.password"]["value"], shown["database.password"]["from"]),
                         ("********", "POSTERN_DATABASE_PASSWORD_FILE"))
        secret.unlink()
        self.assertEqual(self.refused("config", environment={"POSTERN_DATABASE_PASSWORD_FILE": secret}),
                         f"POSTERN_DATABASE_PASSWORD_FILE: {secret}: No such file or directory")
