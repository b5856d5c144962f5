"""Facts that Puppet's modules bring: told without Ruby, and named where they are not."""

import os
import pwd

import pytest

from hiera.tree import DirectoryTree
from runner.facts import conventions, ssh
from runner.facts.collection import collect
from runner.facts.modules import FAMILIES, apt, gather, known, programs
from runner.facts.modules.java import _parts
from runner.facts.place import Place
from runner.facts.ruby import added_facts, unknown_facts


@pytest.fixture
def machine(tmp_path):
    """A recorded machine: put files below it by their path."""
    place = Place(*(str(tmp_path / name) for name in ("root", "proc", "sys", "dev", "run", "etc")))

    def write(files):
        for path, text in files.items():
            target = tmp_path / "root" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        return place

    return write


@pytest.fixture
def programs_of(tmp_path, monkeypatch):
    """Real executables of our own in place of the machine's."""
    monkeypatch.setattr(programs, "PATH", f"{tmp_path}:/usr/bin:/bin")

    def write(**scripts):
        for name, text in scripts.items():
            path = tmp_path / name.replace("_", "-")
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)

    return write


@pytest.mark.parametrize(
    ("release", "package", "service"),
    [
        ("ID=debian\nVERSION_ID=12", "apt", "systemd"),
        ("ID=rocky\nID_LIKE='rhel centos fedora'\nVERSION_ID=9.3", "dnf", "systemd"),
        ("ID=centos\nID_LIKE='rhel fedora'\nVERSION_ID=7", "yum", "systemd"),
        ("ID=amzn\nID_LIKE=fedora\nVERSION_ID=2", "yum", "systemd"),
        ("ID=amzn\nID_LIKE=fedora\nVERSION_ID=2023", "dnf", "systemd"),
        ("ID=alpine\nVERSION_ID=3.19", "apk", "openrc"),
    ],
)
def test_providers_of_a_distribution(machine, release, package, service):
    files = {"etc/os-release": release, "etc/passwd": "daemon:x:1:1::/:/bin/sh\nroot:x:0:0:root:/home/root:/bin/sh\n"}
    if service == "systemd":
        files |= {"usr/lib/systemd/systemd": "", "usr/lib/systemd/libsystemd-shared-252.so": ""}
    found = conventions.gather(machine(files))
    assert (found["package_provider"], found["service_provider"]) == (package, service)
    assert found["root_home"] == "/home/root"
    assert found["systemd"] is (service == "systemd")
    assert found.get("systemd_version") == ("252" if service == "systemd" else None)
    assert found["is_pe"] is False


def test_host_keys_and_their_fingerprints(machine):
    found = ssh.gather(
        machine({"etc/ssh/ssh_host_ed25519_key.pub": "ssh-ed25519 AAAA root@x\n", "etc/ssh/ssh_host_rsa_key.pub": "!"})
    )
    assert found == {
        "ssh": {
            "ed25519": {
                "fingerprints": {
                    "sha1": "SSHFP 4 1 29e2dcfbb16f63bb0254df7585a15bb6fb5e927d",
                    "sha256": "SSHFP 4 2 709e80c88487a2411e1ee4dfb9f22a861492d20c4765150c0c794abd70f8147c",
                },
                "key": "AAAA",
                "type": "ssh-ed25519",
            }
        }
    }


@pytest.mark.parametrize(
    ("program", "says", "fact", "version"),
    [
        ("nginx", "echo 'nginx version: nginx/1.22.1' >&2", "nginx_version", "1.22.1"),
        ("mariadb", "echo 'mariadb  Ver 15.1 Distrib 10.11.6-MariaDB, for x'", "mysql_version", "10.11.6"),
        ("haproxy", "echo 'HAProxy version 2.6.12-1+deb12u1 2023/12/16 - https://h/'", "haproxy_version", "2.6.12"),
        ("python", "echo 'Python 2.7.18'", "python2_version", "2.7.18"),
        ("redis_server", "echo 'Redis server v=7.0.15 sha=0:0'", "redis_server_version", "7.0.15"),
        ("python", "echo /usr/lib/python3/dist-packages", "python_dir", "/usr/lib/python3/dist-packages"),
        ("php", "echo 'PHP 8.2.7 (cli) (built: x)'", "phpversion", "8.2.7"),
        ("dnf", "echo 'dnf5 version 5.2.1.0'", "dnf_version", {"full": "5.2.1.0", "major": "5"}),
        ("iptables", "echo 'iptables v1.8.9 (nf_tables)'", "iptables_version", "1.8.9"),
    ],
)
def test_versions_of_programs(programs_of, program, says, fact, version):
    programs_of(**{program: says})
    assert collect()[fact] == version


def test_what_is_not_there_is_not_known(programs_of, machine):
    programs_of(collectd="exit 1")
    facts = collect()
    assert "collectd_version" not in facts
    assert "nothing_version" not in facts
    assert gather(machine({}), "git_version") == {}
    assert "git_version" not in set(facts)


def test_a_program_that_hangs_is_a_warning(programs_of):
    programs_of(sleeper="exec sleep 5")
    place = Place()
    assert programs.output(place, "sleeper", seconds=0.2) is None
    assert place.warnings == ["'sleeper' did not answer within 0.2 seconds"]


def test_updates_of_apt(programs_of):
    programs_of(
        apt_get='case "$5$4" in *dist*) ;; *) echo "Inst bash [1] (2 Debian:12/stable [amd64])";; esac\n'
        'echo "Inst ssl [1] (2 Debian-Security:12/x [amd64])"'
    )
    found = apt.gather(Place())
    assert found["apt_package_updates"] == ["bash", "ssl"]
    assert found["apt_package_security_updates"] == ["ssl"]
    assert (found["apt_has_dist_updates"], found["apt_dist_updates"]) == (True, 1)


@pytest.mark.parametrize(
    ("version", "major", "patch"),
    [("1.8.0_402", "8", "402"), ("17.0.9", "17", "9"), ("21", "21", None), ("22-ea", "22", None)],
)
def test_versions_of_java(version, major, patch):
    found = _parts(version)
    assert (found["java_major_version"], found.get("java_patch_level")) == (major, patch)


def test_every_family_gives_only_what_it_says():
    for family, names in FAMILIES.items():
        assert set(gather(Place(), names[0])) <= set(names), family
    assert "java_version" in known()


def test_facts_of_this_machine():
    facts = collect()
    assert facts["root_home"] == pwd.getpwuid(0).pw_dir
    assert facts["apt_sources"][0] == "sources.list" or not os.path.exists("/etc/debian_version")
    assert "root_home" in set(facts)


RUBY = """
# Facter.add(:comment)
Facter.add(:mine) do
  setcode { Facter.value('os') }
end
Facter.add('git_version') { }
%w[a b].each { |x| Facter.add("many_#{x}") { } }
"""


def test_other_facts_in_ruby_are_named(tmp_path):
    assert list(added_facts(RUBY)) == ["mine", "git_version", "..."]
    place = tmp_path / "modules/m/lib/facter"
    place.mkdir(parents=True)
    (place / "x.rb").write_text(RUBY)
    (place / "known.rb").write_text("Facter.add(:java_version) {}")
    (problem,) = unknown_facts(DirectoryTree(tmp_path), {"m": "modules/m"})
    assert (problem.code, problem.severity) == ("ruby-fact", "warning")
    assert str(problem.location) == "modules/m/lib/facter/x.rb:3:1"
    assert "'mine', '...'" in problem.message
