"""Functions that ask the compilation: data, facts, variables, files of modules, classes."""

from __future__ import annotations

from collections.abc import Callable

from hiera.errors import DataError
from hiera.ruby_text import ruby_text
from hiera.supplied import Supplied
from hiera.types import Type, parse
from hiera.values import MISSING, Value, holds_secret, joined, redacted
from manifests.functions import data
from manifests.functions.base import Block, Context, FunctionError
from manifests.functions.collections import dig, flatten, steps
from manifests.functions.numbers import ALPHANUMERIC, drawn


def _found(
    names: list[str],
    ask: Callable[[str, Value], Value],
    default: Value,
    block: Block | None,
    stand_in: Callable[[str], Value],
) -> Value:
    """Return the first answer for ``names``, else what the block answers, else the default. Raises ``DataError``."""
    for name in names:
        value = ask(name, None)
        if value is not MISSING:
            return value
    if block is not None:
        return block(names[0])
    if default is not MISSING:
        return default
    stands = stand_in(names[0]) if names else MISSING
    if stands is not MISSING:
        return stands
    wanted = f"name '{names[0]}'" if len(names) == 1 else f"any of the names {names}"
    raise DataError.of("missing-key", f"did not find a value for the {wanted}")


def lookup(
    key: Value,
    kind: Value = None,
    merge: Value = None,
    default: Value = MISSING,
    *,
    context: Context,
    block: Block | None,
) -> Value:
    """Return the data for a key, or the default.

    Both forms are understood: Puppet's (key, type, merge, default, or one mapping of options) and the short one of
    the YAML language, ``lookup('key', 'default')``: a second argument that is no data type is the default.
    """
    options = key if isinstance(key, dict) else {}
    if kind is not None and not isinstance(kind, Type) and merge is None and default is MISSING:
        if isinstance(kind, dict) and kind.keys() & {"default_value", "merge", "value_type", "default_values_hash"}:
            options = {"name": key, **kind}
        else:
            default = kind
        kind = None
    if options:
        key, kind, merge = options.get("name"), options.get("value_type"), options.get("merge")
        default = options.get("default_value", MISSING)
    overrides, fallbacks = options.get("override", {}), options.get("default_values_hash", {})

    def ask(name: str, _: Value) -> Value:
        if name in overrides:
            return overrides[name]
        return context.lookup(name, default=MISSING, merge=merge, supplied=Supplied(overrides, fallbacks))

    names = key if isinstance(key, list) else [key]
    fallback = next((fallbacks[name] for name in names if name in fallbacks), MISSING)
    if fallback is not MISSING:  # it counts only after every name was asked, and before the default
        default, block = fallback, None
    value = _found(names, ask, default, block, lambda name: context.stand_in(name, kind and _kind(kind)))
    return _typed(value, kind)


def _kind(kind: Value) -> Type:
    return kind if isinstance(kind, Type) else parse(kind)


def _typed(value: Value, kind: Value) -> Value:
    """Return ``value`` if it is of the type ``kind``. Raises ``ValueError``."""
    if kind is None:
        return value
    mismatch = _kind(kind).check(value)
    if mismatch is not None:
        raise ValueError(f"found value has wrong type, {mismatch.describe()}")
    return value


def _hiera(merge: Value) -> Callable[..., Value]:
    """Return one of the functions of old: key, default, merged by ``merge``."""

    def old(
        key: str, default: Value = MISSING, override: Value = None, *, context: Context, block: Block | None
    ) -> Value:
        """Return the data for a key, or the default."""
        del override

        def ask(name: str, _: Value) -> Value:
            return context.lookup(name, default=MISSING, merge=merge)

        return _found([key], ask, default, block, context.stand_in)

    return old


hiera = _hiera("first")
hiera_array = _hiera("unique")
hiera_hash = _hiera("hash")


def fact(name: str, default: Value = None, *, context: Context) -> Value:
    """Return a fact by its dotted name, or the default."""
    try:
        found = dig(dict(context.facts), *steps(name))
    except ValueError:
        found = None
    return default if found is None else found


def getvar(name: str, default: Value = None, *, context: Context, block: Block | None) -> Value:
    """Return a variable, or what a dotted path leads to in it, or the default."""
    head, _, path = name.partition(".")
    value = context.variable(head)
    if value is not MISSING and path:
        try:
            value = dig(value, *steps(path))
        except ValueError:
            if block is None:
                raise
            return block("UNEXPECTED_PATH")
    return default if value is MISSING or value is None else value


def fail(*words: Value, context: Context) -> Value:
    """End the compilation with a message."""
    del context
    raise DataError.of("failed", " ".join(map(ruby_text, words)) or "failed")


def _text(context: Context, name: str, folder: str = "files") -> str | None:
    """Return a file of a module as text, or None. Raises ``ValueError`` if it is not UTF-8."""
    content = context.read_file(name, folder)
    try:
        return None if content is None else content.decode()
    except UnicodeDecodeError:
        raise ValueError(f"cannot read '{name}': it is not UTF-8") from None


def file(*names: str, context: Context) -> str:
    """Return the text of the first file that exists (``module/name``, or an absolute path)."""
    for name in names:
        text = _text(context, name)
        if text is not None:
            return text
    raise ValueError(f"could not find any files from {', '.join(names)}")


