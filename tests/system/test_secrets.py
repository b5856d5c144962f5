"""Nodes that follow one repository, each with a key of its own; and where such a key is kept."""

import json
import os
import subprocess
import sys

from system.conftest import install

SECRETS = {"a": "geheim-a-7391", "b": "geheim-b-2604", "c": "geheim-c-8815"}
HIERA = "version: 5\ndefaults: {datadir: ../../data, data_hash: yaml_data}\nhierarchy:\n  - {name: common, path: common.yaml}\n"
OWN = "resources:\n  file[/etc/own]: {content: \"{{ lookup('secret_' ~ node) }}\\n\", mode: 0600}\n"
OTHER = "resources:\n  file[/etc/own]: {content: \"{{ lookup('secret_a') }}\\n\", mode: 0600}\n"


def site(environment):
    return f"environments/{environment}/manifests/site.yaml"


def publish(fleet, keys):
    """Commit a secret for each node, encrypted to its key by `freehold secret encrypt`."""
    rows = "".join(f"  {name}: {told['fingerprint']}\n" for name, told in keys.items())
    rules = "".join(f'  - {{path: "data/{name}.yaml", to: [{name}]}}\n' for name in keys)
    repo = fleet.repo
    repo.write("secrets.yaml", f"recipients:\n{rows}rules:\n{rules}")
    data = "---\n"
    for name, told in keys.items():
        repo.write(f"secrets/keys/{name}.asc", told["public_key"])
        argv = [sys.executable, "-m", "runner", "secret", "encrypt", "--tree", str(repo.path), f"data/{name}.yaml"]
        environment = os.environ | {"FREEHOLD_CONFIG": os.devnull}
        done = subprocess.run(
            argv, input=SECRETS[name], capture_output=True, text=True, check=False, cwd=repo.path, env=environment
        )
        assert done.returncode == 0, done.stderr
        data += f"secret_{name}: {json.dumps(done.stdout.strip())}\n"
    return repo.commit("secrets", {"data/common.yaml": data}, key=fleet.key, push=True)


def test_each_of_three_nodes_opens_its_own_secrets_only(machine, package, fleet):
    homes = {"a": "production", "b": "production", "c": "staging"}
    for environment in ("production", "staging"):
        fleet.repo.write(f"environments/{environment}/hiera.yaml", HIERA)
        fleet.repo.write(site(environment), OWN)
    fleet.repo.commit("own secrets", key=fleet.key, push=True)
    found, keys = {}, {}
    for name, environment in homes.items():
        node = found[name] = machine()
        node.boot()
        install(node, package)
        fleet.enroll(node, "--secrets", "-n", name, "-e", environment)
        keys[name] = json.loads(fleet.enroll(node, "--secrets", "-n", name, "-e", environment, "--json"))
    assert len({told["fingerprint"] for told in keys.values()}) == 3

    publish(fleet, keys)
    for name, node in found.items():
        assert node.start(), node.journal()
        assert node.path("/etc/own").read_text() == SECRETS[name] + "\n"
        assert node.failed_units() == []
        everything = node.run("journalctl", "-q", "--no-pager").out
        assert [secret for secret in SECRETS.values() if secret in everything] == []

    for environment in ("production", "staging"):
        fleet.repo.write(site(environment), OTHER)
    fleet.repo.commit("a's for all", key=fleet.key, push=True)
    for name in ("b", "c"):
        node = found[name]
        assert not node.start()
        text = node.journal("--priority=err", "-n", "5")
        assert "[sealed-secret]" in text
        assert "data/common.yaml" in text
        assert "encrypted for" in text
        assert node.path("/etc/own").read_text() == SECRETS[name] + "\n"  # nothing was touched
    assert found["a"].start()


def test_a_key_whose_passphrase_systemd_keeps(node, fleet):
    """The passphrase lies encrypted for this machine, and the units get it as a credential; a copied disk opens nothing."""
    told = json.loads(fleet.enroll(node, "--credential", "-n", "a", "--json"))
    again = json.loads(fleet.enroll(node, "--credential", "-n", "a", "--json"))
    assert again == {**told, "changed": False}
    fleet.repo.write("environments/production/hiera.yaml", HIERA)
    namespace = "  exec[readlink /proc/self/ns/mnt >/etc/namespace]: {provider: shell, creates: /etc/namespace}\n"
    fleet.repo.write(site("production"), OWN + namespace)
    publish(fleet, {"a": told})

    assert node.start(), node.journal()
    assert node.path("/etc/own").read_text() == SECRETS["a"] + "\n"
    kept = node.path("/etc/credstore.encrypted/freehold.passphrase")
    shown = node.ran("systemctl", "cat", "freehold.service", "freehold-boot.service")
    assert shown.count("LoadCredentialEncrypted=freehold.passphrase:") == 2
    assert node.path("/etc/namespace").read_text() == node.ran("readlink", "/proc/1/ns/mnt")  # mounts of a run stay
    phrase = node.ran(
        "systemd-creds", "decrypt", "--name=freehold.passphrase", str(kept).removeprefix(str(node.root)), "-"
    ).strip()
    assert len(phrase) > 40
    assert node.run("grep", "-rl", phrase, "/etc", "/var", "/run").out == ""

    node.path("/etc/own").unlink()
    node.ran("rm", "-r", "/var/lib/freehold/catalogs", "-f")
    node.ran("freehold", "run")  # by hand, as root: this machine decrypts the credential as well
    assert node.path("/etc/own").read_text() == SECRETS["a"] + "\n"

    node.reboot()
    node.path("/etc/own").unlink()
    assert node.start(), node.journal()
    assert node.path("/etc/own").read_text() == SECRETS["a"] + "\n"

    # The same key as an exported file: the passphrase that systemd keeps opens it as well.
    inside = str(kept).removeprefix(str(node.root))
    gpg = "gpg --homedir /etc/freehold/gnupg --batch --pinentry-mode loopback --passphrase-fd 0 --export-secret-keys"
    phrased = f"systemd-creds decrypt --name=freehold.passphrase {inside} - | {gpg}"
    node.ran(
        "sh", "-c", f"umask 077; {phrased} >/etc/freehold/node.key; gpgconf --homedir /etc/freehold/gnupg --kill all"
    )
    config = node.path("/etc/freehold/freehold.yaml")
    written = config.read_text()
    config.write_text(written.replace("gnupghome: /etc/freehold/gnupg", "openpgp_key: /etc/freehold/node.key"))
    assert config.read_text() != written
    node.ran("rm", "-r", "/etc/freehold/gnupg", "/etc/own", "/var/lib/freehold/catalogs")
    assert node.start(), node.journal()
    assert node.path("/etc/own").read_text() == SECRETS["a"] + "\n"

    node.ran("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "purge", "freehold")
    assert node.ran("find", "/etc/systemd", "-name", "*freehold*") == ""
    assert kept.exists()  # the key and what opens it stay, as everything that is not the package's
