"""A secret stands in its target and nowhere else, and an unchanged run does not even open it.

What may hold one besides its target: the 0600 blob with the bytes that stood in a target *before the first touch*
(SEMANTICS 7), since going back to them is a promise; it is named by a keyed digest and goes when the claim closes.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import stat
import subprocess
import urllib.parse
from pathlib import Path
from typing import Any

import pytest
from support.canary import canary, digests, files_holding, found_in, watched, written

ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="accounts are root's")
SITE = "nodes:\n  default: [base]\n"
HIERA = """\
version: 5
hierarchy:
  - {name: common, path: common.yaml}
  - {name: sealed, path: sealed.yaml.gpg}
"""
BASE = """\
class: base
parameters:
  block: String
  whole: String
  converted: String
  hash: String
  account: {type: Hash, default: {}}
resources:
  file[/etc/block]: {content: "password={{ block }}\\n", mode: 0600}
  file[/etc/template]: {template: base/t.j2, mode: 0640}
  file[/etc/converted]: {content: "{{ converted | upper }}", mode: 0600}
  file[/etc/spread]: {attributes: "{{ account }}"}
  concat[/etc/joined]: {mode: 0600}
  concat_fragment[head]: {target: /etc/joined, content: "# head\\n", order: 1}
  concat_fragment[body]: {target: /etc/joined, content: "{{ block ~ ':' ~ whole }}\\n", order: 2}
  exec[feed]: {command: /bin/cat, stdin: "{{ whole }}"}
"""
USER = """\
  user[app]: {uid: 4242, home: /srv/app, shell: /bin/sh, password: "{{ hash }}"}
