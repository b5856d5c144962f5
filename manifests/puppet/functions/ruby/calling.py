"""The call of a function that a module has in Ruby."""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final

from hiera.errors import DataError, Problem
from hiera.values import Secret, Value
from manifests.puppet.depth import MAX_DEPTH, deep_stack
from manifests.puppet.erb.objects import Failure, Jump, Limit, Proc, ScopeObject, Unsupported
from manifests.puppet.functions.base import Invocation, ScopeFunction
from manifests.puppet.functions.ruby.definition import Definition, word_of
from manifests.puppet.functions.ruby.files import FunctionFile, read
from manifests.puppet.functions.ruby.signatures import Signature, Types, check_answer, choose
from manifests.puppet.functions.ruby.views import FunctionView, of_call, of_top, scope_words

_RAISED: Final = frozenset(("RuntimeError", "Puppet::ParseError", "Puppet::Error", "StandardError"))
_MACHINE: Final = re.compile(
    r"'(?:(?:File|Dir|IO|Facter|Etc|Process|Socket|Resolv|Net|FileUtils|Pathname|Open3|Tempfile|ENV|RUBY_\w+"
    r"|Puppet::Util::Execution|Puppet::FileSystem)\b|(?:open|system|exec|spawn|fork|sleep|rand|srand)')"
)
_CHANCE: Final = re.compile(
    r"'(?:(?:SecureRandom|Random|Time|Date|DateTime|OpenSSL::PKey|OpenSSL::Random)\b|rand'|srand')"
)

_WEIGHT: Final = 10
"""How many levels of the Puppet language one call counts for."""


def find_ruby(name: str, compilation: Any) -> ScopeFunction | None:
    """Return the function ``name`` that a module has in Ruby, None if no module has one."""
    path = compilation.loaders.ruby_function(name)
    if path is None:
        return None
    function = RubyFunction(name.removeprefix("::").lower(), path, compilation)
    return ScopeFunction(name, function.answer)


class RubyFunction:
    """A function in Ruby, in one compilation."""

    def __init__(self, name: str, path: str, compilation: Any) -> None:
        self.name = name
        self.old = "/parser/functions/" in path
        self._path = path
        self._tree = compilation.loaders.tree
        self._modules = compilation.loaders.modules
        self._data = self._tree.read(path)
        self._types: Types | None = None

    def answer(self, call: Invocation, *_: Value) -> Value:
        """Return the answer to ``call``. Raises ``DataError``."""
        evaluator = call.evaluator
        evaluator.depth += _WEIGHT
        try:
            return self._answered(call)
        finally:
            evaluator.depth -= _WEIGHT

    def _answered(self, call: Invocation) -> Value:
        from manifests.puppet.erb.running import Env, Run  # noqa: PLC0415  few catalogs need it

        if call.evaluator.depth > MAX_DEPTH:
            raise call.fault("function-limit", f"'{call.name}' calls itself through others too deeply")
        with deep_stack():
            file = self._read(call)
            if self.old and file.methods:
                message = f"illegal method definition '{file.methods[0]}' in a function of the old form"
                raise call.fault("function-failed", message, "define no methods beside it, or use the new form")
            caller = of_call(call)
            run = Run(caller if self.old else of_top(call), [], self._path, file=True, old=self.old)
            definition = Definition(self.name)
            run.functions.update(self._words(run, definition))
            try:
                self._prepare(run, file)
                file.code(Env(run))
                value = _Call(call, run, definition, caller, self).value()
            except (Failure, Unsupported, Limit, RecursionError, MemoryError, Jump) as error:
                raise _error(call, run, error, file) from None
        return value if run.secret is None else Secret(value, origin=run.secret.origin, location=run.secret.location)

    def _prepare(self, run: Any, file: FunctionFile) -> None:
        """Let the file of ``run`` load others of modules."""
        from manifests.puppet.erb.running import Env  # noqa: PLC0415  few catalogs need it

        run.source = file.source
        run.globals |= {"$LOAD_PATH": [], "$:": []}
        loaded = set()

        def load(name: str, *, relative: bool) -> bool:
            path = self._library(name, run.source.file if relative else None)
            if path is None or path in loaded:
                return path is not None
            loaded.add(path)
            before = run.source
            library = read(self._tree.read(path), path)
            run.source = library.source
            library.code(Env(run))
            run.source = before
            return True

        run.load = load

    def _library(self, name: str, beside: str | None) -> str | None:
        """Return the path of the file of a module that ``require`` names, ``beside`` the file that says so."""
        name = name if name.endswith(".rb") else f"{name}.rb"
        if name.startswith("/"):
            places = [posixpath.normpath(name).lstrip("/")]
        elif beside is not None:
            places = [posixpath.normpath(posixpath.join(posixpath.dirname(beside), name))]
        else:
            places = [f"{module.path}/lib/{name}" for module in self._modules.values()]
        inside = [path for path in places if any(path.startswith(f"{one.path}/") for one in self._modules.values())]
        return next((path for path in inside if self._tree.is_file(path)), None)

    def types(self, call: Invocation, definition: Definition) -> Types:
        """Return the types that the file names."""
        if self._types is None:
            self._types = Types(call.compilation, self._path, definition.local)
        return self._types

    def _read(self, call: Invocation) -> FunctionFile:
        try:
            return read(self._data, self._path)
        except DataError as error:
            problem = error.problems[0]
            raise DataError(_unsupported(call, problem.message, problem.location)) from None

    def _words(self, run: Any, definition: Definition) -> dict[str, Proc]:
        """Return what the file may call without defining it."""
        words = definition.words()
        scope = ScopeObject()
        if self.old:
            return words | scope_words(run, scope)

        def call_function(name: Value, *arguments: Value, block: Proc | None = None) -> Value:
            from manifests.puppet.erb.running import call_scope  # noqa: PLC0415  few catalogs need it

            return call_scope(run, str(name), list(arguments), None, block)

        return words | {
            "call_function": Proc(call_function),
            "closure_scope": word_of(lambda: scope),
        }


