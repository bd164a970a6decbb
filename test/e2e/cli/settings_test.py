"""Settings from file, environment and command line, as the program takes them; and `check`."""
import json
import socket
import threading

import databases
from harness import CliTest


class Settings(CliTest):
    def write(self, text, name="postern.conf"):
        path = self.folder / name
        path.write_text(text)
        return path

    def shown(self, *words, **how):
        return {s["setting"]: (s["value"], s["from"]) for s in self.done_json("config", *words, **how)["settings"]}

    def test_each_value_is_shown_with_its_origin(self):
        path = self.write("[limits]\nrecipients = 200\nsmtp_errors = 5\n[log]\nlevel = debug\n")
        shown = self.shown("--config", path, "--log.level=error", environment={"POSTERN_LIMITS_SMTP_ERRORS": "6"})
        self.assertEqual(shown["limits.recipients"], ("200", f"{path}:2"))
        self.assertEqual(shown["limits.smtp_errors"], ("6", "POSTERN_LIMITS_SMTP_ERRORS"))
        self.assertEqual(shown["log.level"], ("error", "--log.level"))
        self.assertEqual(shown["http.listen"], ("127.0.0.1:8080, [::1]:8080", "default"))
        self.assertEqual(shown["database.url"], (f"sqlite://{self.folder}/data/postern.db", "default"))

    def test_the_table_is_aligned(self):
        lines = self.done("config").splitlines()
        at = lines[0].index("FROM")
        self.assertTrue(all(line[at - 1] == " " and line[at] != " " for line in lines), lines)

    def test_the_file_may_be_named_by_the_environment_and_the_option_counts_more(self):
        by_variable = self.write("[log]\nlevel = debug\n", "a.conf")
        by_option = self.write("[log]\nlevel = error\n", "b.conf")
        environment = {"POSTERN_CONFIG": by_variable}
        self.assertEqual(self.shown(environment=environment)["log.level"], ("debug", f"{by_variable}:2"))
        self.assertEqual(self.shown("--config", by_option, environment=environment)["log.level"], ("error", f"{by_option}:2"))

    def test_all_problems_of_all_sources_are_told_at_once(self):
        path = self.write("[smtp]\nlisten = localhost:25\nlisen = x\nnonsense\n[limits]\nrecipients = 5\n")
        finished = self.run_postern("serve", "--config", path, environment={"POSTERN_LOG_LEVEL": "loud", "POSTERN_LGO_LEVEL": "x"})
        self.assertEqual((finished.returncode, finished.stdout), (1, ""))
        told = finished.stderr.splitlines()
        self.assertEqual(len(told), 6, told)
        for start in (f"postern: {path}:4: must be", f'postern: {path}:2: smtp.listen = "localhost:25" has',
                      f"postern: {path}:3: smtp.lisen is not a setting; did you mean smtp.listen?",
                      f'postern: {path}:6: limits.recipients = "5" is out of range; must be a whole number from 100 to 100000',
                      'postern: POSTERN_LOG_LEVEL="loud" is not known; must be one of trace, debug, info',
                      "postern: POSTERN_LGO_LEVEL: no setting has this environment variable; did you mean POSTERN_LOG_LEVEL?"):
            self.assertTrue(any(line.startswith(start) for line in told), (start, told))

    def test_a_wrong_value_on_the_command_line_is_a_usage_error(self):
        self.assertIn('--limits.recipients="5" is out of range', self.misused("account", "list", "--limits.recipients", "5"))

    def test_a_file_that_is_missing_is_refused(self):
        self.assertEqual(self.refused("config", "--config", self.folder / "none.conf"),
                         f"{self.folder}/none.conf: No such file or directory")

    def test_no_password_of_the_database_is_shown(self):
        url = "postgresql://mail:hunter2@db.test/mail?sslpassword=hunter2"
        self.options.append(f"--database.url={url}")
        self.assertEqual(self.shown()["database.url"][0], "postgresql://mail:***@db.test/mail?sslpassword=***")
        for wrong in ("host=db.test password=hunter2", "mysql://mail:hunter2@db.test"):
            finished = self.run_postern("serve", "--database.url", wrong)
            self.assertEqual(finished.returncode, 2)
            self.assertNotIn("hunter2", finished.stdout + finished.stderr)

    def test_the_machines_own_name_must_do_or_be_replaced(self):
        self.options = []
        finished = self.run_postern("config", "--json")
        self.assertEqual(finished.returncode, 0 if finished.stdout else 1)
        self.assertIn("server.hostname", finished.stdout + finished.stderr)

    def test_the_documentations_table(self):
        told = self.done("config", "--markdown")
        self.assertIn("| `limits.message_size` | `50M` | a size from 64K to 1G, such as 256K or 50M | largest message |", told)


