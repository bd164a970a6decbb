"""App passwords open the account while the server runs, each by itself."""

import unittest

from case import MailCase
from databases import on_both_databases
from postern_process import eventually


@on_both_databases
class AppPasswords(MailCase):
    def status(self, password, account="alice@example.test"):
        return self.postern.get("/api/v1/account", account, password=password)[0]

    def test_each_opens_its_account_until_it_is_removed(self):
        run = self.postern.json_command
        phone = run("app-password", "add", "alice@example.test", "Phone")["password"]
        laptop = run("app-password", "add", "alice@example.test", "Laptop")["password"]
        self.assertEqual(self.status(phone), 200)
        self.assertEqual(self.status(phone.replace("-", " ").upper()), 200)
        self.assertEqual(self.status(laptop), 200)
        self.assertEqual(self.status(phone, "bob@example.test"), 401)

        def used():
            passwords = run("app-password", "list", "alice@example.test")["app_passwords"]
            return all(p["last_used_at"] for p in passwords)

        eventually(used, "both app passwords being noted as used")
        self.postern.command("app-password", "remove", "alice@example.test", "Phone")
        self.assertEqual(self.status(phone), 401)
        self.assertEqual(self.status(laptop), 200)
        self.assertEqual(self.status(None), 200)  # the account's own


if __name__ == "__main__":
    unittest.main()
