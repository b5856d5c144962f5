"""The command secret, over real gpg homes: who may write, who may read, what stays byte for byte."""

import io
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from runner.cli.main import main

CURVE = "Key-Type: eddsa\nKey-Curve: ed25519\nSubkey-Type: ecdh\nSubkey-Curve: cv25519\n"
RSA = "Key-Type: RSA\nKey-Length: 2048\nSubkey-Type: RSA\nSubkey-Length: 2048\n"


class Person:
    """Somebody with a gpg home; the path is short, as the agent's socket must be."""

    def __init__(self, name, kind=CURVE):
        self.name, self.home = name, tempfile.mkdtemp(dir="/tmp")
        text = f"{kind}%no-protection\nName-Email: {name}@example.org\n%commit\n"
        self.gpg("--gen-key", stdin=text.encode())
        rows = self.gpg("--with-colons", "--list-keys").decode().splitlines()
        self.fingerprint = next(row.split(":")[9] for row in rows if row.startswith("fpr"))

    def gpg(self, *words, stdin=b""):
        command = ["gpg", "--homedir", self.home, "--batch", "--no-tty", "--yes", *words]
        return subprocess.run(command, input=stdin, capture_output=True, check=True).stdout

    def close(self):
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=False, capture_output=True)
        shutil.rmtree(self.home, ignore_errors=True)


@pytest.fixture(scope="module")
def people():
    found = {"ops": Person("ops"), "dev": Person("dev"), "web01": Person("web01", RSA), "gone": Person("gone")}
    yield found
    for person in found.values():
        person.close()


POLICY = """
recipients: {{ops: {ops}, dev: {dev}, web01: {web01}, gone: {gone}}}
groups: {{nodes: [web01]}}
rules:
  - {{path: data/production/**, to: [{production}]}}
  - {{path: "data/*.yaml", to: [dev, ops]}}
"""


