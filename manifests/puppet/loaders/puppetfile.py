"""``Puppetfile``: the small part of Ruby that such files are written in, read without running anything."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from hiera.errors import Location, Problem
from hiera.tree import Tree, text_of
from manifests.environment import Environment

NAME: Final = "Puppetfile"
_TOKEN: Final = re.compile(
    r"""(?P<blank>[ \t\r]+|\\\n|\#[^\n]*)|(?P<end>\n|;)|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<label>[A-Za-z_]\w*:(?!:))|(?P<symbol>:[A-Za-z_]\w*|:"[^"\n]*"|:'[^'\n]*')|(?P<word>[A-Za-z_][\w.]*[?!]?)|"""
    r"""(?P<arrow>=>)|(?P<comma>,)|(?P<open>[({\[])|(?P<close>[)}\]])|(?P<other>.)""",
    re.DOTALL | re.VERBOSE,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_OPTIONS: Final = frozenset((
    "git", "ref", "tag", "branch", "commit", "default_branch", "default_branch_override", "install_path", "local",
    "exclude_spec", "type", "source", "version", "link", "control_branch", "svn", "rev", "revision", "latest",
))  # fmt: skip
_Token = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class WantedModule:
    """One ``mod``. ``version`` is ``""`` where none is written and ``latest`` for ``:latest``."""

    title: str  # as it is written: "puppetlabs/stdlib", "puppetlabs-stdlib", "stdlib"
    version: str
    options: dict[str, str | bool]
    location: Location

    @property
    def name(self) -> str:
        """The module's own name, which is that of its directory."""
        return re.split(r"[/-]", self.title, maxsplit=1)[-1]

    @property
    def owner(self) -> str:
        """Whose module on the Forge it is, "" where only a name is written."""
        parts = re.split(r"[/-]", self.title, maxsplit=1)
        return parts[0] if len(parts) > 1 else ""

    @property
    def kind(self) -> Literal["forge", "git", "local", "other"]:
        """Where it comes from."""
        if "git" in self.options or self.options.get("type") == "git":
            return "git"
        if self.options.get("local") or self.options.get("type") == "local" or self.version == "local":
            return "local"
        return "other" if "svn" in self.options or self.options.get("type") in ("svn", "tarball") else "forge"

    @property
    def ref(self) -> str | None:
        """The commit, tag or branch of a git module, None for the default branch."""
        for name in ("ref", "commit", "tag", "branch", "version"):
            value = self.options.get(name)
            if isinstance(value, str) and value != "control_branch":
                return value
        fallback = self.options.get("default_branch")
        return fallback if isinstance(fallback, str) else None


@dataclass(slots=True)
class Puppetfile:
    """A ``Puppetfile``: where modules come from, where they go, and what could not be understood."""

    file: str
    forge: str = "https://forgeapi.puppet.com"
    moduledir: str = "modules"
    modules: list[WantedModule] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def wants(self, name: str) -> WantedModule | None:
        """Return the entry of the module ``name``, if there is one."""
        return next((module for module in self.modules if module.name == name), None)


def read_puppetfile(text: str, file: str) -> Puppetfile:
    """Return what ``text`` says; each statement that is more than this language becomes a problem."""
    answer = Puppetfile(file)
    for statement in _statements(text):
        _Statement(answer, text, statement).take()
    return answer


def find_puppetfile(tree: Tree, directory: str) -> Puppetfile | None:
    """Return the Puppetfile of the environment in ``directory``, or that of the whole repository."""
    for place in dict.fromkeys((directory, "")):
        path = posixpath.join(place, NAME)
        if tree.is_file(path):
            return read_puppetfile(text_of(tree, path), path)
    return None


def not_vendored(tree: Tree, environment: Environment) -> Iterator[Problem]:
    """Yield a warning for each module that a Puppetfile names and the repository has not."""
    found = find_puppetfile(tree, environment.directory)
    for module in found.modules if found is not None else ():
        if module.name not in environment.modules:
            message = f"module '{module.name}' is named here but not in the repository"
            hint = "run `freehold vendor` and commit what it fetches"
            yield Problem("missing-module", message, module.location, hint, severity="warning")


def _statements(text: str) -> list[list[_Token]]:
    """Return the tokens of each statement; a line goes on after a comma, an arrow and inside brackets."""
    statements: list[list[_Token]] = [[]]
    depth = 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or "other"
        depth += {"open": 1, "close": -1}.get(kind, 0)
        if kind == "end":
            goes_on = depth > 0 or (statements[-1] and statements[-1][-1][0] in ("comma", "arrow", "label"))
            if statements[-1] and not goes_on:
                statements.append([])
        elif kind != "blank":
            statements[-1].append((kind, found[0], found.start()))
    return [statement for statement in statements if statement]


class _Statement:
    """One statement on its way into the answer."""

    def __init__(self, answer: Puppetfile, text: str, tokens: list[_Token]) -> None:
        self.answer = answer
        self.text = text
        self.tokens = tokens
        self.place = self._location(tokens[0][2], len(tokens[0][1]))

    def take(self) -> None:
        """Understand the statement, or tell what is wrong with it."""
        _, word, _ = self.tokens[0]
        computed = next((text for kind, text, _ in self.tokens if kind == "string" and _computed(text)), None)
        if computed is not None:
            self._problem("computed-value", f"{computed} is computed when Ruby runs: write what it stands for")
            return
        rest = [token for token in self.tokens[1:] if token[0] not in ("open", "close")]
        values = self._arguments(rest)
        if word in ("forge", "moduledir") and values is not None and len(values[0]) == 1:
            setattr(self.answer, word, str(values[0][0]))
        elif word == "mod" and values is not None and values[0]:
            self._module(*values)
        else:
            message = f"'{word}' with what follows is not understood: only forge, moduledir and mod are"
            self._problem("unknown-statement", message)

    def _module(self, values: list[str], options: dict[str, str | bool]) -> None:
        version = values[1] if len(values) > 1 else ""
        for name in options.keys() - _OPTIONS:
            self._problem("unknown-option", f"module '{values[0]}' has an option '{name}' that is not understood")
        module = WantedModule(values[0], version, options, self.place)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", module.name):
            self._problem("bad-module-name", f"'{values[0]}' is not the name of a module")
        elif (first := self.answer.wants(module.name)) is not None:
            self._problem("duplicate-module", f"module '{module.name}' already stands in line {first.location.line}")
        else:
            self.answer.modules.append(module)

    def _arguments(self, tokens: list[_Token]) -> tuple[list[str], dict[str, str | bool]] | None:
        """Return plain values and options, or None for what this language has not."""
        values: list[str] = []
        options: dict[str, str | bool] = {}
        at = 0
        while at < len(tokens):
            kind, word, _ = tokens[at]
            after = tokens[at + 1][0] if at + 1 < len(tokens) else ""
            if kind == "comma":
                at += 1
            elif kind == "label" or after == "arrow":
                value = _value(tokens[at + (1 if kind == "label" else 2) :])
                if value is None:
                    return None
                options[_plain(kind, word)] = value
                at += 2 if kind == "label" else 3
            elif kind in ("string", "symbol"):
                values.append(_plain(kind, word))
                at += 1
            else:
                return None
        return values, options

    def _problem(self, code: str, message: str) -> None:
        self.answer.problems.append(Problem(code, message, self.place))

    def _location(self, offset: int, length: int) -> Location:
        line = self.text.count("\n", 0, offset) + 1
        return Location(self.answer.file, line, offset - self.text.rfind("\n", 0, offset), length)


def _computed(text: str) -> bool:
    return text.startswith('"') and "#{" in text


def _value(tokens: list[_Token]) -> str | bool | None:
    """Return the value that stands first, None where it is no plain one."""
    if not tokens:
        return None
    kind, word, _ = tokens[0]
    if kind in ("string", "symbol"):
        return _plain(kind, word)
    return {"true": True, "false": False, "nil": False}.get(word) if kind == "word" else None


def _plain(kind: str, word: str) -> str:
    """Return what a literal stands for."""
    if kind == "label":
        return word[:-1]
    if kind == "symbol":
        return word[1:].strip("\"'")
    return _ESCAPE.sub(r"\1", word[1:-1]) if kind == "string" else word
