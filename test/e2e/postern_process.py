"""The built program as a test uses it: commands, a running server on free ports, its log, its mail.

    with databases.sqlite() as url, Postern(url) as postern:
        postern.add_account("alice@example.test", "correct horse")
        postern.start()
        ...
        postern.stop()   # SIGTERM; it must end with exit code 0

The binary is $POSTERN_TEST_BINARY. Nothing waits for a time: start() waits for the log lines that say where the server listens,
eventually() asks again until the answer is there. Any sanitizer's report in the log fails the test.
"""

import base64
import http.client
import json
import os
import pathlib
import queue
import re
import signal
import smtplib
import subprocess
import tempfile
import threading
import time
import urllib.parse

PATIENCE = 180  # seconds until what must happen is taken not to happen: a slow machine has other tests to run

SANITIZER_REPORT = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|UndefinedBehaviorSanitizer")


class Refused(Exception):
    """A command that ended with another exit code than 0."""

    def __init__(self, arguments, code, said):
        super().__init__(f"postern {' '.join(arguments)}: exit code {code}: {said.strip()}")
        self.code = code
        self.said = said


def eventually(condition, what, patience=PATIENCE):
    """Asks `condition()` until it gives something true, and returns that; ever more slowly, as asking keeps others from working."""
    end = time.monotonic() + patience
    pause = 0.02
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"{patience} s have passed without {what}")
        time.sleep(pause)
        pause = min(pause * 1.5, 0.25)


def of_a_command(environment):
    """The environment of a command that does its work and ends: without the search for what it did not free, a third of its time."""
    return environment | {"ASAN_OPTIONS": f"{environment.get('ASAN_OPTIONS', '')}:detect_leaks=0"}


