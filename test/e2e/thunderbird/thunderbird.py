"""Debian's Thunderbird without a screen, in a profile of its own, with a person before it who does what person.js can do.

    with Thunderbird(http_port=8080) as thunderbird:
        thunderbird.do("write", {...})

It is driven by Marionette, the protocol for tests that is built into it: JSON over TCP, each message behind its length.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile

from postern_process import PATIENCE, eventually

PROGRAM = "/usr/lib/thunderbird/thunderbird"
HERE = pathlib.Path(__file__).parent

# The person is loaded once, into the main window, and stays there.
DO = """
const [name, given, done] = arguments;
if (!window.person) Services.scriptloader.loadSubScript("chrome://person/content/person.js", window.person = {});
Promise.resolve(window.person[name](given ?? undefined)).then(
    value => done({value}), error => done({error: `${error}\\n${error.stack}`}));
"""


class Thunderbird:
    def __init__(self, http_port):
        """`http_port`: on 127.0.0.1, of the proxy for HTTP and HTTPS, so that nothing is looked for elsewhere."""
        self._folder = tempfile.TemporaryDirectory(prefix="postern-thunderbird-")
        profile = pathlib.Path(self._folder.name) / "profile"
        profile.mkdir()
        settings = {
            "marionette.port": 0,
            "network.dns.localDomains": "mx.example.test",
            "network.proxy.type": 1,
            "network.proxy.http": "127.0.0.1",
            "network.proxy.http_port": http_port,
            "network.proxy.ssl": "127.0.0.1",
            "network.proxy.ssl_port": http_port,
            "network.captive-portal-service.enabled": False,
            "network.connectivity-service.enabled": False,
            "datareporting.policy.dataSubmissionEnabled": False,
            "mail.provider.suppress_dialog_on_startup": True,
            "mail.shell.checkDefaultClient": False,
            "mailnews.start_page.enabled": False,
            "devtools.console.stdout.chrome": True,
            "mailnews.smtp.loglevel": "All",
            "mailnews.imap.loglevel": "All",
        }
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in settings.items())
        (profile / "user.js").write_text("".join(lines))
        self._log = open(self.path("log"), "w+", errors="replace", encoding="utf-8")
        # A session of its own: it has processes for what it shows, and all end together.
        self._process = subprocess.Popen(
            [PROGRAM, "--headless", "--no-remote", "--profile", profile, "--marionette", "--remote-allow-system-access"],
            env={"PATH": os.environ["PATH"], "HOME": self._folder.name, "TMPDIR": self._folder.name, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, start_new_session=True)
        self._port_file = profile / "MarionetteActivePort"
        self._socket = socket.socket()
        self._answers = self._socket.makefile("rb")
        self._serial = 0

    def __enter__(self):
        try:
            self._socket.settimeout(PATIENCE)
            self._socket.connect(("127.0.0.1", eventually(self._port, "Thunderbird's port")))
            self._receive()  # who it is
            self._call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"unhandledPromptBehavior": "ignore"}}})
            self._call("Marionette:SetContext", {"value": "chrome"})
            self._call("Marionette:RegisterChromeHandler",
                       {"manifestPath": str(HERE / "chrome.manifest"), "entries": [["content", "person", "."]]})
            self._call("WebDriver:SetTimeouts", {"script": PATIENCE * 1000})
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._answers.close()
        self._socket.close()
        self._log.close()
        self._folder.cleanup()

    def path(self, name):
        """Of a file that it may use."""
        return f"{self._folder.name}/{name}"

    def do(self, what, given=None):
        """Has the person do it; returns what came of it."""
        answer = self._call("WebDriver:ExecuteAsyncScript",
                            {"script": DO, "args": [what, given], "sandbox": "system"})["value"]
        if "error" in answer:
            raise AssertionError(f"{what}: {answer['error']}\n{self._said()}")
        return answer.get("value")

    def _port(self):
        if self._process.poll() is not None:
            raise AssertionError(f"Thunderbird has ended:\n{self._said()}")
        return int(self._port_file.read_text() or 0) if self._port_file.exists() else None

    def _said(self):
        """The SMTP and IMAP sessions, as Thunderbird logs them."""
        self._log.flush()
        self._log.seek(0)
        return "".join(line for line in self._log if line.startswith("console"))[-10000:]

    def _call(self, command, parameters):
        self._serial += 1
        packet = json.dumps([0, self._serial, command, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(packet), packet))
        _, _, error, result = self._receive()
        if error:
            raise AssertionError(f"{command}: {error['message']}\n{error['stacktrace']}\n{self._said()}")
        return result

    def _receive(self):
        length = b""
        while (octet := self._octets(1)) != b":":
            length += octet
        return json.loads(self._octets(int(length)))

    def _octets(self, count):
        octets = self._answers.read(count)
        if len(octets) < count:
            raise AssertionError(f"Thunderbird has ended:\n{self._said()}")
        return octets
