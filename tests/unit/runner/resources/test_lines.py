"""Lines of files: whatever stood there before stands there again, in whatever order things go back."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hiera.errors import Location
from manifests.catalog import Declaration, Ref
from runner.resources import cron_schedule, load
from runner.resources.base import Change, Resource
from runner.resources.host import Host
from runner.system.base import MachineError
from runner.system.fake import FakeSystem

KEYS: frozenset[str] = frozenset()


def resource(kind: str, name: str, **attributes: Any) -> Resource:
    return load(kind)(Declaration(Ref(kind, name), name, attributes, Location("site.yaml", 2, 3), Ref("class", "main")))


def host(title: str, **attributes: Any) -> Host:
    return Host(Declaration(Ref("host", title), title, attributes, Location("site.yaml", 2, 3), Ref("class", "main")))


def _run(system: FakeSystem, wished: Resource) -> tuple[Any, Any]:
    before = wished.read(system, KEYS)
    wished.converge(system, Change(before, wished.after(before, wished.wanted())))
    return before, wished.read(system, KEYS)


LINES = st.sampled_from(
    [b"", b"# c", b"1.1.1.1 a", b"1.1.1.1\te x # y", b"2.2.2.2 b", b"3.3.3.3 c d", b"\xff", b"x y z", b"\r"]
)
WISHES = st.dictionaries(
    st.sampled_from("abcde"),
    st.sampled_from([{"ensure": "absent"}, {"ip": "9.9.9.9"}, {"ip": "1.1.1.1", "host_aliases": "x"}]),
    min_size=1,
)


@settings(max_examples=150, deadline=None)
@given(st.none() | st.tuples(st.lists(LINES, unique=True), st.booleans()), WISHES, st.data())
def test_every_byte_comes_back_in_any_order(
    start: tuple[list[bytes], bool] | None, wishes: dict[str, Any], data: Any
) -> None:
    system = FakeSystem()
    original = None
    if start is not None:
        lines = start[0] if start[1] else [b"# a person's", *start[0]]  # that it ended so is not kept in an empty file
        original = b"\n".join(lines) + (b"\n" if start[1] and lines else b"")
        system.mkdir("/etc")
        system.write("/etc/hosts", system.hold(original))
    done = [(name, wish, *_run(system, host(name, **wish))) for name, wish in wishes.items()]
    system.invalidate("lines")
    for name, wish, before, after in data.draw(st.permutations(done)):
        if before != after:
            bare = host(name, **host(name, **wish).options())
            bare.converge(system, Change(bare.read(system, KEYS), before))
    now = system.read("/etc/hosts") if system.lstat("/etc/hosts") else None
    assert now == original
    assert (system.lstat("/etc") is None) == (start is None)


@pytest.mark.parametrize(("kind", "path", "text"), [
    ("host", "/etc/hosts", b"::1 a\n127.0.0.1 a\n"),
    ("cron", "/var/spool/cron/root", b"# Freehold Name: a\n@daily x\n# Freehold Name: a\n@daily y\n"),
])  # fmt: skip
def test_what_stands_there_twice_is_not_removed_by_half(kind: str, path: str, text: bytes) -> None:
    system = FakeSystem()
    for directory in ("/etc", "/var", "/var/spool", "/var/spool/cron"):
        system.mkdir(directory)
    system.write(path, system.hold(text))
    with pytest.raises(MachineError, match="more than once"):
        _run(system, resource(kind, "a", ensure="absent"))
    assert system.read(path) == text


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"# c\n\n1.1.1.1 a", ["a"]),  # what is left would end with an empty line without an end
        (b"1.1.1.1 a\n2.2.2.2 b\n# c\n", ["a", "b"]),  # nobody before `b` is there when it comes back first
        (b"# c\n1.1.1.1 a\n2.2.2.2 b\n3.3.3.3 d", ["b", "d", "a"]),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_what_goes_comes_back_where_it_stood(text: bytes, names: list[str], backwards: bool) -> None:
    system = FakeSystem()
    system.mkdir("/etc")
    system.write("/etc/hosts", system.hold(text))
    done = [(name, _run(system, host(name, ensure="absent"))[0]) for name in names]
    system.invalidate("lines")
    for name, before in done[:: -1 if backwards else 1]:
        host(name).converge(system, Change(None, before))
    assert system.read("/etc/hosts") == text


JOBS = [b"# c", b"A=1", b"", b"# Freehold Name: a\n@daily  a", b"# Freehold Name: b\nB=2\n1 2 3 4 5 b", b"* * * * * z"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(JOBS), unique=True),
    st.dictionaries(
        st.sampled_from("abc"),
        st.sampled_from(
            [{"ensure": "absent"}, {"command": "x", "environment": ["Q=1"]}, {"command": "y", "user": "bob"}]
        ),
        min_size=1,
    ),
    st.data(),
)
def test_crontabs_come_back_in_any_order(jobs: list[bytes], wishes: dict[str, Any], data: Any) -> None:
    system = FakeSystem(passwd="root:x:0:0::/:/\nbob:x:1:1::/:/\n")
    for path in ("/var", "/var/spool", "/var/spool/cron"):
        system.mkdir(path)
    for user, listed in (("root", jobs), ("bob", [b"# bob"])):
        system.write(f"/var/spool/cron/{user}", system.hold(b"".join(line + b"\n" for line in listed)))
    original = [system.read(f"/var/spool/cron/{user}") for user in ("root", "bob")]
    done = [(name, *_run(system, resource("cron", name, **wish))) for name, wish in wishes.items()]
    system.invalidate("lines")
    for name, before, after in data.draw(st.permutations(done)):
        if before != after:
            bare = resource("cron", name)
            bare.converge(system, Change(bare.read(system, KEYS), before))
    assert [system.read(f"/var/spool/cron/{user}") for user in ("root", "bob")] == original


def test_a_persons_lines_keep_the_file_we_made() -> None:
    system = FakeSystem()
    before, after = _run(system, host("a", ip="1.1.1.1"))
    system.write("/etc/hosts", system.hold(system.read("/etc/hosts") + b"2.2.2.2 mine\n"))
    host("a").converge(system, Change(after, before))
    assert system.read("/etc/hosts").splitlines()[1:] == [b"2.2.2.2 mine"]


def test_many_hosts_read_the_file_once_and_fast() -> None:
    system = FakeSystem()
    system.mkdir("/etc")
    system.write("/etc/hosts", system.hold(b"".join(b"10.0.0.1 h%d.example\n" % number for number in range(1000))))
    reads: list[str] = []
    plain_read = system.read
    system.read = lambda path, limit=None: reads.append(path) or plain_read(path, limit)  # type: ignore[method-assign]
    start = time.process_time()
    for number in range(1000):
        assert host(f"h{number}.example").read(system, KEYS) is not None
    assert reads == ["/etc/hosts"]
    assert time.process_time() - start < 5  # it is 0.1; a quadratic split of every line would be far beyond


def test_only_what_changed_is_rendered_anew() -> None:
    system = FakeSystem()
    system.mkdir("/etc")
    system.write("/etc/hosts", system.hold(b"1.1.1.1 a  x  # note\n"))
    _run(system, host("a", host_aliases=["x"]))
    assert system.read("/etc/hosts") == b"1.1.1.1 a  x  # note\n"
    _run(system, host("a", ip="2.2.2.2"))
    assert system.read("/etc/hosts") == b"2.2.2.2\ta\tx\t# note\n"


@pytest.mark.parametrize(
    ("attributes", "when"),
    [
        ({}, "* * * * *"),
        ({"minute": "05", "hour": [3, "04"], "month": "Jan", "weekday": "Sunday"}, "5 3,4 * jan sun"),
        ({"schedule": "*/5  3 * * MON-fri"}, "*/5 3 * * mon-fri"),
        ({"schedule": "daily"}, "@daily"),
        ({"schedule": "@Reboot"}, "@reboot"),
        ({"special": "hourly"}, "@hourly"),
        ({"special": "absent", "minute": "absent"}, "* * * * *"),
    ],
)
def test_schedules(attributes: dict[str, Any], when: str) -> None:
    assert cron_schedule.canonical(attributes) == when


@pytest.mark.parametrize(
    "attributes",
    [
        {"minute": 60},
        {"hour": "24"},
        {"monthday": 0},
        {"month": "foo"},
        {"weekday": 8},
        {"minute": "*/0"},
        {"minute": "*-3"},
        {"minute": "1 2"},
        {"schedule": "* * * *"},
        {"schedule": "sometimes"},
        {"schedule": "daily", "hour": 3},
        {"special": "daily", "schedule": "hourly"},
    ],
)
def test_what_is_no_schedule(attributes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"is no|exclude|has \d fields"):
        cron_schedule.canonical(attributes)
    found = list(resource("cron", "x", command="true", **attributes).problems(FakeSystem()))
    assert [problem.code for problem in found] == ["bad-schedule"]


@pytest.mark.parametrize(
    ("kind", "attributes", "code"),
    [
        ("host", {}, "missing-attribute"),
        ("host", {"ip": "1.2.3"}, "bad-address"),
        ("cron", {}, "missing-attribute"),
        ("cron", {"command": "x", "environment": "A B"}, "bad-environment"),
        ("ssh_authorized_key", {"type": "rsa", "key": "AAAA"}, "missing-attribute"),
        ("ssh_authorized_key", {"user": "root", "type": "rsa", "key": "ssh-rsa AAAA"}, "bad-key"),
    ],
)
def test_problems(kind: str, attributes: dict[str, Any], code: str) -> None:
    assert [problem.code for problem in resource(kind, "x", **attributes).problems(FakeSystem())] == [code]


def test_a_linked_directory_of_keys_is_refused() -> None:
    system = FakeSystem()
    for path in ("/root", "/etc"):
        system.mkdir(path)
    system.symlink("/root/.ssh", "/etc")
    key = resource("ssh_authorized_key", "x", user="root", type="rsa", key="AAAA")
    with pytest.raises(MachineError, match="is a link"):
        key.read(system, KEYS)


def test_a_user_to_come_has_no_keys_yet() -> None:
    key = resource("ssh_authorized_key", "x", user="later", type="rsa", key="AAAA")
    assert key.read(FakeSystem(), KEYS) is None
    assert [item.name for item in key.missing(FakeSystem())] == ["later"]
    with pytest.raises(MachineError, match="no user 'later'"):
        _run(FakeSystem(), key)


def test_the_record_knows_where_the_thing_stood() -> None:
    key = resource("ssh_authorized_key", "x", user="bob", type="rsa", key="AAAA")
    assert key.identity == ("ssh_authorized_key", "bob:x")
    back = load("ssh_authorized_key")(
        Declaration(Ref("ssh_authorized_key", "t"), key.identity[1], key.options(), Location("f"), Ref("class", ""))
    )
    assert (back.name, back.identity) == ("x", key.identity)
    other = host("a", target="/etc/other")
    again = Host(Declaration(Ref("host", "t"), other.identity[1], other.options(), Location("f"), Ref("class", "")))
    assert (again.name, again.identity) == ("a", ("host", "/etc/other:a"))


def test_crontabs_of_the_running_machine_need_root() -> None:
    job = resource("cron", "x", command="true")
    assert job.not_applicable(FakeSystem(privileged=False)) is not None
    assert job.not_applicable(FakeSystem(privileged=False, live=False)) is None
    assert job.not_applicable(FakeSystem()) is None