@pytest.fixture
def repo(tmp_path, people, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = tmp_path.parent / f"{tmp_path.name}.yaml"
    config.write_text("")
    monkeypatch.setenv("FREEHOLD_CONFIG", str(config))
    (tmp_path / "secrets/keys").mkdir(parents=True)
    (tmp_path / "data/production").mkdir(parents=True)
    for name, person in people.items():
        (tmp_path / f"secrets/keys/{name}.asc").write_bytes(person.gpg("--armor", "--export"))
    return Repo(tmp_path, people, monkeypatch)


class Repo:
    def __init__(self, root, people, monkeypatch):
        self.root, self.people, self.monkeypatch = root, people, monkeypatch
        self.rule("ops, nodes")

    def rule(self, production):
        prints = {name: person.fingerprint for name, person in self.people.items()}
        (self.root / "secrets.yaml").write_text(POLICY.format(**prints, production=production))

    def be(self, name):
        self.monkeypatch.setenv("GNUPGHOME", self.people[name].home)

    def give(self, text):
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    def editor(self, script):
        path = self.root.parent / f"{self.root.name}.editor"
        path.write_text(
            f"import sys\npath = sys.argv[1]\ntext = open(path).read()\n{script}\nopen(path, 'w').write(text)\n"
        )
        self.monkeypatch.delenv("VISUAL", raising=False)
        self.monkeypatch.setenv("EDITOR", f"{sys.executable} {path}")

    def file(self, name, text=None):
        path = self.root / "data/production" / name
        if text is not None:
            path.write_text(text)
        return path


FILE = "data/production/db.yaml"


def test_a_developer_adds_and_replaces_what_only_ops_can_read(repo, capsys):
    repo.be("dev")
    before = "# the database\ndb::host: x   # stays\ndb::password: old\n\n# below\nother: [1,  2]\n"
    repo.file("db.yaml", before)
    for value, key in (("s3cret", "db::password"), ("two", "db::new")):
        repo.give(value + "\n")
        assert main(["secret", "encrypt", FILE, key]) == 0
    text = repo.file("db.yaml").read_text()
    first, _, rest = text.partition("db::password: ENC[GPG,")
    assert first == "# the database\ndb::host: x   # stays\n"
    assert rest.partition("\n")[2].startswith("\n# below\nother: [1,  2]\ndb::new: ENC[GPG,")
    assert main(["secret", "decrypt", FILE, "db::password"]) == 11
    assert "s3cret" not in capsys.readouterr().out
    for name in ("ops", "web01"):
        repo.be(name)
        assert main(["secret", "decrypt", FILE, "db::password"]) == 0
        assert capsys.readouterr().out == "s3cret\n"


def test_a_value_within_the_data_that_is_bound_to_its_place(repo, capsys):
    repo.be("ops")
    path = repo.file("db.yaml", "db:\n  users:\n    - name: root\n      password: old\nother: 1\n")
    repo.give("s3cret\n")
    assert main(["secret", "encrypt", FILE, "db.users.0.password", "--bound"]) == 0
    text = path.read_text()
    assert text.startswith("db:\n  users:\n    - name: root\n      password: ENC[BOUND,")
    assert text.endswith("]\nother: 1\n")
    assert main(["secret", "decrypt", FILE, "db.users.0.password"]) == 0
    assert main(["secret", "decrypt", FILE]) == 0
    assert capsys.readouterr().out == "s3cret\n" + text.partition("ENC")[0] + "s3cret\nother: 1\n"
    assert main(["secret", "audit", "--ci"]) == 0
    repo.editor("text = text.replace('s3cret', 'n3w')")
    assert main(["secret", "edit", FILE]) == 0
    assert main(["secret", "decrypt", FILE, "db.users.0.password"]) == 0
    assert capsys.readouterr().out == "n3w\n"
    path.write_text(path.read_text().replace("db:", "dc:"))
    assert main(["secret", "decrypt", FILE, "dc.users.0.password"]) == 11
    shown = capsys.readouterr()
    assert ("made for another place" in shown.err, "n3w" in shown.out + shown.err) == (True, False)
    assert main(["secret", "decrypt", FILE]) == 11
    assert "n3w" not in capsys.readouterr().out
    repo.give("x\n")
    assert main(["secret", "encrypt", FILE, "--bound"]) == 10
    for key in ("dc.users.7.x", "other.x"):
        repo.give("x\n")
        before = path.read_bytes()
        assert main(["secret", "encrypt", FILE, key]) == 11
        assert path.read_bytes() == before


def test_a_block_is_printed_and_a_value_read_from_a_file_is_exact(repo, capsys):
    repo.be("ops")
    (repo.root / "value").write_text("ends with a line\n")
    assert main(["secret", "encrypt", FILE, "--from", "value"]) == 0
    repo.file("db.yaml", f"a: {capsys.readouterr().out}")
    assert main(["secret", "decrypt", FILE]) == 0
    assert capsys.readouterr().out == "a: ends with a line\n\n"


def test_an_edit_that_changes_nothing_leaves_every_byte(repo):
    repo.be("ops")
    repo.file("db.yaml", "a: 1\n")
    for key in ("one", "two"):
        repo.give("x")
        main(["secret", "encrypt", FILE, key])
    text = repo.file("db.yaml").read_text()
    block = text.split("two: ")[1].strip()
    folded = "\n    ".join(block[at : at + 50] for at in range(0, len(block), 50))
    repo.file("db.yaml", text.replace(block, f">\n    {folded}"))
    before = repo.file("db.yaml").read_bytes(), repo.file("db.yaml").stat().st_ino
    repo.editor("assert 'DEC(1)::GPG[x]!' in text and 'DEC(2)::GPG[x]!' in text")
    assert main(["secret", "edit", FILE]) == 0
    repo.editor("text = text + ''")
    assert main(["secret", "edit", FILE]) == 0
    assert (repo.file("db.yaml").read_bytes(), repo.file("db.yaml").stat().st_ino) == before


def test_an_edit_touches_only_what_was_touched(repo, capsys):
    repo.be("ops")
    repo.file("db.yaml", "a: 1\n")
    for key in ("one", "two"):
        repo.give(key)
        main(["secret", "encrypt", FILE, key])
    before = dict(row.split(": ") for row in repo.file("db.yaml").read_text().splitlines())
    repo.editor("text = text.replace('[two]!', '[zwei]!').replace('a: 1', 'a: DEC::GPG[neu\\nzwei Zeilen]!')")
    assert main(["secret", "edit", FILE]) == 0
    after = dict(row.split(": ") for row in repo.file("db.yaml").read_text().splitlines())
    assert after["one"] == before["one"]
    assert after["two"] != before["two"]
    capsys.readouterr()
    main(["secret", "decrypt", FILE, "two"])
    main(["secret", "decrypt", FILE, "a"])
    assert capsys.readouterr().out == "zwei\nneu\nzwei Zeilen\n"


def test_what_cannot_be_opened_stays_while_the_rest_is_edited(repo, capsys):
    repo.be("dev")
    repo.file("db.yaml", "a: 1\n")
    repo.give("geheim")
    main(["secret", "encrypt", FILE, "one"])
    row = repo.file("db.yaml").read_text().splitlines()[1]
    repo.editor("assert 'geheim' not in text\ntext = text.replace('a: 1', 'a: DEC::GPG[mine]!')")
    assert main(["secret", "edit", FILE]) == 0
    assert "1 could not be opened" in capsys.readouterr().err
    text = repo.file("db.yaml").read_text()
    assert row in text
    assert "mine" not in text


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("text += 'b: DEC::GPG[open\\n'", "secret-form"),
        ("text += 'b: DEC(7)::GPG[open]!\\n'", "secret-form"),
        ("text += 'b: DEC::PKCS7[open]!\\n'", "secret-scheme"),
        ("text += 'b: [open\\n'", "yaml-syntax"),
    ],
)
def test_a_wrong_edit_writes_nothing(repo, script, code, capsys):
    repo.be("ops")
    repo.file("db.yaml", "a: 1\n")
    repo.editor(script)
    assert main(["secret", "edit", FILE]) == 11
    assert f"error[{code}]" in capsys.readouterr().err
    assert repo.file("db.yaml").read_text() == "a: 1\n"


