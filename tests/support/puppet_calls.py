"""Calls of functions in the Puppet language, answered by a compilation of its own, in the form that records have."""

import tempfile
from pathlib import Path

from hiera.errors import DataError
from hiera.lookup import Hiera
from hiera.ruby_text import ruby_text
from hiera.tree import DirectoryTree
from hiera.types import Binary, Regexp, Sensitive, Type
from manifests.puppet.compiling.compilation import Compilation, Wish
from manifests.puppet.compiling.running import _evaluator
from manifests.puppet.depth import deep_stack
from manifests.puppet.loaders import Loaders, read
from manifests.puppet.source import Source

FACTS = {"networking": {"fqdn": "web1.example.com"}, "fqdn": "web1.example.com"}


def literal(value):
    """Return a recorded argument as source text of the language."""
    if isinstance(value, dict):
        if list(value) == ["$"]:
            return value["$"]
        return "{" + ", ".join(f"{literal(key)} => {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return (
        {None: "undef", True: "true", False: "false"}[value]
        if value is None or value is True or value is False
        else str(value)
    )


def plain(value):
    """Return an answer in the form that records have."""
    if isinstance(value, dict):
        return {key if isinstance(key, str) else ruby(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else {"$": "Float", "text": str(value)}
    if isinstance(value, Sensitive):
        return {"$": "Sensitive", "inside": plain(value.unwrap())}
    if isinstance(value, Type):
        return {"$": "Type", "text": str(value)}
    if isinstance(value, Regexp):
        return {"$": "Regexp", "text": value.source}
    if isinstance(value, Binary):
        return {"$": "Binary", "text": str(value)}
    return {"$": type(value).__name__, "text": str(value)}


def ruby(value):
    """Return a key as the records show it."""
    return "" if value is None else ruby_text(value)


class Asker:
    """One compilation that answers one call after the other."""

    def __init__(self, modulepath=(), version=7, tree=None):
        self.tree = tree or DirectoryTree(Path(tempfile.mkdtemp(dir="/tmp")))
        self.loaders = Loaders(self.tree, modulepath, puppet_version=version)
        self.version = version
        program = read(Source("", "site.pp"), puppet_version=version)
        data = Hiera.build(
            self.tree, "production", "", {name: module.path for name, module in self.loaders.modules.items()}
        )
        wish = Wish(
            "web1.example.com", "production", FACTS, {}, (program,), strict=version > 7, strict_variables=version > 7
        )
        self.compilation = Compilation(wish, self.loaders, data, _evaluator)
        self.compilation._settings()
        self.compilation._main()

    def ask(self, source):
        """Return what the expression ``source`` gives. Raises ``DataError``."""
        parsed = read(Source(source, "site.pp"), puppet_version=self.version)
        top = self.compilation.top
        top.source = parsed.source
        with deep_stack():
            return self.compilation.evaluator.evaluate(parsed.program.body, top.local())

    def answer(self, item):
        """Return the answer to a recorded call."""
        arguments = ", ".join(map(literal, item["args"]))
        try:
            return {"value": plain(self.ask(f"$answer = {item['call']}({arguments}) {item.get('block', '')}\n$answer"))}
        except DataError as error:
            return {"error": error.problems[0].message}
