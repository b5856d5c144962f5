"""The lookup: key in, answer and trail out."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import msgspec

from hiera.backends.own import OwnBackend
from hiera.config import FILE_NAME, NO_CONFIG, Config, common_config, read_config
from hiera.digging import Key, dig, parse_key
from hiera.errors import DataError, Location, Problem
from hiera.explain import Answer, Step
from hiera.files import ENCRYPTED, Files
from hiera.interpolation import Interpolator
from hiera.layers import LOOKUP_OPTIONS, Layer, Place, Resolved
from hiera.merge import FIRST, Merge, MergeWish
from hiera.options import Converter, Option, Options
from hiera.secrets import AGE, GPG, PKCS7, Decryptor
from hiera.secrets.vault import Vault
from hiera.supplied import NOTHING, Supplied
from hiera.tree import Tree
from hiera.values import MISSING, Secret, Value

if TYPE_CHECKING:
    from hiera.types import Type

_OPTIONS_KEY = Key(LOOKUP_OPTIONS, LOOKUP_OPTIONS, ())
_OPTIONS_MERGE = Merge("hash")


class Hiera:
    """The data of one environment: its own hierarchy, and the one of each module that has some."""

    def __init__(
        self, tree: Tree, layers: tuple[Layer, ...], modules: Mapping[str, str], files: Files, vault: Vault
    ) -> None:
        self._tree = tree
        self._layers = layers
        self._modules = modules
        self._files = files
        self._vault = vault
        self._module_layers: dict[str, Layer | None] = {}
        self._options: dict[str | None, Options] = {}
        self.environment = ""
        self.convert: Converter | None = None

    @classmethod
    def build(  # noqa: PLR0917  what an environment is, then what it needs, in the order of the callers
        cls,
        tree: Tree,
        name: str,
        directory: str,
        modules: Mapping[str, str],
        decryptor: Decryptor | None = None,
        warn: Callable[[Problem], None] = lambda _: None,
        *,
        convert: Converter | None = None,
        pkcs7: Decryptor | None = None,
        age: Decryptor | None = None,
    ) -> Hiera:
        """Return the data of the environment ``name`` in ``directory`` ("" for the root of ``tree``).

        A ``hiera.yaml`` at the root of a tree whose environments lie below it is the global layer, above them all.

        ``modules`` maps each module to its directory. ``decryptor`` opens OpenPGP messages, ``pkcs7`` those of
        hiera-eyaml, ``age`` those of age; ``convert`` makes values of other data types for ``lookup_options``.
        Raises ``DataError`` if the environment's ``hiera.yaml`` is wrong.
        """
        vault = Vault({GPG: decryptor, PKCS7: pkcs7, AGE: age})
        files = Files(tree, vault, warn)
        config = read_config(tree, directory, module=False, warn=warn)
        if config is None:
            config = _without_config(tree, directory, warn)
        layers: tuple[Layer, ...] = (Layer(f"environment {name}", config, files, environment=name),)
        everywhere = read_config(tree, "", module=False, warn=warn) if directory else None
        if everywhere is not None:
            layers = (Layer("global", everywhere, files, environment=name), *layers)
        hiera = cls(tree, layers, modules, files, vault)
        hiera.environment = name
        hiera.convert = convert
        return hiera

    def lookup(
        self, key: str, scope: Mapping[str, Value], merge: MergeWish = None, supplied: Supplied = NOTHING
    ) -> Value:
        """Return the value of ``key`` for the variables of ``scope``, or ``MISSING``. Raises ``DataError``.

        ``scope`` is read item by item. Without ``merge`` the data's ``lookup_options`` decide. ``supplied`` is for the
        keys and variables that the value interpolates.
        """
        return Search(self, scope, supplied=supplied).answer(key, merge)

    def explain(self, key: str, scope: Mapping[str, Value], merge: MergeWish = None) -> Answer:
        """Return the value of ``key`` together with the trail of how it was found. Raises ``DataError``."""
        trail = Step("key", key)
        value = Search(self, scope, trail=trail).answer(key, merge)
        trail.end(value)
        return Answer(value, trail)

    def explain_options(self, key: str, scope: Mapping[str, Value]) -> Answer:
        """Return what ``lookup_options`` says of ``key`` and the trail of how it was found. Raises ``DataError``."""
        parsed, trail = parse_key(key), Step("key", LOOKUP_OPTIONS)
        step = trail.add("merge", _OPTIONS_MERGE.name)
        found = [Search(self, scope).own_options(layer, trail=step) for layer in self.layers_of(parsed)]
        step.end(_OPTIONS_MERGE.found(found))
        option = Options.of(step.value).of_key(parsed.root)
        told = {"merge": option.merge, "convert_to": list(option.convert_to or ()) or None}
        value = {name: item for name, item in told.items() if item is not None} or MISSING
        trail.end(value)
        return Answer(value, trail)

    def place(self, key: str, scope: Mapping[str, Value]) -> Location | None:
        """Return where the strongest value of ``key`` stands, or None if no level has it. Raises ``DataError``."""
        search = Search(self, scope)
        search.answer(key)
        return search.found[0] if search.found else None

    def prefetch(self, values: Iterable[Value]) -> None:
        """Decrypt the secrets in ``values`` together, which is faster than one by one as they are revealed."""
        self._vault.prefetch(values)

    def stand_in(self, key: str, kind: Type | None = None) -> Value:
        """Return what stands for ``key``, which nothing has, where a file that nobody opens may have it.

        That is a placeholder, of the type ``kind`` if one is known, with a warning; ``MISSING`` where every file was
        read, so that a key that is misspelt stays an error wherever secrets are decrypted.
        """
        from hiera.secrets.placeholders import converted, placeholder  # noqa: PLC0415  only ``--sealed`` asks

        path = self._files.shut
        if path is None:
            return MISSING
        message = f"the key '{key}' is found nowhere, and is taken to stand in '{path}', which is encrypted as a whole"
        self._files.warn(Problem("sealed-key", message, Location(path), severity="warning"))
        text = placeholder(key.encode())
        return text if kind is None else converted(kind, text)

    def layers_of(self, key: Key) -> tuple[Layer, ...]:
        """Return the layers that may answer ``key``, strongest first."""
        module = self.module_layer(key.module)
        return self._layers if module is None else (*self._layers, module)

    def module_layer(self, module: str | None) -> Layer | None:
        """Return the layer of ``module``, or None if there is no such module or it has no data."""
        if module is None or module not in self._modules:
            return None
        if module not in self._module_layers:
            config: Config | None = read_config(self._tree, self._modules[module], module=True)
            name, files = f"module {module}", self._files
            layer = Layer(name, config, files, module, environment=self.environment) if config else None
            self._module_layers[module] = layer
        return self._module_layers[module]

    def options(self, key: Key, scope: Mapping[str, Value]) -> Options:
        """Return the ``lookup_options`` that hold for the module of ``key``, worked out once."""
        module = key.module if self.module_layer(key.module) is not None else None
        if module not in self._options:
            search = Search(self, scope)
            found = [search.own_options(layer) for layer in self.layers_of(key)]
            self._options[module] = Options.of(_OPTIONS_MERGE.found(found))
        return self._options[module]


class Search:
    """One key on its way through the layers; ``stack`` holds the keys whose values wait for it."""

    def __init__(
        self,
        hiera: Hiera,
        scope: Mapping[str, Value],
        *,
        stack: tuple[str, ...] = (),
        trail: Step | None = None,
        supplied: Supplied = NOTHING,
    ) -> None:
        self._hiera = hiera
        self._scope = scope
        self._stack = stack
        self._trail = trail
        self._supplied = supplied
        self.found: list[Location] = []

    def answer(self, text: str, wish: MergeWish = None) -> Value:
        """Return the value of the key ``text``, or ``MISSING``. Raises ``DataError``."""
        key = parse_key(text)
        if key.root == LOOKUP_OPTIONS:
            return MISSING
        option = self._hiera.options(key, self._scope).of_key(key.root)
        if wish is None:
            wish = option.merge
            if wish is not None and self._trail is not None:
                self._trail.add("options", LOOKUP_OPTIONS)
        strategy = self._strategy(wish, key, told=wish is not None and wish == option.merge)
        try:
            return self._converted(key, option, strategy)
        except DataError as error:
            located = self._located(error)
            raise _unshown(located, key.text) if _may_be_sensitive(option, located) else located from None

    def _strategy(self, wish: MergeWish, key: Key, *, told: bool) -> Merge:
        """Return the merge that ``wish`` names, ``told`` by the data or asked for. Raises ``DataError``."""
        try:
            return Merge.of(wish)
        except DataError as error:
            asked = Search(self._hiera, self._scope)
            for layer in self._hiera.layers_of(key) if told else ():
                asked.own_options(layer)
            raise asked._located(error) from None

    def _converted(self, key: Key, option: Option, merge: Merge) -> Value:
        """Return the value of ``key`` as the data type that ``option`` wants."""
        value = self._merged(key, merge)
        if value is MISSING:
            value = self._by_default(key)
        if value is MISSING or option.convert_to is None:
            return value
        if self._trail is not None:
            self._trail.add("convert", option.type_name)
        found = option.converted(key.text, value, self._hiera.convert)
        if self._trail is not None and isinstance(found, Secret):
            self._trail.conceal()
        return found

    def _located(self, error: DataError) -> DataError:
        """Return ``error`` with a place for each problem: where the strongest value that was found stands."""
        place = self.found[0] if self.found else None
        return DataError(*(_placed(problem, place) for problem in error.problems))

    def own_options(self, layer: Layer, *, trail: Step | None = None, default: bool = False) -> Value:
        """Return the ``lookup_options`` of one layer, checked, or ``MISSING``.

        Files that are encrypted as a whole are not asked: how keys are merged is no secret, and must be known on
        nodes that cannot open them.
        """
        value = self._in_layer(layer, _OPTIONS_KEY, _OPTIONS_MERGE, trail=trail, default=default)
        place = self.found[-1] if self.found else None
        return value if value is MISSING else Options.checked(value, layer.module, place)

    def _merged(self, key: Key, merge: Merge) -> Value:
        """Return what the layers have for the root of ``key``, merged and dug into."""
        layers = self._hiera.layers_of(key)
        trail = self._merge_trail(merge)
        value = merge.found(self._in_layer(layer, key, merge, trail=trail) for layer in layers)
        if trail is not None and trail is not self._trail:
            trail.end(value)
        return value if value is MISSING else dig(value, key.segments, key.text)

    def _merge_trail(self, merge: Merge) -> Step | None:
        """Return the step below which a merge is shown."""
        if self._trail is None or merge == FIRST:
            return self._trail
        return self._trail.add("merge", merge.name)

    def _by_default(self, key: Key) -> Value:
        """Return what the ``default_hierarchy`` of the key's module has, when nothing else had anything."""
        layer = self._hiera.module_layer(key.module)
        if layer is None or not layer.config.default_levels:
            return MISSING
        found = self.own_options(layer, default=True)
        merge = Merge.of(Options.of(found).of_key(key.root).merge)
        value = self._in_layer(layer, key, merge, trail=self._trail, default=True)
        return value if value is MISSING else dig(value, key.segments, key.text)

    def _in_layer(
        self, layer: Layer, key: Key, merge: Merge, *, trail: Step | None = None, default: bool = False
    ) -> Value:
        """Return what one layer has for the root of ``key``. Raises ``DataError`` (``lookup-recursion``)."""
        if key.text in self._stack:
            chain = " -> ".join([*self._stack, key.text])
            raise DataError.of("lookup-recursion", f"the lookup leads back to itself: {chain}")
        step = None if trail is None else trail.add("layer", layer.name, layer.config.file)
        levels = layer.levels(self._scope, default=default)
        inner = Search(self._hiera, self._scope, stack=(*self._stack, key.text), trail=step, supplied=self._supplied)
        inner.found = self.found
        values = (inner._in_level(layer, level, key, merge) for level in levels)
        value = merge.found(values, alone=len(levels) == 1)
        if step is not None:
            step.end(value)
        return value

    def _in_level(self, layer: Layer, resolved: Resolved, key: Key, merge: Merge) -> Value:
        """Return what the files of one level have."""
        step = None if self._trail is None else self._trail.add("level", resolved.level.name)
        value = merge.found(self._in_places(layer, resolved, key, step), alone=len(resolved.places) == 1)
        if step is not None:
            step.end(value)
        return value

    def _in_places(self, layer: Layer, resolved: Resolved, key: Key, trail: Step | None) -> Iterator[Value]:
        """Yield what each file of a level has, ``MISSING`` for nothing."""
        for place in resolved.places:
            step = None if trail is None else trail.add("path", place.path, place.original)
            if not place.exists:
                if step is not None:
                    step.outcome = "no-file"
                continue
            if key is _OPTIONS_KEY and place.path.endswith(ENCRYPTED):
                continue
            value = self._in_place(layer, resolved, place, key, step)
            if step is not None:
                step.end(value)
            yield value

    def _in_place(self, layer: Layer, resolved: Resolved, place: Place, key: Key, trail: Step | None) -> Value:
        """Return what one file of a level, or a site's own back end, has for the root of ``key``."""
        backend = resolved.level.backend
        if isinstance(backend, OwnBackend):
            origin = Location(backend.file)
            value = layer.asked(
                place, resolved.level, key, lambda value: self._interpolated(value, resolved.level.location, trail)
            )
            if value is not MISSING:
                self.found.append(origin)
            return value if backend.function != "data_hash" else self._interpolated(value, origin, trail)
        data = layer.data(place, resolved.level)
        value = data.value.get(key.root, MISSING)
        if value is MISSING:
            return MISSING
        if key.root in data.wrong:
            raise DataError(data.wrong[key.root])
        origin = data.keys.get(key.root, Location(place.path))
        self.found.append(origin)
        return self._interpolated(value, origin, trail)

    def _interpolated(self, value: Value, place: Location, trail: Step | None) -> Value:
        """Return ``value`` with its expressions replaced."""

        def lookup(text: str) -> Value:
            step = None if trail is None else trail.add("interpolation", text)
            inner = Search(self._hiera, self._scope, stack=self._stack, trail=step, supplied=self._supplied)
            return self._supplied.answer(text, inner.answer)

        return Interpolator(self._supplied.variables(self._scope), lookup, place).value(value)