def test_an_editor_that_fails_changes_nothing(repo, capsys):
    repo.file("db.yaml", "a: 1\n")
    repo.editor("sys.exit(3)")
    assert main(["secret", "edit", FILE]) == 10
    repo.monkeypatch.setenv("EDITOR", "/nonexistent")
    assert main(["secret", "edit", FILE]) == 10


def test_a_whole_file(repo, capsys):
    repo.be("ops")
    (repo.root / "plain").write_text("a: geheim\n")
    file = "data/production/s.yaml.gpg"
    assert main(["secret", "encrypt", file, "--from", "plain"]) == 0
    before = repo.file("s.yaml.gpg").read_bytes()
    repo.editor("text = text + ''")
    assert main(["secret", "edit", file]) == 0
    assert repo.file("s.yaml.gpg").read_bytes() == before
    repo.editor("text = text.replace('geheim', 'neu')")
    assert main(["secret", "edit", file]) == 0
    assert main(["secret", "decrypt", file, "a"]) == 0
    assert capsys.readouterr().out == "neu\n"
    repo.rule("ops")
    assert main(["secret", "rekey"]) == 0
    repo.be("web01")
    assert main(["secret", "decrypt", file, "a"]) == 11
    assert main(["secret", "encrypt", file, "key"]) == 10


