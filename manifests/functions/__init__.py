"""The functions of both languages: one explicit table, its files imported when a function is first asked for.

``FUNCTIONS["join"](["a", "b"], ",")`` answers ``"a,b"``. Every call goes through :class:`Function`, which checks the
arguments and carries the taint of secrets. Nothing here changes anything, or looks at the machine: what a function
must know of the compilation it asks its :class:`Context`.
"""

from manifests.functions.base import Block, Context, Function, FunctionError
from manifests.functions.table import FUNCTIONS, find

__all__ = ["FUNCTIONS", "Block", "Context", "Function", "FunctionError", "find"]
