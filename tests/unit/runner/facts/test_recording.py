import json

import jinja2
import pytest

from runner.facts import plain
from runner.facts.recording import Recording, unchanged

FACTS = {
    "os": {"family": "Debian", "release": {"major": "12"}},
    "kernel": "Linux",
    "networking": {"interfaces": {"lo": {"mtu": 65536}}},
    "models": ["a", "b"],
    "flag": True,
}


def through_json(recording):
    return json.loads(json.dumps(recording.reads()))


def altered(**more):
    return FACTS | more


def test_a_leaf_is_recorded_with_its_path_and_value():
    recording = Recording(FACTS)
    assert recording["os"]["family"] == "Debian"
    assert (("os", "family"), {"value": "Debian"}) in recording.reads()
    noted = through_json(recording)
    assert unchanged(noted, FACTS)
    assert unchanged(noted, altered(os={"family": "Debian", "new": 1}, kernel="other"))
    assert not unchanged(noted, altered(os={"family": "RedHat"}))
    assert not unchanged(noted, altered(os="Debian"))
    assert not unchanged(noted, {})


@pytest.mark.parametrize(
    "read",
    [
        lambda facts: facts.get("ec2_metadata"),
        lambda facts: "ec2_metadata" in facts,
        lambda facts: facts["os"].get("ec2_metadata"),
    ],
)
def test_absence_is_recorded(read):
    recording = Recording(FACTS)
    assert not read(recording)
    noted = through_json(recording)
    assert unchanged(noted, FACTS)
    assert not unchanged(noted, altered(ec2_metadata={}, os=FACTS["os"] | {"ec2_metadata": 1}))


def test_walking_a_mapping_records_its_names_and_the_values_met():
    recording = Recording(FACTS)
    assert dict(recording["networking"]["interfaces"].items())["lo"]["mtu"] == 65536
    noted = through_json(recording)
    assert unchanged(noted, altered(kernel="other"))
    assert not unchanged(noted, altered(networking={"interfaces": {"lo": {"mtu": 1}}}))
    assert not unchanged(noted, altered(networking={"interfaces": {"lo": {"mtu": 65536}, "eth0": {}}}))


def test_len_and_truth_depend_on_the_names():
    recording = Recording(FACTS)
    assert len(recording["os"]) == 2
    assert bool(recording["networking"])
    assert not unchanged(through_json(recording), altered(os={"family": "Debian"}))


def test_a_mapping_that_was_only_touched_counts_as_a_mapping():
    recording = Recording(FACTS)
    assert recording["os"] is not None
    noted = through_json(recording)
    assert unchanged(noted, altered(os={}))
    assert not unchanged(noted, altered(os=None))


def test_lists_are_copies_recorded_whole():
    recording = Recording(FACTS)
    recording["models"].append("c")
    assert FACTS["models"] == ["a", "b"]
    assert not unchanged(through_json(recording), altered(models=["a"]))


def test_true_and_one_are_two_values():
    recording = Recording(FACTS)
    assert recording["flag"] is True
    assert not unchanged(through_json(recording), altered(flag=1))


def test_plain_and_equality_see_everything():
    recording = Recording(FACTS)
    assert recording == FACTS
    assert plain(recording) == FACTS
    assert json.dumps(plain(recording["os"])) == json.dumps(FACTS["os"])
    assert not unchanged(through_json(recording), altered(new=1))


def test_templates_read_through_it():
    recording = Recording(FACTS | {"values": {"x": "y"}})
    text = "{{ facts.os.release.major }}{% if facts.az_metadata is defined %}cloud{% endif %}{{ facts['values'].x }}"
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined)
    assert environment.from_string(text).render(facts=recording) == "12y"
    paths = {path for path, _ in recording.reads()}
    assert {("os", "release", "major"), ("az_metadata",), ("values", "x")} <= paths


def test_checking_gathers_nothing_else():
    class Lazy(dict):
        def __getitem__(self, key):
            assert key == "kernel"
            return "Linux"

        def get(self, key, default=None):
            return self[key]

    recording = Recording(FACTS)
    assert recording["kernel"] == "Linux"
    assert unchanged(recording.reads(), Lazy())
