"""Users and groups: the reading of the files, and the real tools of the shadow suite."""

import grp
import os
import pwd
import shutil
import subprocess

import pytest

from hiera.errors import Location
from manifests.catalog import ContentRef, Declaration, Ref
from runner.resources import accounts
from runner.resources.base import Change
from runner.resources.group import Group
from runner.resources.user import User
from runner.system.base import InUse, MachineError
from runner.system.fake import FakeSystem
from runner.system.local import LocalSystem

NAME = "fhtest"
HASH = "$6$salt$notarealhash"


def user(name=NAME, **attributes):
    return User(Declaration(Ref("user", name), name, attributes, Location("site.yaml", 1), Ref("class", "main")))


def group(name=NAME, **attributes):
    return Group(Declaration(Ref("group", name), name, attributes, Location("site.yaml", 1), Ref("class", "main")))


def run(resource, system):
    """One turn as the engine makes it; returns the change that was made."""
    wish = resource.wanted()
    before = resource.read(system, frozenset())
    if wish is None and before is None:
        return None
    if wish is not None and before is not None and all(resource.satisfied(key, before, wish[key]) for key in wish):
        return None
    change = Change(before, resource.after(before, wish))
    if before and "password" in before:
        system.kept[before["password"]] = resource.content(system, "password")
    resource.converge(system, change)
    after = resource.read(system, frozenset())
    assert (after is None) == (wish is None)
    assert wish is None or all(resource.satisfied(key, after, wish[key]) for key in wish), (after, wish)
    return Change(before, after)


def machine(root="/"):
    kept = {}
    system = LocalSystem(root, content=kept.get)
    system.kept = kept
    return system


def secret(system, text):
    digest = system.digest(text.encode())
    system.kept[digest] = text.encode()
    return ContentRef(digest, 0, secret=True)


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (tmp_path / "etc/group").write_text("root:x:0:\n")
    return machine(str(tmp_path))


def test_problems(tree):
    def codes(resource):
        return [problem.code for problem in resource.problems(tree)]

    assert codes(user()) == codes(group()) == []
    for name in ("a:b", "-x", "a b", "", "a\nb", "a,b"):
        assert codes(user(name)) == codes(group(name)) == ["invalid-account"], name
    assert codes(user(comment="a:b")) == ["invalid-account"]
    assert codes(user(expiry="2030-02-31")) == ["invalid-account"]
    assert codes(user(purge_ssh_keys=True)) == ["unsupported-attribute"]
    assert codes(user(purge_ssh_keys=False)) == []
    assert codes(group(members=["a,b"])) == []


def test_what_comes_first(tree):
    resource = user(gid="staff", groups=["a", "b"])
    assert set(resource.needs()) == {("group", "staff"), ("group", "a"), ("group", "b")}
    assert [item.name for item in resource.missing(tree)] == ["staff", "a", "b"]
    assert list(user(gid=5).needs()) == []


def test_what_only_root_can_read_means_nothing_to_others():
    assert set(user().inapplicable(FakeSystem(privileged=False))) == {"password", "expiry"}
    assert user().inapplicable(FakeSystem()) == {}


def test_numbers_for_new_accounts():
    assert accounts.free_number([0, 33], system=False) == 1000
    assert accounts.free_number([1000, 1001, 65534], system=False) == 1002
    assert accounts.free_number([1000, 59999], system=False) == 1001
    assert accounts.free_number([999, 997], system=True) == 998


@pytest.mark.parametrize("text", ["x:y", "x\nroot"])
def test_a_password_that_is_no_hash_is_refused(tree, text):
    with pytest.raises(MachineError, match="no hash"):
        user().password_bytes(tree, secret(tree, text).digest)


