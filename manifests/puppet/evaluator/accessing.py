"""Indexes: into lists, hashes, texts, types, and the attributes of resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hiera.types import Binary, ResourceType, Type
from hiera.values import Secret, Value
from manifests.puppet import ast
from manifests.puppet.evaluator import specializing
from manifests.puppet.evaluator.brackets import flat
from manifests.puppet.evaluator.failures import article, failure, general, label
from manifests.puppet.evaluator.literals import key_of, values_of
from manifests.puppet.evaluator.numbers import number_of
from manifests.puppet.evaluator.operators import numeric
from manifests.puppet.evaluator.typing import constant, only_core

if TYPE_CHECKING:
    from manifests.puppet.evaluator.evaluator import Evaluator
    from manifests.puppet.evaluator.scope import Scope


def access(evaluator: Evaluator, node: ast.Access, scope: Scope) -> Value:
    """Return what the index gives."""
    left_node = node.left
    if left_node.__class__ is ast.Reference:
        return _of_type(evaluator, node, scope)
    left = evaluator.handlers[left_node.__class__](evaluator, left_node, scope)
    keys = node.keys
    if left.__class__ is dict and len(keys) == 1 and keys[0].__class__ is ast.String:
        return left.get(keys[0].value)
    given = values_of(evaluator, keys, scope)
    return picked(evaluator, left, given, node, scope)


_CORE: dict[str, Type] = {}
"""Types that mean the same in every compilation, by how they are written: modules write a few again and again."""
_MOST: Final = 10_000


def _of_type(evaluator: Evaluator, node: ast.Access, scope: Scope) -> Value:
    """Return a type with what stands in its brackets; one that is the same everywhere is made once."""
    known = evaluator.types.get(id(node))
    if known is not None:
        return known[1]
    text = scope.source.text[node.offset : node.offset + node.length]
    made: Value = _CORE.get(text)
    if made is not None and text.startswith(node.left.value):  # type: ignore[attr-defined]  # a name, as the caller saw
        evaluator.types[id(node)] = (node, made)
        return made
    kind = evaluator.evaluate(node.left, scope)
    keys = values_of(evaluator, node.keys, scope)
    if kind.__class__ is ResourceType and len(keys) == 1 and keys[0].__class__ is str and keys[0] and kind.kind:
        made = ResourceType(kind.kind, keys[0])
    else:
        made = picked(evaluator, kind, keys, node, scope)
    if isinstance(made, Type) and constant(node, evaluator.types):
        evaluator.types[id(node)] = (node, made)
        if text.endswith("]") and only_core(node):
            if len(_CORE) >= _MOST:
                _CORE.clear()
            _CORE[text] = made
    return made


def picked(evaluator: Evaluator, left: Value, keys: list[Value], node: ast.Access, scope: Scope) -> Value:
    """Return what ``keys`` give of ``left``."""
    if isinstance(left, dict):
        return _of_hash(left, keys, node, scope)
    if isinstance(left, Secret):
        return Secret(picked(evaluator, left.reveal(), keys, node, scope))
    if isinstance(left, list | tuple):
        return _of_list(left, flat(keys), node, scope)
    if isinstance(left, str):
        return _of_text(left, flat(keys), node, scope)
    if isinstance(left, Type):
        return specializing.specialized(evaluator, left, keys, node, scope)
    if isinstance(left, Binary):
        text = left.data.decode("latin-1")
        return Binary(_of_text(text, flat(keys), node, scope).encode("latin-1"))
    hint = "get('a.b') and dig('a', 'b') give undef where something is missing" if left is None else None
    raise failure("bad-operand", f"operator '[]' is not applicable to {label(left)}", scope, node.left, hint)


def _of_hash(left: dict[Value, Value], keys: list[Value], node: ast.Access, scope: Scope) -> Value:
    """Return the value of one key, or the values that several have."""
    clear = [key_of(key.reveal() if isinstance(key, Secret) else key) for key in keys]
    if not clear:
        raise failure("bad-index", "Hash supports [] with one or more arguments. Got 0", scope, node.left)
    found = [left.get(key) for key in clear]
    return found[0] if len(found) == 1 else [value for value in found if value is not None]


def _of_list(left: Value, keys: list[Value], node: ast.Access, scope: Scope) -> Value:
    """Return one item, or a slice."""
    if not 1 <= len(keys) <= 2:
        message = f"Array supports [] with one or two arguments. Got {len(keys)}"
        raise failure("bad-index", message, scope, node.left)
    places = [_place(key, node, index, scope) for index, key in enumerate(keys)]
    if len(places) == 1:
        at = places[0]
        return left[at] if -len(left) <= at < len(left) else None
    start, count = _slice(len(left), *places)
    return list(left[start : start + count]) if start <= len(left) and count >= 0 else []


def _place(key: Value, node: ast.Access, index: int, scope: Scope) -> int:
    where = node.keys[min(index, len(node.keys) - 1)]
    number = numeric(key, where, scope)
    if number.__class__ is not int:
        message = f"{label(node)}[] cannot use {general(number)} where Integer is expected"
        raise failure("bad-index", message.replace(label(node), "an Array", 1), scope, where)
    return int(number)


def _slice(size: int, start: int, count: int) -> tuple[int, int]:
    """Return start and length of a slice; what is negative counts from the end."""
    start = size + start if start < 0 else start
    count = size - start + count + 1 if count < 0 else count
    return (0, count + start) if start < 0 else (start, count)


def _of_text(left: str, keys: list[Value], node: ast.Access, scope: Scope) -> str:
    """Return one character, or a slice."""
    if not 1 <= len(keys) <= 2:
        message = f"String supports [] with one or two arguments. Got {len(keys)}"
        raise failure("bad-index", message, scope, node.left)
    places = [_character(key, node, index, scope) for index, key in enumerate(keys)]
    if len(places) == 1:
        at = places[0] + len(left) if places[0] < 0 else places[0]
        return left[at : at + 1] if at >= 0 else ""
    start, count = _slice(len(left), *places)
    return left[start : start + count] if count > 0 else ""


def _character(key: Value, node: ast.Access, index: int, scope: Scope) -> int:
    number = number_of(key) if isinstance(key, str) else key
    if number.__class__ is int:
        return int(number)
    name = general(key if number is None else number)
    message = f"a substring operation does not accept {article(name)} {name} as a character index"
    raise failure("bad-index", f"{message}. Expected an Integer", scope, node.keys[min(index, len(node.keys) - 1)])
