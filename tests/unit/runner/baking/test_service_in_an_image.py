"""Services of an image: enabled by its own systemctl, never started."""

import pytest

from hiera.errors import Location
from manifests.catalog import Declaration, Ref
from runner.resources.base import Change
from runner.resources.service import Service, systemd
from runner.system.base import Completed, MachineError
from runner.system.fake import FakeSystem


def service(**attributes):
    return Service(
        Declaration(Ref("service", "ssh"), "ssh", attributes, Location("site.yaml", 1), Ref("class", "main"))
    )


def machine(*answers):
    """Return an image whose systemctl answers ``(words, code, stdout)``."""
    commands = {("systemctl", *words.split()): Completed(("systemctl",), code, out, "") for words, code, out in answers}
    return FakeSystem(commands=commands, live=False, baking=True)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("enabled", "true"),
        ("disabled", "false"),
        ("masked", "mask"),
        ("static", "static"),
        ("not-found", "false"),
        ("", "false"),
    ],
)
def test_the_state_is_that_of_the_unit_file(said, word):
    image = machine(("is-enabled -- ssh.service", 1, said + "\n"))
    expected = {"ensure": "stopped", "enable": word or "false"}
    assert service().read(image, frozenset()) == expected


def test_running_is_up_to_the_boot():
    image = machine(("is-enabled -- ssh.service", 0, "enabled\n"))
    one = service(ensure="running", enable=True)
    before = one.read(image, frozenset())

    assert all(one.satisfied(key, before, wish) for key, wish in one.wanted().items())
    one.refresh(image)
    assert image.calls == [("systemctl", "is-enabled", "--", "ssh.service")]


def test_a_masked_unit_is_unmasked_first():
    image = machine(
        ("is-enabled -- ssh.service", 0, "disabled\n"), ("--quiet unmask -- ssh.service", 0, ""),
        ("--quiet enable -- ssh.service", 0, ""),
    )  # fmt: skip
    before = {"ensure": "stopped", "enable": "mask"}
    service(enable=True).converge(image, Change(before, before | {"enable": "true"}))

    assert [call[2] for call in image.calls if "--quiet" in call] == ["unmask", "enable"]


def test_a_unit_that_is_not_there_fails():
    image = machine(("--quiet enable -- ssh.service", 1, "Unit file ssh.service does not exist.\n"))
    before = {"ensure": "stopped", "enable": "false"}

    with pytest.raises(MachineError, match="systemctl enable failed: Unit file ssh"):
        service(enable=True).converge(image, Change(before, before | {"enable": "true"}))


def test_an_image_without_systemd_has_no_services():
    assert service().not_applicable(FakeSystem(live=False, baking=True)) == "there is no systemd in this image"
    assert service().not_applicable(FakeSystem(live=False)) == "services mean nothing under --root"


@pytest.mark.parametrize(
    ("active", "queued", "running"), [("inactive", True, True), ("inactive", False, False), ("failed", True, False)]
)
def test_a_unit_that_the_boot_is_about_to_start_counts_as_running(active, queued, running):
    assert systemd.Unit("a.service", active=active, queued=queued).running is running