def test_rekey_follows_the_rules_and_leaves_what_it_cannot_open(repo, capsys):
    repo.be("ops")
    repo.rule("ops, gone")
    repo.file("db.yaml", "a: 1\n")
    repo.give("one")
    main(["secret", "encrypt", FILE, "one"])
    repo.rule("gone")
    repo.give("two")
    main(["secret", "encrypt", FILE, "two"])
    repo.rule("ops, nodes")
    before = repo.file("db.yaml").read_text().splitlines()
    assert main(["secret", "rekey", "--dry-run"]) == 11
    assert repo.file("db.yaml").read_text().splitlines() == before
    capsys.readouterr()
    assert main(["secret", "rekey", "data", "--json"]) == 11
    rows = json.loads(capsys.readouterr().out)
    assert [(row["key"], row["line"], row["done"]) for row in rows] == [("one", 2, True), ("two", 3, False)]
    after = repo.file("db.yaml").read_text().splitlines()
    assert (after[0], after[2]) == (before[0], before[2])
    assert after[1] != before[1]
    repo.be("web01")
    assert main(["secret", "decrypt", FILE, "one"]) == 0
    assert capsys.readouterr().out == "one\n"


def test_recipients(repo, capsys):
    assert main(["secret", "recipients", FILE, "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in row["recipients"]] == ["ops", "web01"]
    (repo.root / "secrets/keys/web01.asc").unlink()
    assert main(["secret", "recipients"]) == 0
    assert "the key of 'web01' is not in the repository" in capsys.readouterr().out


def codes(repo, capsys, *words):
    code = main(["secret", "audit", "--json", *words])
    found = json.loads(capsys.readouterr().out)
    return code, found["secrets"], {(one["code"], one["location"]["file"]) for one in found["problems"]}


def test_audit_needs_no_private_key_and_tells_who_reads_what(repo, capsys, tmp_path):
    repo.be("dev")
    repo.file("db.yaml", "db::user: x\n")
    repo.give("x")
    main(["secret", "encrypt", FILE, "db::password"])
    repo.monkeypatch.setenv("GNUPGHOME", str(tmp_path / "none"))
    code, secrets, problems = codes(repo, capsys, "--ci")
    assert (code, problems) == (0, set())
    assert secrets == [{"file": FILE, "line": 2, "key": "db::password", "readers": ["ops", "web01"]}]
    repo.rule("ops, dev")
    code, _, problems = codes(repo, capsys, "--ci")
    assert code == 11
    assert problems == {("reader-left", FILE), ("reader-missing", FILE)}
    (repo.root / "secrets/keys/web01.asc").unlink()
    code, secrets, _ = codes(repo, capsys)
    assert code == 0
    assert secrets[0]["readers"][1].startswith("unknown key ")
    (repo.root / "data/production").rename(repo.root / "elsewhere")
    assert codes(repo, capsys)[2] == {("no-secret-rule", "elsewhere/db.yaml")}


def test_audit_finds_secrets_in_the_clear_and_does_not_show_them(repo, capsys):
    text = (
        "db::password: geheim1\nh: {api_key: geheim2, n: 1}\nkey: |\n  -----BEGIN RSA PRIVATE KEY-----\n  geheim3\n"
        "a::password: '%{lookup(\"x\")}'\nb::password: '$6$salt$hash'\nc::token: /etc/token\nd::passwords: 3\n"
    )
    repo.file("db.yaml", text)
    assert main(["secret", "audit", "--ci"]) == 11
    shown = capsys.readouterr().err
    assert shown.count("[plaintext-secret]") == 3
    assert "error[plaintext-secret]: 'key'" in shown
    assert "'db::password' looks like" in shown
    assert "'api_key'" in shown


def test_audit_tells_of_keys_that_end(repo, capsys, people):
    short = Person("short", CURVE + "Expire-Date: 5d\n")
    try:
        (repo.root / "secrets/keys/short.asc").write_bytes(short.gpg("--armor", "--export"))
        policy = (repo.root / "secrets.yaml").read_text()
        (repo.root / "secrets.yaml").write_text(policy.replace(people["gone"].fingerprint, short.fingerprint))
        repo_rules = (repo.root / "secrets.yaml").read_text().replace("[dev, ops]", "[gone]")
        (repo.root / "secrets.yaml").write_text(repo_rules)
        code, _, problems = codes(repo, capsys, "--ci")
        assert (code, problems) == (0, {("key-expires", "secrets.yaml")})
    finally:
        short.close()


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ("rules: [{path: x, to: [nobody]}]", "unknown-recipient"),
        ("recipients: {a: 12}", "secret-policy"),
        ("rules: [{path: x}]", "secret-policy"),
        ("rules: [{path: x, to: []}]", "secret-policy"),
        ("rules: {}", "secret-policy"),
        ("recipient: {}", "secret-policy"),
        ("[]", "secret-policy"),
    ],
)
def test_a_wrong_policy(repo, capsys, policy, code):
    (repo.root / "secrets.yaml").write_text(policy)
    assert main(["secret", "audit"]) == 11
    assert f"error[{code}]" in capsys.readouterr().err


