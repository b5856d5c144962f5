"""Baking an image and the first run of a node made of it, by the real command line; only the boot is missing here."""

import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

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

    def call(self, *argv, timeout=120):
        env = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        done = subprocess.run(
            [sys.executable, "-m", "runner", *map(str, argv)], capture_output=True, text=True, check=False, cwd="/",
            stdin=subprocess.DEVNULL, env=env | {"LC_ALL": "C.UTF-8"}, timeout=timeout,
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


def test_a_bake_that_was_killed_is_done_again(bake, image):
    made = bake(
        'resources:\n  exec[touch /etc/half; sleep 60]: {creates: /etc/whole}\n  file[/etc/after]: {content: "x\\n"}\n'
    )
    policy = image / "usr/sbin/policy-rc.d"
    policy.write_text("the image's own\n")
    with pytest.raises(subprocess.TimeoutExpired):
        made.bake(timeout=5)
    assert (image / "etc/half").exists()
    assert "exit 101" in policy.read_text()
    assert made.content("etc/machine-id") != ""

    (image / "etc/whole").touch()
    done = made.bake()
    assert done.returncode == 0, done.stderr
    assert "recovered: run 1 died" in done.stdout
    assert policy.read_text() == "the image's own\n"
    assert made.content("etc/after") == "x\n"
    assert made.content("etc/machine-id") == ""


def test_a_manifest_that_needs_the_machine_does_not_compile(bake, image):
    made = bake(
        'resources:\n  file[/etc/a]: {content: "{{ facts.networking.ip }}"}\n  file[/etc/b]: {content: "{{ facts.dmi }}"}\n'
    )
    before = sorted((image / "etc").rglob("*"))
    done = made.bake()

    assert done.returncode == 11
    assert "site.yaml:2:" in done.stderr
    assert "site.yaml:3:" in done.stderr
    assert sorted((image / "etc").rglob("*")) == before
    (image.parent / "facts.yaml").write_text("networking: {ip: 192.0.2.1}\ndmi: none\n")
    assert made.bake("--facts", image.parent / "facts.yaml").returncode == 0
    assert made.content("etc/a") == "192.0.2.1"


def test_what_fails_is_told_and_scrubbed_all_the_same(bake, image):
    made = bake('resources:\n  exec[/bin/false]: {}\n  file[/etc/beside]: {content: "x\\n"}\n')
    done = made.bake()

    assert done.returncode == 4
    assert "exec[/bin/false]" in done.stdout
    assert made.content("etc/beside") == "x\n"
    assert made.content("etc/machine-id") == ""


def test_a_node_is_not_baked(bake, image):
    made = bake(PLAIN.replace(" {{ node }}", ""))
    assert made.bake().returncode == 0
    assert made.run().returncode == 0
    refused = made.bake()

    assert refused.returncode == 10
    assert "error[other-scope]: this is no image: the ledger here belongs to the node 'web01'" in refused.stderr


def test_wrong_roots_are_said(bake, image, tmp_path):
    made = bake(PLAIN)
    assert "error[no-root]" in made.call("bake", "--repo", made.repo.url, "-e", "production").stderr
    (image / "bin/sh").unlink()
    assert "is not the root of an operating system" in made.bake().stderr
    (image / "bin/sh").write_bytes(b"\x7fELF of another machine")
    (image / "bin/sh").chmod(0o755)
    refused = made.bake()
    assert refused.returncode == 10
    assert "error[bad-root]: nothing runs in" in refused.stderr
    assert not (image / "var/lib/freehold").exists()


def test_nothing_runs_after_a_command_of_the_image_ended(bake, image):
    made = bake("resources:\n  exec[start]: {command: 'sleep 987 & touch /etc/started', creates: /etc/started}\n")
    assert made.bake().returncode == 0
    assert made.content("etc/started") == ""
    running = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _there(path)]
    assert not [argv for argv in running if argv.startswith(b"sleep\0987")]


def _there(path):
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


def test_noop_says_what_a_bake_would_do_and_leaves_the_image_alone(bake, image, keyring):
    def picture():
        return {
            str(path): (path.lstat().st_mode, path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
            for path in sorted(image.rglob("*"))
        }

    made = bake(PLAIN)
    before = picture()
    done = made.bake("--noop", "--timer", "5m")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "file[/etc/motd]" in done.stdout
    assert "4 would change" in done.stdout
    assert picture() == before

    assert made.bake().returncode == 0
    other = {f"environments/production/{SITE}": PLAIN.replace("root of the image", "somebody")}
    made.repo.commit("other", other, key=keyring.gpg("ann"), push=True)
    before = picture()
    done = made.bake("--noop", "--diff")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "+as somebody" in done.stdout
    assert "1 would change" in done.stdout
    assert picture() == before