class Ending:
    """A server that was told to end."""

    def __init__(self, postern, process, reader):
        self._postern = postern
        self.process = process
        self._reader = reader

    def join(self):
        """Holds it to an orderly end."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError("the server did not stop:\n" + "".join(self._postern.log_lines[-20:])) from None
        finally:
            self._reader.join()
        log = "".join(self._postern.log_lines)
        if code != 0 or SANITIZER_REPORT.search(log):
            raise AssertionError(f"the server ended with {code}:\n" + log[-20000:])


class Postern:
    def __init__(self, database_url, **settings):
        """`settings` are named with two underscores for the dot: limits__message_size=1000."""
        self.binary = os.environ["POSTERN_TEST_BINARY"]
        self._folder = tempfile.TemporaryDirectory(prefix="postern-e2e-")
        self.log_lines = []
        self._passwords = {}
        self._process = None
        self._reader = None
        self._events = queue.Queue()
        chosen = {
            "server.hostname": "mx.example.test",
            "server.data_dir": self._folder.name + "/data",
            "database.url": database_url,
            "smtp.listen": "127.0.0.1:0",
            "submission.listen": "127.0.0.1:0",
            "submissions.listen": "127.0.0.1:0",
            "imap.listen": "127.0.0.1:0",
            "imaps.listen": "127.0.0.1:0",
            "http.listen": "127.0.0.1:0",
            "dns.servers": "127.0.0.1:9",  # nobody: what a test sends elsewhere stays in the queue, and no name leaves the machine
            "limits.password_memory": "19M",  # the least: hundreds of passwords are set and checked
            "log.format": "json",
        }
        chosen.update({name.replace("__", "."): str(value) for name, value in settings.items()})
        # By the environment, as a container is configured: the same settings hold for every command.
        self._environment = {k: v for k, v in os.environ.items() if not k.startswith("POSTERN_")}
        self._environment.update({"POSTERN_" + name.upper().replace(".", "_"): value for name, value in chosen.items()})

    def set(self, **settings):
        """For commands and servers from now on; named as for the constructor."""
        self._environment.update({"POSTERN_" + name.upper().replace("__", "_"): str(v) for name, v in settings.items()})

    def __enter__(self):
        try:
            self.command("domain", "add", "example.test")
        except BaseException:
            self._folder.cleanup()
            raise
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self.kill()
        self._folder.cleanup()

    # Commands

    def command(self, *arguments, given=None):
        """Runs a command to its end; returns its standard output. Raises Refused."""
        done = subprocess.run([self.binary, *arguments], env=of_a_command(self._environment), input=given, text=True, capture_output=True,
                              timeout=PATIENCE, check=False)
        if SANITIZER_REPORT.search(done.stderr):
            raise AssertionError(done.stderr)
        if done.returncode != 0:
            raise Refused(arguments, done.returncode, done.stderr)
        return done.stdout

    def json_command(self, *arguments):
        return json.loads(self.command(*arguments, "--json"))

    def add_account(self, address, password="correct horse battery", *options):
        self.command("account", "add", address, "--password-stdin", *options, given=password + "\n")
        self._passwords[address] = password

    # The server

    def start(self, *options, front=(), pass_fds=()):
        """`front`: a program that becomes the server, with what it needs in front of the server's own command line."""
        self._process = subprocess.Popen([*front, self.binary, "serve", *options], env=self._environment,
                                         stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
                                         pass_fds=pass_fds)
        self._events = queue.Queue()
        self._reader = threading.Thread(target=self._read_log, args=(self._process, self._events), daemon=True)
        self._reader.start()
        ports = {}
        while "http" not in ports:  # it is told last
            event = self.next_event("listening")
            if "port" in event:
                ports[event["protocol"]] = int(event["port"])
        self.smtp_port = ports["smtp"]
        self.submission_port = ports["submission"]
        self.submissions_port = ports["submissions"]
        self.imap_port = ports["imap"]
        self.imaps_port = ports["imaps"]
        self.http = f"http://127.0.0.1:{ports['http']}"

    def _read_log(self, process, events):
        with process.stderr as log:
            for line in log:
                self.log_lines.append(line)
                try:
                    events.put(json.loads(line))
                except ValueError:
                    events.put({})  # not ours: a sanitizer's report
        events.put(None)  # it has ended

    def next_event(self, name):
        """The next log line of that event, leaving out what stands before it."""
        while True:
            try:
                event = self._events.get(timeout=PATIENCE)
            except queue.Empty:
                raise AssertionError(f"no {name!r} in the log:\n" + "".join(self.log_lines[-20:])) from None
            if event is None:
                raise AssertionError(f"the server ended before {name!r}:\n" + "".join(self.log_lines[-20:]))
            if event.get("event") == name:
                return event

    def stop(self):
        """Asks the server to stop as an administrator does, and holds it to an orderly end."""
        process, self._process = self._process, None
        process.send_signal(signal.SIGTERM)
        Ending(self, process, self._reader).join()

    def keep_ports(self):
        """Servers from now on listen where the one that runs does."""
        self.set(smtp__listen=f"127.0.0.1:{self.smtp_port}", submission__listen=f"127.0.0.1:{self.submission_port}",
                 submissions__listen=f"127.0.0.1:{self.submissions_port}", imap__listen=f"127.0.0.1:{self.imap_port}",
                 imaps__listen=f"127.0.0.1:{self.imaps_port}", http__listen=self.http.removeprefix("http://"))

    def take_over(self, wait=True):
        """Starts a server that takes the place of the one that runs. The Ending of that one, awaited already if `wait`."""
        old = Ending(self, self._process, self._reader)
        self.keep_ports()
        self.start("--take-over")
        self.next_event("taken over")
        if wait:
            old.join()
        return old

    def kill(self):
        """The end without warning: kill -9."""
        process, self._process = self._process, None
        process.kill()
        process.wait()
        self._reader.join()
        log = "".join(self.log_lines)
        if SANITIZER_REPORT.search(log):
            raise AssertionError(log[-20000:])

    @property
    def peak_memory(self):
        """The most resident memory the server has had, in octets."""
        status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    # Mail in

    def smtp(self):
        """A connection that has said EHLO."""
        client = smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="client.test", timeout=PATIENCE)
        client.ehlo()
        return client

    def send(self, recipients, message, sender="sender@elsewhere.test"):
        """Sends a message with DATA; returns the id of the 250."""
        with self.smtp() as client:
            code, text = client.docmd("MAIL", f"FROM:<{sender}>")
            assert code == 250, text
            for recipient in [recipients] if isinstance(recipients, str) else recipients:
                code, text = client.docmd("RCPT", f"TO:<{recipient}>")
                assert code == 250, text
            return accepted_id(client.data(message))

    # Mail out

    def get(self, path, account=None, method="GET", password=None):
        """What curl gets from the API: (status, body). `password`: another than the account's own."""
        with tempfile.NamedTemporaryFile() as body:
            arguments = ["curl", "--silent", "--show-error", "--request", method, "--output", body.name, "--write-out",
                         "%{http_code}", "--max-time", str(PATIENCE)]
            if account:
                arguments += ["--user", f"{account}:{password or self._passwords[account]}"]
            done = subprocess.run([*arguments, self.http + path], text=True, capture_output=True, check=False)
            if done.returncode != 0:
                raise ConnectionError(done.stderr)
            return int(done.stdout), body.read()

    def json(self, path, account):
        """What the API answers, asked from here: what is asked again and again is not worth a process each time."""
        credentials = base64.b64encode(f"{account}:{self._passwords[account]}".encode()).decode()
        server = http.client.HTTPConnection(urllib.parse.urlsplit(self.http).netloc, timeout=PATIENCE)
        try:
            server.request("GET", "/api/v1" + path, headers={"Authorization": f"Basic {credentials}"})
            answer = server.getresponse()
            body = answer.read()
        finally:
            server.close()
        assert answer.status == 200, (answer.status, body)
        return json.loads(body)

    def raw(self, message_id, account):
        status, body = self.get(f"/api/v1/messages/{message_id}/raw", account)
        assert status == 200, (status, body)
        return body

    def inbox(self, account):
        """Every message of an inbox, newest first, page by page."""
        messages, cursor = [], ""
        while cursor is not None:
            page = self.json(f"/inbox?limit=500{'&cursor=' + urllib.parse.quote(cursor) if cursor else ''}", account)
            messages += page["messages"]
            cursor = page["next_cursor"]
        return messages


def accepted_id(reply):
    """The id in `250 2.0.0 <id> accepted`, as smtplib gives it."""
    code, text = reply
    found = re.fullmatch(rb"2\.0\.0 (\d+) accepted", text)
    assert code == 250 and found, reply
    return found[1].decode()


def without_trace(raw):
    """Splits a stored message into our trace fields (Return-Path and Received, RFC 5321 4.4) and what the sender sent."""
    found = re.match(rb"Return-Path: <[^\r\n]*>\r\nReceived: [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", raw)
    assert found, raw[:1000]
    return found[0], raw[found.end():]
