"""Facts of an image: those of its files, none of the machine that bakes it."""

import pytest

from runner.facts.collection import collect_image


@pytest.fixture
def facts(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text(
        'ID=rocky\nNAME="Rocky Linux"\nVERSION_ID="9.4"\nID_LIKE="rhel centos fedora"\n'
    )
    place = tmp_path / "facts.d"
    place.mkdir()
    (place / "site.yaml").write_text("rack: a1\n")
    (place / "program").write_text("#!/bin/sh\necho host=leaked\n")
    (place / "program").chmod(0o755)
    return collect_image(str(tmp_path), [str(place), str(tmp_path / "none")], {"vcpus": 2})


def test_only_the_image_is_told_of(facts):
    assert sorted(facts) == ["freeholdversion", "kernel", "os", "rack", "vcpus"]
    assert facts["os"]["family"] == "RedHat"
    assert facts["osfamily"] == "RedHat"
    assert facts["os"]["selinux"] == {"enabled": False}


@pytest.mark.parametrize(
    "name", ["networking", "dmi", "identity", "kernelrelease", "fqdn", "processorcount", "cloud", "host"]
)
def test_nothing_of_this_machine_gets_in(facts, name):
    with pytest.raises(KeyError):
        facts[name]


def test_a_program_that_would_tell_is_named(facts):
    assert "rack" in facts
    (warning,) = facts.warnings
    assert "a program would tell of this machine and not of the image" in warning.message