def test_places_where_nothing_can_be_written(repo, capsys):
    repo.give("x")
    assert main(["secret", "encrypt", "elsewhere/x.yaml", "key"]) == 11
    assert "no-secret-rule" in capsys.readouterr().err
    repo.file("db.yaml", "{a: 1}\n")
    assert main(["secret", "encrypt", FILE, "key"]) == 11
    assert "secret-place" in capsys.readouterr().err
    assert main(["secret", "encrypt", "/etc/passwd", "key"]) == 10
    assert main(["secret", "encrypt", FILE, "--from", "nothing"]) == 10
    (repo.root / "secrets.yaml").unlink()
    assert main(["secret", "audit"]) == 10


def test_a_rule_for_the_key_pair_of_eyaml(repo, capsys):
    words = ["openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "9", "-subj", "/", "-set_serial", "1"]
    subprocess.run([*words, "-keyout", "p.pem", "-out", "secrets/public.pem"], check=True, capture_output=True)
    (repo.root / "secrets.yaml").write_text("rules: [{path: '**', pkcs7: secrets/public.pem}]\n")
    config = repo.root.parent / f"{repo.root.name}.yaml"
    config.write_text(
        f"secrets: {{pkcs7_private_key: {repo.root}/p.pem, pkcs7_public_key: {repo.root}/secrets/public.pem}}\n"
    )
    repo.give("x")
    assert main(["secret", "encrypt", FILE, "a"]) == 0
    assert "a: ENC[PKCS7," in repo.file("db.yaml").read_text()
    assert main(["secret", "decrypt", FILE, "a"]) == 0
    assert capsys.readouterr().out == "x\n"
    assert codes(repo, capsys)[1][0]["readers"] == ["whoever holds the PKCS7 key pair"]


def test_audit_names_whoever_left_by_the_key_that_is_still_there(repo, people, capsys):
    repo.give("x")
    repo.rule("ops, gone")
    main(["secret", "encrypt", FILE, "db::password"])
    left = people["gone"].fingerprint
    text = (repo.root / "secrets.yaml").read_text()
    (repo.root / "secrets.yaml").write_text(text.replace(f", gone: {left}", "").replace(", gone]", "]"))
    capsys.readouterr()
    assert main(["secret", "audit", "--ci"]) == 11
    assert f"can be read by 'gone@example.org {left}', who is no recipient" in capsys.readouterr().err
    (repo.root / "secrets/keys/gone.asc").unlink()
    assert main(["secret", "audit", "--ci"]) == 11
    assert "who is no recipient" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_an_edit_that_is_ended_leaves_nothing_behind(repo, tmp_path, number):
    repo.be("ops")
    repo.give("geheim")
    main(["secret", "encrypt", FILE, "db::password"])
    shown = tmp_path / "shown"
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\necho "$1" >{shown}.new\nmv {shown}.new {shown}\nexec sleep 60\n')
    editor.chmod(0o755)
    repo.monkeypatch.setenv("EDITOR", str(editor))
    repo.monkeypatch.delenv("VISUAL", raising=False)
    with subprocess.Popen([sys.executable, "-m", "runner", "secret", "edit", FILE]) as process:
        limit = time.monotonic() + 60
        while not shown.exists() and time.monotonic() < limit:
            time.sleep(0.05)
        form = Path(shown.read_text().strip())
        assert form.stat().st_mode & 0o777 == 0o600
        process.send_signal(number)
        assert process.wait(60) == 128 + number
    assert not form.parent.exists()
