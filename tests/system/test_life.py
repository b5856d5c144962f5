"""A node from the installation of the package to its purge."""

import json
import os
import shutil
import time

from system.conftest import install

MOTD = """\
file[/etc/motd]: {content: "from the repository\\n", mode: "0644"}
file[/etc/systemd/system/hello.service]:
  content: |
    [Service]
    ExecStart=/bin/sleep infinity
    [Install]
    WantedBy=multi-user.target
service[hello]: {ensure: running, enable: true, require: "file[/etc/systemd/system/hello.service]"}
"""


KEPT = 'file[/etc/kept]: {content: "always\\n"}\n'


def content(node, path="/etc/motd"):
    found = node.path(path)
    return found.read_text() if found.exists() else None


def test_installing_starts_and_enables_nothing(node):
    assert node.run("systemctl", "is-enabled", "freehold.timer").out.strip() == "disabled"
    assert node.run("systemctl", "is-enabled", "freehold-boot.service").out.strip() == "disabled"
    assert node.run("systemctl", "is-active", "freehold.timer").out.strip() == "inactive"
    assert not node.path("/var/lib/freehold").exists()
    assert "missing-setting" in node.run("freehold", "run").text  # the template says nothing
    assert not node.start()
    assert "[missing-setting]" in node.journal("--priority=err")
    node.ran("systemctl", "reset-failed")
    assert node.ran("freehold", "version").startswith("freehold ")
    assert "man1/freehold-run.1.gz" in node.ran("dpkg", "-L", "freehold")
    assert node.run("systemd-analyze", "verify", "--man=no", "freehold.timer", "freehold-boot.service").err == ""
    assert node.ran("bash", "-c", ". /usr/share/bash-completion/completions/freehold; complete -p freehold")
    python = ("/usr/bin/python3", "-c", "import runner")
    assert "ModuleNotFoundError" in node.run(*python).err  # the system's Python has nothing of it
    changed = node.run("dpkg", "--verify", "freehold").out
    assert changed == "", changed  # no byte code was rewritten, nothing else either


def test_the_timer_converges_and_a_revert_undoes(node, fleet, told):
    fleet.enroll(node)
    fleet.commit(KEPT)
    assert node.start()
    before = node.picture()
    first = fleet.commit(KEPT + MOTD)
    fleet.enroll(node, "--timer", "30s")
    node.ran("freehold", "timer", "--every", "30s", "--splay", "0s")

    took = node.eventually(lambda: content(node) == "from the repository\n")
    told("configured to converged, waiting for a timer of 30 s included", took)
    node.eventually(lambda: node.run("systemctl", "is-active", "hello").out.strip() == "active")
    node.eventually(lambda: node.runs()[0]["revision"] == first and node.runs()[0]["result"] == "changed")
    assert node.runs()[0]["trigger"] == "timer"
    (entry,) = node.entries("FREEHOLD_RESOURCE=file[/etc/motd]", "FREEHOLD_STATUS=changed")
    assert (entry["FREEHOLD_REVISION"], entry["_SYSTEMD_UNIT"], entry["PRIORITY"]) == (first, "freehold.service", "5")
    (last,) = node.entries("FREEHOLD_RESULT=changed", f"FREEHOLD_REVISION={first}")
    assert (last["FREEHOLD_TRIGGER"], last["FREEHOLD_EXIT_CODE"]) == ("timer", "0")
    node.eventually(lambda: "next -" not in node.ran("freehold", "status"))

    fleet.repo.revert(first, key=fleet.key, push=True)
    told("revert pushed to undone", node.eventually(lambda: content(node) != "from the repository\n"))
    node.eventually(lambda: node.runs()[0]["result"] == "unchanged")
    assert node.run("systemctl", "is-active", "hello").out.strip() == "inactive"
    assert node.picture() == before
    assert node.failed_units() == []
    assert "the timer is on, unchanged" in node.ran("freehold", "timer", "--every", "30s", "--splay", "0s")


