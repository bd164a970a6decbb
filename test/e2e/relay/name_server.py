"""NSD, a real name server, with the zone "test" that a test makes: what is not in it does not exist.

The program is $NSD (test/run unpacks it from Debian's package). It listens on a free port of 127.0.0.1.
"""

import os
import pathlib
import random
import socket
import struct
import subprocess
import tempfile

from postern_process import eventually


class NameServer:
    def __init__(self, records):
        """`records`: lines of a zone file, relative to "test.": "a MX 10 mx.a"."""
        self._folder = tempfile.TemporaryDirectory(prefix="postern-dns-")
        self.port = free_port()
        here = pathlib.Path(self._folder.name)
        (here / "zone").write_text("$ORIGIN test.\n$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n"
                                   + "\n".join(records) + "\n")
        (here / "nsd.conf").write_text(f"""
server:
    ip-address: 127.0.0.1@{self.port}
    username: ""
    chroot: ""
    zonesdir: "{here}"
    zonelistfile: "{here}/zone.list"
    pidfile: "{here}/nsd.pid"
    xfrdfile: "{here}/xfrd.state"
    xfrdir: "{here}"
    database: ""
    server-count: 1
    round-robin: no
remote-control:
    control-enable: no
zone:
    name: test
    zonefile: zone
""")
        self._log = open(here / "log", "w+", encoding="utf-8")
        self._process = subprocess.Popen([os.environ["NSD"], "-d", "-c", str(here / "nsd.conf")], stdout=self._log,
                                         stderr=self._log)

    def __enter__(self):
        eventually(self._answers, "an answer from the name server")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait()
        self._log.close()
        self._folder.cleanup()

    def _answers(self):
        if self._process.poll() is not None:
            self._log.seek(0)
            raise AssertionError("the name server ended: " + self._log.read())
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.2)
            question = struct.pack(">HHHHHH", random.randrange(65536), 0, 1, 0, 0, 0) + b"\4test\0" + struct.pack(">HH", 6, 1)
            try:
                asking.sendto(question, ("127.0.0.1", self.port))
                return asking.recv(512)[6:8] == b"\0\1"
            except OSError:
                return False


def free_port(address="127.0.0.1"):
    """A port that nobody listens on, by TCP or UDP."""
    while True:
        with socket.socket() as stream, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagram:
            stream.bind((address, 0))
            port = stream.getsockname()[1]
            try:
                datagram.bind((address, port))
            except OSError:
                continue
            return port
