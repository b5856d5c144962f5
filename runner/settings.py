"""The node's own configuration: command line over ``FREEHOLD_*`` over ``freehold.yaml.d`` over ``freehold.yaml``.

It comes from the node alone, never from the repository. Everything wrong in it is reported at once, as ``UsageError``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hiera.errors import Collector, Location, Problem, UsageError, did_you_mean
from hiera.values import Value
from runner import identity
from runner.keys import FAMILIES, KEYS, VARIABLES

CONFIG: Final = "/etc/freehold/freehold.yaml"
PREFIX: Final = "FREEHOLD_"
LOCAL_NODE: Final = "local"
LOCAL_ENVIRONMENT: Final = "production"
_RESERVED: Final = frozenset({"config", "debug", "test"})


@dataclass(frozen=True, slots=True)
class Settings:
    """What this node was told, merged and checked. Paths are absolute, times in seconds, sizes in bytes."""

    repo: str | None = None
    branch: str = "main"
    environment: str | None = None
    node: str | None = None
    role: str | None = None
    trusted: Mapping[str, Value] = field(default_factory=dict)
    puppet_version: int = 8
    state_dir: str = "/var/lib/freehold"
    root: str = "/"
    trust: Mapping[str, Value] | None = None
    gnupghome: str | None = None
    openpgp_key: str | None = None
    passphrase_file: str | None = None
    passphrase_credential: str | None = None
    pkcs7_private_key: str | None = None
    pkcs7_public_key: str | None = None
    age_identity: str | None = None
    credentials: Mapping[str, str] = field(default_factory=dict)
    daemon: Mapping[str, Any] = field(default_factory=dict)
    max_prune: int | str = 10
    stale_after: float = 86400.0
    fetch_timeout: float = 60.0
    backup_limit: int = 64 * 2**20
    keep_runs: int = 1000
    keep_trees: int = 3
    workers: int = 0
    facts_dirs: tuple[str, ...] = ()
    show_diff: bool = False
    noop: bool = False
    config: str | None = None
    """The configuration file that was read, or None."""
    unnamed: Problem | None = None
    """Why ``node`` could not be resolved, if it was configured at all."""

    def require(self, *names: str) -> None:
        """Raise ``UsageError`` for everything among ``names`` that nobody told."""
        missing = [name for name in names if getattr(self, name) is None]
        if missing:
            raise UsageError(*(self._missing(name) for name in missing))

    def _missing(self, name: str) -> Problem:
        if name == "node" and self.unnamed is not None:
            return self.unnamed
        location = Location(self.config) if self.config else None
        return Problem("missing-setting", f"this command needs '{name}', and nothing sets it", location, _TEACH[name])


_TEACH: Final[Mapping[str, str]] = {
    "repo": "say `--repo URL`, or write `repo: ssh://git@host/control.git` (`freehold init` does)",
    "environment": "say `--environment NAME`, or write `environment: production`",
    "node": "say `--node NAME`, or write `node: web01` or `node: {from: machine-id}`; a host name alone proves nothing",
    "trust": "say who may change this node: `trust: {mode: signed, introduction: {commit: SHA, signer: FINGERPRINT}}`, "
    "`trust: {mode: signed-tip, ...}` or `trust: {mode: unsigned}`; `freehold init` asks and writes it",
}


def load(
    arguments: Mapping[str, Value] | None = None, environ: Mapping[str, str] | None = None, config: str | None = None
) -> Settings:
    """Return the merged settings.

    ``arguments`` are settings from the command line by their names (None: not given); ``config`` names the file, else
    ``FREEHOLD_CONFIG``, else the usual one if it is there. Raises ``UsageError`` with every problem.
    """
    environ = os.environ if environ is None else environ
    collector = Collector()
    path = config or environ.get(PREFIX + "CONFIG")
    layers = [
        _checked(_Given({k: v for k, v in (arguments or {}).items() if v is not None}, _option), collector),
        _checked(_Given(_from_environment(environ, collector), _variable), collector),
        *(_checked(_file(part, collector), collector) for part in reversed(_parts(path or CONFIG))),
        _checked(_file(path, collector), collector),
    ]
    collector.check(UsageError)
    merged: dict[str, Any] = {}
    for layer in reversed(layers):
        if "root" in layer and "state_dir" not in layer:
            merged.pop("state_dir", None)  # a state directory belongs to the root it was written beside
        merged |= layer
    return _finished(merged, environ, path or (CONFIG if layers[-1] else None))


def _finished(merged: dict[str, Any], environ: Mapping[str, str], config: str | None) -> Settings:
    """Return settings with the defaults that depend on others filled in."""
    root = merged.get("root", "/")
    merged.setdefault("state_dir", _state_dir(root, environ))
    merged.setdefault("facts_dirs", (os.path.join(root, "etc/freehold/facts.d"),))
    how, unnamed = merged.get("node"), None
    if isinstance(how, dict):
        try:
            merged["node"] = identity.resolve(how)
        except ValueError as error:
            merged["node"], unnamed = None, Problem("unknown-node", f"the node's name {error}", hint=_TEACH["node"])
    return Settings(**merged, config=config, unnamed=unnamed)


def _state_dir(root: str, environ: Mapping[str, str]) -> str:
    if root != "/":
        return os.path.join(root, "var/lib/freehold")
    if os.geteuid() == 0:
        return "/var/lib/freehold"
    home = environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    return os.path.join(home, "freehold")


@dataclass(frozen=True, slots=True)
class _Given:
    """One layer: values by setting, and ``place(name)``: what to call it and where it stands."""

    values: Mapping[str, Value]
    place: Callable[[str], tuple[str, Location | None]]


def _option(name: str) -> tuple[str, Location | None]:
    return f"option --{name.replace('_', '-')}", None


def _variable(name: str) -> tuple[str, Location | None]:
    return f"variable {PREFIX}{name.upper()}", None


def _from_environment(environ: Mapping[str, str], collector: Collector) -> dict[str, str]:
    """Return the settings among the variables; one that is nearly a setting is a problem, others are not ours."""
    import difflib  # noqa: PLC0415  only an unknown variable pays for it

    given: dict[str, str] = {}
    for variable, text in environ.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX) or name in _RESERVED:
            continue
        if name in VARIABLES:
            given[name] = text
        elif near := difflib.get_close_matches(name, VARIABLES, n=1, cutoff=0.8):
            hint = f"did you mean {PREFIX}{near[0].upper()}?"
            collector.add(Problem("unknown-setting", f"nothing reads the variable {variable}", hint=hint))
    return given


def _parts(path: str) -> list[str]:
    """Return the files of the directory beside a configuration that are read after it, in the order of their names."""
    try:
        names = sorted(os.listdir(f"{path}.d"))
    except OSError:
        return []
    return [f"{path}.d/{name}" for name in names if name.endswith(".yaml") and not name.startswith(".")]


def _file(path: str | None, collector: Collector) -> _Given:
    """Return what the configuration file says; the usual one may be absent, a named one may not."""
    from runner.configuration import read  # noqa: PLC0415  many first commands have no file

    place = path or CONFIG
    if path is None and not os.access(place, os.R_OK):
        return _Given({}, _option)
    try:
        values, locate = read(place)
    except UsageError as error:
        collector.take(error)
        return _Given({}, _option)
    return _Given(values, lambda name: (f"'{name}'", locate(name)))


def _checked(layer: _Given, collector: Collector) -> dict[str, Any]:
    """Return the values of ``layer`` as their types want them."""
    good: dict[str, Any] = {}
    for name, value in layer.values.items():
        label, location = layer.place(name)
        check = KEYS.get(name)
        if check is None:
            hint = did_you_mean(name, KEYS) or f"known settings: {', '.join(sorted(KEYS))}"
            collector.add(Problem("unknown-setting", f"there is no setting '{name}'", location, hint))
            continue
        try:
            good |= check(value) if name in FAMILIES else {name: check(value)}
        except ValueError as error:
            collector.add(Problem("bad-setting", f"{label} {error}", location))
    return good
