"""Images: baked with the network, booted without it, and with it again."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support.gpg_home import GpgHome
from system import roots
from system.nodes import Node, call

SITE = "environments/production/manifests/site.yaml"
WEB = """package[freehold]: {}
package[hellod]: {}
service[hellod]: {ensure: running, enable: true, require: "package[hellod]"}
service[eagerd]: {ensure: running, enable: true, require: "package[hellod]"}
user[app]: {home: /srv/app, managehome: true, shell: /bin/sh}
file[/srv/app/index.html]: {content: "hello from the image\\n", owner: app, require: "user[app]"}
file[/etc/motd]: {content: "baked\\n"}
"""
SECRET = """file[/etc/hellod.conf]: {content: "{{ lookup('web::password') }}\\n", mode: "0600", notify: "service[hellod]"}
file[/etc/hellod.after]: {content: "after\\n", require: "file[/etc/hellod.conf]"}
"""
UNIT = """[Service]
ExecStart=/bin/sleep infinity
[Install]
WantedBy=multi-user.target
"""
POSTINST = """#!/bin/sh
set -e
systemctl --quiet enable hellod.service
invoke-rc.d hellod start && echo "started" || echo "not started"
if invoke-rc.d --query hellod start; then echo 0; else echo $?; fi > /var/lib/hellod/policy
"""


def hellod(shelf):
    """Make a package with two services whose script enables one and would start it, on the shelf of the image."""
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place, "tree")
        for name in ("hellod", "eagerd"):
            unit = tree / f"lib/systemd/system/{name}.service"
            unit.parent.mkdir(parents=True, exist_ok=True)
            unit.write_text(UNIT)
        (tree / "var/lib/hellod").mkdir(parents=True)
        control = tree / "DEBIAN/control"
        control.parent.mkdir()
        control.write_text(
            "Package: hellod\nVersion: 1.0\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: sleeps\n"
        )
        (tree / "DEBIAN/postinst").write_text(POSTINST)
        (tree / "DEBIAN/postinst").chmod(0o755)
        call("dpkg-deb", "--root-owner-group", "-Znone", "-b", tree, shelf / "hellod.deb")


def stock(root, package):
    """Let apt in a root find Freehold and a service on the root's own disk."""
    shelf = root.path("/srv/apt")
    shelf.mkdir(parents=True)
    shutil.copy(package, shelf)
    hellod(shelf)
    (shelf / "Packages").write_text(call("dpkg-scanpackages", "-m", ".", cwd=shelf))
    root.path("/etc/apt/sources.list.d/shelf.list").write_text("deb [trusted=yes] file:/srv/apt ./\n")


