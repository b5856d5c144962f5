"""Which classes a node gets: ``nodes:`` of the site manifest, where the first match alone counts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from hiera.errors import Collector, Location, Problem
from hiera.yaml.nodes import Mapping, Node, Scalar
from manifests.yaml_jinja.structure import Field, fields, is_null, scalars

_ENTRY = ("include", "parameters", "noop", "hold", "reason", "until")


@dataclass(slots=True)
class Classification:
    """What ``nodes`` says of one node. ``hold`` is the reason why it sits out, None if it does not."""

    include: list[Scalar] = field(default_factory=list)
    parameters: list[tuple[Scalar, Node]] = field(default_factory=list)
    noop: bool = False
    hold: str | None = None
    location: Location | None = None


def classify(nodes: Node, name: str, problems: Collector, now: datetime | None = None) -> Classification | None:
    """Return what ``nodes`` says of the node ``name``, None if no entry matches.

    An exact name comes first, then regular expressions in file order, then globs in file order, then ``default``.
    """
    if not isinstance(nodes, Mapping):
        problems.add(Problem("bad-structure", "'nodes' must be a mapping of names", nodes.location))
        return Classification()
    found: Classification | None = None
    for key, node in _matches(nodes, name, problems):
        if found is None:
            found = _entry(key, node, problems, now or datetime.now(UTC))
    return found


def _matches(nodes: Mapping, name: str, problems: Collector) -> Iterator[tuple[Scalar, Node]]:
    """Yield the entries that match, best first; every regular expression is checked."""
    ranked: list[tuple[int, Scalar, Node]] = []
    for key, node in nodes.entries:
        text = key.text
        if len(text) > 1 and text.startswith("/") and text.endswith("/"):
            if _regex_matches(text[1:-1], name, key.location, problems):
                ranked.append((1, key, node))
        elif text == name:
            ranked.append((0, key, node))
        elif text == "default":
            ranked.append((3, key, node))
        elif any(char in text for char in "*?[") and fnmatchcase(name, text):
            ranked.append((2, key, node))
    for _, key, node in sorted(ranked, key=lambda item: item[0]):
        yield key, node


def _regex_matches(pattern: str, name: str, location: Location, problems: Collector) -> bool:
    """Say whether a regular expression is found in ``name``; reports one that is none."""
    try:
        return re.search(pattern, name) is not None
    except re.error as error:
        problems.add(Problem("bad-regex", f"'/{pattern}/' is not a regular expression: {error.msg}", location))
        return False


def _entry(key: Scalar, node: Node, problems: Collector, now: datetime) -> Classification:
    """Return what one entry says."""
    found = Classification(location=key.location)
    if not isinstance(node, Mapping):
        found.include = scalars(node, f"the classes of '{key.text}'", problems)
        return found
    parts = fields(node, _ENTRY, f"the node '{key.text}'", problems)
    if "include" in parts:
        found.include = scalars(parts["include"].node, "'include'", problems)
    if "parameters" in parts and not is_null(parts["parameters"].node):
        parameters = parts["parameters"].node
        if isinstance(parameters, Mapping):
            found.parameters = list(parameters.entries)
        else:
            problems.add(Problem("bad-structure", "'parameters' must be a mapping", parameters.location))
    found.noop = _boolean(parts.get("noop"), problems)
    found.hold = _hold(parts, problems, now)
    return found


def _boolean(entry: Field | None, problems: Collector) -> bool:
    """Return a literal true or false, false where there is none."""
    if entry is None:
        return False
    text = entry.node.text if isinstance(entry.node, Scalar) and entry.node.plain else ""
    if text not in ("true", "false"):
        message = f"'{entry.key.text}' must be true or false"
        problems.add(Problem("type-mismatch", message, entry.node.location))
    return text == "true"


def _hold(parts: dict[str, Field], problems: Collector, now: datetime) -> str | None:
    """Return why the node sits out, None if it does not or no longer."""
    if "hold" not in parts:
        for name in ("reason", "until"):
            if name in parts:
                problems.add(Problem("bad-structure", f"'{name}' belongs to 'hold: true'", parts[name].key.location))
        return None
    if not _boolean(parts["hold"], problems):
        return None
    reason = _text(parts.get("reason")) or "held in nodes"
    until = parts.get("until")
    if until is None:
        return reason
    try:
        end = _moment(_text(until))
    except ValueError:
        hint = "write 2026-12-31 or 2026-12-31T18:00, in UTC unless it says otherwise"
        problems.add(Problem("bad-date", f"'{_text(until)}' is not a date", until.node.location, hint))
        return reason
    if end > now:
        return f"{reason} (until {_text(until)})"
    message = f"the hold ended on {_text(until)}"
    problems.add(Problem("hold-over", message, until.node.location, "take it away", severity="warning"))
    return None


def _text(entry: Field | None) -> str:
    """Return the text of a field."""
    return entry.node.text if entry is not None and isinstance(entry.node, Scalar) else ""


def _moment(text: str) -> datetime:
    """Return when a date or time ends. Raises ``ValueError``."""
    moment = datetime.fromisoformat(text)
    if len(text) == len("2026-12-31"):
        moment += timedelta(days=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
