"""The house rules that a machine can check: who imports whom, how long a file is, what start-up costs."""

import ast
import functools
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("hiera", "manifests", "runner")
ALLOWED = {"hiera": {"hiera"}, "manifests": {"hiera", "manifests"}, "runner": {"hiera", "manifests", "runner"}}
MACHINE = {"git", "sqlite3", "socket", "urllib.request", "http", "ssl", "apscheduler", "rich", "click"}
LAZY = {"cryptography", "git", "jinja2", "rich", "apscheduler", "gnupg", "sqlite3", "yaml", "difflib"}
TESTS = Path(__file__).resolve().parents[1]


@functools.cache
def sources():
    """Return every file of the three packages, as they are installed, with its package."""
    found = []
    for package in PACKAGES:
        directory = Path(importlib.util.find_spec(package).origin).parent
        found += [(package, path) for path in sorted(directory.rglob("*.py"))]
    return found


@functools.cache
def parsed(path):
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text())


@functools.cache
def imports(path):
    """Return the modules that a file imports anywhere, each with its line; a part of one counts as the whole too."""
    found = []
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: imports name the package"
            found += [
                (node.module, node.lineno),
                *((f"{node.module}.{alias.name}", node.lineno) for alias in node.names),
            ]
    return [(part, line) for name, line in found for part in {name, name.partition(".")[0]}]


def test_imports_run_one_way():
    """`runner` imports `manifests` imports `hiera`, and never the other way."""
    wrong = [
        f"{path}:{line}: {package} imports {name}"
        for package, path in sources()
        for name, line in imports(path)
        if name in PACKAGES and name not in ALLOWED[package]
    ]

    assert wrong == []


def test_only_runner_touches_the_machine():
    """Git, SQLite and the network are reached from `runner` alone."""
    wrong = [
        f"{path}:{line}: {package} imports {name}"
        for package, path in sources()
        if package != "runner"
        for name, line in imports(path)
        if name in MACHINE
    ]

    assert wrong == []


def test_only_secrets_start_programs_below_runner():
    """`hiera/secrets` may call gpg; nothing else below `runner` starts a program."""
    wrong = [
        f"{path}:{line}"
        for package, path in sources()
        if package != "runner" and "secrets" not in path.parts
        for name, line in imports(path)
        if name in {"subprocess", "gnupg"}
    ]

    assert wrong == []


def test_no_file_is_long():
    """A file has one purpose, and one that needs more than 500 lines has two."""
    files = [path for _, path in sources()] + sorted(TESTS.rglob("*.py"))
    long = {str(path): count for path in files if (count := len(path.read_text().splitlines())) > 500}

    assert long == {}


def test_nothing_is_left_to_do():
    """What is to be done stands in an issue, not in the code."""
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    files = [path for _, path in sources()] + sorted(TESTS.rglob("*.py"))
    wrong = [
        f"{path}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if any(mark in line for mark in marks)
    ]

    assert wrong == []


def top_level_calls(path):
    """Return the lines of statements that only do something when a file is imported."""
    body = parsed(path).body
    acts = (ast.For, ast.While, ast.With, ast.Try, ast.Delete)
    return [
        node.lineno
        for node in body
        if isinstance(node, acts) or (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant))
    ]


def test_no_work_at_import():
    """A module defines; it does not do."""
    wrong = [f"{path}:{line}" for _, path in sources() for line in top_level_calls(path)]

    assert wrong == []


def loaded_by(code):
    """Return the modules that running ``code`` in a new interpreter loads."""
    report = "import sys; sys.stderr.write('\\n'.join(sys.modules))"
    wrapped = f"try:\n  {code}\nexcept SystemExit: pass\n{report}"
    done = subprocess.run([sys.executable, "-c", wrapped], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return {name.partition(".")[0] for name in done.stderr.splitlines()}


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_start_up_is_lean(words):
    """What only tells the version or the commands loads nothing heavy."""
    loaded = loaded_by(f"from runner.cli.main import main; main({words})")

    assert loaded & LAZY == set()


def test_every_module_can_be_imported():
    """No module has an import that leads nowhere."""
    names = []
    for package, path in sources():
        parts = path.relative_to(Path(importlib.util.find_spec(package).origin).parent.parent).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    code = f"import importlib\n  for name in {[n for n in names if not n.endswith('__main__')]!r}: importlib.import_module(name)"

    assert set(PACKAGES) <= loaded_by(code)
