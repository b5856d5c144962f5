"""The Puppet language applied for real, beside the real Puppet on a twin of the node: same end state, same verdicts."""

import subprocess
import sys

import pytest
from system import nodes, roots
from system.conftest import BUILD, SUITE, install

MORE = ("python3-pip", "procps", "puppet-agent", "cron", "logrotate", "sudo")
PATHS = "path => '/usr/bin:/usr/sbin:/bin:/sbin'"

SCHOOL = """
file { '/tmp/school':
  ensure  => file,
  mode    => '0744',
  owner   => 'www-data',
  group   => 'www-data',
  content => 'I love Puppet',
}
"""
FLASK = """
package { 'flask':
  ensure   => installed,
  provider => 'pip3',
}
"""
KILL = f"exec {{ 'pkill killmenow': {PATHS} }}\n"
KILL_BY_LINE = f"exec {{ 'pkill -f killmenow': {PATHS} }}\n"
KILL_ALWAYS_WELL = f"exec {{ 'pkill killmenow': {PATHS}, returns => [0, 1] }}\n"
KILL_IF_THERE = f"exec {{ 'pkill killmenow': {PATHS}, onlyif => 'pgrep killmenow' }}\n"
SAME = ("744 www-data www-data regular file\n", "I love Puppet")
VICTIM = "#!/bin/bash\nwhile :; do sleep 1; done\n"


@pytest.fixture(scope="module")
def twin_root():
    """A root with Puppet, and with all that its manifests here need: nodes have no way out."""
    return roots.base(BUILD, SUITE, "-puppet", MORE)


@pytest.fixture
def twins(twin_root, package, tmp_path):
    """Two nodes that are alike: on the first Freehold works, on the second Puppet."""
    made = [nodes.Node(f"{name}{nodes.NUMBER}", twin_root, tmp_path / name) for name in ("ours", "theirs")]
    try:
        for node in made:
            node.boot(cable=False)
        install(made[0], package)
        yield Twins(*made)
    finally:
        for node in made:
            node.close()


class Twins:
    """One manifest on two nodes."""

    def __init__(self, ours, theirs):
        self.ours, self.theirs = ours, theirs

    def both(self, work):
        """Return what ``work`` gives on each node."""
        return work(self.ours), work(self.theirs)

    def write(self, path, text, mode=0o644):
        """Write a file on both nodes."""
        for node in (self.ours, self.theirs):
            node.path(path).write_text(text)
            node.path(path).chmod(mode)

    def apply(self, code, *more):
        """Apply ``code`` on both and return both exit codes of --detailed-exitcodes."""
        self.write("/root/site.pp", code)
        words = ("apply", "--detailed-exitcodes", *more, "/root/site.pp")
        mine, theirs = self.ours.run("freehold", *words, timeout=600), self.theirs.run("puppet", *words, timeout=600)
        print(
            f"\n    freehold {mine.code}: {mine.text.strip()[-600:]}\n    puppet {theirs.code}: {theirs.text.strip()[-600:]}"
        )
        return mine.code, theirs.code


def test_a_file(twins):
    def look(node):
        return node.ran("stat", "-c", "%a %U %G %F", "/tmp/school"), node.ran("cat", "/tmp/school")  # a tmpfs

    assert twins.apply(SCHOOL) == (2, 2)
    assert twins.both(look) == (SAME, SAME)
    assert twins.apply(SCHOOL) == (0, 0)

    for node in (twins.ours, twins.theirs):
        node.ran("chmod", "600", "/tmp/school")
    assert twins.apply(SCHOOL) == (2, 2)
    assert twins.both(look) == (SAME, SAME)


def test_a_package_of_pip(twins):
    """Where the system's Python is its package manager's (PEP 668) both fail, until pip is told that it may."""
    version = twins.ours.ran("python3", "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    for node in (twins.ours, twins.theirs):
        where = node.path("/srv/wheels")
        fetch = ("download", "--quiet", "--dest", where, "--python-version", version, "--only-binary", ":all:", "flask")
        subprocess.run([sys.executable, "-m", "pip", *map(str, fetch)], check=True)
    settings = "[global]\nno-index = true\nfind-links = /srv/wheels\n"
    twins.write("/etc/pip.conf", settings)
    managed = twins.ours.run("sh", "-c", "ls /usr/lib/python3*/EXTERNALLY-MANAGED").code == 0

    def look(node):
        rows = node.ran("python3", "-m", "pip", "list", "--format=freeze").splitlines()
        return [row for row in rows if not row.startswith("puppet")]

    before = look(twins.ours)
    if managed:
        assert twins.apply(FLASK) == (4, 4)
        assert twins.both(look) == (before, before)
        twins.write("/etc/pip.conf", f"{settings}break-system-packages = true\n")
    assert twins.apply(FLASK) == (2, 2)
    mine, theirs = twins.both(look)
    assert mine == theirs
    assert any(row.lower().startswith("flask==") for row in mine)
    assert twins.apply(FLASK) == (0, 0)


@pytest.mark.parametrize(
    ("code", "verdicts"),
    [(KILL, (2, 4)), (KILL_BY_LINE, (2, 4)), (KILL_ALWAYS_WELL, (2, 2)), (KILL_IF_THERE, (2, 0))],
    ids=["plain", "by-line", "returns", "onlyif"],
)
def test_a_process_killed(twins, code, verdicts):
    """pkill ends with 1 where there is nothing to kill: Puppet then fails at each later run, and so does Freehold."""
    twins.write("/usr/local/bin/killmenow", VICTIM, 0o755)
    for node in (twins.ours, twins.theirs):
        node.ran("systemd-run", "--quiet", "--unit=victim", "/usr/local/bin/killmenow")
        node.eventually(lambda node=node: node.run("pgrep", "-x", "killmenow").code == 0)

    for verdict in verdicts:
        assert twins.apply(code) == (verdict, verdict)
        assert [found.code for found in twins.both(lambda node: node.run("pgrep", "-x", "killmenow"))] == [1, 1]