def find_file(*names: Value, context: Context) -> Value:
    """Return the first name that a file exists for, or undef."""
    return next((name for name in flatten(*names) if context.read_file(name) is not None), None)


def template(*names: str, context: Context) -> Value:
    """Return templates (``module/name.erb``) rendered and joined."""
    return joined([context.render("erb", name, None, {}) for name in names])


def inline_template(*texts: str, context: Context) -> Value:
    """Return texts rendered as templates and joined."""
    return joined([context.render("erb", None, text, {}) for text in texts])


def epp(name: str, parameters: Value = None, *, context: Context) -> Value:
    """Return a template of Puppet's own language (``module/name.epp``) rendered."""
    return context.render("epp", name, None, parameters or {})


def inline_epp(text: str, parameters: Value = None, *, context: Context) -> Value:
    """Return a text rendered as a template of Puppet's own language."""
    return context.render("epp", None, text, parameters or {})


def _fqdn(context: Context) -> str:
    """Return the name of the node that makes random answers differ from node to node."""
    return str(dig(dict(context.facts), "networking", "fqdn") or context.facts.get("fqdn") or context.node)


def fqdn_rand(limit: Value, seed: Value = "", downcase: Value = None, *, context: Context) -> int:
    """Return a number below ``limit`` that stays the same for a node and a seed."""
    try:
        below = int(limit)
    except (TypeError, ValueError):
        raise ValueError("expects a number above zero first") from None
    if below < 1:
        raise ValueError("expects a number above zero first")
    name = _fqdn(context).lower() if downcase else _fqdn(context)
    return drawn(f"{name}:{below}:{':'.join(map(ruby_text, flatten(seed)))}", below)


def fqdn_rand_string(length: Value, characters: Value = None, *seed: Value, context: Context) -> str:
    """Return a text of ``length`` characters that stays the same for a node and a seed."""
    known = characters or ALPHANUMERIC
    parts = [ruby_text(part) for part in seed]
    return "".join(
        known[fqdn_rand(len(known), ":".join([*parts, str(place)]), context=context)]
        for place in range(1, int(length) + 1)
    )


def fqdn_rotate(value: Value, *seed: Value, context: Context) -> Value:
    """Return a list or text turned by a number that stays the same for a node and a seed."""
    if len(value) < 2:
        return value
    parts = [_fqdn(context), *map(ruby_text, seed)]
    by = drawn(":".join(parts) + ":" * (isinstance(value, str) and not seed), len(value))
    return value[by:] + value[:by]


def shuffle(value: Value, *, context: Context) -> Value:
    """Return a list or text in an order that only looks random: it stays the same for a node and what is in it."""
    import random  # noqa: PLC0415  few need it

    items = list(value)
    random.Random(f"{_fqdn(context)}:{ruby_text(value)}").shuffle(items)  # noqa: S311  it shall be predictable
    return "".join(items) if isinstance(value, str) else items


def str2saltedsha512(password: str, *, context: Context) -> str:
    """Return the hash of a password as macOS keeps it; its salt stays the same for a node and a password."""
    import hashlib  # noqa: PLC0415  few need it

    salt = hashlib.sha256(f"{_fqdn(context)}:{password}".encode()).digest()[:4]
    return (salt + hashlib.sha512(salt + password.encode()).digest()).hex()


def defined(*references: Value, context: Context) -> bool:
    """Say whether any of some classes, defines, types, variables or resources is known."""
    return any(context.defined(reference) for reference in _open(references))


def tagged(*tags: Value, context: Context) -> bool:
    """Say whether what is being evaluated carries all tags."""
    return context.tagged([ruby_text(tag) for tag in _open(tags)])


def _open(values: tuple[Value, ...]) -> list[Value]:
    """Return all values, nested lists opened. Raises ``ValueError`` for a secret, which is no name for anything."""
    if holds_secret(values):
        raise ValueError("takes no secret")
    return flatten(*values)


def include(*names: Value, context: Context) -> Value:
    """Declare classes."""
    return context.declare("include", _open(names))


def contain(*names: Value, context: Context) -> Value:
    """Declare classes and keep them inside of this one."""
    return context.declare("contain", _open(names))


def require(*names: Value, context: Context) -> Value:
    """Declare classes and apply them before this one."""
    return context.declare("require", _open(names))


def loadyaml(name: str, default: Value = MISSING, *, context: Context) -> Value:
    """Return what a YAML file says, or the default."""
    return _loaded("loadyaml", name, default, data.parseyaml, context)


def loadjson(name: str, default: Value = MISSING, *, context: Context) -> Value:
    """Return what a JSON file says, or the default."""
    return _loaded("loadjson", name, default, data.parsejson, context)


def _loaded(function: str, name: str, default: Value, read: Callable[..., Value], context: Context) -> Value:
    text = _text(context, name)
    if text is not None:
        return read(text, default)
    if default is MISSING:
        raise FunctionError(function, f"cannot read '{name}'")
    return default


def _logger(level: str) -> Callable[..., Value]:
    """Return the function that passes on messages of ``level``."""

    def write(*words: Value, context: Context) -> None:
        """Pass a message on to the log."""
        context.log(level, " ".join(map(ruby_text, redacted(words))))

    return write


debug = _logger("debug")
info = _logger("info")
notice = _logger("notice")
warning = _logger("warning")
err = _logger("err")
alert = _logger("alert")
crit = _logger("crit")
emerg = _logger("emerg")
