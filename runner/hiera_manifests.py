"""What the manifests in the Puppet language read of the data: parameters of classes, and keys looked up by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from hiera.errors import Collector, DataError
from hiera.tree import Tree

if TYPE_CHECKING:
    from hiera.types import Type
    from manifests.puppet import ast

SUFFIX: Final = ".pp"
_ASKING: Final = frozenset(("lookup", "hiera", "hiera_array", "hiera_hash", "hiera_include"))


class Manifests:
    """The manifests of a tree, each parsed once. ``unreadable`` are those that are not valid."""

    def __init__(self, tree: Tree) -> None:
        self.keys: set[str] = set()
        """The keys that are looked up."""
        self.parts: set[tuple[str, str]] = set()
        """How keys begin and end that are put together when they are looked up."""
        self.unreadable: list[str] = []
        self._classes: dict[tuple[str, str], dict[str, str | None]] = {}
        for path in tree.glob(f"**/*{SUFFIX}"):
            self._read(path, tree.read(path))

    def _read(self, path: str, data: bytes) -> None:
        """Take what one manifest says."""
        from manifests.puppet import ast  # noqa: PLC0415  the checks are rare
        from manifests.puppet.parser import parse  # noqa: PLC0415  as above
        from manifests.puppet.source import Source  # noqa: PLC0415  as above
        from manifests.puppet.walking import walk  # noqa: PLC0415  as above

        try:
            source = Source.decode(data, path)
            program = parse(source, Collector())
        except DataError:
            program = None
        if program is None:
            self.unreadable.append(path)
            return
        for node, _ in walk(program):
            if isinstance(node, ast.Class):
                found = {item.name: _text(item.type, source.text) for item in node.parameters}
                self._classes[node.name.removeprefix("::"), path] = found
            elif isinstance(node, ast.Call | ast.MethodCall):
                self._take(node)

    def _take(self, call: ast.Call | ast.MethodCall) -> None:
        """Take the keys that a call looks up."""
        from manifests.puppet import ast  # noqa: PLC0415  the checks are rare

        arguments: Sequence[ast.Node] = call.arguments
        if isinstance(call, ast.MethodCall):
            name, arguments = call.functor.name.value, (call.functor.left, *arguments)
        else:
            name = call.functor.value if isinstance(call.functor, ast.Name) else ""
        if name in _ASKING and arguments:
            for key in _named(arguments[0]):
                if isinstance(key, ast.String | ast.Name):
                    self.keys.add(key.value)
                elif isinstance(key, ast.Concatenated):
                    self._take_parts(key)

    def _take_parts(self, key: ast.Concatenated) -> None:
        """Take a key of which some is known only when it is looked up."""
        from manifests.puppet import ast  # noqa: PLC0415  the checks are rare

        ends = [part.value if isinstance(part, ast.String) else "" for part in (key.segments[0], key.segments[-1])]
        self.parts.add((ends[0], ends[1]))

    def reads(self, key: str) -> bool:
        """Say whether some manifest looks up ``key`` or something inside it, as far as can be told."""
        if key in self.keys or any(name.partition(".")[0] == key for name in self.keys):
            return True
        return any((before or after) and key.startswith(before) and key.endswith(after) for before, after in self.parts)

    def parameters(self, name: str, below: Sequence[str]) -> dict[str, Type | None] | None:
        """Return the parameters of the class ``name`` in a file below one of the directories, None if there is none.

        A type that is not known, such as one of another module, is None.
        """
        for (known, path), found in self._classes.items():
            if known == name and any(not place or path.startswith(f"{place}/") for place in below):
                return {parameter: _type(text) for parameter, text in found.items()}
        return None


def _named(node: ast.Node) -> Iterator[ast.Node]:
    """Yield the keys that the first argument of a lookup names."""
    from manifests.puppet import ast  # noqa: PLC0415  the checks are rare

    if isinstance(node, ast.Array):
        yield from node.values
    elif isinstance(node, ast.Hash):
        for entry in node.entries:
            if isinstance(entry.key, ast.String | ast.Name) and entry.key.value == "name":
                yield from _named(entry.value)
    else:
        yield node


def _text(node: ast.Node | None, text: str) -> str | None:
    """Return a data type as it is written."""
    return None if node is None else text[node.offset : node.offset + node.length]


def _type(text: str | None) -> Type | None:
    """Return the data type that ``text`` says, None for one that is not known here."""
    from hiera.types import parse  # noqa: PLC0415  the checks are rare

    try:
        return None if text is None else parse(text)
    except (DataError, ValueError):
        return None