class Check(CliTest):
    def findings(self, *words, code=0):
        finished = self.run_postern("check", "--json", *words)
        self.assertEqual(finished.returncode, code, finished)
        shown = json.loads(finished.stdout)
        self.assertEqual(shown["ok"], code == 0)
        self.assertEqual(finished.stderr, "" if code == 0 else "postern: the check found errors\n")
        return {c["subject"]: (c["result"], c["text"]) for c in shown["checks"]}

    def test_a_new_place_has_warnings_and_is_not_changed(self):
        found = self.findings()
        self.assertEqual(found["configuration"], ("ok", "no file"))
        self.assertEqual(found["hostname"], ("ok", "mx.example.test"))
        self.assertEqual(found["data_dir"], ("warning", f"{self.folder}/data is missing; serve makes it"))
        self.assertEqual(found["database"][0], "warning")
        self.assertIn("schema version 0 of", found["database"][1])
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_a_migrated_place_is_ok(self):
        self.done("migrate")
        found = self.findings()
        self.assertEqual(found["data_dir"][0], "ok")
        self.assertEqual(found["database"][0], "ok")
        self.assertRegex(self.done("check"), r"(?m)^ok +database +sqlite://")  # how wide a column is depends on the machine's findings

    def test_each_problem_of_the_configuration_is_an_error(self):
        path = self.folder / "postern.conf"
        path.write_text("[smtp]\nlisten = 25\nx = y\n")
        finished = self.run_postern("check", "--json", "--config", path)
        self.assertEqual(finished.returncode, 1)
        self.assertEqual([c["result"] for c in json.loads(finished.stdout)["checks"]], ["error", "error"])

    def test_a_data_folder_that_is_none_is_an_error(self):
        (self.folder / "data").write_text("")
        found = self.findings(code=1)
        self.assertEqual(found["data_dir"], ("error", f"server.data_dir {self.folder}/data is not a folder"))

    def test_a_database_that_cannot_be_reached_is_an_error(self):
        found = self.findings("--database.url=postgresql://mail:hunter2@127.0.0.1:1/mail", code=1)
        self.assertEqual(found["database"][0], "error")
        self.assertNotIn("hunter2", found["database"][1])

    def test_pending_steps_are_an_error_when_serve_may_not_apply_them(self):
        found = self.findings("--database.migrate=no", code=1)
        self.assertEqual(found["database"][0], "error")
        self.assertIn("run postern migrate", found["database"][1])

    def test_a_plain_host_name_is_a_warning(self):
        self.assertEqual(self.findings("--server.hostname=localhost")["hostname"][0], "warning")

    def test_ports_are_tried(self):
        mail = [f"--{name}.listen=none" for name in ("smtp", "submission", "submissions", "imap", "imaps")]
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            found = self.findings(*mail, f"--http.listen=127.0.0.1:{port}")
        self.assertEqual(found["ports"][0], "warning")
        self.assertIn(f"http.listen 127.0.0.1 port {port}", found["ports"][1])
        found = self.findings(*mail, f"--http.listen=127.0.0.1:{port}")
        self.assertEqual(found["ports"], ("ok", f"http.listen 127.0.0.1 port {port} can be listened on"))
        for name in ("imap", "imaps"):
            found = self.findings(*mail, "--http.listen=none", f"--{name}.listen=127.0.0.1:{port}")
            self.assertEqual(found["ports"], ("ok", f"{name}.listen 127.0.0.1 port {port} can be listened on"))

    def test_a_dns_that_does_not_answer_is_a_warning(self):
        found = self.findings()
        self.assertEqual(found["dns"][0], "warning")
        self.assertIn("DNS gave no answer", found["dns"][1])
        self.assertIn(found["clock"][0], ("ok", "warning"))

    def test_the_way_out_is_tried_when_a_host_is_named(self):
        self.assertIn("--outbound HOST", self.findings()["outbound"][1])
        self.assertEqual(self.findings("--outbound=127.0.0.1:1", code=1)["outbound"][0], "error")
        with socket.socket() as host:
            host.bind(("127.0.0.1", 0))
            host.listen()
            threading.Thread(target=lambda: host.accept()[0].sendall(b"220 mx.there.test ESMTP\r\n"), daemon=True).start()
            found = self.findings(f"--outbound=127.0.0.1:{host.getsockname()[1]}")
        self.assertEqual(found["outbound"][0], "ok")
        self.assertIn("mx.there.test", found["outbound"][1])


class MigrateOnSqlite(CliTest):
    def test_a_dry_run_shows_the_steps_and_changes_nothing(self):
        shown = self.done_json("migrate", "--dry-run")
        self.assertEqual(shown["database_version"], 0)
        self.assertEqual(len(shown["pending"]), shown["program_version"])
        self.assertIn("CREATE TABLE", shown["pending"][0]["sql"])
        told = self.done("migrate", "--dry-run")
        self.assertIn("-- 0001 receive_and_read\n", told)
        self.assertIn("nothing was changed", told)
        self.assertEqual(self.done_json("migrate", "--dry-run"), shown)

    def test_each_step_is_applied_once(self):
        first = self.done_json("migrate")
        self.assertEqual(first["applied"][0], {"version": 1, "name": "receive_and_read"})
        self.assertEqual(len(first["applied"]), first["database_version"])
        self.assertEqual(self.done_json("migrate")["applied"], [])
        self.assertIn("nothing to do", self.done("migrate", "--dry-run"))
        self.assertEqual(self.done("migrate"), f"The database is at schema version {first['database_version']}.\n")

    def test_commands_say_what_to_do_before_the_schema_is_there(self):
        for words in (["domain", "list"], ["account", "list", "--json"], ["message", "show", "1"]):
            self.assertIn("run `postern migrate`, or start the server", self.refused(*words))


class MigrateOnPostgresql(MigrateOnSqlite):
    def setUp(self):
        super().setUp()
        self.options.append(f"--database.url={self.enterContext(databases.empty_postgresql())}")
