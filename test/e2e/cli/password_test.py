"""The ways a password gets to the program."""
import os
import pty
import select
import signal
import termios
import time

from harness import BINARY, SqliteTest, clean_environment
from postern_process import eventually


class Terminal:
    """The program on a terminal of its own."""

    def __init__(self, words):
        self.child, self.fd = pty.fork()
        if self.child == 0:
            os.execve(BINARY, [BINARY, *words], clean_environment())
        self.seen = ""

    def wait_for(self, text):
        """Reads until `text` has appeared after what was waited for before."""
        deadline = time.monotonic() + 60
        while text not in self.seen:
            if not select.select([self.fd], [], [], max(0, deadline - time.monotonic()))[0]:
                raise AssertionError(f"{text!r} did not appear in {self.seen!r}")
            try:
                read = os.read(self.fd, 4096).decode()
            except OSError:  # the program has ended
                raise AssertionError(f"{text!r} did not appear in {self.seen!r}") from None
            self.seen += read
        before, _, self.seen = self.seen.partition(text)
        return before

    def wait_until_hidden(self):
        eventually(lambda: not termios.tcgetattr(self.fd)[3] & termios.ECHO, "the terminal hiding what is typed")

    def type(self, text):
        self.wait_until_hidden()
        os.write(self.fd, text.encode())

    def end_by_signal(self):
        """The signal that ended it."""
        while not os.waitid(os.P_PID, self.child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if select.select([self.fd], [], [], 0.1)[0]:
                os.read(self.fd, 4096)  # nothing that it writes may keep it
        return os.WTERMSIG(os.waitpid(self.child, 0)[1])

    def end(self):
        """Everything else it writes, and how it ended."""
        rest = self.seen
        while True:
            try:
                read = os.read(self.fd, 4096)
            except OSError:
                break
            if not read:
                break
            rest += read.decode()
        status = os.waitpid(self.child, 0)[1]
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status), rest


class Password(SqliteTest):
    def setUp(self):
        super().setUp()
        self.done("domain", "add", "example.test")

    def terminal(self, *words):
        return Terminal([*self.options, *words])

    def test_from_standard_input(self):
        for line in ("correct horse\n", "correct horse\r\n", "correct horse", "correct horse\nsecond line\n"):
            self.done("account", "add", "a@example.test", "--password-stdin", given=line)
            self.assertEqual(self.done("account", "password", "a@example.test", "--password-stdin", given=line),
                             "The password of a@example.test is set.\n")
            self.done("account", "remove", "a@example.test")

    def test_what_is_no_password_is_refused_and_not_repeated(self):
        for line in ("", "\n", "hunter2\n", "hunter2" * 1000 + "\n"):
            told = self.refused("account", "add", "a@example.test", "--password-stdin", given=line)
            self.assertNotIn("hunter2", told)
        self.assertIn("a@example.test", self.refused("account", "show", "a@example.test"))

    def test_a_generated_one_is_printed_once(self):
        told = self.done("account", "add", "a@example.test", "--generate-password")
        self.assertRegex(told, r"\AAdded account a@example\.test\.\nPassword: [a-z2-7]{20}\n\Z")
        again = self.done_json("account", "password", "a@example.test", "--generate-password")
        self.assertRegex(again["password"], r"\A[a-z2-7]{20}\Z")
        self.assertNotIn(again["password"], told)
        self.assertNotIn("password", self.done_json("account", "show", "a@example.test"))

    def test_without_a_terminal_a_way_must_be_named(self):
        for command in ("add", "password"):
            if command == "password":
                self.done("account", "add", "a@example.test", "--generate-password")
            self.assertIn("use --password-stdin or --generate-password", self.misused("account", command, "a@example.test"))

    def test_two_ways_at_once_are_refused(self):
        self.assertIn("exclude each other",
                      self.misused("account", "add", "a@example.test", "--generate-password", "--password-stdin"))

    def test_asked_for_twice_and_never_shown(self):
        terminal = self.terminal("account", "add", "a@example.test")
        terminal.wait_for("Password: ")
        terminal.type("correct horse\n")
        shown = terminal.wait_for("Password again: ")
        terminal.type("correct horse\n")
        code, rest = terminal.end()
        self.assertEqual(code, 0, rest)
        self.assertIn("Added account a@example.test.", rest)
        self.assertNotIn("correct horse", shown + rest)
        self.assertIs(self.done_json("account", "show", "a@example.test")["can_sign_in"], True)

    def test_two_that_differ_are_refused(self):
        terminal = self.terminal("account", "add", "a@example.test")
        terminal.wait_for("Password: ")
        terminal.type("correct horse\n")
        terminal.wait_for("Password again: ")
        terminal.type("correct house\n")
        code, rest = terminal.end()
        self.assertEqual(code, 1)
        self.assertIn("the two passwords are not the same", rest)
        self.assertTrue(self.refused("account", "show", "a@example.test"))

    def test_one_that_will_not_do_is_not_asked_for_again(self):
        terminal = self.terminal("account", "add", "a@example.test")
        terminal.wait_for("Password: ")
        terminal.type("short\n")
        code, rest = terminal.end()
        self.assertEqual(code, 1)
        self.assertNotIn("again", rest)

    def test_the_end_of_input_is_no_password(self):
        terminal = self.terminal("account", "add", "a@example.test")
        terminal.wait_for("Password: ")
        terminal.type("\x04")
        code, rest = terminal.end()
        self.assertEqual(code, 1)
        self.assertIn("no password was given", rest)

    def test_an_unknown_account_is_refused_before_anything_is_asked(self):
        terminal = self.terminal("account", "password", "nobody@example.test")
        code, rest = terminal.end()
        self.assertEqual(code, 1)
        self.assertNotIn("Password:", rest)

    def test_an_interruption_gives_the_terminal_back(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            terminal = self.terminal("account", "add", "a@example.test")
            terminal.wait_for("Password: ")
            # Held open here, so that the terminal can be looked at after the program has ended.
            held = os.open(f"/proc/{terminal.child}/fd/0", os.O_RDWR | os.O_NOCTTY)
            self.addCleanup(os.close, held)
            # Perhaps before the program waits for input: it must not be missed.
            if number == signal.SIGINT:
                terminal.type("\x03")
            else:
                terminal.wait_until_hidden()
                os.kill(terminal.child, number)
            self.assertEqual(terminal.end_by_signal(), number)
            self.assertTrue(termios.tcgetattr(held)[3] & termios.ECHO)
            os.close(terminal.fd)
