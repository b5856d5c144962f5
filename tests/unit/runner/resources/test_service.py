import pytest

from hiera.errors import Location
from manifests.catalog import Declaration, Ref
from runner.resources.base import Change
from runner.resources.service import Service, systemd
from runner.system.base import Completed, MachineError
from runner.system.fake import FakeSystem

# Recorded from systemd 252 on a booted Debian 12.
SHOW = """\
Type=notify
RemainAfterExit=no
Result=success
Id=ssh.service
Names=ssh.service sshd.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
NeedDaemonReload=no

Type=oneshot
RemainAfterExit=no
Result=success
Id=apt-daily.service
Names=apt-daily.service
LoadState=loaded
ActiveState=inactive
SubState=dead
UnitFileState=static
NeedDaemonReload=no

Type=simple
RemainAfterExit=no
Result=exit-code
Id=flap.service
Names=flap.service
LoadState=loaded
ActiveState=activating
SubState=auto-restart
UnitFileState=enabled-runtime
NeedDaemonReload=yes

Type=
RemainAfterExit=no
Result=success
Id=gone.service
Names=gone.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
NeedDaemonReload=no

Type=simple
RemainAfterExit=no
Result=success
Id=never.service
Names=never.service
LoadState=masked
ActiveState=inactive
SubState=dead
UnitFileState=masked
NeedDaemonReload=no
"""
PROPERTIES = f"--property={','.join(systemd.PROPERTIES)}"
BULK = ("systemctl", "show", PROPERTIES, "--", "*.service")


def one(name):
    return ("systemctl", "show", PROPERTIES, "--", name)


def block(name):
    return next(text for text in SHOW.split("\n\n") if f"Id={name}" in text)


@pytest.fixture
def system():
    machine = FakeSystem(commands={BULK: Completed(BULK, 0, SHOW, "")})
    for path in ("/run", "/run/systemd", "/run/systemd/system"):
        machine.mkdir(path)
    machine.touches.clear()
    return machine


def service(name, **attributes):
    return Service(Declaration(Ref("service", name), name, attributes, Location("site.yaml", 1), Ref("class", "main")))


def answers(system, *argvs, code=0, out="", err=""):
    for argv in argvs:
        system.commands[argv] = Completed(argv, code, out, err)


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("ssh", {"ensure": "running", "enable": "true"}),
        ("sshd.service", {"ensure": "running", "enable": "true"}),
        ("apt-daily", {"ensure": "stopped", "enable": "static"}),
        ("flap", {"ensure": "stopped", "enable": "true"}),
        ("gone", {"ensure": "stopped", "enable": "false"}),
        ("never", {"ensure": "stopped", "enable": "mask"}),
    ],
)
def test_states(system, name, state):
    assert service(name).read(system, frozenset()) == state


def test_one_question_for_all_services(system):
    for name in ("ssh", "apt-daily", "never"):
        service(name).read(system, frozenset())
    assert system.calls == [BULK]


def test_what_is_not_in_memory_is_asked_for_alone_and_once(system):
    text = "Id=backup.timer\nNames=backup.timer\nLoadState=loaded\nActiveState=inactive\nUnitFileState=disabled\n"
    answers(system, one("backup.timer"), out=text)
    for _ in range(2):
        assert service("backup.timer").read(system, frozenset()) == {"ensure": "stopped", "enable": "false"}
    assert system.calls == [BULK, one("backup.timer")]


@pytest.mark.parametrize(
    ("wish", "satisfied"),
    [({"enable": True}, True), ({"enable": False}, True), ({"enable": "mask"}, False)],
)
def test_a_static_unit_has_no_switch(system, wish, satisfied):
    resource = service("apt-daily", **wish)
    state = resource.read(system, frozenset())
    assert resource.satisfied("enable", state, resource.wanted()["enable"]) is satisfied


def test_words_for_the_same():
    assert service("x", ensure=True, enable=False).wanted() == {"ensure": "running", "enable": "false"}
    assert service("x", ensure="stopped").wanted() == {"ensure": "stopped"}
    assert service("x").identity == service("x.service").identity == ("service", "x.service")
    assert service("x.timer").unit == "x.timer"


def test_running_and_masked_exclude_each_other(system):
    (problem,) = service("x", ensure="running", enable="mask").problems(system)
    assert problem.code == "conflicting-attributes"


def test_without_systemd_it_is_a_clear_failure():
    with pytest.raises(MachineError, match="systemd does not run this machine"):
        service("x").read(FakeSystem(), frozenset())


def test_under_another_root_it_means_nothing():
    assert service("x").not_applicable(FakeSystem(live=False))


