"""Certificates: which one clients are shown, and how it is changed under a running server."""
import os
import pathlib
import pty
import signal
import subprocess
import time

from harness import BINARY, CliTest, clean_environment
from serve_test import Server


# For mx.example.test, until 2021: openssl makes none that has ended.
EXPIRED = """\
-----BEGIN CERTIFICATE-----
MIIBGzCBwgIBATAKBggqhkjOPQQDAjAaMRgwFgYDVQQDDA9teC5leGFtcGxlLnRl
c3QwHhcNMjAwMTAxMDAwMDAwWhcNMjEwMTAxMDAwMDAwWjAaMRgwFgYDVQQDDA9t
eC5leGFtcGxlLnRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATLBZzpecZr
yBrJxVKlmpIxdJBLa5/L15I8+z39JkedFzuHkjvY0u6HxBb+AooX2uZLlipWBuRR
qBVUfepFeqLhMAoGCCqGSM49BAMCA0gAMEUCIQC1tVtJJhQQ2oIG34eHWy3FcZdk
+DTF2nNYgOuvBk9M4wIgAOkf+DF6sNEzdsX8b+gGC7KyCUJfAZzPDJn0a2f853Q=
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgCkcv5Srdznk0cUqO
9o2NEiiPAOPqgQ9jj9czYfKVJCqhRANCAATLBZzpecZryBrJxVKlmpIxdJBLa5/L
15I8+z39JkedFzuHkjvY0u6HxBb+AooX2uZLlipWBuRRqBVUfepFeqLh
-----END PRIVATE KEY-----
"""


def make_certificate(certificate, key, host):
    """A self-signed certificate by openssl, each file in one piece as a program that renews them would put it there."""
    for path in (certificate, key):
        pathlib.Path(f"{path}.new").unlink(missing_ok=True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", "-keyout", f"{key}.new", "-out",
                    f"{certificate}.new", "-days", "90"], check=True, capture_output=True)
    os.rename(f"{key}.new", key)
    os.rename(f"{certificate}.new", certificate)


