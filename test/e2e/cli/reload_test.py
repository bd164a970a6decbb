"""A running server reads its settings again, opens its log again, and tells a service manager how it is."""
import json
import os
import signal
import socket
import unittest

from harness import SqliteTest
from postern_process import eventually
from serve_test import Server

PATIENCE = 180


class Running(SqliteTest):
    """Starts servers whose settings are in a file."""

    def setUp(self):
        super().setUp()
        self.file = self.folder / "postern.conf"
        self.write("")

    def write(self, text):
        self.file.write_text("[smtp]\nlisten = 127.0.0.1:0\n[submission]\nlisten = none\n[submissions]\nlisten = none\n"
                             "[imap]\nlisten = none\n[imaps]\nlisten = none\n[http]\nlisten = 127.0.0.1:0\n" + text)

    def start(self, *words):
        server = Server([*self.options, f"--config={self.file}", *words])
        self.addCleanup(server.discard)
        self.smtp = int(server.wait_for("listening", protocol="smtp")["port"])
        server.wait_for("listening", protocol="http")
        return server

    def hang_up(self, server):
        server.process.send_signal(signal.SIGHUP)
        server.wait_for("reloading")

    def stop(self, server):
        server.process.send_signal(signal.SIGTERM)
        code, rest = server.end()
        self.assertEqual(code, 0, rest)
        return rest

    def greeting(self):
        with socket.create_connection(("127.0.0.1", self.smtp), timeout=PATIENCE) as client:
            return client.makefile().readline()


class Reload(Running):
    def test_what_can_change_changes_and_what_cannot_is_named(self):
        server = self.start()
        self.assertTrue(self.greeting().startswith("220 "))
        self.write("[limits]\nsmtp_connections = 1\n[log]\nlevels = http=debug\n[database]\nread_sessions = 2\n")
        self.hang_up(server)
        self.assertEqual(server.wait_for("settings changed")["settings"], "limits.smtp_connections, log.levels")
        self.assertEqual(server.wait_for("settings that change at the next start only")["settings"], "database.read_sessions")
        server.wait_for("certificate")
        with socket.create_connection(("127.0.0.1", self.smtp), timeout=PATIENCE) as first:
            self.assertTrue(first.makefile().readline().startswith("220 "))
            self.assertTrue(self.greeting().startswith("421 "))
        self.stop(server)

    def test_what_is_wrong_is_refused_in_words_and_all_stays_as_it_was(self):
        server = self.start()
        self.write("[limits]\nsmtp_connections = 1\nsmtp_errors = many\n")
        self.hang_up(server)
        reason = server.wait_for("settings not changed")["reason"]
        self.assertRegex(reason, r'postern\.conf:\d+: limits\.smtp_errors = "many" .*; must be a whole number')
        server.wait_for("certificate")
        with socket.create_connection(("127.0.0.1", self.smtp), timeout=PATIENCE) as first:
            self.assertTrue(first.makefile().readline().startswith("220 "))
            self.assertTrue(self.greeting().startswith("220 "))
        self.file.unlink()
        self.hang_up(server)
        self.assertIn(str(self.file), server.wait_for("settings not changed")["reason"])
        self.stop(server)

    def test_a_log_file_that_was_moved_away_is_opened_anew(self):
        log = self.folder / "log"
        server = self.start()
        self.write(f"[log]\nfile = {log}\n")
        self.hang_up(server)  # from standard error to the file
        eventually(lambda: log.exists() and '"settings changed"' in log.read_text(), "the file telling of the change")
        log.rename(self.folder / "log.1")
        server.process.send_signal(signal.SIGHUP)
        eventually(log.exists, "a new file")
        self.write("[log]\nfile = /dev/null/log\n")
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: '"settings not changed"' in log.read_text(), "the refusal being told")
        self.stop(server)
        self.assertIn('"event":"stopped"', log.read_text())
        self.assertNotIn('"event":"stopped"', (self.folder / "log.1").read_text())

    def test_the_log_goes_to_standard_output_where_that_is_asked_for(self):
        server = self.start()
        self.write("[log]\noutput = stdout\n")
        self.hang_up(server)
        lines = [json.loads(server.process.stdout.readline()) for _ in range(2)]
        self.assertEqual((lines[0]["event"], lines[0]["settings"]), ("settings changed", "log.output"))
        server.process.send_signal(signal.SIGTERM)
        said, wrong = server.process.communicate(timeout=PATIENCE)
        self.assertEqual((server.process.returncode, wrong), (0, ""))
        self.assertEqual([json.loads(line)["event"] for line in said.splitlines()][-1], "stopped")

    def test_how_many_lines_a_flood_would_have_made_is_said_when_it_is_over(self):
        server = self.start("--log.lines_per_second=5", "--limits.smtp_connections_per_address=1")
        with socket.create_connection(("127.0.0.1", self.smtp), timeout=PATIENCE) as first:
            self.assertTrue(first.makefile().readline().startswith("220 "))
            for _ in range(50):
                self.assertTrue(self.greeting().startswith("421 "))
            self.assertEqual(server.wait_for("lines suppressed")["of"], "refused")
        self.stop(server)

    def test_a_log_file_that_cannot_be_opened_is_refused_at_the_start(self):
        self.assertIn("log.file: ", self.refused("serve", "--log.file=/dev/null/log", "--smtp.listen=127.0.0.1:0"))


class ServiceManager(Running):
    """With a socket where systemd would listen."""

    def setUp(self):
        super().setUp()
        self.told = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.told.settimeout(PATIENCE)

    def hear(self, beginning):
        while True:
            message = self.told.recv(4096).decode()
            if message.startswith(beginning):
                return message

    def run_under(self, address, **variables):
        os.environ.update({"NOTIFY_SOCKET": address, **variables})
        self.addCleanup(lambda: [os.environ.pop(name) for name in ("NOTIFY_SOCKET", *variables)])
        return self.start()

    def test_it_tells_when_it_is_ready_reloads_and_ends(self):
        self.told.bind(str(self.folder / "notify"))
        server = self.run_under(str(self.folder / "notify"))
        self.assertIn("READY=1", self.hear("READY=1"))
        self.assertTrue(self.greeting().startswith("220 "))  # ready means that it serves
        server.process.send_signal(signal.SIGHUP)
        self.assertRegex(self.hear("RELOADING=1"), r"MONOTONIC_USEC=\d+")
        self.hear("READY=1")
        server.process.send_signal(signal.SIGTERM)
        self.hear("STOPPING=1")
        self.assertEqual(server.end()[0], 0)

    def test_the_loop_feeds_the_watchdog(self):
        name = f"postern-test-{os.getpid()}"
        self.told.bind("\0" + name)  # without a file, as systemd does in containers
        server = self.run_under("@" + name, WATCHDOG_USEC="300000")
        for _ in range(5):
            self.hear("WATCHDOG=1")
        self.stop(server)

    def test_a_watchdog_for_another_process_is_none(self):
        self.told.bind(str(self.folder / "notify"))
        server = self.run_under(str(self.folder / "notify"), WATCHDOG_USEC="1000", WATCHDOG_PID="1")
        self.hear("READY=1")
        server.process.send_signal(signal.SIGHUP)
        self.hear("RELOADING=1")
        self.assertNotIn("WATCHDOG=1", self.hear(""))
        self.stop(server)


if __name__ == "__main__":
    unittest.main()