"""
TEMPLATE = "# managed\ntoken: {{ whole }}\nshell: {{ whole | quote }}\njson: {{ [whole] | tojson }}\n"
OPTIONS = "lookup_options:\n  base::converted: {convert_to: Sensitive}\n"


class Shop:
    """A control repository with secrets, and the node that follows it."""

    def __init__(self, repo: Any, ann: Any, web: Any, home: Any, place: Path) -> None:
        self.repo, self.ann, self.web, self.home = repo, ann, web, home
        self.secrets: list[str] = []
        self.temporary = place / "tmp"
        self.temporary.mkdir()
        self.gpg_log = place / "gpg.log"
        self._environment = web.environment
        web.environment = self.environment
        programs = place / "bin"
        programs.mkdir()
        real = shutil.which("gpg")
        (programs / "gpg").write_text(f'#!/bin/sh\necho "$@" >>{self.gpg_log}\nexec {real} "$@"\n')
        (programs / "gpg").chmod(0o755)
        self.path = f"{programs}:{os.environ['PATH']}"

    def environment(self) -> dict[str, str]:
        own = {"PATH": self.path, "FREEHOLD_DEBUG": "1", "TMPDIR": str(self.temporary)}
        return {**self._environment(), **own}

    def gpg_calls(self) -> int:
        """Return how many times gpg was started since the last question."""
        count = len(self.gpg_log.read_text().splitlines()) if self.gpg_log.exists() else 0
        self.gpg_log.write_text("")
        return count

    def new(self) -> dict[str, str]:
        """Return new secrets by the names they have in the data."""
        kinds = {name: canary() for name in ("block", "whole", "converted", "spread")}
        kinds["hash"] = f"$6$saltsalt${secrets.token_hex(43)}"
        self.secrets += kinds.values()
        self.secrets.append(kinds["converted"].upper())
        return kinds

    def commit(self, kinds: dict[str, str], manifest: str = BASE, *, hidden: bool = True, levels: int = 2) -> None:
        """Commit the manifests and data that hold the secrets ``kinds``; ``levels`` of the hierarchy are used."""
        block = self.home.block
        data = f"{OPTIONS}base::block: {block(kinds['block'])}\nbase::hash: {block(kinds['hash'])}\n"
        data += f'base::account: {{mode: "0600", content: "x{block(kinds["spread"])}"}}\n'
        data += "base::converted: " + (block(kinds["converted"]) if hidden else f"'{kinds['converted']}'") + "\n"
        tree = {
            "manifests/site.yaml": SITE,
            "modules/base/manifests/init.yaml": manifest,
            "modules/base/templates/t.j2": TEMPLATE,
            "hiera.yaml": "".join(HIERA.splitlines(keepends=True)[: 2 + levels]),
            "data/common.yaml": data,
            "data/sealed.yaml.gpg": self.home.encrypt(f"base::whole: '{kinds['whole']}'\n"),
        }
        self.repo.commit("secrets", tree, key=self.ann, push=True)

    def say(self, *argv: str, code: int = 0) -> str:
        """Run a command under watch; neither what it says nor any process may show a secret."""
        with watched(self.secrets, self.web.state) as seen:
            done = self.web.freehold(*argv)
        assert done.code == code, done.text
        assert not seen
        for secret in self.secrets:
            assert not found_in(done.text.encode(), written(secret)), argv
        return str(done.text)

    def check_state(self, *, allowed: tuple[str, ...] = ()) -> None:
        """Look for secrets, and for digests of them, in everything but their targets."""
        for secret in self.secrets:
            if secret in allowed:
                continue
            forms = written(secret)
            for text in (secret, f"password={secret}\n", f"x{secret}"):
                forms |= {f"{name} of it": form for name, form in digests(text).items()}
            assert not files_holding(self.web.state, forms)
        assert not list(self.temporary.iterdir())

    def holders(self) -> set[str]:
        """Return the files of the root that hold a secret."""
        return {path for secret in self.secrets for path in files_holding(self.web.root, written(secret))}


@pytest.fixture
def shop(tmp_path: Path, git_repo: Any, keyring: Any, node: Any, gpg_home: Any) -> Shop:
    ann, home = keyring.gpg("ann"), gpg_home("mine")
    repo = git_repo(policy=[ann])
    web = node(repo, secrets={"gnupghome": home.path})
    for name, text in (
        ("passwd", "root:x:0:0:root:/root:/bin/sh\n"),
        ("group", "root:x:0:\n"),
        ("shadow", "root:*:1::::::\n"),
    ):
        web.path(f"/etc/{name}").write_text(text)
    web.path("/etc/shadow").chmod(0o600)
    web.path("/srv").mkdir()
    return Shop(repo, ann, web, home, tmp_path)


def test_the_detectors_see_what_they_look_for(tmp_path: Path) -> None:
    secret = canary()
    data = secret.encode()
    leaks = {
        "raw": data,
        **{f"base64 at {n}": base64.b64encode(b"abcdef"[:n] + data + b"tail") for n in range(6)},
        "hexadecimal": data.hex().encode(),
        "url": urllib.parse.quote(secret, safe="").encode(),
        "json": json.dumps({"k": secret}).encode(),
    }
    for name, leak in leaks.items():
        (tmp_path / name).write_bytes(b"before " + leak + b" after")
    (tmp_path / "harmless").write_bytes(canary().encode())
    assert files_holding(tmp_path, written(secret)).keys() == leaks.keys()
    for name, leak in digests(secret).items():
        assert found_in(b"x" + leak, digests(secret)), name

    with watched([secret], tmp_path) as seen:
        subprocess.run(["/bin/sh", "-c", "sleep 0.5", secret], check=True, env={"LEAK": secret})
    assert any("cmdline" in place for place in seen)
    assert any("environ" in place for place in seen)


TARGETS = {"etc/block", "etc/template", "etc/converted", "etc/spread", "etc/joined"}


def test_a_secret_stands_in_its_target_alone(shop: Shop) -> None:
    manifest = BASE + (USER if os.geteuid() == 0 else "")
    targets = TARGETS | ({"etc/shadow"} if os.geteuid() == 0 else set())
    kinds = shop.new()
    shop.commit(kinds, manifest)

    shop.say("run", "-v", "--diff")
    assert shop.gpg_calls() > 0
    assert shop.holders() == targets
    assert shop.web.path("/etc/block").read_text() == f"password={kinds['block']}\n"
    assert kinds["whole"] in shop.web.path("/etc/template").read_text()
    modes = {name: stat.S_IMODE(os.stat(shop.web.root / name).st_mode) for name in TARGETS}
    assert modes == dict.fromkeys(TARGETS, 0o600) | {"etc/template": 0o640}
    shop.check_state()

    assert "unchanged" in shop.say("run", "-v", "--diff")
    assert shop.gpg_calls() == 0
    for argv in (
        ["plan"], ["plan", "--json"], ["compile"], ["compile", "--json"], ["show"], ["show", "--json"], ["log"],
        ["status", "--json"], ["why", "/etc/block"], ["why", "/etc/block", "--json"], ["why", "/etc/joined"],
        ["lookup", "base::block"], ["lookup", "base::block", "--explain"], ["lookup", "base::whole", "--explain"],
        ["lookup", "base::account", "--json"], ["lookup", "base::converted", "--explain"],
        ["lookup", "base::block", "--render-as", "s"], ["validate", "--tree", str(shop.repo.path)],
    ):  # fmt: skip
        shop.say(*argv)
    shop.check_state()

    shop.commit(shop.new(), manifest)
    shop.gpg_calls()
    for argv in (["plan", "--diff"], ["run", "--noop", "--diff", "-v"]):
        shop.say(*argv)
    said = shop.say("run", "--diff", "-v", "--json")
    assert "/etc/block" in said
    assert shop.holders() == targets
    shop.check_state()

    for name in TARGETS:
        with (shop.web.root / name).open("a") as stream:
            stream.write("somebody was here\n")
    said = shop.say("run", "--diff", "-v")
    assert "drift" in said
    assert shop.web.path("/etc/block").read_text().count("\n") == 1
    shop.check_state()

    failing = manifest + '  file[/etc/no/such/place]: {content: "{{ block }}"}\n'
    shop.commit(shop.new(), failing)
    said = shop.say("run", "--diff", "-v", code=4)
    assert "/etc/no/such/place" in said
    shop.check_state()
    for argv in (["show"], ["show", "--json"], ["status"], ["log", "--json"]):
        shop.say(*argv)

    shop.repo.reset(shop.repo.introduction)
    shop.repo.git("checkout", "-q", "-B", "main", "origin/main")
    shop.repo.commit("nothing", {"modules/base/manifests/init.yaml": "class: base\n"}, key=shop.ann, push=True)
    shop.say("run", "--confirm", "--diff", "-v")
    assert not shop.holders()
    shop.check_state()


def test_a_line_by_line_diff_hides_what_is_secret(shop: Shop) -> None:
    shop.commit(shop.new())
    shop.say("run")
    shop.commit(shop.new())
    said = shop.say("run", "--diff")
    assert "file[/etc/block]" in said
    assert "password=" not in said
    assert said.count("[diff redacted: secret]") == len(TARGETS)

    plain = (
        BASE.replace("password={{ block }}", "no password").replace("concat[", "file[").replace('"{{ block', '"{{ 1')
    )
    plain = "".join(row for row in plain.splitlines(keepends=True) if "concat_fragment" not in row)
    plain = plain.replace("file[/etc/joined]: {", "file[/etc/joined]: {content: plain, ")
    shop.commit(shop.new(), plain)
    for argv in (["plan", "--diff"], ["run", "--diff"]):
        assert "no password" not in shop.say(*argv)
    assert shop.web.path("/etc/block").read_text() == "no password\n"
    assert shop.web.path("/etc/joined").read_text() == "plain"
    shop.commit(shop.new(), plain.replace("no password", "still none"))
    assert "+still none" in shop.say("run", "--diff")


def test_what_stood_there_before_is_a_blob_of_its_own_and_comes_back(shop: Shop) -> None:
    old = f"password={canary()}\n"
    shop.secrets.append(old.strip())
    shop.web.path("/etc/block").write_text(old)
    shop.web.path("/etc/block").chmod(0o640)
    shop.commit(shop.new())
    shop.say("run", "--diff", "-v")

    holding = files_holding(shop.web.state, written(old.strip()))
    assert list(holding) == [next(iter(holding))]
    (blob,) = holding
    assert blob.startswith("blobs/")
    assert stat.S_IMODE((shop.web.state / blob).stat().st_mode) == 0o600
    assert stat.S_IMODE((shop.web.state / "blobs").stat().st_mode) == 0o700
    assert not found_in(blob.encode(), digests(old))
    shop.check_state(allowed=(old.strip(),))
    for argv in (["show", "--json"], ["why", "/etc/block"], ["status", "--json"]):
        shop.say(*argv)

    shop.say("release", "--restore")
    assert shop.web.path("/etc/block").read_text() == old
    assert stat.S_IMODE(shop.web.path("/etc/block").stat().st_mode) == 0o640
    assert shop.holders() == {"etc/block"}


def test_data_that_is_only_declared_sensitive(shop: Shop) -> None:
    """Its text stands in the repository, and so in the exported tree; nothing else may show it."""
    kinds = shop.new()
    shop.commit(kinds, hidden=False)
    shop.say("run", "-v", "--diff")
    shop.say("lookup", "base::converted", "--explain")
    shop.say("compile", "--json")
    holding = files_holding(shop.web.state, written(kinds["converted"]))
    assert holding
    assert all(name.endswith("/data/common.yaml") for name in holding)
    shop.check_state(allowed=(kinds["converted"],))


def test_a_run_without_changes_opens_no_secret(shop: Shop) -> None:
    many = "".join(f"  file[/etc/s{i}]: {{content: \"{{{{ lookup('s{i}') }}}}\"}}\n" for i in range(40))
    shop.commit(shop.new())
    data = "".join(f"s{i}: {shop.home.block(f'secret {i}')}\n" for i in range(40))
    path = shop.repo.path / "data/common.yaml"
    tree = {"data/common.yaml": path.read_text() + data, "modules/base/manifests/init.yaml": BASE + many}
    shop.repo.commit("many", tree, key=shop.ann, push=True)
    shop.say("run")
    assert shop.gpg_calls() >= 40
    shop.say("run")
    shop.say("run", "--noop")
    assert shop.gpg_calls() == 0
    shop.web.path("/etc/s7").write_text("drift")
    shop.say("run")
    assert shop.web.path("/etc/s7").read_text() == "secret 7"


def test_a_command_that_says_what_it_was_fed(shop: Shop, tmp_path: Path) -> None:
    """The machine's own root, since commands do not run below another one; all it touches is below our directory."""
    target = tmp_path / "fed"
    shop.web.write_config(root="/")
    manifest = BASE.partition("resources:")[0] + (
        "resources:\n"
        f"  exec[feed]: {{command: 'cat >{target}; chmod 600 {target}', stdin: '{{{{ whole }}}}', creates: {target}}}\n"
        "  exec[loud]: {command: 'cat; cat >&2; exit 3', stdin: '{{ block }}'}\n"
        "  exec[loud and well]: {command: 'cat', stdin: '{{ block }}', logoutput: true}\n"
        f"  file[{tmp_path}/checked]: {{content: '{{{{ block }}}}', validate_cmd: 'cat %; cat % >&2; false'}}\n"
    )
    kinds = shop.new()
    shop.commit(kinds, manifest)
    said = shop.say("run", "-v", "--diff", code=4)

    assert "exec[loud]" in said
    assert target.read_text() == kinds["whole"]
    assert not (tmp_path / "checked").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]
    shop.check_state()
    for argv in (["show"], ["show", "--json"], ["status", "--json"]):
        shop.say(*argv)


