"""The words with which a Ruby file defines functions; running the file gathers what it says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from manifests.puppet.erb.objects import Failure, Hash, Proc, Symbol, Unsupported, Value, symbol
from manifests.puppet.functions.ruby.signatures import Declared, Signature

_PARAMETERS: Final = (
    "param", "required_param", "optional_param", "repeated_param", "optional_repeated_param", "required_repeated_param",
)  # fmt: skip
_BLOCKS: Final = ("block_param", "required_block_param", "optional_block_param")


class Definition:
    """What the file says of the function ``name``: ``signatures`` in the new form, ``body`` in the old one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.found = False
        self.signatures: list[Signature] = []
        self.local: dict[str, str] = {}
        self.body: Proc | None = None
        self.arity: int | None = None
        self._open: Signature | None = None

    def words(self) -> dict[str, Proc]:
        """Return the functions that a file may call to define."""
        with_block: dict[str, Callable[..., Value]] = {
            "create_function": self._create,
            "newfunction": self._new,
            "dispatch": self._dispatch,
            "argument_mismatch": self._mismatch,
            "local_types": self._types,
        }
        plain = {
            "type": self._type,
            "return_type": self._returns,
            "scope_param": self._scope,
            "_": lambda text, *_: text,
            **dict.fromkeys(("private", "public", "module_function", "private_constant"), lambda *_: None),
            **{word: self._parameter(word) for word in _PARAMETERS},
            **{word: self._block(word) for word in _BLOCKS},
            **{word: _refused(word) for word in ("cache_param", "compiler_param")},
        }
        return {word: Proc(run) for word, run in with_block.items()} | {
            word: word_of(run) for word, run in plain.items()
        }

    def _create(self, name: Value, *_: Value, block: Proc | None = None) -> None:
        if _text(name) == self.name and block is not None:
            self.found = True
            block.call()

    def _new(self, name: Value, options: Value = None, block: Proc | None = None) -> None:
        if _text(name) == self.name and block is not None:
            self.found, self.body = True, block
            self.arity = options.get(symbol("arity")) if isinstance(options, Hash) else None

    def _dispatch(self, method: Value, block: Proc | None = None) -> None:
        self._fill(Signature(_text(method)), block)

    def _mismatch(self, method: Value, block: Proc | None = None) -> None:
        self._fill(Signature(_text(method), mismatch=True), block)

    def _fill(self, signature: Signature, block: Proc | None) -> None:
        self.signatures.append(signature)
        self._open = signature
        if block is not None:
            block.call()
        self._open = None

    @property
    def _signature(self) -> Signature:
        if self._open is None:
            raise Failure("NoMethodError", "a parameter outside of 'dispatch'")
        return self._open

    def _parameter(self, word: str) -> Callable[..., Value]:
        def add(kind: Value, name: Value) -> None:
            self._signature.parameters.append(Declared(word, _text(kind), _text(name)))

        return add

    def _block(self, word: str) -> Callable[..., Value]:
        def add(*given: Value) -> None:
            kind = _text(given[0]) if len(given) > 1 else "Callable"
            self._signature.block = Declared(word, kind, _text(given[-1]) if given else "block")

        return add

    def _types(self, block: Proc | None = None) -> None:
        if block is not None:
            block.call()

    def _type(self, text: Value) -> None:
        name, _, kind = _text(text).partition("=")
        self.local[name.strip()] = kind.strip()

    def _returns(self, kind: Value) -> None:
        self._signature.returns = _text(kind)

    def _scope(self, *_: Value) -> None:
        self._signature.scoped = True


def word_of(run: Callable[..., Value]) -> Proc:
    """Return a function of ours that wants no block as one that Ruby can call."""

    def call(*given: Value, block: Proc | None = None) -> Value:
        del block
        return run(*given)

    return Proc(call)


def _refused(word: str) -> Callable[..., Value]:
    def refuse(*_: Value) -> None:
        raise Unsupported(f"'{word}' is not supported")

    return refuse


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Symbol):
        return value.name
    raise Failure("TypeError", "a name or a type has to be a text")