def test_the_timer_is_exact_and_a_node_keeps_its_place(node, fleet):
    """Nobody but systemd knows when it fires: it says so itself, of the drop-in and of the unit below it."""
    fleet.enroll(node, "--timer", "5m")

    def said(name):
        return node.ran("systemctl", "show", "-P", name, "freehold.timer").strip()

    def settings():
        return [said(name) for name in ("AccuracyUSec", "FixedRandomDelay", "Persistent", "RandomizedDelayUSec")]

    def place():
        node.eventually(lambda: said("NextElapseUSecRealtime"))
        shown = node.ran("systemctl", "list-timers", "--output=json", "freehold.timer")
        return json.loads(shown)[0]["next"] // 1_000_000 % 300

    assert settings() == ["1s", "yes", "yes", "5min"]
    (calendar,) = said("TimersCalendar").splitlines()  # one schedule: the drop-in's took the place of the unit's
    assert "OnCalendar=*-*-* *:00/5:00 ;" in calendar
    first = place()
    node.ran("systemctl", "restart", "freehold.timer")
    assert place() == first
    node.reboot()
    assert place() == first

    node.ran("freehold", "timer", "--every", "10m", "--splay", "90s")
    assert settings() == ["1s", "yes", "yes", "1min 30s"]


def test_a_person_is_asked_on_a_terminal_of_the_node(node, fleet):
    """All that a node needs, by questions: the first word is the URL, the last one the timer."""
    for name, source in (("ssh_key", "client"), ("known_hosts", "known_hosts")):
        shutil.copy(f"{fleet.server.root}/{source}", node.path(f"/root/{name}"))
        node.path(f"/root/{name}").chmod(0o600)
    fleet.commit(KEPT)
    answers = [fleet.server.url(fleet.repo.bare), "", "asked", "", "y", "y", "30s"]
    asked = "freehold init --ssh-key /root/ssh_key --known-hosts /root/known_hosts"
    typed = "".join(f"{answer}\\n" for answer in answers)
    python = f"import pty, os; os.environ['TERM'] = 'dumb'; raise SystemExit(os.waitstatus_to_exitcode(pty.spawn({asked.split()!r})))"
    told = node.run("sh", "-c", f"(sleep 1; printf '{typed}'; sleep 20) | python3 -c \"{python}\"")

    assert told.code == 0, told.text
    questions = ("repository's URL", "environment [production]", "node's name", "whom to trust", "fingerprint you were told",
                 "key pair", "how often systemd")  # fmt: skip
    assert [told.out.index(one) for one in questions] == sorted(told.out.index(one) for one in questions)
    assert fleet.key.fingerprint in told.out
    assert "BEGIN PGP PUBLIC KEY BLOCK" in told.out
    assert node.run("systemctl", "is-active", "freehold.timer").out.strip() == "active"
    node.ran("systemctl", "stop", "freehold.timer")
    node.ran("freehold", "run", "--wait", "60s")
    assert content(node, "/etc/kept") == "always\n"


def test_a_boot_converges_with_the_server_away(node, fleet, server, told):
    fleet.commit(MOTD)
    fleet.enroll(node, "--timer", "1d")
    assert node.start()
    node.path("/etc/motd").unlink()
    server.stop()

    booted = node.reboot()
    took = node.eventually(lambda: content(node) == "from the repository\n")
    told("boot to converged, server away", booted + took)
    node.eventually(lambda: node.runs()[0]["trigger"] == "boot" and node.runs()[0]["result"] == "changed")
    assert node.failed_units() == []
    assert [reason["name"] for reason in node.run("freehold", "status", "--json").json["reasons"]] == ["unreachable"]

    server.start()
    fleet.commit('file[/etc/motd]: {content: "newer\\n"}')
    assert node.start()
    assert content(node) == "newer\n"


