"""Who a node is when no person told it: instance ids, user data, credentials that systemd hands over."""

import os
import shutil
import subprocess
import tempfile

import pytest

from hiera.errors import UsageError
from hiera.secrets import GPG, Refusal
from hiera.values import Secret
from runner import identity
from runner.compilation import decryptors
from runner.node_key import key_pair
from runner.openpgp_key import KeyFile
from runner.settings import load

UUID = "EC2A1B2C-0123-4567-89AB-0123456789AB"


@pytest.fixture
def machine(tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "INSTANCE_DATA", str(tmp_path / "data.json"))
    monkeypatch.setattr(identity, "INSTANCE_ID", str(tmp_path / "id"))
    monkeypatch.setattr(identity, "CONTAINER", str(tmp_path / "container"))
    monkeypatch.setattr(identity, "DMI", str(tmp_path))
    (tmp_path / "freehold.yaml").write_text("node: {from: instance-id}\n")
    return tmp_path


def name(machine):
    return load({}, {}, str(machine / "freehold.yaml")).node


def test_the_sources_of_an_instance_id_in_their_order(machine):
    assert name(machine) is None
    (machine / "product_uuid").write_text(UUID + "\n")
    assert name(machine) == UUID.lower()
    (machine / "board_asset_tag").write_text("i-0abcdef0123456789\n")
    assert name(machine) == "i-0abcdef0123456789"
    (machine / "id").write_text("of-cloud-init\n")
    assert name(machine) == "of-cloud-init"
    (machine / "data.json").write_text('{"v1": {"instance_id": "of-this-boot"}}')
    assert name(machine) == "of-this-boot"


@pytest.mark.parametrize(
    "said", ["Not Specified", "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"]
)
def test_hardware_that_was_never_told_names_nobody(machine, said):
    (machine / "board_asset_tag").write_text(said)
    (machine / "product_uuid").write_text(said)
    assert name(machine) is None


def test_the_hardware_of_a_container_is_its_host_s(machine):
    (machine / "product_uuid").write_text(UUID)
    (machine / "container").write_text("systemd-nspawn")
    assert name(machine) is None


def test_user_data_adds_to_the_configuration(tmp_path):
    main = tmp_path / "freehold.yaml"
    main.write_text("node: a\nrole: base\nmax_prune: 3\n")
    place = tmp_path / "freehold.yaml.d"
    place.mkdir()
    (place / "90-late.yaml").write_text("trusted: {group: green}\n")
    (place / "50-early.yaml").write_text("role: web\ntrusted: {group: blue, x: 1}\n")
    (place / ".50-early.yaml.swp").write_text("no yaml: [")
    (place / "README").write_text("no yaml: [")
    found = load({}, {"FREEHOLD_MAX_PRUNE": "5"}, str(main))

    assert (found.role, found.trusted, found.max_prune) == ("web", {"group": "green"}, 5)
    (place / "50-early.yaml").write_text("rolle: web\n")
    with pytest.raises(UsageError) as caught:
        load({}, {}, str(main))
    (problem,) = caught.value.problems
    assert (problem.code, problem.location.file) == ("unknown-setting", str(place / "50-early.yaml"))


def test_a_path_may_be_a_credential(tmp_path, monkeypatch):
    file = tmp_path / "freehold.yaml"
    file.write_text("credentials: {ssh_key: $CREDENTIALS_DIRECTORY/freehold.ssh_key}\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/run/credentials/freehold.service")
    assert load({}, {}, str(file)).credentials["ssh_key"] == "/run/credentials/freehold.service/freehold.ssh_key"
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    assert load({}, {}, str(file)).credentials["ssh_key"] == "/run/credentials/@system/freehold.ssh_key"


def test_keys_stand_in_one_place(tmp_path):
    file = tmp_path / "freehold.yaml"
    file.write_text("secrets: {gnupghome: /a, openpgp_key: /b}\n")
    with pytest.raises(UsageError, match="the keys stand in one place"):
        load({}, {}, str(file))


def test_a_key_that_is_a_file_opens_and_leaves_nothing(gpg_home, tmp_path):
    mine, other = gpg_home("mine"), gpg_home("other")
    file = tmp_path / "key.asc"
    file.write_bytes(mine._run("--armor", "--export-secret-keys"))
    before = set(os.listdir("/dev/shm"))
    ciphertexts = [mine.encrypt("one"), other.encrypt("two"), mine.encrypt("three")]

    first, second, third = KeyFile(str(file)).decrypt(ciphertexts)
    assert (first, third) == (b"one", b"three")
    assert isinstance(second, Refusal)
    assert (second.reason, set(second.held) >= {mine.key_ids()[0]}) == ("no-key", True)
    assert {name for name in os.listdir("/dev/shm") if name.startswith("freehold-")} <= before
    (refused,) = KeyFile(str(tmp_path / "missing")).decrypt(ciphertexts[:1])
    assert refused.reason == "unavailable"


def test_such_a_file_may_have_a_passphrase(tmp_path):
    home = tempfile.mkdtemp(prefix="fhg", dir="/tmp")
    gpg = ["gpg", "--homedir", home, "--batch", "--pinentry-mode", "loopback", "--passphrase", "right"]
    try:
        key_pair(home, "web01", lambda: Secret("right"))
        exported = subprocess.run([*gpg, "--export-secret-keys"], check=True, capture_output=True).stdout
        encrypt = [*gpg, "--trust-model", "always", "--recipient", "freehold web01", "--encrypt"]
        ciphertext = subprocess.run(encrypt, input=b"one", check=True, capture_output=True).stdout
    finally:
        subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
        shutil.rmtree(home)
    (tmp_path / "key").write_bytes(exported)
    (tmp_path / "phrase").write_text("right\n")
    config = tmp_path / "freehold.yaml"
    config.write_text(f"secrets: {{openpgp_key: {tmp_path}/key, passphrase_file: {tmp_path}/phrase}}\n")

    opener = decryptors(load({}, {}, str(config)))[GPG]
    assert opener.decrypt([ciphertext] * 2) == [b"one"] * 2
    (tmp_path / "phrase").write_text("wrong\n")
    assert [refused.reason for refused in opener.decrypt([ciphertext] * 2)] == ["no-passphrase"] * 2
