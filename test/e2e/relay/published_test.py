"""The DNS records that `postern dns records` prints are a zone's, as a real name server takes it; and `check` sees them there."""

import random
import socket
import struct
import unittest

from databases import sqlite
from name_server import NameServer
from postern_process import PATIENCE, Postern

TYPES = {"A": 1, "CNAME": 5, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}


def ask(port, name, kind):
    """(rcode, answers, the answer's octets) of a name server on this machine."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    question = struct.pack(">HHHHHH", random.randrange(65536), 0x0100, 1, 0, 0, 0) + labels + struct.pack(">HH", TYPES[kind], 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(PATIENCE)
        asking.sendto(question, ("127.0.0.1", port))
        answer = asking.recv(4096)
    return answer[3] & 15, struct.unpack(">H", answer[6:8])[0], answer


class Published(unittest.TestCase):
    def test_what_is_printed_is_a_zone_and_what_check_wants(self):
        with sqlite() as url, Postern(url, submission__listen="127.0.0.1:2587", submissions__listen="127.0.0.1:2465",
                                      imap__listen="none", imaps__listen="127.0.0.1:2993", autoconfig__imaps_port=993) as postern:
            printed = postern.command("dns", "records", "example.test", "--address", "192.0.2.1", "--address", "2001:db8::1")
            with NameServer([printed]) as names:
                postern.set(dns__servers=f"127.0.0.1:{names.port}")
                for name, kind, octets in (
                    ("example.test", "MX", b"\0\x0a"), ("example.test", "TXT", b"v=spf1 mx -all"),
                    ("mx.example.test", "A", socket.inet_aton("192.0.2.1")),
                    ("mx.example.test", "AAAA", socket.inet_pton(socket.AF_INET6, "2001:db8::1")),
                    ("_submissions._tcp.example.test", "SRV", struct.pack(">HHH", 0, 1, 2465)),
                    ("_submission._tcp.example.test", "SRV", struct.pack(">HHH", 0, 1, 2587)),
                    ("_imaps._tcp.example.test", "SRV", struct.pack(">HHH", 0, 1, 993)),  # as people are told
                    ("_imap._tcp.example.test", "SRV", struct.pack(">HHHB", 0, 0, 0, 0)),  # RFC 6186 3.4: there is none
                    ("_pop3s._tcp.example.test", "SRV", struct.pack(">HHHB", 0, 0, 0, 0)),
                    ("autoconfig.example.test", "CNAME", b"\2mx"),
                ):
                    with self.subTest(name):
                        code, answers, answer = ask(names.port, name, kind)
                        self.assertEqual((code, answers), (0, 1))
                        self.assertIn(octets, answer)
                found = [c for c in postern.json_command("check")["checks"] if c["subject"] == "dns"]
                texts = {c["text"]: c["result"] for c in found}
                self.assertEqual(texts["mx.example.test is 192.0.2.1, 2001:db8::1"], "ok")
                self.assertEqual(texts["MX of example.test is mx.example.test"], "ok")
                self.assertEqual(texts["SPF of example.test is v=spf1 mx -all"], "ok")
                # Its addresses are known now without being told.
                self.assertEqual(postern.command("dns", "records", "example.test"), printed)

    def test_a_name_that_is_none_is_misuse(self):
        with sqlite() as url, Postern(url) as postern:
            for words in (("",), ("example.test", "--address", "mx")):
                with self.assertRaises(Exception) as raised:
                    postern.command("dns", "records", *words)
                self.assertEqual(raised.exception.code, 2)


if __name__ == "__main__":
    unittest.main()
