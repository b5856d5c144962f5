import json
import os
import shutil
import subprocess
import sys

import pytest

from runner.facts import Facts, collect, plain
from runner.facts.place import Place

FACTER = shutil.which("facter")


def test_a_family_is_gathered_when_first_read_and_only_then():
    script = (
        "import sys; from runner.facts import collect; f = collect(); assert f['kernel'] == 'Linux';"
        "print([m for m in sys.modules if m in ('runner.facts.networking', 'runner.facts.storage', 'ctypes', 'yaml')])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_facts_stay_as_they_were_when_first_read():
    facts = collect()
    first = facts["system_uptime"], facts["memory"], facts["load_averages"]
    assert (facts["system_uptime"], facts["memory"], facts["load_averages"]) == first
    assert facts["memory"] is facts["memory"]


def test_precedence_is_extra_then_external_then_built_in():
    facts = Facts(Place(), lambda: {"kernel": "Ext", "site": "a", "role": "ext"}, {"role": "given"})
    assert (facts["kernel"], facts["site"], facts["role"]) == ("Ext", "a", "given")
    assert {"site", "role", "os"} <= set(facts)
    assert list(facts) == sorted(facts)


def test_external_facts_are_gathered_once():
    asked = []
    facts = Facts(Place(), lambda: asked.append(1) or {"a": 1})
    assert facts["a"] == 1
    assert facts["kernel"] == "Linux"
    assert facts.get("nothing_such") is None
    assert asked == [1]


def test_everything_is_json():
    everything = plain(collect())
    assert json.loads(json.dumps(everything)) == everything
    assert everything["identity"]["uid"] == os.geteuid()


@pytest.mark.parametrize(
    ("old", "path"),
    [("osfamily", "os.family"), ("hostname", "networking.hostname"), ("processorcount", "processors.count")],
)
def test_old_flat_names_can_be_read_but_are_not_listed(old, path):
    facts = collect()
    value = facts
    for key in path.split("."):
        value = value[key]
    assert facts[old] == value
    assert old in facts
    assert old not in list(facts)


@pytest.mark.skipif(not os.path.exists("/sys/class/net/lo"), reason="/sys is not mounted here")
def test_old_names_of_interfaces_and_processors():
    facts = collect()
    assert facts["mtu_lo"] == 65536
    assert "lo" in facts["interfaces"].split(",")
    assert facts["processor0"] == facts["processors"]["models"][0]
    assert facts["memorysize_mb"] == round(facts["memory"]["system"]["total_bytes"] / 2**20, 2)
    for missing in ("processor4711", "mtu_nosuch0", "swapsize_mb" if "swap" not in facts["memory"] else "x_y"):
        with pytest.raises(KeyError):
            facts[missing]


def test_the_operating_system_is_that_of_the_root(tmp_path):
    (tmp_path / "usr/lib").mkdir(parents=True)
    (tmp_path / "etc").mkdir()
    (tmp_path / "usr/lib/os-release").write_text(
        'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\nPRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"\n'
    )
    (tmp_path / "etc/os-release").symlink_to("../usr/lib/os-release")
    facts = collect(str(tmp_path))
    assert facts["os"]["family"] == "RedHat"
    assert facts["os"]["name"] == "Rocky"
    assert facts["os"]["release"] == {"full": "9.3", "major": "9", "minor": "3"}
    assert facts["os"]["distro"]["codename"] == "Blue Onyx"


def test_links_of_the_root_do_not_lead_out_of_it(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").symlink_to("/etc/os-release")
    assert collect(str(tmp_path))["os"]["family"] == "Linux"


@pytest.mark.skipif(FACTER is None, reason="the real facter is not installed")
class TestBesideFacter:
    """The same names and values as the real facter on this machine."""

    # What moves between two readings, and what belongs to Ruby, Puppet or this family of facts alone.
    MOVES = ("available", "used", "capacity", "load_averages", "system_uptime", "path", "/speed")
    THEIRS = ("augeas", "facterversion", "ruby", "ssh", "dhcp", "networking/interfaces/lo/mac", "processors/extensions")

    if os.geteuid() != 0:
        THEIRS += ("virtual", "is_virtual", "hypervisors")  # facter asks tools that want root

    @pytest.fixture(scope="class")
    @classmethod
    def theirs(cls):
        done = subprocess.run([FACTER, "--json"], capture_output=True, text=True, check=False, timeout=120)
        return dict(cls.leaves(json.loads(done.stdout)))

    @classmethod
    def leaves(cls, value, path=""):
        if isinstance(value, dict):
            for key, item in value.items():
                yield from cls.leaves(item, f"{path}/{key}" if path else key)
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            yield path, sorted(json.dumps(item, sort_keys=True) for item in value)
        else:
            yield path, sorted(value) if isinstance(value, list) else value

    def test_names_and_values_agree(self, theirs):
        ours = dict(self.leaves(plain(collect())))
        compared = [
            path for path in theirs if not path.startswith(self.THEIRS) and not any(word in path for word in self.MOVES)
        ]
        assert len(compared) > 50
        assert {path: ours.get(path, "MISSING") for path in compared} == {path: theirs[path] for path in compared}

    def test_what_moves_is_there_too(self, theirs):
        ours = dict(self.leaves(plain(collect())))
        missing = [path for path in theirs if not path.startswith(self.THEIRS) and path not in ours]
        assert missing == []
