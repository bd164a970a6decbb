"""A whole Postfix as the next host: Debian's, unpacked by test/run, with a configuration and a queue of its own.

$POSTFIX_ROOT is where it lies. It runs as root, as Postfix must, and delivers mail for postfix.test into Maildirs.
"""

import os
import pathlib
import pwd
import signal
import socket
import subprocess
import tempfile

from postern_process import eventually
from world import certificate

SERVICES = """
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
# Users every Debian has: Postfix wants one for its queue and a group for its drop, and makes none of its own here.
OWNER, GROUP = "backup", "news"


class Postfix:
    def __init__(self, address, port):
        root = pathlib.Path(os.environ["POSTFIX_ROOT"])
        self._folder = tempfile.TemporaryDirectory(prefix="postern-postfix-")
        here = pathlib.Path(self._folder.name)
        here.chmod(0o755)
        owner = pwd.getpwnam(OWNER)
        for name in ("conf", "queue", "data", "mail"):
            (here / name).mkdir()
        for name in ("data", "mail"):
            os.chown(here / name, owner.pw_uid, -1)
        for name in ("active bounce corrupt defer deferred flush hold incoming private public maildrop pid saved trace").split():
            (here / "queue" / name).mkdir()
            if name != "pid":
                os.chown(here / "queue" / name, owner.pw_uid, -1)
        certificate(here / "conf", "mx.postfix.test")
        libraries = root / "usr/lib/postfix"
        (here / "conf/main.cf").write_text(f"""
compatibility_level = 3.6
myhostname = mx.postfix.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
queue_directory = {here}/queue
data_directory = {here}/data
command_directory = {root}/usr/sbin
daemon_directory = {libraries}/sbin
shlib_directory = {libraries}
meta_directory = {root}/etc/postfix
mail_owner = {OWNER}
setgid_group = {GROUP}
default_privs = nobody
import_environment = LD_LIBRARY_PATH MAIL_CONFIG
maillog_file = {here}/log
maillog_file_prefixes = {here}
smtpd_tls_security_level = may
smtpd_tls_cert_file = {here}/conf/cert.pem
smtpd_tls_key_file = {here}/conf/key.pem
smtpd_discard_ehlo_keywords =
virtual_mailbox_domains = postfix.test
virtual_mailbox_base = {here}/mail
virtual_mailbox_maps = inline:{{ {{user@postfix.test = user/}} {{other@postfix.test = other/}} }}
virtual_uid_maps = static:{owner.pw_uid}
virtual_gid_maps = static:{owner.pw_gid}
virtual_minimum_uid = 1
virtual_transport = virtual
alias_maps =
alias_database =
local_recipient_maps =
""")
        (here / "conf/master.cf").write_text(f"{address}:{port} inet n - n - - smtpd{SERVICES}")
        self._here, self._address, self._port = here, address, port
        self._process = subprocess.Popen(
            [libraries / "sbin/master", "-c", here / "conf", "-d"], stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": str(libraries), "MAIL_CONFIG": str(here / "conf")})

    def __enter__(self):
        eventually(self._greets, "Postfix's greeting")
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        self._process.wait()
        self._folder.cleanup()

    def _greets(self):
        if self._process.poll() is not None:
            raise AssertionError("Postfix ended:\n" + self.log())
        try:
            with socket.create_connection((self._address, self._port), timeout=5) as connection:
                return connection.recv(4) == b"220 "
        except OSError:
            return False

    def log(self):
        file = self._here / "log"
        return file.read_text() if file.exists() else ""

    def mail(self, user):
        """The messages of a user, in octets as the file system has them: with LF."""
        return [f.read_bytes() for f in sorted((self._here / "mail" / user / "new").glob("*"))]