class Image:
    """The root of an image, as an overlay on the root that nodes boot from."""

    def __init__(self, base, directory):
        self._directory = directory
        self.root = directory / "root"
        for part in ("root", "upper", "work"):
            (directory / part).mkdir()
        layers = f"lowerdir={base},upperdir={directory}/upper,workdir={directory}/work"
        call("mount", "-t", "overlay", "fhtest-image", "-o", layers, self.root)

    def path(self, path):
        return self.root / path.lstrip("/")

    def bake(self, fleet, *more):
        """Bake it from the server, with credentials that stay here."""
        trust = ["--trust", "signed", "--commit", fleet.repo.introduction, "--signer", fleet.key.fingerprint]
        keys = ["--ssh-key", f"{fleet.server.root}/client", "--known-hosts", f"{fleet.server.root}/known_hosts"]
        words = ["--root", self.root, "--repo", fleet.server.url(fleet.repo.bare), "-e", "production", "--role", "web"]
        done = subprocess.run(
            [sys.executable, "-m", "runner", "bake", *map(str, words), *trust, *keys, "--timer", "1d", *more],
            capture_output=True, text=True, check=False, cwd=Path(__file__).resolve().parents[2], stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
        print(done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done

    def close(self):
        call("umount", self.root, check=False)
        shutil.rmtree(self._directory, ignore_errors=True)


@pytest.fixture
def place():
    found = Path(tempfile.mkdtemp(prefix="fhi", dir=os.environ["FREEHOLD_TEST_BUILD"]))
    yield found
    shutil.rmtree(found, ignore_errors=True)


@pytest.fixture
def image(root, package, place):
    (place / "image").mkdir()
    found = Image(root, place / "image")
    stock(found, package)
    yield found
    found.close()


@pytest.fixture
def launch(image, place):
    """Return a function that makes a node of the image as it is now."""
    made = []

    def make(name):
        copy = place / f"disk-{name}"
        call("cp", "-a", "--reflink=auto", image.root, copy)
        made.append(Node(name, copy, place / name))
        return made[-1]

    yield make
    for node in made:
        node.close()


def told_who(node, fleet, **more):
    """Give a node what cloud-init would: who it is, and its keys."""
    data = node.path("/var/lib/cloud/data")
    data.mkdir(parents=True)
    (data / "instance-id").write_text(f"i-{node.name}\n")
    for name, source in (("ssh_key", "client"), ("known_hosts", "known_hosts")):
        target = node.path(f"/etc/freehold/{name}")
        shutil.copy(f"{fleet.server.root}/{source}", target)
        target.chmod(0o600)
    config = node.path("/etc/freehold/freehold.yaml")
    rows = {"credentials": "{ssh_key: /etc/freehold/ssh_key, known_hosts: /etc/freehold/known_hosts}", **more}
    config.write_text(config.read_text() + "".join(f"{key}: {value}\n" for key, value in rows.items()))


def first_run(node, seconds=60):
    """Wait for the end of the run of this boot, and return how long that took and what it did."""
    took = node.eventually(
        lambda: node.runs() and node.runs()[0]["trigger"] == "boot" and node.runs()[0]["ended"], seconds
    )
    return took, node.runs()[0]


def test_a_baked_node_boots_converged_without_a_network(image, launch, fleet, told):
    baked = fleet.commit(WEB)
    done = image.bake(fleet)
    assert done.returncode == 0, done.stdout + done.stderr
    assert image.path("/var/lib/hellod/policy").read_text() == "101\n"  # starting it was forbidden
    assert not image.path("/usr/sbin/policy-rc.d").exists()
    assert image.path("/etc/machine-id").read_text() == ""
    secret = Path(fleet.server.root, "client").read_bytes()
    held = [path for path in image.path("/etc").rglob("*") if path.is_file() and secret in path.read_bytes()]
    assert held == []
    assert not image.path("/var/lib/freehold/key").exists()
    again = image.bake(fleet)
    assert "0 changed, 0 failed" in again.stdout

    node = launch("fresh")
    told_who(node, fleet)
    booted = node.boot(cable=False)
    took, run = first_run(node)
    told("boot to converged, no network", booted + took)
    assert (run["result"], run["counts"].get("changed", 0), run["revision"]) == ("unchanged", 0, baked)
    assert run["node"] == "i-fresh"
    assert node.ran("systemctl", "is-active", "hellod", "eagerd").split() == ["active", "active"]
    assert node.path("/etc/motd").read_text() == "baked\n"
    assert node.ran("stat", "-c", "%U", "/srv/app/index.html").strip() == "app"
    assert node.failed_units() == []
    assert len(node.path("/etc/machine-id").read_text().strip()) == 32

    newer = fleet.commit(WEB.replace("baked", "newer"))
    booted = node.reboot()
    took, run = first_run(node)
    node.eventually(lambda: node.runs()[0]["revision"] == newer)
    told("boot to the newer commit", booted + took)
    assert node.path("/etc/motd").read_text() == "newer\n"
    assert node.failed_units() == []


def test_what_needs_a_node_s_key_is_done_by_the_first_boot(image, launch, fleet, told):
    key = GpgHome("web")
    try:
        more = {
            "environments/production/hiera.yaml": "version: 5\nhierarchy: [{name: web, path: web.yaml}]\n",
            "environments/production/data/web.yaml": f"web::password: {key.block('hunter2')}\n",
        }
        rows = "".join(f"  {row}\n" for row in (WEB + SECRET).strip().splitlines())
        fleet.repo.commit("secret", {SITE: f"resources:\n{rows}", **more}, key=fleet.key, push=True)
        done = image.bake(fleet)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "3 deferred" in done.stdout
        assert "service[hellod]: because file[/etc/hellod.conf] is deferred" in done.stdout

        node = launch("sealed")
        shutil.copytree(key.path, node.path("/etc/freehold/gnupg"), ignore=shutil.ignore_patterns("S.*"))
        told_who(node, fleet, secrets="{gnupghome: /etc/freehold/gnupg}")
        assert "deferred to the first boot: file[/etc/hellod.conf]" in page(image)
        booted = node.boot(cable=False)
        took, _ = first_run(node)
        told("boot to converged with a secret, no network", booted + took)
        shown = node.run("freehold", "show", "--json").json
        changed = {f"{item['kind']}[{item['title']}]" for item in shown["outcomes"] if item["status"] == "changed"}
        assert changed == {"file[/etc/hellod.conf]", "file[/etc/hellod.after]", "service[hellod]"}, shown
        assert node.path("/etc/hellod.conf").read_text() == "hunter2\n"
        assert "deferred" not in node.ran("freehold", "status")
        assert node.failed_units() == []
    finally:
        key.close()


def page(image):
    argv = [sys.executable, "-m", "runner", "status", "--root", str(image.root), "-e", "production"]
    return subprocess.run(
        argv, capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parents[2]
    ).stdout


OWN = "package[freehold]: {}\n"
CLOUD = """package[cloud-init]: {install_options: [--no-install-recommends]}
file[/etc/cloud/cloud.cfg.d/99-test.cfg]: {content: "datasource_list: [NoCloud]\\nnetwork: {config: disabled}\\nlocale: false\\n", require: "package[cloud-init]"}
file[/etc/who]: {content: "{{ node }} {{ role }} {{ trusted.group | default('-') }}\\n"}
file[/etc/hellod.conf]: {content: "{{ lookup('web::password') }}\\n", mode: "0600"}
"""
USER_DATA = Path(__file__).resolve().parents[2] / "packaging/images/cloud-init/user-data"


def test_a_node_learns_who_it_is_from_its_cloud(image, launch, fleet, told, place):
    """Its name from the instance id, role and key from user data, the repository's key from its hypervisor."""
    suite = os.environ["FREEHOLD_TEST_SUITE"]
    image.path("/etc/apt/sources.list").write_text(f"deb {roots.mirror(suite)} {suite} main\n")
    key = GpgHome("web")
    try:
        more = {
            "environments/production/hiera.yaml": "version: 5\nhierarchy: [{name: web, path: web.yaml}]\n",
            "environments/production/data/web.yaml": f"web::password: {key.block('hunter2')}\n",
        }
        rows = "".join(f"  {row}\n" for row in (OWN + CLOUD).strip().splitlines())
        fleet.repo.commit("cloud", {SITE: f"resources:\n{rows}", **more}, key=fleet.key, push=True)
        done = image.bake(fleet)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "1 deferred" in done.stdout

        node = launch("cloud")
        seed = node.path("/var/lib/cloud/seed/nocloud")
        seed.mkdir(parents=True)
        exported = call("gpg", "--homedir", key.path, "--batch", "--armor", "--export-secret-keys")
        handed = "{ssh_key: $CREDENTIALS_DIRECTORY/freehold.ssh_key, known_hosts: $CREDENTIALS_DIRECTORY/freehold.known_hosts}"
        data = USER_DATA.read_text().replace("{token_file: /etc/freehold/token}", handed)
        (seed / "user-data").write_text(data.replace("REPLACE-BY-THE-KEY", exported.replace("\n", "\n      ").rstrip()))
        (seed / "meta-data").write_text("instance-id: i-0123456789\n")
        given = [
            f"--load-credential=freehold.{name}:{fleet.server.root}/{file}"
            for name, file in (("ssh_key", "client"), ("known_hosts", "known_hosts"))
        ]
        booted = node.boot(more=given)
        took, run = first_run(node)
        told("boot to converged, told by cloud-init", booted + took)
        assert run["result"] == "changed", node.journal()
        assert node.path("/etc/who").read_text() == "i-0123456789 web blue\n"
        assert node.path("/etc/hellod.conf").read_text() == "hunter2\n"
        status = node.run("freehold", "status", "--json").json
        assert (status["fetched_ok"], status["reasons"], status["node"]) == (True, [], "i-0123456789")
        spaces = ("readlink", "/proc/1/ns/mnt")
        commit = fleet.commit(f"exec[readlink /proc/self/ns/mnt > /etc/space]: {{creates: /etc/space}}\n{OWN}{CLOUD}")
        assert node.start(), node.journal()
        assert node.runs()[0]["revision"] == commit
        assert node.path("/etc/space").read_text() == node.ran(*spaces)  # credentials hide no mount from the machine
        assert not list(node.path("/dev/shm").glob("freehold-*"))
    finally:
        key.close()


def test_a_running_machine_becomes_an_image(machine, package, fleet, place, told):
    """As Packer does it: the bake runs on the machine whose disk will be the image."""
    builder = machine()
    stock(builder, package)
    builder.boot()
    builder.ran("apt-get", "-qq", "update")
    builder.ran("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-y", "install", "freehold")
    for name in ("client", "known_hosts"):
        shutil.copy(f"{fleet.server.root}/{name}", builder.path(f"/root/{name}"))
    baked = fleet.commit(WEB)
    trust = ["--trust", "signed", "--commit", fleet.repo.introduction, "--signer", fleet.key.fingerprint]
    keys = ["--ssh-key", "/root/client", "--known-hosts", "/root/known_hosts", "--timer", "30s"]
    url = fleet.server.url(fleet.repo.bare)
    builder.ran("freehold", "bake", "--root", "/", "--repo", url, "-e", "production", "--role", "web", *trust, *keys)

    assert builder.run("systemctl", "is-active", "hellod", "eagerd").out.split() == ["inactive", "inactive"]
    assert builder.run("systemctl", "is-enabled", "eagerd", "freehold.timer").out.split() == ["enabled", "enabled"]
    assert builder.run("systemctl", "is-active", "freehold.timer").out.strip() == "inactive"
    assert not builder.path("/usr/sbin/policy-rc.d").exists()
    assert builder.path("/etc/machine-id").read_text() == ""
    assert not builder.path("/var/lib/freehold/key").exists()
    builder.ran("rm", "/root/client", "/root/known_hosts")
    builder.cut()

    disk = place / "disk"
    call("cp", "-a", "--reflink=auto", builder.root, disk)
    node = Node("fromvm", disk, place / "node")
    try:
        told_who(node, fleet)
        booted = node.boot(cable=False)
        took, run = first_run(node)
        told("boot to converged, of a machine's disk", booted + took)
        assert (run["result"], run["revision"], run["node"]) == ("unchanged", baked, "i-fromvm")
        assert node.ran("systemctl", "is-active", "hellod", "eagerd").split() == ["active", "active"]
        assert node.failed_units() == []
    finally:
        node.close()
