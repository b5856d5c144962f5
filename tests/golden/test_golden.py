"""Each case: a tree of manifests, data and facts, and exactly the catalog or the errors they must give.

``FREEHOLD_GOLDEN=update`` writes what comes out into the cases; read the difference before it is committed.
"""

import importlib.util
import os
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def _cases_module():
    spec = importlib.util.spec_from_file_location("golden_cases", _HERE / "cases.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cases = _cases_module()
FILES = sorted(_HERE.glob("**/*.case"))


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(_HERE)) for path in FILES])
def test_case(path, tmp_path):
    case = cases.Case(path)
    found = case.run(tmp_path)
    if os.environ.get("FREEHOLD_GOLDEN") == "update":
        case.update(found)
    else:
        assert found == case.expected()


def test_there_are_cases():
    assert FILES