def test_rows_of_others_stay_byte_for_byte(tree, tmp_path):
    odd = b"root:x:0:0:root:/root:/bin/sh\n+nis\n\xff:x:7:7::/:/bin/sh\n# a\n"
    (tmp_path / "etc/passwd").write_bytes(odd)
    made = run(user(uid=1500, gid=0), tree)
    assert (tmp_path / "etc/passwd").read_bytes() == odd + b"fhtest:x:1500:0::/home/fhtest:/bin/sh\n"
    user().converge(tree, made.reversed())
    assert (tmp_path / "etc/passwd").read_bytes() == odd


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to give a home away")
def test_a_home_in_another_root(tree, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "etc/skel").mkdir()
    (tmp_path / "etc/skel/.profile").write_text("x\n")
    run(user(managehome=True), tree)
    found = (tmp_path / "home/fhtest").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1000, 1000, 0o700)
    assert (tmp_path / "home/fhtest/.profile").read_text() == "x\n"
    user(**user(managehome=True).options()).converge(tree, Change({"uid": 1000}, None))
    assert (tmp_path / "home/fhtest/.profile").exists()


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make accounts")
@pytest.mark.skipif(shutil.which("useradd") is None, reason="no shadow tools on this machine")
class TestRealTools:
    @pytest.fixture(autouse=True)
    def clean(self, tmp_path):
        files = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/gshadow", "/etc/subuid", "/etc/subgid")
        saved = {}
        for path in files:
            if os.path.exists(path):
                with open(path, "rb") as file:
                    saved[path] = file.read()
        assert not any(f"{NAME}:".encode() in data for data in saved.values())
        yield
        for command, names in (("userdel", (NAME, NAME + "2")), ("groupdel", (NAME, NAME + "g", NAME + "h"))):
            for name in names:
                subprocess.run([command, name], capture_output=True, check=False)
        for path, data in saved.items():
            with open(path, "rb") as file:
                assert file.read() == data, f"{path} is not as it was"

    @pytest.fixture
    def system(self):
        return machine()

    def test_a_user_from_beginning_to_end(self, system, tmp_path):
        home = tmp_path / "home"
        run(group(NAME + "g"), system)
        run(group(NAME + "h"), system)
        made = run(
            user(uid="4711", gid=NAME + "g", home=str(home), shell="/bin/bash", comment="A Test", managehome=True),
            system,
        )
        found = pwd.getpwnam(NAME)
        assert (found.pw_uid, found.pw_dir, found.pw_shell, found.pw_gecos) == (4711, str(home), "/bin/bash", "A Test")
        assert found.pw_gid == grp.getgrnam(NAME + "g").gr_gid
        assert home.is_dir()

        run(user(groups=[NAME + "h"]), system)
        assert run(user(groups=["daemon"]), system).after["groups"] == sorted(["daemon", NAME + "h"])
        assert run(user(groups=[NAME + "h"], membership="inclusive"), system).after["groups"] == [NAME + "h"]
        assert run(user(groups=[NAME + "h"]), system) is None

        changed = run(user(shell="/bin/sh", comment="", expiry="2031-05-06"), system)
        assert changed.after["expiry"] == "2031-05-06"
        user().converge(system, changed.reversed())
        assert user().read(system, frozenset()) == changed.before
        assert run(user(expiry="absent"), system) is None

        gone = run(user(ensure="absent"), system)
        assert home.is_dir(), "a home is never removed without managehome"
        user().converge(system, gone.reversed())
        assert user().read(system, frozenset()) == gone.before
        user(**user(managehome=True).options()).converge(system, made.reversed())
        assert home.is_dir(), "a home is never removed by leaving the catalog"
        assert user().read(system, frozenset()) is None

    def test_the_password_goes_by_stdin_alone(self, system, monkeypatch):
        run(user(), system)
        calls = []
        real = system.run
        monkeypatch.setattr(system, "run", lambda *argv, **more: calls.append(argv) or real(*argv, **more))
        resource = user(password=secret(system, HASH))
        changed = run(resource, system)
        assert not any(HASH in word for argv in calls for word in argv)
        with open("/etc/shadow") as file:
            assert f"{NAME}:{HASH}:" in file.read()
        assert HASH not in repr(changed)
        assert run(resource, system) is None
        resource.converge(system, changed.reversed())
        assert user().read(system, frozenset()) == changed.before

    def test_a_removed_home_is_asked_for_in_words(self, system, tmp_path):
        home = tmp_path / "home"
        run(user(home=str(home), managehome=True), system)
        run(user(ensure="absent", managehome=True), system)
        assert not home.exists()

    def test_a_home_moves(self, system, tmp_path):
        run(user(home=str(tmp_path / "a"), managehome=True), system)
        (tmp_path / "a/mine").write_text("x")
        run(user(home=str(tmp_path / "b"), managehome=True), system)
        assert (tmp_path / "b/mine").read_text() == "x"

    def test_a_system_user_in_a_group_of_its_name(self, system):
        run(group(system=True), system)
        made = run(user(system=True), system)
        assert made.after["uid"] < 1000
        assert made.after["gid"] == grp.getgrnam(NAME).gr_gid

    def test_a_number_that_is_taken(self, system):
        taken = pwd.getpwnam("daemon").pw_uid
        with pytest.raises(MachineError, match="not unique"):
            run(user(uid=taken), system)
        run(user(uid=taken, allowdupe=True), system)
        assert pwd.getpwnam(NAME).pw_uid == taken

    def test_a_group_from_beginning_to_end(self, system):
        made = run(group(gid=4711, members=["daemon"]), system)
        assert grp.getgrnam(NAME).gr_mem == ["daemon"]
        assert run(group(members=["bin"]), system).after["members"] == ["bin", "daemon"]
        changed = run(group(members=["bin"], membership="inclusive", gid="4712"), system)
        assert (grp.getgrnam(NAME).gr_gid, grp.getgrnam(NAME).gr_mem) == (4712, ["bin"])
        group().converge(system, changed.reversed())
        assert group().read(system, frozenset()) == changed.before
        run(group(members=[], auth_membership=True), system)
        assert grp.getgrnam(NAME).gr_mem == []
        group().converge(system, made.reversed())
        assert group().read(system, frozenset()) is None

    def test_a_primary_group_stays(self, system):
        run(user(), system)
        with pytest.raises(InUse, match=NAME):
            group().converge(system, Change({"gid": 1, "members": []}, None))
        with pytest.raises(MachineError, match="primary group") as error:
            run(group(ensure="absent"), system)
        assert not isinstance(error.value, InUse)
