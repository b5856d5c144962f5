"""Real nodes: systemd-nspawn booting a root, each with an address of its own on a bridge that leads nowhere."""

import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

NUMBER = os.environ.get("FREEHOLD_TEST_NET", "77")  # tests that run beside each other have one each
BRIDGE = f"fhtest{NUMBER}"
NETWORK = f"10.213.{NUMBER}"
SERVER = f"{NETWORK}.1"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MOVING = frozenset({"systemd/system/multi-user.target.wants/freehold-boot.service"})
_NUMBERS = itertools.count(11)
_REBOOT = 133  # how nspawn ends when the node asked for a reboot and nobody keeps it for us


def call(*argv, check=True, **more):
    """Run a command of the host; return its output, or fail with what it said."""
    words = [str(word) for word in argv]
    done = subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **more)
    if check and done.returncode:
        raise AssertionError(f"{words} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


class Network:
    """The bridge, with the server's address on it. There is no route from it to anywhere else."""

    def __enter__(self):
        call("ip", "link", "del", BRIDGE, check=False)
        call("ip", "link", "add", BRIDGE, "type", "bridge")
        call("ip", "addr", "add", f"{SERVER}/24", "dev", BRIDGE)
        call("ip", "link", "set", BRIDGE, "up")
        return self

    def __exit__(self, *_):
        call("ip", "link", "del", BRIDGE, check=False)


def _cgroups():
    """Return the hierarchies a node gets a group of its own in: systemd's alone, or both of a hybrid system."""
    top = Path("/sys/fs/cgroup")
    return [top / "unified", top / "systemd"] if (top / "unified").is_dir() else [top]


class Ended:
    """A command of a node that ended."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.text = self.out + self.err

    @property
    def json(self):
        return json.loads(self.out)


class Node:
    """A machine: ``boot``, ``run`` a command in it, ``cut`` its power, ``reboot``; its disk is an overlay on ``base``."""

    def __init__(self, name, base, directory):
        self.name, self._base, self._directory = name, base, Path(directory)
        self.address = f"{NETWORK}.{next(_NUMBERS)}"
        self.root = self._directory / "root"
        self._process = None
        self._leader = 0
        for part in ("root", "upper", "work"):
            (self._directory / part).mkdir(parents=True)
        layers = f"lowerdir={base},upperdir={self._directory}/upper,workdir={self._directory}/work"
        call("mount", "-t", "overlay", f"fhtest-{name}", "-o", layers, self.root)

    @property
    def _space(self):
        return f"fhtest-{self.name}"

    def boot(self, *, cable=True, more=()):
        """Boot, wait until the system is up, and return how many seconds that took.

        Without ``cable`` there is no network but the node's own loopback. ``more`` are options for nspawn.
        """
        began = time.monotonic()
        self._connect(cable=cable)
        groups = [group / self._space for group in _cgroups()]
        for group in groups:
            group.mkdir(exist_ok=True)
        argv = [
            "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--link-journal=no", "--resolv-conf=off",
            "--timezone=off", "--console=pipe", f"--machine={self.name}", f"--network-namespace-path=/run/netns/{self._space}",
            *more, "-D", str(self.root),
        ]  # fmt: skip
        join = "".join(
            f"echo $$ > {group}/cgroup.procs; " for group in groups
        )  # else nodes would share the group of the test
        with (self._directory / "console.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["sh", "-c", join + 'exec "$@"', "sh", *argv], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={"PATH": _PATH, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1", "SYSTEMD_NSPAWN_LOCK": "0"},
                start_new_session=True,
            )  # fmt: skip
        self._until(self._found_leader, 20, "no process 1")
        self._until(self._is_up, 60, "the system is not up")
        return time.monotonic() - began

    def _connect(self, *, cable):
        call("ip", "netns", "add", self._space)
        if not cable:
            call("ip", "-n", self._space, "link", "set", "lo", "up")
            return
        call("ip", "link", "add", f"v-{self.name}", "type", "veth", "peer", "name", "host0", "netns", self._space)
        call("ip", "link", "set", f"v-{self.name}", "master", BRIDGE, "up")
        for words in (
            ("link", "set", "lo", "up"),
            ("addr", "add", f"{self.address}/24", "dev", "host0"),
            ("link", "set", "host0", "up"),
        ):
            call("ip", "-n", self._space, *words)

    def _found_leader(self):
        assert self._process.poll() is None, (self._directory / "console.log").read_text(errors="replace")
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._leader = int(children[0]) if children else 0
        return self._leader and os.path.exists(f"/proc/{self._leader}/root/run/dbus/system_bus_socket")

    def _is_up(self):
        return self.run("systemctl", "is-system-running").out.strip() in {"running", "degraded"}

    def _until(self, ready, seconds, what):
        limit = time.monotonic() + seconds
        while not ready():
            console = (self._directory / "console.log").read_text(errors="replace")[-2000:]
            assert time.monotonic() < limit, f"{self.name}: {what} after {seconds} s\n{console}"
            time.sleep(0.05)

    def run(self, *argv, timeout=180):
        """Run a command in the node; without the capabilities of the host that a container has no use for."""
        bounds = "--bounding-set=-sys_time,-sys_boot,-sys_module,-sys_rawio,-syslog,-mac_admin"
        enter = ["setpriv", bounds, "nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-C", "--"]
        clean = ["env", "-i", "HOME=/root", "LC_ALL=C.UTF-8", "TERM=dumb", f"PATH={_PATH}"]
        done = subprocess.run(
            [*enter, *clean, *map(str, argv)], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
            timeout=timeout,
        )  # fmt: skip
        return Ended(done)

    def ran(self, *argv, **more):
        """Run a command well, and return its output."""
        ended = self.run(*argv, **more)
        assert ended.code == 0, f"{argv} ended with {ended.code} on {self.name}: {ended.text}\n{self.journal()}"
        return ended.out

    def start(self):
        """Start a run as the timer does, wait for its end, and return whether systemd calls it well."""
        return self.run("systemctl", "start", "freehold.service").code == 0

    def failed_units(self):
        """Return the names that `systemctl --failed` lists."""
        return re.findall(r"^(\S+)", self.ran("systemctl", "--failed", "--no-legend", "--plain"), re.MULTILINE)

    def journal(self, *words):
        """Return the journal of Freehold's services as lines."""
        return self.run("journalctl", "-q", "--no-pager", "-o", "cat", "-u", "freehold*", *words).out

    def entries(self, *words):
        """Return entries of the journal with all their fields."""
        return [json.loads(row) for row in self.ran("journalctl", "-q", "-o", "json", *words).splitlines()]

    def runs(self):
        """Return what `freehold log` knows, newest first."""
        return self.run("freehold", "log", "--json").json

    def path(self, path):
        """Return a file of the node as a path of the host."""
        return self.root / path.lstrip("/")

    def picture(self):
        """Return every file below /etc but what booting itself writes: mode and content or target."""
        top, found = self.path("/etc"), {}
        for path in sorted(top.rglob("*")):
            name = str(path.relative_to(top))
            if (
                name.startswith(("freehold/", "systemd/system/freehold", "systemd/system/timers.target.wants"))
                or name in _MOVING
            ):
                continue
            what = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
            found[name] = (path.lstat().st_mode, what)
        return found

    def eventually(self, what, seconds=60):
        """Wait until ``what()`` is true; return how many seconds it took."""
        began = time.monotonic()
        while not what():
            assert time.monotonic() - began < seconds, f"not within {seconds} s\n{self.journal()}"
            time.sleep(0.1)
        return time.monotonic() - began

    def reboot(self, **how):
        """Reboot as an administrator does, and return how many seconds the boot took."""
        self.run("systemctl", "--no-block", "reboot")
        assert self._process.wait(60) == _REBOOT
        self._leave()
        return self.boot(**how)

    def cut(self):
        """Cut the power."""
        os.kill(self._leader, signal.SIGKILL)
        self._process.wait(30)
        self._leave()

    def close(self):
        """Power off, and remove everything the node was."""
        if self._process is not None and self._process.poll() is None:
            self.run("systemctl", "--no-block", "poweroff")
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.cut()
        self._leave()
        call("umount", self.root, check=False)
        shutil.rmtree(self._directory, ignore_errors=True)

    def _leave(self):
        call("ip", "link", "del", f"v-{self.name}", check=False)
        call("ip", "netns", "del", self._space, check=False)
        for group in _cgroups():
            for inner in sorted((group / self._space).rglob("*/"), reverse=True):
                inner.rmdir()
            (group / self._space).rmdir() if (group / self._space).exists() else None