def test_changed_unit_files_are_read_before_anything_else(system):
    fresh = block("flap").replace("NeedDaemonReload=yes", "NeedDaemonReload=no")
    told = iter([block("flap"), fresh])
    system.commands[one("flap.service")] = lambda argv, _: Completed(argv, 0, next(told), "")
    answers(system, ("systemctl", "daemon-reload"), ("systemctl", "start", "--", "flap.service"))
    service("flap", ensure="running").converge(
        system, Change({"ensure": "stopped", "enable": "true"}, {"ensure": "running", "enable": "true"})
    )
    assert [call[1] for call in system.calls] == ["show", "daemon-reload", "show", "start"]


def test_an_alias_is_enabled_by_its_own_name(system):
    answers(system, one("sshd.service"), out=block("ssh"))
    answers(system, ("systemctl", "disable", "--", "ssh.service"))
    service("sshd", enable=False).converge(
        system, Change({"ensure": "running", "enable": "true"}, {"ensure": "running", "enable": "false"})
    )
    assert system.calls[-1] == ("systemctl", "disable", "--", "ssh.service")


@pytest.mark.parametrize(
    ("before", "after", "verbs"),
    [
        (("stopped", "false"), ("running", "true"), ["enable", "start"]),
        (("running", "true"), ("stopped", "false"), ["stop", "disable"]),
        (("running", "true"), ("stopped", "mask"), ["stop", "mask"]),
        (("stopped", "mask"), ("running", "true"), ["unmask", "show", "enable", "start"]),
    ],
)
def test_order_of_steps(system, before, after, verbs):
    text = block("ssh").replace("UnitFileState=enabled", "UnitFileState=disabled")
    answers(system, one("ssh.service"), out=text)
    for verb in ("start", "stop", "enable", "disable", "mask", "unmask"):
        answers(system, ("systemctl", verb, "--", "ssh.service"))
    words = ("ensure", "enable")
    change = Change(dict(zip(words, before, strict=True)), dict(zip(words, after, strict=True)))
    service("ssh").converge(system, change)
    assert [call[1] for call in system.calls][1:] == verbs


def test_a_failure_says_what_the_journal_says(system):
    answers(system, one("ssh.service"), out=block("ssh"))
    answers(system, ("systemctl", "start", "--", "ssh.service"), code=1, err="Job for ssh.service failed.\n")
    journal = "\n".join(f"line {number}" for number in range(30))
    answers(
        system,
        ("journalctl", "--no-pager", "--quiet", "--output=cat", "--lines=10", "--unit=ssh.service"),
        out=journal,
    )
    with pytest.raises(MachineError) as error:
        service("ssh").converge(system, Change({"ensure": "stopped"}, {"ensure": "running"}))
    lines = error.value.message.splitlines()
    assert lines[0] == "systemctl start failed: Job for ssh.service failed."
    assert lines[1:] == [f"line {number}" for number in range(20, 30)]


def test_a_unit_that_is_not_there_is_looked_for_after_a_reload(system):
    answers(system, one("gone.service"), out=block("gone"))
    answers(system, ("systemctl", "daemon-reload"))
    with pytest.raises(MachineError, match=r"there is no unit 'gone\.service'"):
        service("gone").converge(system, Change({"ensure": "stopped"}, {"ensure": "running"}))


@pytest.mark.parametrize(
    ("attributes", "call"),
    [
        ({}, ("systemctl", "restart", "--", "ssh.service")),
        ({"restart": "reload"}, ("systemctl", "reload", "--", "ssh.service")),
        ({"restart": "kill -HUP 1"}, ("/bin/sh", "-c", "kill -HUP 1")),
    ],
)
def test_refresh(system, attributes, call):
    answers(system, one("ssh.service"), out=block("ssh"))
    answers(system, call)
    service("ssh", **attributes).refresh(system)
    assert system.calls[-1] == call


def test_what_is_stopped_is_not_restarted(system):
    answers(system, one("apt-daily.service"), out=block("apt-daily"))
    service("apt-daily").refresh(system)
    assert system.calls == [one("apt-daily.service")]


def test_a_start_discharges_a_refresh():
    started = Change({"ensure": "stopped", "enable": "true"}, {"ensure": "running", "enable": "true"})
    enabled = Change({"ensure": "running", "enable": "false"}, {"ensure": "running", "enable": "true"})
    assert service("x").discharged_by(started)
    assert not service("x").discharged_by(enabled)


def test_a_job_that_ended_well_counts_as_started(system):
    answers(system, one("apt-daily.service"), out=block("apt-daily"))
    answers(system, ("systemctl", "start", "--", "apt-daily.service"))
    resource = service("apt-daily", ensure="running")
    assert resource.read(system, frozenset())["ensure"] == "stopped"
    resource.converge(system, Change({"ensure": "stopped"}, {"ensure": "running"}))
    assert resource.read(system, frozenset())["ensure"] == "running"
