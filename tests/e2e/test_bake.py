"""Baking an image and the first run of a node made of it, by the real command line; only the boot is missing here."""

import hashlib
import os
import stat
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.root, pytest.mark.skipif(os.geteuid() != 0, reason="programs of another root need root")]

SITE = "manifests/site.yaml"
PLAIN = """resources:
  file[/etc/motd]: {content: "{{ facts.os.name }} {{ facts.os.release.major }} {{ node }}\\n"}
  file[/etc/first]: {content: "as root of the image\\n", group: ssl}
  exec[/bin/hostname > /etc/named; id > /etc/who]: {creates: /etc/who}
  exec[/bin/id > /etc/www]: {creates: /etc/www, user: root}
"""
SECRET = """resources:
  file[/etc/motd]: {content: "open\\n"}
  file[/etc/app.conf]: {content: "{{ lookup('app::password') }}\\n", mode: "0600"}
  exec[echo secret is there > /etc/after]: {creates: /etc/after, require: "file[/etc/app.conf]"}
  file[/etc/tail]: {content: "last\\n", require: "exec[echo secret is there > /etc/after]"}
"""


class Bake:
    """The command `freehold bake` for one image, and runs of the node that it becomes."""

    def __init__(self, image, repo):
        self.image, self.repo = image, repo

    def call(self, *argv, environ=None):
        env = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "runner", *map(str, argv)], capture_output=True, text=True, check=False, cwd="/",
            stdin=subprocess.DEVNULL, env=env | {"LC_ALL": "C.UTF-8"} | (environ or {}),
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def bake(self, *more, **others):
        trust = self.repo.trust()
        words = ["--trust", "signed", "--commit", trust["introduction"]["commit"], "--signer"]
        words += [trust["introduction"]["signer"], "--repo", self.repo.url, "-e", "production"]
        return self.call("bake", "--root", self.image, *words, *more, **others)

    def run(self, *more):
        config = self.image / "etc/freehold/freehold.yaml"
        return self.call("run", "--root", self.image, "--config", config, "-n", "web01", *more)

    def content(self, name):
        path = self.image / name
        return path.read_text() if path.exists() else None

    def status(self):
        done = self.call("status", "--root", self.image, "-n", "web01", "-e", "production")
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def bake(image, git_repo, keyring):
    def make(site, more=None):
        ann = keyring.gpg("ann")
        files = {"environments/production/" + name: text for name, text in ({SITE: site} | (more or {})).items()}
        return Bake(image, git_repo(policy=[ann], files=files))

    return make


def test_an_image_is_converged_and_nobody(bake, image):
    made = bake(PLAIN)
    done = made.bake()

    assert done.returncode == 0, done.stdout + done.stderr
    assert made.content("etc/motd") == "Debian 99 baked\n"
    assert (image / "etc/first").stat().st_gid == 44  # the group of the image
    assert made.content("etc/named") == "localhost\n"  # not the name of the machine that bakes
    assert "uid=0(root)" in made.content("etc/who")
    assert made.content("etc/machine-id") == ""
    assert not list((image / "etc/ssh").iterdir())
    assert (image / "var/lib/dbus/machine-id").is_symlink()
    assert "scrubbed /etc/ssh/ssh_host_ed25519_key\n" in done.stdout
    assert not (image / "usr/sbin/policy-rc.d").exists()
    assert not (image / "etc/resolv.conf").exists()
    assert list((image / "dev").iterdir()) == list((image / "run").iterdir()) == []
    state = image / "var/lib/freehold"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert not (state / "key").exists()
    assert "from: instance-id" in made.content("etc/freehold/freehold.yaml")
    assert made.repo.introduction in made.content("etc/freehold/freehold.yaml")


def test_a_second_bake_changes_nothing(bake, image):
    made = bake(PLAIN)
    assert made.bake().returncode == 0
    again = made.bake()

    assert again.returncode == 0
    assert "0 changed, 0 failed, 4 unchanged" in again.stdout
    assert "scrubbed" not in again.stdout
    assert "unchanged: " in again.stdout


def test_the_first_run_without_the_server_changes_nothing(bake, image):
    made = bake(PLAIN.replace(" {{ node }}", ""))
    assert made.bake().returncode == 0
    os.rename(made.repo.bare, f"{made.repo.bare}.away")
    first = made.run()

    assert first.returncode == 0, first.stderr
    assert "adopted: this image is a node now" in first.stdout
    assert "0 changed, 0 failed" in first.stdout
    again = made.run()
    assert "0 changed, 0 failed" in again.stdout
    assert "adopted" not in again.stdout


def test_a_node_takes_back_what_its_image_brought(bake, image):
    made = bake('resources:\n  file[/etc/motd]: {content: "baked\\n"}\n  file[/etc/kept]: {content: "new\\n"}\n')
    (image / "etc/motd").write_text("of the distribution\n")
    assert made.bake().returncode == 0
    site = f"environments/production/{SITE}"
    made.repo.commit("less", {site: 'resources:\n  file[/etc/kept]: {content: "new\\n"}\n'}, key=_ann(made), push=True)

    done = made.run()
    assert done.returncode == 0, done.stderr
    assert made.content("etc/motd") == "of the distribution\n"
    assert "1 changed" in done.stdout


def _ann(made):
    return made.repo.introducer


def test_what_is_secret_waits_for_the_first_boot(bake, image, gpg_home):
    key = gpg_home("node")
    block = key.block("hunter2")
    more = {
        "hiera.yaml": "version: 5\nhierarchy: [{name: c, path: c.yaml}]\n",
        "data/c.yaml": f"app::password: {block}\n",
    }
    made = bake(SECRET, more)
    done = made.bake()

    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 changed, 0 failed, 3 deferred" in done.stdout
    assert "file[/etc/app.conf]: its secret is sealed" in done.stdout
    assert made.content("etc/motd") == "open\n"
    assert made.content("etc/app.conf") is made.content("etc/after") is made.content("etc/tail") is None
    page = made.status()
    assert "deferred to the first boot: file[/etc/app.conf]: its secret is sealed" in page
    assert "deferred to the first boot: file[/etc/tail]: because file[/etc/app.conf] is deferred" in page
    everything = b"".join(path.read_bytes() for path in image.rglob("*") if path.is_file())
    assert b"hunter2" not in everything
    assert hashlib.sha256(b"hunter2\n").hexdigest().encode() not in everything

    config = image / "etc/freehold/freehold.yaml"
    config.write_text(config.read_text() + f"secrets: {{gnupghome: {key.path}}}\n")
    os.rename(made.repo.bare, f"{made.repo.bare}.away")
    first = made.run("--json")
    assert first.returncode == 0, first.stdout
    assert made.content("etc/app.conf") == "hunter2\n"
    assert "deferred" not in made.status()
    second = made.run()
    assert "0 changed, 0 failed" in second.stdout
    state = (image / "var/lib/freehold/state.db").read_bytes()
    assert hashlib.sha256(b"hunter2\n").hexdigest().encode() not in state  # known by a key of this node alone
    assert (image / "var/lib/freehold/key").exists()
