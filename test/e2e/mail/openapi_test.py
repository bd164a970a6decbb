"""Every operation of /api/v1/openapi.json is asked with what the document allows and with what it forbids.

Whatever it is asked, the server answers below 500, with a status the document lists or as a problem (RFC 7807), and with a
body of the document's schema. What the document allows is not called malformed; what it forbids is refused. The requests are
made at random from a seed that a failure names; OPENAPI_SEED repeats one.
"""

import base64
import http.client
import json
import os
import random
import unittest
import urllib.parse

import jsonschema

from case import MailCase, message
from databases import on_both_databases
from postern_process import PATIENCE

ALICE, PASSWORD = "alice@example.test", "correct horse battery"
ODD_TEXTS = ("", " ", "\x00", "\u202e\u0000x", "a\r\nBcc: x@y.test", "\U0001f600" * 40, "\u00e9@\u00fc.test",
             "%00", "../..", "' OR 1=1 --", "<script>", "\ufffe", "x" * 5000, "\t\x7f", "-1", "null")
BAD_IDS = ("0", "-1", "x", "1.5", "99999999999999999999999", "%00", "%C3%A9", "%FF", "1%2F2", "9" * 2000, "9223372036854775807")
JSON = [("Content-Type", "application/json")]
ROUNDS = 12  # of each kind, for each operation


