"""Evaluating the Puppet language: scopes, expressions, text, types, lambdas.

:class:`manifests.puppet.evaluator.evaluator.Evaluator` goes through a tree with one handler for each kind of node,
:class:`manifests.puppet.evaluator.scope.Scope` holds the variables, :mod:`manifests.puppet.evaluator.ports` says what
both need of the compilation around them. Statements, which change the catalog, are handlers from elsewhere.
"""

from manifests.puppet.evaluator.control import Break, Next, Return
from manifests.puppet.evaluator.evaluator import Evaluator, Handler
from manifests.puppet.evaluator.scope import Scope

__all__ = ["Break", "Evaluator", "Handler", "Next", "Return", "Scope"]