def _without_config(tree: Tree, directory: str, warn: Callable[[Problem], None]) -> Config:
    """Return the hierarchy of an environment without a ``hiera.yaml``, with a warning of data that it does not read.

    Puppet reads nothing then; ``data/common.yaml`` goes without saying only beside manifests that Puppet cannot read.
    """
    if tree.glob(posixpath.join(directory, "manifests/*.yaml")):
        return common_config(directory)
    data = posixpath.join(directory, "data")
    if tree.is_dir(data):
        message = f"'{data}' is not read: the environment has no {FILE_NAME}"
        hint = f"write one: 'version: 5' alone reads '{data}/common.yaml'"
        warn(Problem("no-hierarchy", message, Location(posixpath.join(directory, FILE_NAME)), hint, severity="warning"))
    return NO_CONFIG


def _may_be_sensitive(option: Option, error: DataError) -> bool:
    """Say whether ``option`` makes a value Sensitive, or names a type that is none and so may have meant to."""
    return option.type_name.startswith("Sensitive") or any(item.code == "type-syntax" for item in error.problems)


def _unshown(error: DataError, key: str) -> DataError:
    """Return ``error`` without the line it would be shown with: a value may stand there that shall become Sensitive."""
    problems = []
    for problem in error.problems:
        place = problem.location
        hint = f"see '{key}'" + (f" in line {place.line}" if place is not None and place.line else "")
        where = Location(place.file) if place is not None else None
        problems.append(msgspec.structs.replace(problem, location=where, hint=problem.hint or hint))
    return DataError(*problems)


def _placed(problem: Problem, place: Location | None) -> Problem:
    """Return ``problem`` with ``place``, if it has none itself."""
    return problem if problem.location is not None else msgspec.structs.replace(problem, location=place)
