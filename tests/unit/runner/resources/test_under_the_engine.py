"""Accounts, commands and packages as a run treats them: applied, at rest, drifted, and taken back by the ledger."""

import grp
import os
import pwd
import shutil

import pytest

from hiera.errors import Location
from manifests.catalog import Catalog, ContentRef, Declaration, Ref
from runner.engine.converge import Order, converge
from runner.engine.journal import Journal
from runner.reporters.base import ResourceDone
from runner.store.state import StateDirectory
from runner.system.local import LocalSystem

NAME = "fhtest"
MAIN = Ref("class", "main")


class Node:
    """This machine with a state directory of its own."""

    def __init__(self, directory, root="/"):
        self.root = root
        self.state = StateDirectory(str(directory / "state"))
        self.state.create()
        self.contents = {}
        self.outcomes = {}
        self.said = []
        self.runs = 0

    def on(self, event):
        if isinstance(event, ResourceDone):
            self.outcomes[event.outcome.kind, event.outcome.name] = event.outcome
            self.said += [event.announcement] if event.announcement else []

    def secret(self, text):
        digest = self.state.digester(text.encode(), secret=True)
        self.contents[digest] = text.encode()
        return ContentRef(digest, 0, secret=True)

    def run(self, **wishes):
        """Run a catalog of ``kind__name`` -> attributes; return what became of each, by ``kind[name]``."""
        self.runs += 1
        self.outcomes, self.said = {}, []
        revision = f"c{self.runs}"
        declarations = []
        for reference, attributes in wishes.items():
            kind, _, title = reference.partition("__")
            declarations.append(Declaration(Ref(kind, title), title, attributes, Location("site.yaml", 1), MAIN))
        catalog = Catalog(revision, "production", "n", tuple(declarations), ())
        begin = {
            "command": "run", "trigger": "manual", "revision": revision, "tree": revision, "environment": "production",
            "node": "n", "signer": "", "trust": "unsigned", "noop": False, "catalog": "", "started": 0.0,
        }  # fmt: skip
        system = LocalSystem(
            self.root,
            self.state.digester,
            content=lambda digest: self.contents.get(digest) or self.state.blobs.find(digest),
        )
        journal = Journal(self.state, begin, keeps_ledger=True, backup_limit=2**20)
        result = converge(catalog, Order(revision=revision, full=True, free=True), system, self.state, journal, self)
        assert result.failed == [], [outcome.message for outcome in self.outcomes.values()]
        return {f"{kind}[{name}]": str(outcome.status) for (kind, name), outcome in self.outcomes.items()}


@pytest.fixture
def node(tmp_path):
    found = Node(tmp_path)
    yield found
    found.state.close()


