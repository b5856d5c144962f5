"""What Puppet means by parameters, when its catalog becomes the one that is applied."""

import pytest

from hiera.errors import Collector, Location
from manifests.catalog import Ref
from manifests.draft import Given
from manifests.puppet.applying import Adaptation
from runner.resources import Specifications

HERE = Location("site.pp", 1, 1)


@pytest.fixture
def adapted():
    """Return what gives the attributes and problems of a resource: ``adapted("exec", command="x")``."""

    def adapt(kind, **parameters):
        problems = Collector()
        given = {name: Given(value, HERE) for name, value in parameters.items()}
        found = Adaptation(problems).adapt(Ref(kind, "/t"), Specifications()[kind], given, HERE)
        return {name: item.value for name, item in found.items()}, [*problems.errors, *problems.warnings]

    return adapt


def test_a_command_runs_without_a_shell_unless_told_otherwise(adapted):
    assert adapted("exec", command="pkill -f x") == ({"command": "pkill -f x", "provider": "posix"}, [])
    assert adapted("exec", provider="shell") == ({"provider": "shell"}, [])


@pytest.mark.parametrize("target", ["/etc/motd", "../motd", "./motd"])
def test_a_path_as_ensure_is_a_link(adapted, target):
    assert adapted("file", ensure=target) == ({"ensure": "link", "target": target}, [])


@pytest.mark.parametrize("value", [False, "false"])
def test_false_as_ensure_is_absent(adapted, value):
    assert adapted("file", ensure=value) == ({"ensure": "absent"}, [])


def test_what_changes_nothing_is_left_out(adapted):
    assert adapted("package", ensure="present", allow_virtual=False) == ({"ensure": "present"}, [])
    assert adapted("user", provider="useradd", salt="x") == ({}, [])


def test_what_somebody_may_miss_is_told(adapted):
    found, (problem,) = adapted("package", enable_only=True)
    assert (found, problem.code, problem.severity) == ({}, "ignored-attribute", "warning")
    assert "enable_only" in problem.message


@pytest.mark.parametrize(("kind", "provider"), [("package", "gem"), ("service", "upstart"), ("user", "ldap")])
def test_a_provider_that_is_not_there_is_refused_by_name(adapted, kind, provider):
    found, (problem,) = adapted(kind, provider=provider)
    assert (found, problem.code, problem.severity) == ({}, "unsupported-provider", "error")
    assert f"'{provider}'" in problem.message


def test_other_parameters_stay(adapted):
    assert adapted("file", mode="0644", nonsense=1) == ({"mode": "0644", "nonsense": 1}, [])
