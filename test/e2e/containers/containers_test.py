"""`docker compose up` on a fresh clone, twice on one machine, and what becomes of mail in and between the two stacks.

POSTERN_TEST_IMAGE names an image that is built already; without it one is built here, which compiles everything.
"""

import concurrent.futures
import json
import pathlib
import secrets
import smtplib
import tempfile
import unittest

from postern_process import eventually
from stack import Stack, copy_checkout, docker, run_tests

SENDERS = 4
MESSAGES = 5  # of each sender, while the database stops, and again while it is away and starts


class Load:
    """A few senders at once, who try again and again, as other mail servers would."""

    def __init__(self, stack):
        self.stack = stack
        self.refused = 0
        self._pool = concurrent.futures.ThreadPoolExecutor(SENDERS)

    def begin(self, word):
        """Sends MESSAGES of each sender; the subjects, once all are accepted, are what the future gives."""
        return [self._pool.submit(self._send, [f"{word} {number}.{i}" for i in range(MESSAGES)]) for number in range(SENDERS)]

    def _send(self, subjects):
        for subject in subjects:
            eventually(lambda s=subject: self._accepted(s), f"{subject} being accepted")
        return subjects

    def _accepted(self, subject):
        try:
            self.stack.deliver(self.stack.alice, subject)
        except (OSError, smtplib.SMTPException):
            self.refused += 1
            return False
        return True


class Containers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="postern-e2e-")))
        for clone in ("one", "two"):
            copy_checkout(folder / clone)
        (folder / "two" / ".env").write_text("POSTERN_LIMITS_RECIPIENTS=150\n")
        network = f"postern-e2e-link-{secrets.token_hex(3)}"
        docker("network", "create", "--internal", network)
        cls.addClassCleanup(docker, "network", "rm", network)
        cls.one = Stack(folder / "one", "one.test", peer="two.test", network=network)
        cls.two = Stack(folder / "two", "two.test", peer="one.test", network=network)
        cls.one.build()
        for stack in (cls.one, cls.two):
            cls.addClassCleanup(stack.remove)
            stack.up()
            stack.first_log = stack.log()
            stack.alice, stack.password = f"alice@{stack.domain}", stack.add_account("alice")

    def test_the_first_start_made_an_administrator_and_said_its_password_once(self):
        (line,) = [line for line in self.one.first_log if line["event"] == "first administrator made"]
        self.assertEqual((line["level"], line["account"]), ("warning", "admin@one.test"))
        for scheme in ("http", "https"):
            status, accounts = self.one.get("/api/v1/admin/accounts", line["account"], line["password"], scheme)
            self.assertEqual(status, 200)
            self.assertEqual({a["address"] for a in accounts["accounts"]}, {"admin@one.test", "alice@one.test"})

    def test_a_setting_may_stand_in_the_file_of_the_environment(self):
        for stack, expected in ((self.one, ("1000", "default")), (self.two, ("150", "POSTERN_LIMITS_RECIPIENTS"))):
            settings = {s["setting"]: s for s in json.loads(stack.postern("config", "--json"))["settings"]}
            found = settings["limits.recipients"]
            self.assertEqual((found["value"], found["from"]), expected)
            self.assertEqual(settings["database.password"]["value"], "********")

    def test_the_containers_can_do_what_they_must_and_no_more(self):
        for service, user in (("postern", "10001:10001"), ("database", "999:999")):
            container = self.one.container(service)
            host = container["HostConfig"]
            self.assertEqual(container["Config"]["User"], user)
            self.assertTrue(host["ReadonlyRootfs"])
            self.assertEqual((host["CapDrop"], host["CapAdd"]), (["ALL"], None))
            self.assertIn("no-new-privileges:true", host["SecurityOpt"])
            self.assertGreater(host["Memory"], 0)
            secret = self.one.compose("exec", "-T", "database", "cat", "/secrets/database_password").strip()
            self.assertGreater(len(secret), 40)
            self.assertNotIn(secret, str(container))
        self.assertEqual(self.one.container("database")["HostConfig"]["PortBindings"], {})
        for service, volumes in (("postern", 2), ("database", 2), ("secrets", 1)):  # none without a name, which `down` would leave
            mounts = self.one.container(service)["Mounts"]
            self.assertEqual(len([m for m in mounts if m["Name"].startswith(self.one.project)]), volumes, mounts)
            self.assertEqual(len(mounts), volumes, mounts)
        for program in ("sh", "bash", "apt-get", "perl"):  # what an intruder would look for
            with self.subTest(program), self.assertRaisesRegex(AssertionError, "executable file not found"):
                self.one.compose("exec", "-T", "postern", program, "--version")

    def test_mail_goes_from_one_stack_to_the_other_and_back(self):
        for here, there in ((self.one, self.two), (self.two, self.one)):
            subject = f"from {here.domain}"
            here.submit(here.alice, here.password, there.alice, subject)
            self.assertIn(subject, here.subjects(here.alice, here.password, "sent"))
            eventually(lambda h=here, t=there: f"from {h.domain}" in t.subjects(t.alice, t.password), f"{subject} arriving")
            self.assertIn(subject, there.subjects_by_imap(there.alice, there.password))

    def test_nothing_that_was_accepted_is_lost_when_the_database_restarts(self):
        load = Load(self.two)
        sent = load.begin("stopping")
        self.two.compose("stop", "database", timeout=120)
        sent += load.begin("away")
        eventually(lambda: load.refused, "a message being refused")
        self.assertEqual(self.two.get("/readyz")[0], 503)
        with self.assertRaisesRegex(AssertionError, "the server is not ready: HTTP/1.1 503"):
            self.two.postern("health")
        self.two.compose("start", "database", timeout=120)
        wanted = {subject for each in sent for subject in each.result()}
        self.assertEqual(len(wanted), 2 * SENDERS * MESSAGES)
        self.assertLessEqual(wanted, set(self.two.subjects(self.two.alice, self.two.password)))
        self.assertEqual(self.two.container()["RestartCount"], 0)

    def test_it_is_said_when_docker_hides_who_the_clients_are(self):
        self.two.compose("restart", "postern", timeout=120)  # none has come yet
        self.two.up()
        for _ in range(100):
            self.two.greeting()
        (line,) = eventually(lambda: [line for line in self.two.log() if "private gateway" in line["event"]], "a warning")
        self.assertEqual((line["level"], line["event"]), ("warning", "every client seems to come from one private gateway"))
        networks = self.two.container()["NetworkSettings"]["Networks"].values()
        self.assertIn(line["client"], [network["Gateway"] for network in networks])

    def test_everything_is_there_after_down_and_up(self):
        self.one.deliver(self.one.alice, "before")
        before = self.one.subjects(self.one.alice, self.one.password)
        self.assertIn("before", before)
        self.one.compose("stop", "postern", timeout=120)
        stopped = self.one.container()["State"]
        self.assertEqual((stopped["ExitCode"], self.one.log()[-1]["event"]), (0, "stopped"))
        self.one.down()
        self.one.up()
        self.assertLessEqual(set(before), set(self.one.subjects(self.one.alice, self.one.password)))
        events = {line["event"] for line in self.one.log()}
        self.assertNotIn("first administrator made", events)
        self.assertNotIn("self-signed certificate made", events)  # its volume has it


if __name__ == "__main__":
    run_tests()