def test_failed_means_that_a_person_is_wanted(node, fleet):
    fleet.enroll(node)
    fleet.commit('exec[/bin/false]: {}\nfile[/etc/motd]: {content: "beside it\\n"}')
    assert not node.start()
    assert node.failed_units() == ["freehold.service"]
    assert content(node) == "beside it\n"
    assert [entry["FREEHOLD_RESOURCE"] for entry in node.entries("FREEHOLD_STATUS=failed", "PRIORITY=3")] == [
        "exec[/bin/false]"
    ]

    fleet.commit("exec[/bin/true]: {}")
    assert node.start()
    assert node.failed_units() == []

    fleet.repo.commit("by a stranger", {"environments/production/manifests/site.yaml": "resources: {}\n"}, push=True)
    assert not node.start()
    assert node.failed_units() == ["freehold.service"]
    assert node.entries("FREEHOLD_EVENT=refused", "PRIORITY=3")


def test_more_removals_than_allowed_wait_for_a_person(node, fleet):
    fleet.enroll(node)
    first = fleet.commit(MOTD)
    assert node.start()
    fleet.repo.revert(first, key=fleet.key, push=True)  # nothing is left: that needs somebody's word

    assert not node.start()
    assert node.failed_units() == ["freehold.service"]
    assert "[over-budget]" in node.journal("--priority=err")
    assert content(node) == "from the repository\n"
    node.ran("freehold", "run", "--confirm")
    assert content(node) != "from the repository\n"
    assert node.start()
    assert node.failed_units() == []


def test_two_runs_at_once_are_one(node, fleet):
    fleet.enroll(node)
    fleet.commit(
        'exec[wait]: {command: /bin/sleep 4, creates: /etc/waited}\nfile[/etc/motd]: {content: "once\\n", require: "exec[wait]"}'
    )
    node.ran("systemd-run", "--unit=racing", "--collect", "freehold", "run")
    node.eventually(lambda: node.run("freehold", "status", "--json").json["running_since"])

    assert node.start()
    assert "holds this node" in node.journal()
    assert content(node) != "once\n"
    node.eventually(lambda: content(node) == "once\n")
    assert node.failed_units() == []


def test_two_units_started_at_once_are_one_run(node, fleet):
    """The timer's unit and the boot's in the same instant: one works, the other says so, and neither stands as failed."""
    fleet.enroll(node)
    fleet.commit("exec[wait]: {command: /bin/sh -c 'sleep 2; touch /etc/waited', creates: /etc/waited}\n" + MOTD)
    both = ("freehold.service", "freehold-boot.service")
    for _ in range(3):
        node.ran("systemctl", "start", *both)
        assert node.failed_units() == []
    assert content(node) == "from the repository\n"
    ended = [entry["FREEHOLD_EXIT_CODE"] for entry in node.entries("-u", "freehold*") if "FREEHOLD_EXIT_CODE" in entry]
    assert "holds this node" in node.journal()
    assert [run["result"] for run in node.runs() if run["result"] == "changed"] == ["changed"]
    assert {run["result"] for run in node.runs()} == {"changed", "unchanged"}
    assert set(ended) <= {"0", "14"}


def test_a_power_cut_in_a_run_is_mended_by_the_boot(node, fleet):
    fleet.enroll(node, "--timer", "1d")
    fleet.commit(
        'file[/etc/motd]: {content: "whole\\n"}\nexec[wait]: {command: /bin/sleep 30, unless: test -e /etc/passed, require: "file[/etc/motd]"}'
    )
    node.ran("systemctl", "start", "--no-block", "freehold.service")
    node.eventually(lambda: content(node) == "whole\n")
    status = ("systemctl", "show", "-P", "StatusText", "freehold.service")
    node.eventually(lambda: "1 of 2 resources" in node.ran(*status))
    node.ran("sync")

    node.cut()
    node.path("/etc/passed").touch()
    node.boot()
    node.eventually(
        lambda: node.runs()[0]["trigger"] == "boot" and node.runs()[0]["result"] in {"changed", "unchanged"}
    )
    assert node.runs()[1]["result"] == "interrupted"
    assert content(node) == "whole\n"


