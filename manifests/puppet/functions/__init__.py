"""The functions of the Puppet language that need the compilation they are called in.

:func:`find` answers with a :class:`ScopeFunction` or None; what needs nothing but its arguments stands in
:mod:`manifests.functions`, and :class:`manifests.puppet.functions.context.ScopeContext` is what those may ask. The
functions that modules write in Ruby are in :mod:`manifests.puppet.functions.ports`, a site's own Python ones are read
by :mod:`manifests.puppet.functions.own`. :func:`manifests.puppet.functions.resolving.resolve` asks them all in order.
"""

from manifests.puppet.functions.base import Invocation, ScopeFunction
from manifests.puppet.functions.table import SCOPE_FUNCTIONS, find

__all__ = ["SCOPE_FUNCTIONS", "Invocation", "ScopeFunction", "find"]
