"""Facts that are the version of a program: what it says, and where in that the version stands."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from hiera.values import Value
from runner.facts import operating_system
from runner.facts.modules.programs import output
from runner.facts.place import Place


class Asked(NamedTuple):
    """A program to be asked and the expression whose first group is the version, in the first line that has it."""

    argv: tuple[str, ...]
    pattern: str


_TRIPLE: Final = r"(\d+\.\d+\.\d+)"
_PYTHON: Final = r"^.*?(\d+\.\d+\.\d+\+?)$"
_RELEASE: Final = r"^.*?(\d+\.\d+)\.\d+\+?$"
_PIP: Final = r"^pip (\d+\.\d+\.?\d*)"

VERSIONS: Final[dict[str, tuple[Asked, ...]]] = {
    "certbot_version": (Asked(("certbot", "--version"), r"^certbot (.*)$"),),
    "collectd_version": (Asked(("collectd", "-h"), r"^collectd ([+\w.]+), http"),),
    "dnf_version": (),
    "etcd_version": (Asked(("etcd", "--version"), r"(?i)^etcd version: (\S+)"),),
    "git_exec_path": (Asked(("git", "--exec-path"), r"^(/.*)$"),),
    "git_html_path": (Asked(("git", "--html-path"), r"^(/.*)$"),),
    "git_version": (Asked(("git", "--version"), r"version (.*)$"),),
    "grafana_version": (),
    "haproxy_version": (Asked(("haproxy", "-v"), r"^HA-?Proxy version ((?:\d+\.){2,}\d+)"),),
    "ip6tables_version": (Asked(("ip6tables", "--version"), _TRIPLE),),
    "iptables_persistent_version": (
        Asked(("dpkg-query", "-Wf", "${Version}", "netfilter-persistent"), r"^(\d+\.\d+.*)$"),
    ),
    "iptables_version": (Asked(("iptables", "--version"), _TRIPLE),),
    "mysql_version": (Asked(("mysql", "--version"), _TRIPLE), Asked(("mariadb", "--version"), _TRIPLE)),
    "mysqld_version": (
        Asked(("mysqld", "--no-defaults", "-V"), r"^(.*Ver.*)$"),
        Asked(("mariadbd", "--no-defaults", "-V"), r"^(.*Ver.*)$"),
    ),
    "nginx_version": (
        Asked(("nginx", "-v"), r"nginx version: nginx/([\w.]+)"),
        Asked(("openresty", "-v"), r"nginx version: openresty/([\w.]+)"),
    ),
    "openssl_version": (Asked(("openssl", "version"), r"^OpenSSL ([\w.-]+)"),),
    "phpversion": (Asked(("php", "-v"), r"^\S+ (\d+\.\S+)"),),
    "pip2_version": (Asked(("pip2", "--version"), _PIP),),
    "pip3_version": (Asked(("pip3", "--version"), _PIP),),
    "pip_version": (Asked(("pip", "--version"), _PIP),),
    "postgres_version": (Asked(("psql", "--version"), r"(\d+\.\d+(?:\.\d+)?)"),),
    "python2_release": (Asked(("python", "-V"), r"^.*? (2\.\d+)\.\d+\+?$"), Asked(("python2", "-V"), _RELEASE)),
    "python2_version": (Asked(("python", "-V"), r"^.*? (2\.\d+\.\d+\+?)$"), Asked(("python2", "-V"), _PYTHON)),
    "python3_release": (Asked(("python3", "-V"), _RELEASE),),
    "python3_version": (Asked(("python3", "-V"), _PYTHON),),
    "python_dir": (),
    "python_release": (Asked(("python", "-V"), _RELEASE),),
    "python_version": (Asked(("python", "-V"), _PYTHON),),
    "rabbitmq_version": (Asked(("rabbitmqctl", "version"), _TRIPLE),),
    "redis_server_version": (
        Asked(("redis-server", "-v"), r"Redis server (?:version|v=)([\w.]+)"),
        Asked(("valkey-server", "-v"), r"Valkey server (?:version|v=)([\w.]+)"),
    ),
    "vcsrepo_svn_ver": (Asked(("svn", "--version", "--quiet"), r"^(\d+\.\S+)"),),
    "virtualenv_version": (Asked(("virtualenv", "--version"), r"(\d+\.\d+\.?\d*)"),),
}
"""Name -> the programs to be asked, in turn; () for what has a function of its own."""


def version(place: Place, name: str) -> Value:
    """Return the version ``name``, None where no program tells it. Raises ``KeyError`` for an unknown name."""
    if name in _SPECIAL:
        return _SPECIAL[name](place)
    for asked in VERSIONS[name]:
        said = output(place, *asked.argv)
        found = re.search(asked.pattern, said, re.MULTILINE) if said is not None else None
        if found is not None:
            return found[1]
    return None


def _dnf(place: Place) -> Value:
    """Return the whole and the major version of dnf."""
    found = re.search(r"^(?:dnf\d+ version )?((\d+)(?:\.\d+)+)", output(place, "dnf", "--version") or "", re.MULTILINE)
    return {"full": found[1], "major": found[2]} if found else None


def _grafana(place: Place) -> Value:
    return place.root_text("usr/share/grafana/VERSION")


def _python_directory(place: Place) -> Value:
    """Return where modules of the system's Python belong, as its distribution has it."""
    family = operating_system.gather(place)["os"]["family"]
    code = "import sysconfig; print(sysconfig.get_path('purelib'))"
    if family != "RedHat":
        code = "import site; print(site.getsitepackages()[0])"
    for program in ("python", "python3", "platform-python"):
        found = re.search(r"^/.*$", output(place, program, "-c", code) or "", re.MULTILINE)
        if found is not None:
            return found[0]
    return None


_SPECIAL: Final = {"python_dir": _python_directory, "dnf_version": _dnf, "grafana_version": _grafana}