def test_a_node_without_the_key(shop: Shop, gpg_home: Any, tmp_path: Path) -> None:
    other = gpg_home("other")
    unused = BASE.partition("resources:")[0] + "resources:\n  file[/etc/plain]: {content: plain}\n"
    unused = unused.replace("  whole: String\n", "")
    kinds = shop.new()
    shop.commit(kinds, unused, levels=1)
    shop.web.write_config(secrets={"gnupghome": other.path})
    shop.say("run")
    assert shop.web.path("/etc/plain").read_text() == "plain"

    used = unused + "  file[/etc/block]: {content: '{{ block }}'}\n"
    shop.commit(kinds, used, levels=1)
    before = shop.web.picture()
    said = shop.say("run", code=11)
    assert "error[sealed-secret]: 'base::block' in data/common.yaml cannot be decrypted" in said
    assert "--> data/common.yaml:3:14" in said
    needed = shop.home.key_ids()[-1]
    assert needed in said
    for key in other.key_ids():
        assert key in said
    assert shop.web.picture() == before

    shop.commit(kinds, BASE)
    said = shop.say("run", code=11)
    assert "error[sealed-secret]: the data file 'data/sealed.yaml.gpg' cannot be decrypted" in said
    assert needed in said
    shop.web.write_config(secrets={"gnupghome": str(tmp_path / "none")})
    said = shop.say("run", code=11)
    assert "keyring of this node cannot be used" in said
    shop.web.write_config(secrets={"gnupghome": shop.home.path})
    shop.say("run")
    assert shop.holders() == TARGETS