class Certificates(CliTest):
    def setUp(self):
        super().setUp()
        self.options += ["--smtp.listen=127.0.0.1:0", "--submission.listen=none", "--submissions.listen=none",
                         "--imap.listen=none", "--imaps.listen=none", "--http.listen=none"]
        self.certificate = self.folder / "mx.pem"
        self.key = self.folder / "mx.key"
        self.own = self.folder / "data" / "self-signed.pem"

    def configure(self, *words):
        return [*words, f"--tls.certificate={self.certificate}", f"--tls.private_key={self.key}"]

    def start(self, *words):
        server = Server([*self.options, *words])
        self.addCleanup(server.discard)
        return server

    def stop(self, server):
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.end()[0], 0)

    def findings(self, *words):
        finished = self.run_postern("check", *words)
        return [line for line in finished.stdout.splitlines() if "certificate" in line]

    def test_with_none_configured_one_is_made_once_and_told(self):
        self.assertIn("tls.certificate names none; serve makes a self-signed one", self.findings()[0])
        server = self.start()
        made = server.wait_for("self-signed certificate made")
        self.assertEqual((made["level"], made["file"], made["hostname"]), ("warning", str(self.own), "mx.example.test"))
        shown = server.wait_for("certificate")
        self.assertEqual(shown["names"], "mx.example.test")
        server.wait_for("listening", protocol="smtp")
        self.stop(server)
        self.assertEqual(self.own.stat().st_mode & 0o777, 0o600)
        self.assertEqual([p.name for p in self.own.parent.iterdir() if "self" in p.name], ["self-signed.pem"])
        first = self.own.read_bytes()
        self.assertIn("self-signed: mail programs ask before they trust it", self.findings()[0])

        again = self.start()
        again.wait_for("listening", protocol="smtp")
        self.stop(again)
        self.assertEqual(self.own.read_bytes(), first)
        self.assertNotIn("self-signed certificate made", [line["event"] for line in again.lines])

    def test_another_host_name_is_another_certificate(self):
        server = self.start()
        server.wait_for("listening", protocol="smtp")
        self.stop(server)
        other = self.start("--server.hostname=mail.example.test")
        self.assertEqual(other.wait_for("certificate")["names"], "mail.example.test")
        other.wait_for("listening", protocol="smtp")
        self.stop(other)

    def test_a_data_folder_without_room_for_it_is_told(self):
        self.own.mkdir(parents=True)
        finished = self.run_postern("serve")
        self.assertEqual(finished.returncode, 1)
        self.assertIn(f"{self.own} cannot be written: Is a directory", finished.stderr.splitlines()[-1])

    def test_what_is_wrong_is_refused_with_the_place_it_was_given_at(self):
        make_certificate(self.certificate, self.key, "mx.example.test")
        other = self.folder / "other.key"
        make_certificate(self.folder / "other.pem", other, "mx.example.test")
        config = self.folder / "postern.conf"
        for certificate, key, said in (
                (self.folder / "absent.pem", self.key, f":2: tls.certificate: {self.folder}/absent.pem cannot be read"),
                (self.certificate, self.folder / "absent.key", f":3: tls.private_key: {self.folder}/absent.key cannot be read"),
                (self.certificate, other, f":3: tls.private_key: {other} is not the private key of the certificate in"),
                (self.key, self.key, f"{self.key} holds no certificate in PEM form")):
            config.write_text(f"[tls]\ncertificate = {certificate}\nprivate_key = {key}\n")
            finished = self.run_postern("serve", "--config", config)
            self.assertEqual(finished.returncode, 1)
            last = finished.stderr.splitlines()[-1]
            self.assertTrue(last.startswith(f"postern: {config}:"), last)
            self.assertIn(said, last)
            self.assertIn(said, "".join(self.findings("--config", config)))

    def test_an_expired_one_is_used_and_warned_of(self):
        self.certificate.write_text(EXPIRED)
        self.key.write_text(EXPIRED)
        server = self.start(*self.configure())
        warned = server.wait_for("certificate dates")
        self.assertEqual(warned["level"], "warning")
        self.assertEqual(warned["reason"], "expired on 2021-01-01")
        server.wait_for("listening", protocol="smtp")
        self.stop(server)
        found = self.findings(*self.configure())
        self.assertTrue(found[0].startswith("warning"), found)
        self.assertIn("; expired on ", found[0])

    def test_a_good_one_is_ok(self):
        make_certificate(self.certificate, self.key, "mx.example.test")
        found = self.findings(*self.configure())
        self.assertRegex(found[0], rf"^ok +certificate +{self.certificate}: mx\.example\.test, until \d{{4}}-")

    def test_changed_files_are_taken_up_and_broken_ones_are_not(self):
        make_certificate(self.certificate, self.key, "one.example.test")
        server = self.start(*self.configure())
        server.wait_for("listening", protocol="smtp")
        make_certificate(self.certificate, self.key, "two.example.test")
        server.wait_for("certificate", names="two.example.test")
        self.key.write_text("nonsense")
        refused = server.wait_for("certificates not changed")
        self.assertIn(f"{self.key} holds no private key", refused["reason"])
        make_certificate(self.certificate, self.key, "three.example.test")
        server.wait_for("certificate", names="three.example.test")
        self.stop(server)

    def test_a_terminal_that_closes_ends_the_server(self):
        make_certificate(self.certificate, self.key, "one.example.test")
        log, parent = open(self.folder / "log", "w+"), None
        child, parent = pty.fork()
        if child == 0:
            os.dup2(log.fileno(), 2)
            os.execve(BINARY, [BINARY, *self.options, *self.configure("serve", "--log.format=json")], clean_environment())
        for number in (signal.SIGHUP, None):  # the first is an administrator's
            while not pathlib.Path(log.name).read_text().count('"event":"listening","protocol":"smtp"'):
                time.sleep(0.02)
            if number:
                os.kill(child, number)
                while '"event":"reloading"' not in pathlib.Path(log.name).read_text():
                    time.sleep(0.02)
            else:
                os.close(parent)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        log.close()
        self.assertIn('"event":"stopping","signal":"SIGHUP"', pathlib.Path(self.folder / "log").read_text())

    def test_sighup_reads_them_at_once_and_does_not_end_the_server(self):
        make_certificate(self.certificate, self.key, "one.example.test")
        server = self.start(*self.configure())
        server.wait_for("listening", protocol="smtp")
        for _ in range(2):
            server.process.send_signal(signal.SIGHUP)
            server.wait_for("reloading")
            server.wait_for("certificate", names="one.example.test")
        self.stop(server)
