"""What is removed from an image, and what never is."""

import pytest

from runner.scrub import scrub
from runner.settings import Settings

IDENTITY = (
    "etc/ssh/ssh_host_rsa_key", "etc/ssh/ssh_host_rsa_key.pub", "var/lib/systemd/random-seed",
    "var/lib/systemd/credential.secret", "var/lib/systemd/timers/stamp-freehold.timer", "var/lib/dbus/machine-id",
    "var/lib/cloud/data/instance-id", "var/lib/cloud/sem/once", "var/lib/freehold/key", "var/lib/freehold/catalogs/a",
    "var/lib/freehold/mirror.git/FETCH_HEAD", "etc/freehold/gnupg/private-keys-v1.d/x.key", "srv/token",
    "etc/credstore.encrypted/freehold.passphrase", "etc/systemd/system/freehold.service.d/credentials.conf",
    "etc/systemd/system/freehold-boot.service.d/credentials.conf",
)  # fmt: skip
KEPT = (
    "etc/ssh/sshd_config", "etc/ssh/ssh_known_hosts", "var/lib/cloud/seed/nocloud/user-data", "etc/freehold/known_hosts",
    "var/lib/freehold/state.db", "var/lib/freehold/mirror.git/HEAD", "var/lib/freehold/accepted/main",
)  # fmt: skip


@pytest.fixture
def root(tmp_path):
    for name in (*IDENTITY, *KEPT):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("of one machine\n")
    (tmp_path / "root/etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    return tmp_path / "root"


def call(root, *secrets):
    settings = Settings(root=str(root), state_dir=str(root / "var/lib/freehold"))
    return list(scrub(settings, secrets))


def test_identity_goes_and_the_rest_stays(root):
    told = call(root, "/etc/freehold/gnupg", "/srv/token", "/not/there")

    assert [name for name in IDENTITY if (root / name).exists()] == []
    assert [name for name in KEPT if not (root / name).exists()] == []
    assert (root / "etc/machine-id").read_text() == ""
    assert {"/etc/machine-id", "/srv/token", "/etc/ssh/ssh_host_rsa_key"} <= set(told)
    assert "/not/there" not in told
    assert call(root, "/etc/freehold/gnupg", "/srv/token") == []


def test_nothing_outside_is_touched(root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("ssh_host_rsa_key", "machine-id", "token"):
        (outside / name).write_text("of the machine that bakes\n")
    for name, target in (("etc/ssh", outside), ("etc/machine-id", outside / "machine-id"), ("keys", outside)):
        path = root / name
        if path.is_dir():
            path.rename(root / "moved")
        path.unlink(missing_ok=True)
        path.symlink_to(target)
    call(root, "/keys/token")

    assert sorted(path.name for path in outside.iterdir()) == ["machine-id", "ssh_host_rsa_key", "token"]
    assert (outside / "machine-id").read_text() != ""


def test_a_linked_machine_id_of_dbus_stays(root):
    path = root / "var/lib/dbus/machine-id"
    path.unlink()
    path.symlink_to("/etc/machine-id")
    call(root)
    assert path.is_symlink()