def test_purging_keeps_what_was_managed(node, fleet):
    fleet.commit(MOTD)
    fleet.enroll(node, "--timer", "30s")
    assert node.start()

    purged = node.run("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "purge", "freehold")
    assert purged.code == 0
    assert "so does /var/lib/freehold" in purged.text
    assert content(node) == "from the repository\n"
    assert node.run("systemctl", "is-active", "hello").out.strip() == "active"
    assert node.path("/var/lib/freehold/state.db").exists()
    assert not node.path("/opt/freehold").exists()
    left = node.ran("find", "/etc/systemd", "/usr/lib/systemd", "/lib/systemd", "-name", "*freehold*").split()
    assert left == []
    assert not os.path.lexists(node.path("/etc/freehold/freehold.yaml"))
    assert node.path("/etc/freehold/ssh_key").exists()
    assert node.failed_units() == []
    assert "freehold" not in node.ran("systemctl", "list-timers", "--all")


def test_installing_again_can_still_take_back(node, fleet, package):
    fleet.enroll(node)
    fleet.commit(KEPT)
    assert node.start()
    before = node.picture()
    first = fleet.commit(KEPT + MOTD)
    assert node.start()
    node.ran("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "purge", "freehold")
    fleet.repo.revert(first, key=fleet.key, push=True)

    node.ran("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "install", "/root/freehold.deb")
    fleet.enroll(node)
    assert node.start()
    assert node.picture() == before


def test_how_long_it_takes(machine, package, fleet, told):
    """From a bare system to a converged one, and through a boot."""
    fleet.commit(KEPT + MOTD)
    node = machine()
    booted = node.boot()
    began = time.monotonic()
    install(node, package)
    installed = time.monotonic()
    fleet.enroll(node)
    assert node.start()
    converged = time.monotonic()
    assert node.start()
    told("boot", booted)
    told("apt install of the package", installed - began)
    told("init and first run", converged - installed)
    told("a run with nothing to do, by systemctl", time.monotonic() - converged)
    assert time.monotonic() - began < 60


def test_the_daemon_does_the_same_without_a_timer(node, fleet):
    fleet.enroll(node)
    fleet.commit(KEPT)
    daemon = ("freehold", "daemon", "--every", "30s", "--splay", "0s", "--health", "/run/freehold/health")
    node.ran("systemd-run", "--unit=fhd", "--property=Type=notify", *daemon)  # returns once the daemon says it is ready

    node.eventually(lambda: content(node, "/etc/kept") == "always\n")
    node.eventually(lambda: node.runs()[0]["trigger"] == "daemon" and node.runs()[0]["result"] == "changed")
    first = fleet.commit(KEPT + 'file[/etc/motd]: {content: "by the daemon\\n"}')
    node.eventually(lambda: content(node) == "by the daemon\n")
    fleet.repo.revert(first, key=fleet.key, push=True)
    node.eventually(lambda: content(node) != "by the daemon\n")
    node.eventually(lambda: "the last run ended with 0" in node.ran("systemctl", "show", "-P", "StatusText", "fhd"))

    node.ran("systemctl", "stop", "fhd")
    assert node.run("systemctl", "is-failed", "fhd").out.strip() == "inactive"
    assert not node.path("/run/freehold/health").exists()


def test_the_walls_of_the_unit_stand_around_what_it_starts(node, fleet):
    fleet.enroll(node)
    fleet.commit("exec[/bin/cp /proc/self/status /etc/walls]: {creates: /etc/walls}")
    assert node.start()

    status = dict(row.split(":", 1) for row in content(node, "/etc/walls").splitlines())
    bounding = int(status["CapBnd"], 16)
    assert status["Seccomp"].strip() == "2"
    assert status["NoNewPrivs"].strip() == "0"  # setuid programs of package scripts work
    assert [number for number in (17, 25, 28, 34, 35, 36) if bounding >> number & 1] == []  # rawio, time, lease, ...
    assert bounding >> 21 & 1  # sys_admin
    assert status["Umask"].strip() == "0022"
