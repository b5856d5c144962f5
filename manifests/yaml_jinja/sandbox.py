"""Jinja2, made fit for manifests: sandboxed, bounded, strict, and aware of secrets.

What differs from Jinja: ``a.b`` is the key first and a method second; the methods of values are a closed list;
Booleans print as ``true`` and ``false``, null and containers do not print at all; operators are bounded.
This module is imported with the first expression that is more than a variable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NoReturn

from jinja2 import BaseLoader, StrictUndefined, Template, TemplateNotFound, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, missing

from hiera.errors import DataError, did_you_mean
from hiera.tree import Tree, text_of
from hiera.values import Secret
from manifests.sources import Sources
from manifests.yaml_jinja import bounds
from manifests.yaml_jinja.filters import table, text, texts_joined
from manifests.yaml_jinja.taint import Guarded, Taint

_TEXT_METHODS: Final = frozenset(
    {"capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isdecimal", "isdigit",
     "islower", "isnumeric", "isspace", "isupper", "lower", "lstrip", "partition", "removeprefix", "removesuffix",
     "rfind", "rindex", "rpartition", "rsplit", "rstrip", "split", "splitlines", "startswith", "strip", "swapcase",
     "title", "upper"}
)  # fmt: skip
_MAPPING_METHODS: Final = frozenset({"get", "items", "keys", "values"})
_LIST_METHODS: Final = frozenset({"count", "index"})
_JINJA: Final = (LoopContext, Macro, Namespace)
HINT: Final = "\0"
"""Stands between the message and the hint of an undefined name."""


class _Generator(CodeGenerator):
    """Writes ``~`` as a call of ours, so that it prints values as templates do."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  Jinja names it
        """Write the concatenation of texts."""
        self.write("environment.join_texts((")
        for item in node.nodes:
            self.visit(item, frame)
            self.write(", ")
        self.write("))")


class _Template(Template):
    """A template whose module is made anew for each import: one may have looked into a secret."""

    def _get_default_module(self, ctx: Context | None = None) -> Any:
        keys = ctx.globals_keys - self.globals.keys() if ctx is not None else ()
        return self.make_module({key: ctx.parent[key] for key in keys} if ctx is not None else None)


class _Context(Context):
    """Finds variables in a scope, and opens secrets on the way."""

    def resolve_or_missing(self, key: str) -> Any:
        """Return the variable or function ``key``."""
        value = self.vars.get(key, missing)
        if value is missing:
            value = self.parent.get(key, missing)
            if value is missing:
                return self.environment.globals.get(key, missing)
        if isinstance(value, Secret):
            return self.environment.taint.open(value)  # type: ignore[attr-defined]  # our environment has it
        return value


class Missing(StrictUndefined):
    """What is not there: any use of it is an error that suggests the nearest name."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return str(self._undefined_hint)
        name: Any = self._undefined_name
        holder: Any = self._undefined_obj
        if holder is missing:
            return f"'{name}' is not defined"
        if isinstance(holder, Mapping) and isinstance(name, str):
            near = did_you_mean(name, [key for key in holder if isinstance(key, str)])
            return f"there is no key '{name}'{HINT}{near or ''}"
        if isinstance(holder, Sequence) and isinstance(name, int):
            return f"there is no item {name}: the list has {len(holder)}"
        if holder is None:
            return f"null has no '{name}'"
        return f"there is no '{name}' here"


class _Loader(BaseLoader):
    """Loads the templates of modules from the tree."""

    def __init__(self, tree: Tree, sources: Sources) -> None:
        self._tree = tree
        self._sources = sources

    def get_source(self, environment: Any, template: str) -> tuple[str, str, Callable[[], bool]]:  # noqa: ARG002  Jinja's signature
        """Return the text of ``template``, its path and a promise that it does not change."""
        try:
            path = self._sources.path("templates", template)
        except DataError as error:
            raise TemplateNotFound(template, error.problems[0].message) from error
        return text_of(self._tree, path), path, lambda: True


class Environment(ImmutableSandboxedEnvironment):
    """The sandbox all expressions and templates of one compilation run in."""

    code_generator_class = _Generator
    context_class = _Context
    template_class = _Template
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, tree: Tree, sources: Sources, taint: Taint, functions: Mapping[str, Any]) -> None:
        super().__init__(
            loader=_Loader(tree, sources),
            undefined=Missing,
            keep_trailing_newline=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            finalize=text,
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        )
        self.taint = taint
        self.filters = {**functions, **table(taint)}
        harmless = {name: self.globals[name] for name in ("range", "dict", "cycler", "joiner", "namespace")}
        self.globals = {**functions, **harmless}
        self.binop_table.update({"+": bounds.add, "*": bounds.multiply, "**": bounds.power, "%": bounds.remainder})

    join_texts = staticmethod(texts_joined)

    concat = staticmethod(bounds.joined)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return ``obj.attribute``: the key first, a method second."""
        if isinstance(obj, Mapping):
            try:
                return obj[attribute]
            except KeyError:
                allowed = _MAPPING_METHODS
        elif isinstance(obj, str):
            if attribute == "replace":
                return lambda old, new, count=-1: bounds.replaced(obj, old, new, count)
            if attribute == "join":
                return lambda values: self.filters["join"](values, obj)
            allowed = _TEXT_METHODS
        elif isinstance(obj, Sequence):
            allowed = _LIST_METHODS
        elif isinstance(obj, Missing) or _of_jinja(obj):
            return super().getattr(obj, attribute)
        else:
            allowed = frozenset()
        return getattr(obj, attribute) if attribute in allowed else self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return ``obj[argument]``."""
        if _of_jinja(obj):
            return super().getitem(obj, argument)
        try:
            return obj[argument]
        except (TypeError, LookupError):
            return self.undefined(obj=obj, name=argument)

    def handle_exception(self, source: str | None = None) -> NoReturn:  # noqa: ARG002  as Jinja calls it
        """Let the exception pass as it is: whoever evaluates makes a located problem of it."""
        raise  # noqa: PLE0704  Jinja calls this inside an except clause


def _of_jinja(obj: Any) -> bool:
    """Say whether ``obj`` is one of the objects that Jinja itself hands to templates."""
    return isinstance(obj, _JINJA) or type(obj).__module__.startswith("jinja2.")


def settled(value: Any, taint: Taint) -> Any:
    """Return what an expression gave as plain data. Raises ``UndefinedError`` or ``TypeError`` for what is none."""
    if value is None or value.__class__ in (str, int, bool, float):
        return value
    if isinstance(value, Missing):
        str(value)
    if isinstance(value, Guarded):
        return value.raw
    if isinstance(value, Mapping):
        return {key if key.__class__ is str else text(key): settled(item, taint) for key, item in value.items()}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, list | tuple | range | set) or hasattr(value, "__next__") or _is_view(value):
        return [settled(item, taint) for item in value]
    if callable(value) or _of_jinja(value):
        raise TypeError("the expression gives a function; call it with ( )")
    return value


def _is_view(value: Any) -> bool:
    """Say whether ``value`` is what ``.keys()``, ``.values()`` or ``.items()`` give."""
    from collections.abc import ItemsView, KeysView, ValuesView  # noqa: PLC0415  asked for rare values only

    return isinstance(value, ItemsView | KeysView | ValuesView)
