"""The table of functions that both languages share, as callables for expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from manifests.compiler import Request
from manifests.yaml_jinja.evaluation import Evaluator


def shared_functions(request: Request, evaluator: Evaluator) -> Mapping[str, Callable[..., Any]]:
    """Return the shared functions by name."""
    return {}
