"""Domains, accounts, aliases and messages from the command line, on both databases."""
from harness import on_both


@on_both
class Domains:
    def test_a_new_server_has_none(self):
        self.assertEqual(self.done("domain", "list"), "There is no domain yet: postern domain add example.org\n")
        self.assertEqual(self.done_json("domain", "list"), {"domains": []})

    def test_added_listed_and_removed(self):
        self.assertEqual(self.done("domain", "add", "Example.TEST"), "Added domain example.test.\n")
        added = self.done_json("domain", "add", "bücher.test")
        self.assertEqual(set(added), {"id", "name", "accounts", "aliases", "created_at"})
        self.assertEqual(added["name"], "xn--bcher-kva.test")
        self.assertIsInstance(added["id"], str)
        self.assertRegex(added["created_at"], r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
        self.assertEqual([d["name"] for d in self.done_json("domain", "list")["domains"]], ["example.test", "xn--bcher-kva.test"])
        lines = self.done("domain", "list").splitlines()
        self.assertTrue(lines[0].startswith("DOMAIN"))
        self.assertTrue(lines[2].startswith("bücher.test"))  # for people as they write it
        self.assertEqual(self.done_json("domain", "remove", "BÜCHER.test")["removed"], "BÜCHER.test")
        self.assertEqual(len(self.done_json("domain", "list")["domains"]), 1)

    def test_refusals(self):
        self.done("domain", "add", "example.test")
        self.assertIn("example.test", self.refused("domain", "add", "example.test", "--json"))
        self.assertIn("no..domain", self.refused("domain", "add", "no..domain"))
        self.assertIn("other.test", self.refused("domain", "remove", "other.test"))
        self.done("account", "add", "alice@example.test", "--generate-password")
        self.assertTrue(self.refused("domain", "remove", "example.test"))


@on_both
class Accounts:
    def setUp(self):
        super().setUp()
        self.done("domain", "add", "example.test")

    def test_the_life_of_an_account(self):
        added = self.done_json("account", "add", "Alice@Example.test", "--name", "Alice Ä", "--quota", "2G", "--admin",
                               "--generate-password")
        self.assertEqual(added["address"], "alice@example.test")
        self.assertEqual(added["name"], "Alice Ä")
        self.assertEqual(added["quota"], {"used": 0, "limit": 2 << 30})
        self.assertIs(added["admin"], True)
        self.assertIs(added["can_sign_in"], True)
        self.assertRegex(added["password"], r"\A[a-z2-7]{20}\Z")
        self.done("account", "add", "bob@example.test", "--password-stdin", given="correct horse\n")

        listed = self.done_json("account", "list")["accounts"]
        self.assertEqual([a["address"] for a in listed if a["can_sign_in"]], ["alice@example.test", "bob@example.test"])
        self.assertFalse(any("password" in key for a in listed for key in a))
        self.assertEqual(self.done_json("account", "list", "example.test")["accounts"], listed)
        table = self.done("account", "list")
        self.assertRegex(table, r"(?m)^ACCOUNT +NAME +STATE +ADMIN +USED +QUOTA +CREATED$")
        self.assertRegex(table, r"(?m)^alice@example\.test +Alice Ä +enabled +yes +0 B +2G +\d{4}-")
        self.assertRegex(table, r"(?m)^bob@example\.test +enabled +no +0 B +unlimited +\d{4}-")

        self.assertEqual(self.done("account", "disable", "bob@example.test"), "Account bob@example.test is disabled.\n")
        self.assertIn("disabled", self.done("account", "show", "bob@example.test"))
        self.assertIs(self.done_json("account", "enable", "bob@example.test")["disabled"], False)
        self.assertIs(self.done_json("account", "show", "bob@example.test")["disabled"], False)

        self.assertEqual(self.done("account", "remove", "bob@example.test"), "Removed account bob@example.test and its mail.\n")
        self.assertIn("bob@example.test", self.refused("account", "show", "bob@example.test"))

    def test_name_quota_and_rights_can_be_changed_later(self):
        self.done("account", "add", "alice@example.test", "--generate-password")
        self.assertEqual(self.done("account", "rename", "alice@example.test", "Alice \u00c4"), "The name of alice@example.test is set.\n")
        self.assertEqual(self.done_json("account", "quota", "ALICE@example.test", "1G")["quota"]["limit"], 1 << 30)
        self.assertEqual(self.done("account", "admin", "alice@example.test", "yes"),
                         "Account alice@example.test may administer the server.\n")
        shown = self.done_json("account", "show", "alice@example.test")
        self.assertEqual((shown["name"], shown["quota"]["limit"], shown["admin"]), ("Alice \u00c4", 1 << 30, True))
        self.assertIs(self.done_json("account", "admin", "alice@example.test", "no")["admin"], False)
        self.assertIsNone(self.done_json("account", "quota", "alice@example.test", "unlimited")["quota"]["limit"])
        self.assertIn("nobody@example.test", self.refused("account", "rename", "nobody@example.test", "x"))
        for wrong in (("quota", "alice@example.test", "much"), ("quota", "alice@example.test", "0"),
                      ("admin", "alice@example.test", "perhaps"), ("rename", "alice@example.test")):
            self.misused("account", *wrong)

    def test_removing_an_account_tells_the_aliases_that_go(self):
        for name in ("alice", "bob"):
            self.done("account", "add", f"{name}@example.test", "--generate-password")
        self.done("alias", "add", "bobby@example.test", "bob@example.test")
        self.done("alias", "add", "both@example.test", "bob@example.test", "alice@example.test")
        self.assertEqual(self.done_json("account", "show", "bob@example.test")["aliases"],
                         ["bobby@example.test", "both@example.test"])
        self.assertEqual(self.done_json("account", "remove", "bob@example.test"),
                         {"removed": "bob@example.test", "removed_aliases": ["bobby@example.test"]})
        self.assertEqual([a["targets"] for a in self.done_json("alias", "list")["aliases"]], [["alice@example.test"]])

    def test_refusals(self):
        self.done("account", "add", "alice@example.test", "--generate-password")
        self.assertIn("alice@example.test", self.refused("account", "add", "ALICE@example.test", "--generate-password", "--json"))
        self.assertIn("there is no domain other.test", self.refused("account", "add", "a@other.test", "--generate-password"))
        self.assertTrue(self.refused("account", "add", "not an address", "--generate-password"))
        self.assertTrue(self.refused("account", "add", "no-at-sign", "--generate-password"))
        self.assertTrue(self.refused("account", "list", "other.test"))
        for command in ("show", "disable", "enable", "remove"):
            self.assertIn("nobody@example.test", self.refused("account", command, "nobody@example.test"))
        self.assertIn("nobody@example.test", self.refused("account", "password", "nobody@example.test", "--generate-password"))

    def test_the_last_account_stays(self):
        self.done("account", "add", "alice@example.test", "--generate-password")
        for other in self.done_json("account", "list")["accounts"]:
            if other["address"] != "alice@example.test":
                self.done("account", "remove", other["address"])
        self.assertTrue(self.refused("account", "disable", "alice@example.test"))
        self.assertTrue(self.refused("account", "remove", "alice@example.test"))

    def test_a_quota_is_a_size(self):
        for wrong in ("0", "-1", "much", "2GB", "9223372036854775808", "16777216T"):
            told = self.misused("account", "add", "a@example.test", "--generate-password", f"--quota={wrong}")
            self.assertIn("must be a size of at least 1, such as 500M or 2G", told)
        self.assertEqual(self.done_json("account", "add", "a@example.test", "--generate-password", "--quota=9223372036854775807")
                         ["quota"]["limit"], 2**63 - 1)

    def test_a_name_cannot_command_the_terminal(self):
        finished = self.run_postern("account", "add", "a@example.test", "--generate-password", "--name", "x\x1b[31my\u009b1m")
        if finished.returncode == 0:
            self.assertNotRegex(self.done("account", "list"), "[\x1b\u0080-\u009f]")
        else:
            self.assertEqual(finished.returncode, 1)


@on_both
class Aliases:
    def setUp(self):
        super().setUp()
        self.done("domain", "add", "example.test")
        for name in ("alice", "bob"):
            self.done("account", "add", f"{name}@example.test", "--generate-password")

    def test_added_listed_and_removed(self):
        self.assertEqual(self.done("alias", "list"), "There is no alias.\n")
        self.assertEqual(self.done("alias", "add", "Team@example.test", "bob@example.test", "alice@example.test"),
                         "Added alias team@example.test for alice@example.test, bob@example.test.\n")
        added = self.done_json("alias", "add", "@example.test", "alice@example.test")
        self.assertEqual((added["address"], added["targets"]), ("@example.test", ["alice@example.test"]))
        self.assertEqual([a["address"] for a in self.done_json("alias", "list", "example.test")["aliases"]],
                         ["@example.test", "team@example.test"])
        self.assertRegex(self.done("alias", "list"), r"(?m)^team@example\.test +alice@example\.test, bob@example\.test +\d{4}-")
        self.assertEqual(self.done("alias", "remove", "@example.test"), "Removed alias @example.test.\n")
        self.assertEqual(self.done_json("alias", "remove", "team@example.test"), {"removed": "team@example.test"})
        self.assertEqual(self.done_json("alias", "list"), {"aliases": []})

    def test_refusals(self):
        self.done("alias", "add", "team@example.test", "bob@example.test")
        self.assertTrue(self.refused("alias", "add", "team@example.test", "alice@example.test"))
        self.assertTrue(self.refused("alias", "add", "alice@example.test", "bob@example.test"))
        self.assertTrue(self.refused("alias", "add", "x@example.test", "team@example.test"))
        self.assertIn("nobody@example.test", self.refused("alias", "add", "x@example.test", "nobody@example.test", "--json"))
        self.assertTrue(self.refused("alias", "remove", "other@example.test"))
        self.assertTrue(self.refused("alias", "remove", "alice@example.test"))


@on_both
class AppPasswords:
    def setUp(self):
        super().setUp()
        self.done("domain", "add", "example.test")
        self.done("account", "add", "alice@example.test", "--generate-password")

    def test_made_listed_and_removed(self):
        self.assertEqual(self.done("app-password", "list", "alice@example.test"), "There is no app password.\n")
        self.assertEqual(self.done_json("app-password", "list", "alice@example.test"), {"app_passwords": []})
        self.assertRegex(self.done("app-password", "add", "Alice@example.test", "Alice's phone"),
                         r"\AAdded app password Alice's phone for Alice@example\.test\.\n"
                         r"Password: [a-z2-7]{4}(-[a-z2-7]{4}){6}\n"
                         r"It is shown only now\. Type it as it stands, with the hyphens\.\n\Z")
        made = self.done_json("app-password", "add", "alice@example.test", "Laptop")
        self.assertEqual(set(made), {"id", "name", "created_at", "last_used_at", "password"})
        self.assertEqual((made["name"], made["last_used_at"]), ("Laptop", None))
        listed = self.done_json("app-password", "list", "alice@example.test")["app_passwords"]
        self.assertEqual([p["name"] for p in listed], ["Alice's phone", "Laptop"])
        self.assertFalse(any("password" in p for p in listed))
        self.assertRegex(self.done("app-password", "list", "alice@example.test"), r"(?m)^Laptop +\d{4}-\S+ +never$")
        self.assertEqual(self.done("app-password", "remove", "alice@example.test", "Alice's phone"),
                         "Removed app password Alice's phone of alice@example.test.\n")
        self.assertEqual(self.done_json("app-password", "remove", "alice@example.test", "Laptop"), {"removed": "Laptop"})
        self.assertEqual(self.done_json("app-password", "list", "alice@example.test"), {"app_passwords": []})

    def test_refusals(self):
        self.done("app-password", "add", "alice@example.test", "Phone")
        self.assertIn("exists already", self.refused("app-password", "add", "alice@example.test", "Phone", "--json"))
        self.assertIn("needs a name", self.refused("app-password", "add", "alice@example.test", ""))
        self.assertIn("256", self.refused("app-password", "add", "alice@example.test", "x" * 257))
        self.assertIn("control character", self.refused("app-password", "add", "alice@example.test", "a\x1b[31m"))
        for words in (("add", "nobody@example.test", "Phone"), ("list", "nobody@example.test"),
                      ("remove", "nobody@example.test", "Phone")):
            self.assertIn("nobody@example.test", self.refused("app-password", *words))
        self.assertIn("Laptop", self.refused("app-password", "remove", "alice@example.test", "Laptop"))
        self.assertTrue(self.misused("app-password", "add", "alice@example.test"))


@on_both
class Messages:
    def test_an_unknown_message_is_refused(self):
        self.assertEqual(self.refused("message", "show", "4711"), "there is no message 4711")
        self.assertEqual(self.refused("message", "show", "4711", "--json"), "there is no message 4711")
