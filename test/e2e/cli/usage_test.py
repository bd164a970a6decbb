"""What the command line takes and refuses, without any database."""
import json
import subprocess
from pathlib import Path

from harness import CliTest

COMMANDS = [
    "serve", "check", "migrate", "domain add", "domain list", "domain remove", "account add", "account list", "account show",
    "account password", "account disable", "account enable", "account remove", "alias add", "alias list", "alias remove",
    "message show", "export", "import", "backup", "verify", "dns records", "config", "version",
]
RUN = Path(__file__).resolve().parents[3] / "app" / "run"


class Usage(CliTest):
    def setUp(self):
        super().setUp()
        self.options = []

    def test_no_command_is_a_usage_error_that_lists_them(self):
        told = self.misused()
        for command in COMMANDS:
            self.assertIn(f"  {command} ", told)

    def test_help_lists_the_commands(self):
        for words in (["--help"], ["-h"]):
            told = self.done(*words)
            for command in COMMANDS:
                self.assertIn(f"  {command} ", told)

    def test_every_command_has_help_wherever_the_option_stands(self):
        for command in COMMANDS:
            words = command.split()
            told = self.done(*words, "--help")
            self.assertTrue(told.startswith(f"Usage: postern {command} "), told)
            self.assertEqual(told, self.done("--help", *words))
            self.assertEqual(told, self.done(*words, "-h", "more"))

    def test_help_of_serve_has_every_setting(self):
        told = self.done("serve", "--help")
        for line in ("--smtp.listen (default 0.0.0.0:25, [::]:25)", "--limits.message_size (default 50M)",
                     "--log.level (default info)", "--database.url (default sqlite://{server.data_dir}/postern.db)"):
            self.assertIn(line, told)

    def test_a_group_without_its_second_word_lists_its_commands(self):
        told = self.misused("account")
        self.assertIn("account password", told)
        self.assertNotIn("alias add", told)
        self.assertIn("account password", self.done("account", "--help"))

    def test_an_unknown_command_is_refused_with_what_was_meant(self):
        self.assertIn('there is no command "serv"; did you mean serve?', self.misused("serv"))
        self.assertIn('there is no command "account ad"; did you mean account add?', self.misused("account", "ad"))
        self.assertIn('there is no command "weather"\n', self.misused("weather"))
        self.assertIn('there is no command "a\\x1b[31m"', self.misused("a\x1b[31m"))

    def test_all_unknown_options_are_told_without_their_values(self):
        told = self.misused("account", "list", "--smtp.lisen=127.0.0.1:25", "--jsn", "--database.pasword=hunter2")
        self.assertIn("unknown option --smtp.lisen, did you mean --smtp.listen?", told)
        self.assertIn("unknown option --jsn, did you mean --json?", told)
        self.assertIn("unknown option --database.pasword", told)
        self.assertNotIn("hunter2", told)

    def test_an_unknown_option_before_the_command_is_told_too(self):
        self.assertIn("unknown option --smtp.lisen, did you mean --smtp.listen?", self.misused("--smtp.lisen", "x", "serve"))

    def test_options_are_not_guessed_from_their_beginnings(self):
        self.assertIn("unknown option --jso", self.misused("version", "--jso"))

    def test_an_option_of_another_command_is_refused(self):
        self.assertIn("unknown option --admin", self.misused("domain", "add", "example.test", "--admin"))
        self.assertIn("unknown option --json", self.misused("serve", "--json"))

    def test_an_option_without_its_value_is_refused(self):
        self.assertIn("--log.level", self.misused("version", "--log.level"))
        self.assertIn("--config", self.misused("version", "--config"))

    def test_a_flag_takes_no_value(self):
        self.assertIn("--json", self.misused("version", "--json=yes"))

    def test_arguments_are_counted(self):
        self.assertIn("postern domain add: needs DOMAIN", self.misused("domain", "add"))
        self.assertIn("postern alias add: needs ADDRESS ACCOUNT...", self.misused("alias", "add", "a@example.test"))
        self.assertIn('"two" is one argument too many', self.misused("domain", "add", "one", "two"))
        self.assertIn('"x" is one argument too many', self.misused("version", "x"))
        self.assertIn("See: postern version --help", self.misused("version", "x"))

    def test_an_argument_may_begin_with_a_hyphen_after_two(self):
        self.assertIn('"--json" is one argument too many', self.misused("version", "--", "--json"))

    def test_an_id_is_a_number(self):
        self.options = [f"--server.data_dir={self.folder}", "--server.hostname=mx.example.test"]
        self.done("migrate")
        for wrong in ("x", "0", "01", "1x", "99999999999999999999", "-1"):
            self.assertIn(f'"{wrong}" is not an id; ids are numbers', self.misused("message", "show", "--", wrong))

    def test_version(self):
        self.assertRegex(self.done("version"), r"\Apostern \d+\.\d+\.\d+ \(schema version \d+\)\n\Z")
        self.assertEqual(self.done("--version"), self.done("version"))
        shown = json.loads(self.done("version", "--json"))
        self.assertEqual(set(shown), {"version", "schema_version"})
        self.assertGreaterEqual(shown["schema_version"], 1)

    def test_settings_may_stand_before_the_command(self):
        self.assertIn("postern", self.done("--log.level", "debug", "--log.format=json", "version"))


class Run(CliTest):
    """app/run as far as it goes without building."""

    def test_help(self):
        finished = subprocess.run([RUN, "--help"], capture_output=True, text=True, timeout=10)
        self.assertEqual((finished.returncode, finished.stderr), (0, ""))
        for word in ("127.0.0.1:2525", "127.0.0.1:8080", "alice", "bob", "postern serve", "Ctrl-C"):
            self.assertIn(word, finished.stdout)

    def test_an_unknown_argument_is_refused(self):
        finished = subprocess.run([RUN, "--log.level=debug"], capture_output=True, text=True, timeout=10)
        self.assertEqual((finished.returncode, finished.stdout), (2, ""))
        self.assertIn("unknown argument --log.level=debug", finished.stderr)