class Document:
    """The description of the API, and values as it wants them."""

    def __init__(self, text, chance):
        self.all = json.loads(text)
        self.chance = chance

    def operations(self):
        for path, item in self.all["paths"].items():
            for method, operation in item.items():
                yield method.upper(), path, operation

    def resolve(self, what):
        while "$ref" in what:
            target = self.all
            for step in what["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            what = target
        return what

    def check(self, value, schema):
        """Raises jsonschema.ValidationError where `value` is not of `schema`."""
        jsonschema.Draft202012Validator({**schema, "components": self.all["components"]}).validate(value)

    def value(self, schema, name=""):
        """Something the schema allows."""
        schema = self.resolve(schema)
        chance = self.chance
        if "oneOf" in schema:
            return self.value(chance.choice(schema["oneOf"]), name)
        if "enum" in schema:
            return chance.choice(schema["enum"])
        kind = schema.get("type", "object")
        kind = chance.choice(kind) if isinstance(kind, list) else kind
        if kind == "object":
            required = schema.get("required", [])
            return {key: self.value(of, key) for key, of in schema.get("properties", {}).items()
                    if key in required or key == "to" or chance.random() < 0.15}
        if kind == "array":
            least = schema.get("minItems", int(name == "to"))
            return [self.value(schema["items"], name) for _ in range(chance.randint(least, 3))]
        if kind == "integer":
            return chance.randint(schema.get("minimum", 1), schema.get("maximum", 10**9))
        if kind == "string":
            return self.text(schema, name)
        return {"boolean": chance.random() < 0.5, "null": None}[kind]

    def text(self, schema, name):
        if schema.get("format") == "date-time":
            return self.chance.choice(["2031-01-02T03:04:05Z", "1999-12-31T23:59:59Z"])
        if schema.get("contentEncoding") == "base64":
            return base64.b64encode(self.chance.randbytes(self.chance.randint(0, 50))).decode()
        new = f"n{self.chance.randrange(10**9)}"
        usual = {"address": self.chance.choice([new + "@example.test", "bob@example.test"]), "name": new + ".test",
                 "password": "correct horse battery", "to": "bob@example.test", "cc": "bob@example.test", "bcc": ALICE,
                 "reply_to": ALICE, "from": ALICE, "targets": "bob@example.test", "ids": "1", "mailbox": "1", "draft": "1",
                 "forward_of": "1", "in_reply_to": "<x@y.test>"}.get(name)
        if usual and self.chance.random() < 0.9:
            return usual
        texts = ("x", "Some words", "\u00fcml\u00e4ut", "\u6f22\u5b57", *ODD_TEXTS)
        return self.chance.choice(texts)[:schema.get("maxLength", 10**6)]

    def wrong(self, schema):
        """Something the schema forbids, and what is wrong with it; None where nothing comes to mind."""
        schema = self.resolve(schema)
        properties = schema.get("properties", {})
        body = {key: self.value(of, key) for key, of in properties.items() if key in schema.get("required", [])}
        ways = ["extra", "no object"]
        ways += ["missing"] if body else []
        ways += ["type"] if properties else []
        way = self.chance.choice(ways)
        if way == "extra":
            body["no_such_member"] = 1
        elif way == "no object":
            body = self.chance.choice([[], [body], "text", 7, None, True])
        elif way == "missing":
            del body[self.chance.choice(sorted(body))]
        else:
            key = self.chance.choice(sorted(properties))
            body[key] = self.chance.choice([7.5, {"a": 1}, [[]], [None], True, "\x00", 10**30, -1])
        try:
            self.check(body, schema)
        except jsonschema.ValidationError:
            return way, body
        return None


@on_both_databases
class OpenApi(MailCase):
    settings = {"limits__http_connections_per_address": 1000, "submission__messages_per_hour": 100000,
                "submission__recipients_per_hour": 100000}

    @classmethod
    def prepare(cls):
        cls.postern.command("account", "admin", ALICE, "yes")

    def setUp(self):
        self.seed = int(os.environ.get("OPENAPI_SEED", "20261123"))
        self.chance = random.Random(self.seed)
        status, text = self.postern.get("/api/v1/openapi.json")
        self.assertEqual(status, 200)
        self.document = Document(text, self.chance)
        self.postern.send([ALICE, "bob@example.test"], message("one"))
        self.fill()

    def ask(self, method, path, body=None, fields=()):
        host = urllib.parse.urlparse(self.postern.http)
        connection = http.client.HTTPConnection(host.hostname, host.port, timeout=PATIENCE)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            connection.putheader("Authorization", "Basic " + base64.b64encode(f"{ALICE}:{PASSWORD}".encode()).decode())
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            for name, value in fields:
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            live = answer.getheader("Content-Type", "").startswith("text/event-stream")
            return answer.status, answer.getheader("Content-Type"), b"" if live else answer.read()
        finally:
            connection.close()

    def ask_json(self, method, path, value=None):
        return self.ask(method, path, None if value is None else json.dumps(value).encode(), JSON)

    def fill(self):
        """Something of each kind, for paths to lead to; what was removed is made again."""
        def made(path, value, key="id"):
            status, _, text = self.ask_json("POST", path, value)
            self.assertIn(status, (201, 202, 409), text)
            return json.loads(text).get(key) if status < 300 else None

        def ids(path, key):
            return [each["id"] for each in json.loads(self.ask("GET", path)[2])[key]]

        made("/api/v1/admin/accounts", {"address": "carol@example.test"})
        made("/api/v1/admin/aliases", {"address": "info@example.test", "targets": [ALICE]})
        made("/api/v1/admin/domains", {"name": "other.test"})
        letter = {"to": [ALICE, "far@away.test"], "text": "x", "attachments": [{"content": "AA=="}]}
        made("/api/v1/messages", letter)
        self.known = {
            "messages": ids("/api/v1/inbox", "messages") + ids("/api/v1/sent", "messages"),
            "threads": ids("/api/v1/inbox", "messages"),
            "mailboxes": ids("/api/v1/mailboxes", "mailboxes"),
            "drafts": [made("/api/v1/drafts", letter) for _ in range(4)],
            "queue": ids("/api/v1/admin/queue", "items"),
            "domains": ["other.test"], "accounts": ["carol@example.test", "nobody@example.test"],
            "aliases": ["info@example.test"],
            "n": ["1", "2"],
        }

    def path_of(self, path, good):
        pieces = path.split("/")
        for i, piece in enumerate(pieces):
            if piece.startswith("{"):
                pool = self.known.get("n" if piece == "{n}" else pieces[i - 1]) or ["1"]
                pieces[i] = urllib.parse.quote(self.chance.choice(pool), safe="@") if good else self.chance.choice(BAD_IDS)
        return "/".join(pieces)

    def query_of(self, operation, good):
        given = []
        for parameter in map(self.document.resolve, operation.get("parameters", [])):
            if parameter["in"] != "query" or self.chance.random() < 0.5:
                continue
            value = self.document.value(parameter["schema"]) if good else self.chance.choice(ODD_TEXTS)
            given.append((parameter["name"], str(value)))
        if not good and self.chance.random() < 0.3:
            given.append(("no_such_parameter", "1"))
        return "?" + urllib.parse.urlencode(given) if given else ""

    def judge(self, operation, status, kind, body):
        """What holds of every answer."""
        self.assertLess(status, 500)
        answers = operation["responses"]
        described = self.document.resolve(answers[str(status)] if str(status) in answers else answers["default"])
        if str(status) not in answers:
            self.assertGreaterEqual(status, 400, "a success that is not described")
        if status >= 400:
            self.assertEqual(kind, "application/problem+json")
        content = described.get("content", {})
        media = (kind or "").split(";")[0]
        if not content:
            self.assertIn(body, (b"",))
            return
        schema = content.get(media, content.get("*/*", content.get("application/octet-stream")))
        self.assertIsNotNone(schema, f"{media} is not described for {status}")
        if media.endswith("json"):
            value = json.loads(body)
            self.document.check(value, schema.get("schema", {}))
            if status >= 400:
                self.assertEqual(value["status"], status)

    def try_one(self, method, path, operation, target, body=None, fields=(), allowed=None):
        """`allowed`: whether the document allows what is asked; None: it does not say."""
        with self.subTest(seed=self.seed, ask=f"{method} {target[:200]}", body=(body or b"")[:300]):
            status, kind, said = self.ask(method, target, body, fields)
            with self.subTest(status=status, said=said[:300]):
                self.judge(operation, status, kind, said)
                if allowed is False:
                    self.assertGreaterEqual(status, 400, "what the document forbids was taken")
                if allowed is True:
                    self.assertNotIn(status, (405, 406, 411, 413, 415), "what the document allows was refused as malformed")
            return status

    def each(self):
        for method, path, operation in self.document.operations():
            if (method, path) != ("PUT", "/api/v1/account/password"):  # its own test: it may succeed
                yield method, path, operation

    def test_what_the_document_allows(self):
        reached = {}
        for method, path, operation in self.each():
            for _ in range(ROUNDS):
                body, fields = None, []
                if "requestBody" in operation:
                    body = json.dumps(self.document.value(operation["requestBody"]["content"]["application/json"]["schema"]))
                    body, fields = body.encode(), JSON
                if path.startswith("/api/v1/drafts/"):
                    self.fill()  # what is sent is no draft any more, and what is written anew is a poor letter
                target = self.path_of(path, True) + self.query_of(operation, True)
                status = self.try_one(method, path, operation, target, body, fields, True)
                reached.setdefault((method, path), set()).add(status < 300)
                if method == "DELETE" and path.startswith("/api/v1/") and self.chance.random() < 0.3:
                    self.fill()
        never = [" ".join(key) for key, seen in reached.items() if True not in seen]
        # Nobody signs in as somebody made up, and there is no cookie that names a session.
        self.assertEqual(set(never), {"POST /api/v1/session", "GET /api/v1/session", "DELETE /api/v1/session",
                                      "DELETE /api/v1/account/sessions/{id}"})

    def test_what_the_document_forbids(self):
        for method, path, operation in self.each():
            body = b"{}" if "requestBody" in operation else None
            for _ in range(ROUNDS):
                if "{" in path:
                    self.try_one(method, path, operation, self.path_of(path, False), body, JSON if body else (), False)
                target = self.path_of(path, True) + self.query_of(operation, False)
                self.try_one(method, path, operation, target, body, JSON)
                if "requestBody" in operation:
                    found = self.document.wrong(operation["requestBody"]["content"]["application/json"]["schema"])
                    if found:
                        self.try_one(method, path, operation, self.path_of(path, True), json.dumps(found[1]).encode(),
                                     JSON, False)

    def test_bodies_that_are_none(self):
        texts = (b"", b"{", b"{}x", b"[" * 100000, b'{"a":"\xff"}', b'{"a":"\\ud800"}', b"\xef\xbb\xbf{}",
                 b"nul", b'{"a":1,"a":2}', b'{"name":"' + b"x" * 2000000 + b'"}')
        for method, path, operation in self.each():
            if "requestBody" not in operation:
                continue
            target = self.path_of(path, True)
            for text in texts:
                self.try_one(method, path, operation, target, text, JSON, False)
            for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "", "a" * 1000,
                         "multipart/form-data; boundary=" + "b" * 200):
                self.try_one(method, path, operation, target, b"{}", [("Content-Type", kind)], False)
            self.try_one(method, path, operation, target, b"{}",
                         [("Content-Type", "application/json"), ("Content-Encoding", "gzip")], False)

    def test_methods_that_are_none(self):
        for path, item in self.document.all["paths"].items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {name.upper() for name in item}:
                operation = next(iter(item.values()))
                self.assertEqual(self.try_one(method, path, operation, self.path_of(path, True), None, (), False), 405, path)


if __name__ == "__main__":
    unittest.main()