class _Call:
    """One call, when the file has said what it defines."""

    def __init__(
        self, call: Invocation, run: Any, definition: Definition, caller: FunctionView, function: RubyFunction
    ) -> None:
        self._call = call
        self._run = run
        self._definition = definition
        self._caller = caller
        self._function = function

    def value(self) -> Value:
        """Return the answer as a value of Puppet."""
        from manifests.puppet.erb.values import outward  # noqa: PLC0415  few catalogs need it

        if not self._definition.found:
            raise Unsupported(f"the file does not define '{self._function.name}'")
        if self._definition.body is not None:
            return outward(self._old(self._definition.body))
        signatures = self._definition.signatures
        if not signatures:
            return outward(self._method(self._definition.name.rpartition("::")[2], None))
        types = self._function.types(self._call, self._definition)
        signature = choose(self._call, signatures, types)
        answer = self._method(signature.method, signature)
        if signature.mismatch:
            raise self._call.wrong(str(answer))
        value = outward(answer)
        check_answer(self._call, signature, types, value)
        return value

    def _old(self, body: Proc) -> Value:
        """Return the answer of a function of the form that Puppet 3 had."""
        from manifests.puppet.functions.resolving import old_form  # noqa: PLC0415  it asks this package

        arity, number = self._definition.arity, len(self._call.arguments)
        if isinstance(arity, int) and (number != arity if arity >= 0 else number < -arity - 1):
            raise self._call.wrong(f"wrong number of arguments given ({number} for {arity})")
        given = ["" if one is None else one for one in map(old_form, self._call.arguments)]
        return body.call([self._run.take(one) for one in given])

    def _method(self, name: str, signature: Signature | None) -> Value:
        method = self._run.functions.get(name)
        if method is None:
            raise Unsupported(f"there is no method '{name}'")
        arguments = [self._run.take(one) for one in self._call.arguments]
        if signature is not None and signature.scoped:
            arguments.insert(0, ScopeObject(view=self._caller))
        block = self._call.block
        return method.call(*arguments, block=None if block is None else _as_proc(self._run, block))


def _as_proc(run: Any, puppets: Any) -> Proc:
    """Return a block of Puppet's as one of Ruby's."""
    from manifests.puppet.erb.values import outward  # noqa: PLC0415  few catalogs need it

    own = getattr(puppets, "signature", None)
    arity = -1 if own is None else own.least if own.least == own.most else -own.least - 1

    made = word_of(lambda *given: run.take(puppets(*map(outward, given))))
    return Proc(made.call, arity, strict=True)


def _unsupported(call: Invocation, message: str, place: Any) -> Problem:
    """Return the problem that a file needs more Ruby than there is."""
    hint = f"write the function in Python as lib/functions/{call.name.replace('::', '/')}.py"
    if _CHANCE.search(message):
        hint = "a value that is new each time would change the catalog each time: keep it in Hiera"
    elif _MACHINE.search(message):
        hint = "write a fact in lib/facts that asks the machine, or keep the answer in Hiera"
    return Problem("function-unsupported", f"the function '{call.name}' cannot be interpreted: {message}", place, hint)


def _error(call: Invocation, run: Any, error: BaseException, file: FunctionFile) -> DataError:
    """Return as a located problem what ended a call; no words that may hold a secret."""
    source = run.source or file.source
    place = source.location(min(max(0, run.at), len(source.text)))
    if isinstance(error, Failure):
        message = "what it says is not shown, for it was given a secret" if run.secret is not None else error.message
        if error.kind not in _RAISED:
            message = f"{error.kind}: {message}"
        return DataError(Problem("function-failed", f"'{call.name}': {message}", call.place or place))
    if isinstance(error, Unsupported):
        return DataError(_unsupported(call, str(error), place))
    if isinstance(error, Jump):
        return DataError(Problem("function-failed", f"'{error.kind}' leaves a block that is over", place))
    words = str(error) if isinstance(error, Limit) else "the function needs too much memory or calls itself too deeply"
    return DataError(Problem("function-limit", words, place))
