import json
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from hiera.errors import Location
from manifests.catalog import Declaration, Ref
from runner.resources.base import Change
from runner.resources.package import Package
from runner.resources.package.apt import FORMAT, Apt, Table
from runner.resources.package.base import Known, Request
from runner.resources.package.dnf import FORMAT as RPM_FORMAT
from runner.resources.package.dnf import Dnf
from runner.resources.package.pip import normal
from runner.system.base import Completed, InUse, MachineError
from runner.system.fake import FakeSystem
from runner.system.local import LocalSystem

ROOT = os.geteuid() == 0
THROW_AWAY = "hello"


def package(name, **attributes):
    return Package(Declaration(Ref("package", name), name, attributes, Location("site.yaml", 1), Ref("class", "main")))


class Told(dict):
    """Commands of a machine in memory that answer by their words; the last one that fits counts."""

    def __init__(self, *known):
        super().__init__({(name,): None for name in known})
        self.told = []

    def tell(self, words, code=0, out="", err=""):
        self.told.append((words.split(), code, out, err))

    def get(self, argv, default=None):
        for words, code, out, err in reversed(self.told):
            if argv[: len(words)] == tuple(words) or all(word in argv for word in words):
                return Completed(argv, code, out, err)
        return default


@pytest.fixture
def debian():
    system = FakeSystem()
    system.commands = Told("apt-get", "dpkg-query", "apt", "dpkg")
    system.commands.tell("dpkg-query", out=DPKG)
    return system


DPKG = (
    "bash\tamd64\tinstalled\tinstall\t5.2.15-2+b8\t\n"
    "libc6\tamd64\tinstalled\tinstall\t2.36-9\tlibc6-2.36\n"
    "libc6\ti386\tinstalled\thold\t2.36-8\tlibc6-2.36\n"
    "postfix\tamd64\tinstalled\thold\t3.7\tdefault-mta, mail-transport-agent (= 3)\n"
    "old\tamd64\tconfig-files\tdeinstall\t1.0\t\n"
    "broken\tamd64\thalf-configured\tinstall\t1.0\t\n"
    "base\tall\tinstalled\tinstall\t12\t\n"
    "base\ti386\tconfig-files\tdeinstall\t11\t\n"
)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("bash", Known("5.2.15-2+b8")),
        ("libc6:i386", Known("2.36-8", held=True)),
        ("base:all", Known("12")),
        ("base", Known("12")),
        ("postfix", Known("3.7", held=True)),
        ("mail-transport-agent", Known("3.7", held=True)),
        ("old", Known("")),
        ("broken", None),
        ("nothing", None),
    ],
)
def test_what_dpkg_knows(name, known):
    assert Table(DPKG).find(name) == known


def test_states(debian):
    assert package("bash").read(debian, frozenset()) == {"version": "5.2.15-2+b8", "hold": False}
    assert package("old").read(debian, frozenset()) is None
    assert package("old", ensure="purged").read(debian, frozenset()) == {"residue": True}
    assert len(debian.calls) == 1, "one dpkg-query for all"


@pytest.mark.parametrize(
    ("attributes", "wish"),
    [
        ({}, {}),
        ({"ensure": "installed"}, {}),
        ({"ensure": "latest"}, {"version": "latest"}),
        ({"ensure": "1.2-3"}, {"version": "1.2-3"}),
        ({"ensure": "held"}, {"hold": True}),
        ({"ensure": "1", "mark": "hold"}, {"version": "1", "hold": True}),
        ({"mark": "none"}, {"hold": False}),
        ({"ensure": "absent"}, None),
        ({"ensure": "purged"}, None),
    ],
)
def test_wishes(attributes, wish):
    assert package("x", **attributes).wanted() == wish


def test_the_machine_is_asked_for_nothing_and_waits_for_the_lock(debian):
    debian.commands.tell("apt-get update")
    debian.commands.tell("apt-get install")
    Apt().install(debian, [Request("a"), Request("b", "1.0", install_options=("--no-install-recommends",))])
    argv = debian.calls[-1]
    assert argv[-3:] == ("--", "a", "b=1.0")
    assert {"--no-install-recommends", "--allow-downgrades", "DPkg::Lock::Timeout=120", "--assume-yes"} <= set(argv)


def test_unknown_packages_are_looked_for_in_new_lists_once_a_run(debian):
    debian.commands.tell("apt-get install", code=100, err="E: Unable to locate package x")
    debian.commands.tell("apt-get update")
    for _ in range(2):
        with pytest.raises(MachineError, match="Unable to locate package x"):
            Apt().install(debian, [Request("x")])
    verbs = [next(word for word in call if word in {"install", "update"}) for call in debian.calls]
    assert verbs == ["update", "install", "install"]