def test_a_command_with_undo_is_taken_back_and_one_that_was_done_before_is_not(node, tmp_path):
    (tmp_path / "old").touch()
    wishes = {
        "exec__make": {"command": f"touch {tmp_path}/new", "creates": f"{tmp_path}/new", "undo": f"rm {tmp_path}/new"},
        "exec__keep": {"command": "false", "creates": f"{tmp_path}/old", "undo": f"rm {tmp_path}/old"},
        "exec__plain": {"command": f"echo x >> {tmp_path}/log"},
        "notify__hello": {},
    }
    assert node.run(**wishes) == {
        "exec[make]": "changed", "exec[keep]": "unchanged", "exec[plain]": "changed", "notify[hello]": "unchanged",
    }  # fmt: skip
    assert node.said == ["hello"]
    assert node.run(**wishes)["exec[make]"] == "unchanged"
    assert node.run()["exec[make]"] == "changed"
    assert sorted(os.listdir(tmp_path)) == ["log", "old", "state"]
    assert node.run() == {}


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make accounts")
@pytest.mark.skipif(shutil.which("useradd") is None, reason="no shadow tools on this machine")
def test_accounts_come_and_go(node, tmp_path):
    def there():
        return any(item.pw_name == NAME for item in pwd.getpwall()), any(
            item.gr_name == NAME for item in grp.getgrall()
        )

    assert there() == (False, False)
    wishes = {
        f"user__{NAME}": {
            "gid": NAME, "home": str(tmp_path / "home"), "managehome": True, "shell": "/bin/sh", "groups": ["daemon"],
            "password": node.secret("$6$salt$notarealhash"),
        },
        f"group__{NAME}": {"gid": "4711"},
    }  # fmt: skip
    try:
        assert node.run(**wishes) == {f"user[{NAME}]": "changed", f"group[{NAME}]": "changed"}
        assert set(node.run(**wishes).values()) == {"unchanged"}
        os.system(f"usermod --shell /bin/false {NAME}")
        assert node.run(**wishes)[f"user[{NAME}]"] == "changed"
        assert node.outcomes["user", NAME].drift
        wishes[f"user__{NAME}"].pop("groups")
        assert node.run(**wishes)[f"user[{NAME}]"] == "changed"
        assert NAME not in grp.getgrnam("daemon").gr_mem
        assert "notarealhash" not in repr(node.outcomes)
        alone = {f"group__{NAME}": wishes[f"group__{NAME}"]}
        assert node.run(**alone)[f"user[{NAME}]"] == "changed"
        assert there() == (False, True), "userdel would have taken the group along"
        assert node.run() == {f"group[{NAME}]": "changed"}
        assert there() == (False, False)
        assert (tmp_path / "home").is_dir()
    finally:
        os.system(f"userdel {NAME} 2>/dev/null; groupdel {NAME} 2>/dev/null")


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to remove accounts")
@pytest.mark.skipif(shutil.which("useradd") is None, reason="no shadow tools on this machine")
def test_an_account_that_was_removed_comes_back_with_its_password(node):
    os.system(f"useradd --comment 'Was here' --uid 4711 --password '$6$old$hash' {NAME}")
    try:
        with open("/etc/shadow") as file:
            row = next(line for line in file if line.startswith(NAME)).split(":")[:2]
        before = pwd.getpwnam(NAME)
        assert node.run(**{f"user__{NAME}": {"ensure": "absent"}}) == {f"user[{NAME}]": "changed"}
        assert node.run() == {f"user[{NAME}]": "changed"}
        assert pwd.getpwnam(NAME) == before
        with open("/etc/shadow") as file:
            assert next(line for line in file if line.startswith(NAME)).split(":")[:2] == row
    finally:
        os.system(f"userdel {NAME} 2>/dev/null; groupdel {NAME} 2>/dev/null")


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for the accounts of another root")
def test_accounts_of_another_root_go_back_byte_for_byte(tmp_path):
    etc = tmp_path / "root/etc"
    etc.mkdir(parents=True)
    (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (etc / "group").write_text("root:x:0:\ndev:x:50:\n")
    (etc / "shadow").write_text("root:*:1:0:99999:7:::\n")
    (etc / "shadow").chmod(0o600)
    before = {path.name: path.read_bytes() for path in etc.iterdir()}
    node = Node(tmp_path, str(tmp_path / "root"))
    try:
        wishes = {
            f"user__{NAME}": {"groups": ["dev"], "password": node.secret("$6$x")},
            "group__other": {"members": ["root"]},
        }
        assert set(node.run(**wishes).values()) == {"changed"}
        assert (etc / "shadow").read_text().splitlines()[1].startswith(f"{NAME}:$6$x:")
        assert (etc / "shadow").stat().st_mode & 0o777 == 0o600
        assert not any(item.pw_name == NAME for item in pwd.getpwall())
        assert set(node.run(**wishes).values()) == {"unchanged"}
        assert set(node.run().values()) == {"changed"}
        assert {path.name: path.read_bytes() for path in etc.iterdir()} == before
    finally:
        node.state.close()
