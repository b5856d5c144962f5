"""Compiling one catalog: the way in for front end and command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hiera.errors import DataError, Location
from manifests.puppet.compiling.compilation import Compilation, Wish
from manifests.puppet.compiling.functions import Late, first
from manifests.puppet.compiling.statements import STATEMENTS
from manifests.puppet.depth import MAX_DEPTH, deep_stack
from manifests.puppet.evaluator.evaluator import Evaluator

if TYPE_CHECKING:
    from manifests.compiler import Data
    from manifests.puppet.loaders.loaders import Loaders


def compile_puppet(wish: Wish, loaders: Loaders, data: Data) -> Compilation:
    """Return the finished compilation. Raises ``DataError`` with every problem.

    ``loaders`` learn the definitions of the site manifest.
    """
    for parsed in wish.programs:
        loaders.add_program(parsed)
    compilation = Compilation(wish, loaders, data, _evaluator)
    for parsed in wish.programs:
        for problem in parsed.warnings:
            compilation.warn(problem)
    try:
        with deep_stack():
            compilation.run()
    except RecursionError:
        message = f"bodies and calls are nested more than {MAX_DEPTH} levels deep"
        place = Location(compilation.top.source.file)
        raise DataError.of("too-deep", message, place, hint="does a class or function lead back to itself?") from None
    return compilation


def _evaluator(compilation: Any) -> Evaluator:
    """Return the evaluator with statements and every function there is."""
    return Evaluator(compilation, STATEMENTS, finders=(first,), late=(Late(compilation),))