def test_whoever_fetches_lists_is_waited_for(debian, monkeypatch):
    monkeypatch.setattr("runner.resources.package.apt.LIST_PAUSE", 0)
    answers = iter([(100, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1"), (0, "")])

    def update(argv, _):
        code, err = next(answers)
        return Completed(argv, code, "", err)

    debian.commands.tell("apt-get install")
    real = debian.commands.get
    monkeypatch.setattr(debian.commands, "get", lambda argv, default=None: update if "update" in argv else real(argv))
    Apt().install(debian, [Request("x")])
    assert ["update" in call for call in debian.calls] == [True, True, False]


def test_lists_of_today_are_not_fetched_again(debian):
    debian.mkdir("/var")
    debian.commands.tell("apt-get install")
    debian.commands.tell("apt-get update")
    Apt().install(debian, [Request("x")])
    assert ["update" in call for call in debian.calls] == [True, False]


def test_an_interrupted_dpkg_is_set_right_once(debian):
    debian.commands.tell("apt-get install", code=100, err="E: dpkg was interrupted, you must manually run ...")
    debian.commands.tell("apt-get update")
    debian.commands.tell("dpkg --configure -a")
    with pytest.raises(MachineError, match="dpkg was interrupted"):
        Apt().install(debian, [Request("x")])
    assert sum("--configure" in call for call in debian.calls) == 1
    assert sum("install" in call for call in debian.calls) == 2


def test_removing_takes_nothing_else_along(debian):
    debian.commands.tell("apt-get --simulate remove", out="Remv app [1]\nRemv bash [5]\n")
    gone = Change({"version": "5.2.15-2+b8", "hold": False}, None)
    with pytest.raises(InUse, match="app would go with it"):
        package("bash").converge(debian, gone)
    with pytest.raises(MachineError, match="app would go with it") as error:
        package("bash", ensure="absent").converge(debian, gone)
    assert not isinstance(error.value, InUse)
    assert not any("--assume-yes" in call for call in debian.calls)


@pytest.mark.parametrize(("ensure", "verb"), [("absent", "remove"), ("purged", "purge"), (None, "remove")])
def test_only_purged_purges(debian, ensure, verb):
    debian.commands.tell(f"apt-get --simulate {verb}", out="Remv bash [5]\n")
    debian.commands.tell(f"apt-get {verb} --assume-yes")
    attributes = {"ensure": ensure} if ensure else {}
    package("bash", **attributes).converge(debian, Change({"version": "1", "hold": False}, None))
    assert verb in debian.calls[-1]
    assert debian.calls[-1][-1] == "bash"


def test_a_held_package_can_be_removed(debian):
    debian.commands.tell("apt-get --simulate remove", out="Remv postfix [3]\n")
    debian.commands.tell("apt-get remove --assume-yes")
    package("mail-transport-agent", ensure="absent").converge(debian, Change({"version": "3.7", "hold": True}, None))
    simulated, removed = debian.calls[-2:]
    assert "--allow-change-held-packages" in simulated
    assert "--allow-change-held-packages" in removed
    assert simulated[-1] == removed[-1] == "postfix"


def test_in_a_scope_of_its_own_where_systemd_runs(debian):
    for path in ("/run", "/run/systemd", "/run/systemd/system"):
        debian.mkdir(path)
    debian.commands[("systemd-run",)] = None
    debian.commands.tell("systemd-run")
    Apt().install(debian, [Request("x")])
    assert debian.calls[-1][:6] == ("systemd-run", "--scope", "--quiet", "--collect", "--", "apt-get")


def test_names_that_are_options_are_refused(debian):
    for resource in (package("-x"), package("x", ensure="-o=y")):
        assert [problem.code for problem in resource.problems(debian)] == ["invalid-package"]
    assert [problem.code for problem in package("x", provider="pip", mark="hold").problems(debian)] == [
        "invalid-package"
    ]


def test_a_machine_without_a_package_manager():
    (missing,) = package("x").missing(FakeSystem())
    assert missing.what == "command"
    with pytest.raises(MachineError, match="no package manager"):
        package("x").read(FakeSystem(), frozenset())


def test_identities():
    assert package("requests").identity == ("package", "requests")
    assert package("requests", provider="pip").identity == ("package", "pip:requests")
    inside = package("requests", provider="pip3", target="/opt/v")
    assert inside.identity == ("package", "pip:/opt/v:requests")
    again = package(inside.identity[1], **inside.options())
    assert (again.identity, again.package) == (inside.identity, "requests")


RPM = "bash\tx86_64\t0\t5.1.8\t6.el9\nbind-libs\tx86_64\t32\t9.16.23\t14.el9\n"
UPDATES = """
bash.x86_64                      5.1.8-9.el9                baseos
bind-libs.x86_64              32:9.16.23-18.el9             appstream
Obsoleting Packages
a.noarch   1-1   x
"""


@pytest.fixture
def redhat():
    system = FakeSystem()
    for path in ("/var", "/var/lib", "/var/lib/rpm"):
        system.mkdir(path)
    system.commands = Told("dnf", "rpm")
    system.commands.tell(f"rpm --query --all --queryformat={RPM_FORMAT}", out=RPM)
    return system


def test_rpm_packages(redhat):
    assert package("bash").read(redhat, frozenset()) == {"version": "5.1.8-6.el9"}
    assert package("bind-libs.x86_64").read(redhat, frozenset()) == {"version": "32:9.16.23-14.el9"}
    assert package("nothing").read(redhat, frozenset()) is None
    assert len(redhat.calls) == 1


@pytest.mark.parametrize(
    ("installed", "wish", "same"),
    [
        ("5.1.8-6.el9", "5.1.8", True),
        ("5.1.8-6.el9", "5.1.8-6.el9", True),
        ("5.1.8-6.el9", "0:5.1.8-6.el9", True),
        ("32:9.1-1", "9.1-1", True),
        ("32:9.1-1", "32:9.1", True),
        ("32:9.1-1", "31:9.1-1", False),
        ("5.1.8-6.el9", "5.1", False),
    ],
)
def test_versions_of_rpm(installed, wish, same):
    assert Dnf().same(installed, wish) is same


def test_the_newest_of_dnf(redhat):
    redhat.commands.tell("dnf --quiet check-update", code=100, out=UPDATES)
    resource = package("bash", ensure="latest")
    state = resource.read(redhat, frozenset())
    assert not resource.satisfied("version", state, "latest")
    assert resource.after(state, {"version": "latest"}) == {"version": "5.1.8-9.el9"}


def test_what_rpm_needs_stays(redhat):
    redhat.commands.tell("rpm --erase --test", code=1, err="\tlibx is needed by (installed) app-1.0-1.x86_64\n")
    with pytest.raises(InUse, match=r"app-1\.0-1\.x86_64 would go with it"):
        package("bash").converge(redhat, Change({"version": "1"}, None))


def test_dnf_transactions(redhat):
    redhat.commands.tell("dnf")
    redhat.commands.tell("rpm --erase --test")
    package("new", ensure="1.0").converge(redhat, Change(None, {"version": "1.0"}))
    assert ("dnf", "--assumeyes", "--quiet", "install", "new-1.0") in redhat.calls
    package("bash", ensure="latest").converge(redhat, Change({"version": "1"}, {"version": "latest"}))
    assert redhat.calls[-1] == ("dnf", "--assumeyes", "--quiet", "upgrade", "bash")
    package("bash").converge(redhat, Change({"version": "1"}, None))
    assert redhat.calls[-1][3:] == ("remove", "--setopt=clean_requirements_on_remove=False", "bash")


def test_names_of_python_packages():
    assert {normal(name) for name in ("Zope.Interface", "zope_interface", "zope-interface[test]")} == {"zope-interface"}


def test_a_python_of_the_system_is_not_ours(debian):
    debian.commands[("python3",)] = None
    debian.commands.tell("python3 -m pip list", out="[]")
    debian.commands.tell("python3 -m pip install", code=1, err="error: externally-managed-environment\n\nlong")
    with pytest.raises(MachineError, match="PEP 668") as error:
        package("x", provider="pip").converge(debian, Change(None, {}))
    assert "target" in error.value.hint


# The real tools


@pytest.fixture
def system():
    return LocalSystem(content=lambda _: None)


def run(resource, system):
    """One turn as the engine makes it; returns the change that was made."""
    wish = resource.wanted()
    before = resource.read(system, frozenset())
    if wish is None and before is None:
        return None
    if wish is not None and before is not None and all(resource.satisfied(key, before, wish[key]) for key in wish):
        return None
    change = Change(before, resource.after(before, wish))
    resource.converge(system, change)
    after = resource.read(system, frozenset())
    if wish is None:
        assert after is None
    else:
        assert after is not None
        assert all(resource.satisfied(key, after, wish[key]) for key in wish)
    return Change(before, after)


def test_every_package_of_this_machine_is_read(system):
    if shutil.which("dpkg-query") is None:
        pytest.skip("no dpkg on this machine")
    done = subprocess.run(["dpkg-query", "-W", "-f", FORMAT], capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    for name, architecture, status, _, version, _ in rows:
        if status == "installed":
            assert package(f"{name}:{architecture}").read(system, frozenset())["version"] == version


@pytest.mark.root
@pytest.mark.skipif(not ROOT, reason="needs root to install packages")
@pytest.mark.skipif(shutil.which("apt-get") is None, reason="no apt on this machine")
class TestRealApt:
    @pytest.fixture(autouse=True)
    def clean(self):
        status = ["dpkg-query", "-W", "-f", "${db:Status-Status}", THROW_AWAY]
        if subprocess.run(status, capture_output=True, text=True, check=False).stdout not in {"", "not-installed"}:
            pytest.skip(f"the package {THROW_AWAY} is in use on this machine")
        simulate = ["apt-get", "-s", "install", THROW_AWAY]
        if subprocess.run(simulate, capture_output=True, check=False).returncode:
            pytest.skip(f"apt does not know the package {THROW_AWAY}")
        yield
        subprocess.run(
            ["apt-get", "-qq", "--allow-change-held-packages", "purge", "-y", THROW_AWAY],
            capture_output=True,
            check=True,
        )

    def test_install_hold_remove_and_back(self, system):
        made = run(package(THROW_AWAY), system)
        assert made.before is None
        assert shutil.which(THROW_AWAY)
        assert run(package(THROW_AWAY), system) is None
        assert run(package(THROW_AWAY, ensure="latest"), system) is None
        version = made.after["version"]
        assert run(package(THROW_AWAY, ensure=version, mark="hold"), system).after == {"version": version, "hold": True}
        held = subprocess.run(["apt-mark", "showhold"], capture_output=True, text=True, check=True).stdout.split()
        assert THROW_AWAY in held
        assert run(package(THROW_AWAY, mark="none"), system).after["hold"] is False
        package(THROW_AWAY).converge(system, made.reversed())
        assert package(THROW_AWAY).read(system, frozenset()) is None
        assert run(package(THROW_AWAY, ensure="purged"), system) is None

    def test_a_version_that_does_not_exist(self, system):
        with pytest.raises(MachineError, match=r"Version '0\.0-nothing'"):
            run(package(THROW_AWAY, ensure="0.0-nothing"), system)

    def test_what_others_need_stays(self, system):
        with pytest.raises(MachineError, match=r"would go with it|[Ee]ssential"):
            package("libc-bin").converge(system, Change({"version": "1", "hold": False}, None))


@pytest.fixture
def environment(tmp_path):
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    return tmp_path / "venv"


@pytest.fixture
def source(tmp_path):
    """A package of Python that needs no network and nothing to build it."""
    directory = tmp_path / "source"
    directory.mkdir()
    for version in ("1.0", "2.0"):
        with zipfile.ZipFile(directory / f"throw_away-{version}-py3-none-any.whl", "w") as wheel:
            info = f"throw_away-{version}.dist-info"
            wheel.writestr("throw_away.py", f"VERSION = '{version}'\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: throw-away\nVersion: {version}\n")
            wheel.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            wheel.writestr(f"{info}/RECORD", f"throw_away.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return directory


def test_real_pip_in_a_virtual_environment(system, environment, source):
    more = {
        "provider": "pip", "target": str(environment), "install_options": ["--no-index", {"--find-links": str(source)}],
    }  # fmt: skip
    made = run(package("Throw_Away", ensure="1", **more), system)
    assert made.before is None
    assert made.after == {"version": "1.0"}
    assert run(package("throw-away", ensure="1.0.0", **more), system) is None
    assert run(package("throw-away", ensure="2.0", **more), system).after == {"version": "2.0"}
    assert run(package("throw-away", ensure="absent", **more), system).after is None
    assert run(package("throw-away", **more), system).after == {"version": "2.0"}
    package("throw-away", **more).converge(system, Change({"version": "2.0"}, None))
    listed = subprocess.run(
        [environment / "bin/pip", "list", "--format=json"], capture_output=True, text=True, check=True
    )
    assert "throw-away" not in {row["name"] for row in json.loads(listed.stdout)}


def test_an_environment_that_is_not_there_yet_has_nothing(system, tmp_path):
    resource = package("x", provider="pip", target=str(tmp_path / "later"))
    assert resource.read(system, frozenset()) is None
    assert list(resource.missing(system)) == []
