"""docker-compose.yml on a copy of the checkout that is as a fresh clone is: without builds, without anybody's .env.

    stack = Stack(folder, "one.test", peer="two.test", network="link")
    stack.up()
    stack.postern("account", "add", ...)
    stack.remove()
"""

import base64
import contextlib
import email.message
import imaplib
import json
import os
import pathlib
import secrets
import shutil
import smtplib
import socket
import ssl
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

TOP = pathlib.Path(__file__).resolve().parents[3]
LINK = pathlib.Path(__file__).with_name("link.yml")
PATIENCE = 60  # seconds for what a running stack does


def docker(*words, timeout=PATIENCE, environment=None, folder=None, given=None, check=True):
    """Standard output; what was said, where it fails."""
    done = subprocess.run(["docker", *words], env=environment, cwd=folder, input=given, capture_output=True, text=True,
                          timeout=timeout, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"docker {' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def why_no_engine():
    """A sentence when there is no Docker with Compose here to test with; empty when there is."""
    if not shutil.which("docker"):
        return "there is no docker here"
    for words, what in ((["info"], "no Docker engine answers"), (["compose", "version"], "docker has no compose")):
        with contextlib.suppress(subprocess.TimeoutExpired):
            if subprocess.run(["docker", *words], capture_output=True, timeout=30, check=False).returncode == 0:
                continue
        return what
    return ""


def copy_checkout(folder):
    """What git has, or would have, of the checkout: what a fresh clone is."""
    names = subprocess.run(["git", "-c", f"safe.directory={TOP}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                           cwd=TOP, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (TOP / name).is_file() and not name.startswith("test/fuzz/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TOP / name, folder / name)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def image_to_test():
    """One that is built already; empty: it is compiled first, which takes longer than all the rest."""
    return os.environ.get("POSTERN_TEST_IMAGE", "")


def environment_of_a_clone(ports):
    """What compose reads: our ports and image, and nothing that somebody's own shell sets."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("POSTERN_", "MAIL_", "COMPOSE_"))}
    return kept | {f"{name}_PORT": str(port) for name, port in ports.items()} | {"MAIL_IMAGE": image_to_test() or "postern-e2e"}


def free_ports():
    return {name: free_port() for name in ("SMTP", "SUBMISSION", "SUBMISSIONS", "IMAP", "IMAPS", "HTTP", "HTTPS")}


def run_tests():
    """The tests of the program that calls this, or exit code 77 and a sentence."""
    reason = why_no_engine()
    if reason:
        print(f"Skipped: {reason}; this test needs a Docker engine, 25 or newer, with Compose 2.24 or newer.")
        sys.exit(77)
    unittest.main()


def any_certificate():
    """A stack's own is nobody's that is trusted."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class Stack:
    def __init__(self, folder, domain, peer, network):
        self.folder = folder
        self.domain = domain
        self.project = f"postern-e2e-{domain.split('.')[0]}-{secrets.token_hex(3)}"
        self.ports = free_ports()
        self.environment = environment_of_a_clone(self.ports) | {
            "MAIL_DOMAIN": domain, "LINK_NETWORK": network, "LINK_ROUTE": f"{peer}=mail.{peer}:25"}

    # The stack

    def compose(self, *words, **how):
        return docker("compose", "--project-name", self.project, "--file", str(self.folder / "docker-compose.yml"),
                      "--file", str(LINK), "--project-directory", str(self.folder), *words, environment=self.environment, **how)

    def build(self):
        if not image_to_test():
            self.compose("build", timeout=3000)

    def up(self):
        try:
            self.compose("up", "--detach", "--no-build", "--wait", "--wait-timeout", "180", timeout=240)
        except AssertionError as failed:
            raise AssertionError(f"{failed}\n{self.compose('logs', '--no-color', check=False)}") from None

    def down(self):
        self.compose("down", timeout=180)

    def remove(self):
        """`docker compose down -v`, after which nothing of it may be left."""
        self.compose("down", "--volumes", timeout=180)
        for kind in ("volume", "network"):
            left = docker(kind, "ls", "--quiet", "--filter", f"label=com.docker.compose.project={self.project}")
            assert not left, f"a {kind} is left: {left}"

    def postern(self, *words, **how):
        """`docker compose exec postern postern WORDS`, as people type it."""
        return self.compose("exec", "-T", "postern", "postern", *words, **how)

    def container(self, service="postern"):
        """What the engine tells about it."""
        return json.loads(docker("inspect", self._name_of(service)))[0]

    def log(self):
        """Postern's log lines; each must be a JSON object, and on standard output."""
        done = subprocess.run(["docker", "logs", self._name_of("postern")], capture_output=True, text=True, timeout=PATIENCE,
                              check=True)
        assert not done.stderr, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _name_of(self, service):
        return self.compose("ps", "--all", "--quiet", service).strip()

    def add_account(self, name):
        """The new account's password."""
        return json.loads(self.postern("account", "add", f"{name}@{self.domain}", "--generate-password", "--json"))["password"]

    # Mail

    def submit(self, sender, password, recipient, subject):
        """By submission within TLS, as a mail program does. The certificate is the stack's own."""
        message = email.message.EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, recipient, subject
        message.set_content("Hello.\n")
        with smtplib.SMTP_SSL("127.0.0.1", self.ports["SUBMISSIONS"], local_hostname="client.test", timeout=PATIENCE,
                              context=any_certificate()) as client:
            client.login(sender, password)
            client.send_message(message)

    def subjects_by_imap(self, user, password):
        """Of an Inbox, within TLS, as a mail program sees them."""
        with imaplib.IMAP4_SSL("127.0.0.1", self.ports["IMAPS"], timeout=PATIENCE, ssl_context=any_certificate()) as client:
            client.login(user, password)
            client.select(readonly=True)
            _, answer = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            return [part[1].decode().strip().removeprefix("Subject: ") for part in answer if isinstance(part, tuple)]

    def deliver(self, recipient, subject):
        """By SMTP from a stranger. Whatever keeps it from being accepted is an exception."""
        message = email.message.EmailMessage()
        message["From"], message["To"], message["Subject"] = "stranger@elsewhere.test", recipient, subject
        message.set_content("Hello.\n")
        with smtplib.SMTP("127.0.0.1", self.ports["SMTP"], local_hostname="client.test", timeout=PATIENCE) as client:
            client.send_message(message)

    def greeting(self):
        """What SMTP says to who comes from here."""
        with socket.create_connection(("127.0.0.1", self.ports["SMTP"]), timeout=PATIENCE) as client:
            return client.makefile().readline()

    def get(self, path, user=None, password=None, scheme="http"):
        """(status, JSON) of a request."""
        request = urllib.request.Request(f"{scheme}://127.0.0.1:{self.ports[scheme.upper()]}{path}")
        if user:
            request.add_header("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE, context=any_certificate()) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.load(refused)

    def subjects(self, user, password, mailbox="inbox"):
        status, page = self.get(f"/api/v1/{mailbox}?limit=500", user, password)
        assert status == 200, (status, page)
        return [message["subject"] for message in page["messages"]]
