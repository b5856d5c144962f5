"""The signatures that a function of a module declares in its Ruby file, and the choice among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, Final

from hiera.errors import Collector, DataError, Location
from hiera.types import Type, infer
from hiera.types.mismatch import describe_mismatch
from hiera.types.wrappers import AliasType
from hiera.values import Value, holds_secret
from manifests.functions.base import counted_arguments
from manifests.puppet import ast
from manifests.puppet.functions.base import Invocation
from manifests.puppet.source import Source

_REPEATED: Final = frozenset({"repeated_param", "optional_repeated_param", "required_repeated_param"})
_OPTIONAL: Final = frozenset({"optional_param", "repeated_param", "optional_repeated_param"})
_MARKS: Final = {
    "optional_param": "?", "repeated_param": "*", "optional_repeated_param": "*", "required_repeated_param": "+",
}  # fmt: skip


@dataclass(slots=True)
class Declared:
    """One parameter as it is declared: ``kind`` is the word for it, ``type`` the text of its type."""

    kind: str
    type: str
    name: str


@dataclass(slots=True)
class Signature:
    """One ``dispatch``; ``method`` runs it. A ``mismatch`` tells what is wrong with arguments that it takes."""

    method: str
    mismatch: bool = False
    parameters: list[Declared] = field(default_factory=list)
    block: Declared | None = None
    returns: str | None = None
    scoped: bool = False

    @property
    def least(self) -> int:
        """Return the least number of arguments."""
        return sum(one.kind not in _OPTIONAL for one in self.parameters)

    @property
    def most(self) -> int | None:
        """Return the most arguments, None for any number."""
        return None if any(one.kind in _REPEATED for one in self.parameters) else len(self.parameters)


class Types:
    """The types that one file of functions names, in one compilation."""

    def __init__(self, compilation: Any, path: str, local: Mapping[str, str]) -> None:
        self._compilation = compilation
        self._path = path
        self._local = {name.lower(): text for name, text in local.items()}
        self._known: dict[str, Type] = {}

    def read(self, text: str) -> Type:
        """Return the type ``text``. Raises ``DataError`` if there is none of the name."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._evaluated(text)
        return found

    def _evaluated(self, text: str) -> Type:
        body, source = _expression(text, self._path)
        evaluator = self._compilation.evaluator
        scope = self._compilation.top.local()
        scope.source = source
        if self._local:
            self._seed(evaluator, body)
        kind: Type = evaluator.type_of(body, scope)
        return kind

    def _seed(self, evaluator: Any, body: Any) -> None:
        """Let the names of types that the file itself declares be known in ``body``."""
        waiting = [body]
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Reference):
                wanted = self._local.get(node.value.lower())
                if wanted is not None:
                    evaluator.types[id(node)] = (node, AliasType(node.value, partial(self.read, wanted)))
            elif isinstance(node, ast.Access):
                waiting += [node.left, *node.keys]
            elif isinstance(node, ast.Hash):
                waiting += [part for entry in node.entries for part in (entry.key, entry.value)]
            elif isinstance(node, ast.Array):
                waiting += node.values


@lru_cache(maxsize=2048)
def _expression(text: str, path: str) -> tuple[Any, Source]:
    """Return the tree of the type ``text`` that the file ``path`` names. Raises ``DataError``."""
    from manifests.puppet.parser import parse  # noqa: PLC0415  only functions in Ruby need it

    source, collector = Source(text, path), Collector()
    program = parse(source, collector)
    if program is None or collector.errors:
        raise DataError.of("type-syntax", f"the type '{text}' cannot be read", Location(path))
    return program.body, source


def choose(call: Invocation, signatures: list[Signature], types: Types) -> Signature:
    """Return the signature that takes the arguments of ``call``. Raises ``DataError`` if none does."""
    for signature in signatures:
        if _fits(call, signature, types):
            return signature
    wanted = [one for one in signatures if not one.mismatch]
    if len(wanted) == 1:
        raise call.wrong(_fault(call, wanted[0], types))
    shown = "; ".join(_shown(one) for one in wanted)
    raise call.wrong(f"expects one of: {shown}")


def _fits(call: Invocation, signature: Signature, types: Types) -> bool:
    number = len(call.arguments)
    if number < signature.least or (signature.most is not None and number > signature.most):
        return False
    return _block_fits(call, signature, types) and all(
        types.read(_nth(signature, index).type).is_instance(argument) for index, argument in enumerate(call.arguments)
    )


def _nth(signature: Signature, index: int) -> Declared:
    return signature.parameters[min(index, len(signature.parameters) - 1)]


def _block_fits(call: Invocation, signature: Signature, types: Types) -> bool:
    """Say whether the block is there where one is wanted, and takes as many arguments as it is given."""
    wanted = signature.block
    if call.block is None:
        return wanted is None or wanted.kind == "optional_block_param"
    if wanted is None:
        return False
    own = getattr(call.block, "signature", None)
    return own is None or _counts(types.read(wanted.type), own)


def _counts(kind: Type, own: Any) -> bool:
    """Say whether a block with the parameters ``own`` may be called as the ``Callable`` type ``kind`` says."""
    while not hasattr(kind, "text"):
        inner = getattr(kind, "inner", None)
        if not isinstance(inner, Type):
            return True
        kind = inner
    plain = [one for one in kind.text if not one.startswith(("Callable", "Optional[Callable"))]
    if not plain:
        return True
    numbers = [int(one) for one in plain if one.isdigit()]
    least, most = (numbers[0], numbers[-1]) if numbers else (len(plain), len(plain))
    if plain[-1] == "default":
        return own.most is None or bool(own.most >= least)
    return bool(own.least <= most) and (own.most is None or bool(own.most >= least))


def _fault(call: Invocation, signature: Signature, types: Types) -> str:
    """Return why the only signature does not take the arguments."""
    number = len(call.arguments)
    if number < signature.least or (signature.most is not None and number > signature.most):
        return f"expects {counted_arguments(signature.least, signature.most)}, got {number or 'none'}"
    for index, argument in enumerate(call.arguments):
        one = _nth(signature, index)
        kind = types.read(one.type)
        if not kind.is_instance(argument):
            if holds_secret(argument):
                return "cannot use the secret it was given"
            return describe_mismatch(kind, infer(argument)).describe(f"parameter '{one.name}'")
    if call.block is None:
        return "expects a block"
    return "does not expect a block" if signature.block is None else "block does not take what it is given"


def _shown(signature: Signature) -> str:
    words = (f"{one.type} {one.name}{_MARKS.get(one.kind, '')}" for one in signature.parameters)
    return f"({', '.join(words)})"


def check_answer(call: Invocation, signature: Signature, types: Types, answer: Value) -> None:
    """Raise ``DataError`` unless ``answer`` is of the type that the signature promises."""
    if signature.returns is None:
        return
    kind = types.read(signature.returns)
    if not kind.is_instance(answer):
        subject = f"value returned from function '{signature.method}' has wrong type,"
        if holds_secret(answer):
            raise call.fault("wrong-return-type", f"{subject} and is secret")
        raise call.fault("wrong-return-type", describe_mismatch(kind, infer(answer)).describe(subject))