SEALED = (
    ("a: [CANARY\n", "error[yaml-syntax]: the decrypted file has the problem 'yaml-syntax'"),
    ("base::p: CANARY\n", "error[type-mismatch]: the Hiera key 'base::p': the secret is no Integer"),
    ("base::q: {x: {a: CANARY}}\n", "error[not-text]: a mapping cannot stand in text"),
    ("base::r: CANARY\n", "the reason is not shown"),
    ("base::s: CANARY\n", "error[secret-in-plain]: file[/etc/s]: 'mode' must not hold a secret"),
)
PICKY = """\
class: base
parameters: {p: {type: Integer, default: 1}, q: {type: Any, default: x}, r: {type: Any, default: 4}, s: {type: Any, default: 0600}}
resources:
  file[/etc/p]: {content: "{{ p }} "}
  file[/etc/q]: {content: "q {{ q }}"}
  file[/etc/r]: {content: "{{ r / 2 }} "}
  file[/etc/s]: {content: x, mode: "{{ s }}"}
"""


def test_mistakes_that_concern_a_secret_do_not_show_it(shop: Shop, tmp_path: Path) -> None:
    secret = canary().replace('"', "q")
    shop.secrets.append(secret)
    for text, said in SEALED:
        tree = {"manifests/site.yaml": SITE, "modules/base/manifests/init.yaml": PICKY, "hiera.yaml": HIERA}
        for path, content in tree.items():
            (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "tree" / path).write_text(content)
        (tmp_path / "tree/data").mkdir(exist_ok=True)
        (tmp_path / "tree/data/sealed.yaml.gpg").write_bytes(shop.home.encrypt(text.replace("CANARY", secret)))
        shown = shop.say("validate", "--tree", str(tmp_path / "tree"), code=11)
        assert said in shown, shown
        assert "sealed.yaml.gpg:1:" not in shown or "1 |" not in shown


def test_data_made_sensitive_is_not_shown_with_a_mistake(shop: Shop, tmp_path: Path) -> None:
    secret = canary()
    shop.secrets.append(secret)
    for convert in ("'Sensitive[Integer]'", "[Sensitive, Integer]", "Sensitve"):
        files = {
            "manifests/site.yaml": SITE,
            "modules/base/manifests/init.yaml": "class: base\nparameters: {p: Integer}\n",
            "data/common.yaml": f"lookup_options:\n  base::p: {{convert_to: {convert}}}\nbase::p: '{secret}'\n",
        }
        for path, content in files.items():
            (tmp_path / "tree" / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "tree" / path).write_text(content)
        shown = shop.say("validate", "--tree", str(tmp_path / "tree"), code=11)
        assert "data/common.yaml" in shown
