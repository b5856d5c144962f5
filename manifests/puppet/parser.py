"""From text to a syntax tree: statements, whole files, and going on after an error."""

from __future__ import annotations

from typing import Final, Literal

from hiera.errors import Collector, Location, Problem
from manifests.puppet import ast
from manifests.puppet.depth import deep_stack
from manifests.puppet.lexer import Lexer
from manifests.puppet.parser_control import block
from manifests.puppet.parser_cursor import SyntaxProblem
from manifests.puppet.parser_definitions import DefinitionParser
from manifests.puppet.source import Source
from manifests.puppet.tokens import Mistake

STATEMENT_CALLS: Final = frozenset({
    "require", "realize", "include", "contain", "tag", "debug", "info", "notice", "warning", "err", "fail", "import",
    "break", "next", "return",
})  # fmt: skip
"""The functions that may be called without parentheses."""


def parse(source: Source, collector: Collector, *, epp: bool = False) -> ast.Program | None:
    """Return the tree of ``source``, or None where ``collector`` was told why there is none.

    The grammar is that of Puppet 7 and 8; ``epp`` reads a template. What the grammar allows and the language does not
    is the affair of :func:`manifests.puppet.validation.validate`.
    """
    with deep_stack():
        lexer = Lexer(source.text, epp=epp)
        parser = Parser(source, lexer.run())
        program = parser.program(epp=epp)
    problems = [_located(item, source) for item in lexer.mistakes] + parser.problems
    problems.sort(key=lambda problem: problem.location or Location(source.file))
    for problem in problems:
        collector.add(problem)
    return None if any(problem.severity == "error" for problem in problems) else program


def _located(mistake: Mistake, source: Source) -> Problem:
    """Return what is wrong with the text as a problem of the file."""
    location = source.location(mistake.start, mistake.end - mistake.start)
    severity: Literal["error", "warning"] = "warning" if mistake.warning else "error"
    return Problem(mistake.code, mistake.message, location, mistake.hint, severity=severity)


class Parser(DefinitionParser):
    """Reads a whole file."""

    def program(self, *, epp: bool) -> ast.Program:
        """Return everything up to the end; ``problems`` holds what could not be read."""
        end = len(self.source.text)
        try:
            body = self._template() if epp else self._whole()
            return ast.Program(0, end, body, tuple(self.definitions))
        except SyntaxProblem as error:
            self._note(error)
            return ast.Program(0, end, ast.Nop(end, 0), ())

    def _whole(self) -> ast.Node:
        statements = self.statements("EOF")
        if not statements:
            return ast.Nop(len(self.source.text), 0)
        return statements[0] if len(statements) == 1 else ast.Block(0, len(self.source.text), statements)

    def _template(self) -> ast.Node:
        self.at = 1
        specified = self.accept("|")
        parameters: tuple[ast.Parameter, ...] = ()
        if specified:
            parameters = self.parameters("|")
            self.take("|")
        body = block(self.statements("EOF"))
        end = len(self.source.text)
        epp = ast.Epp(0, end, specified, body)
        return ast.Lambda(0, end, parameters, None, epp)

    def statements(self, closing: str) -> tuple[ast.Node, ...]:
        """Return the statements up to the token ``closing``, which stays."""
        found: list[ast.Node] = []
        first = self.at
        depth, names = self._depth, len(self.namespace)
        while self.tokens[self.at][0] != closing:
            begin = self.at
            try:
                if found and self.accept(";"):
                    begin = self.at
                self._statement(found)
            except SyntaxProblem as error:
                self._note(error)
                self._depth, self._height = depth, 0
                del self.namespace[names:]
                self.at = max(self.at, begin + 1)
                self.resume(first)
                if self.tokens[self.at][0] != closing and (closing == "EOF" or self.tokens[self.at][0] == "EOF"):
                    self._skip_stray()
        return tuple(found)

    def _skip_stray(self) -> None:
        """Step over a brace that closes nothing; give up where the file ends inside a block."""
        if self.tokens[self.at][0] == "EOF":
            raise SyntaxProblem(None)
        if self.tokens[self.at][0] == "}":
            self.at += 1

    def _note(self, error: SyntaxProblem) -> None:
        """Keep a problem, unless it only follows from another one."""
        if error.problem is None:
            return
        if self.problems and error.problem.code == "unclosed-bracket":
            return
        self.problems.append(error.problem)

    def _statement(self, found: list[ast.Node]) -> None:
        """Add the next statement to ``found``, or make it the argument of the name that stands last there."""
        statement = self.assignment()
        token = self.tokens[self.at]
        if token[0] == ",":
            arguments = [statement]
            while self.accept(","):
                arguments.append(self.assignment())
            if not (found and _calls(found[-1])):
                raise self.problem("syntax", "a list separated by commas cannot stand here", token)
            found[-1] = _call(found[-1], tuple(arguments))
            return
        if found and _calls(found[-1]):
            found[-1] = _call(found[-1], (statement,))
        elif isinstance(statement, ast.Name) and statement.value == "plan" and token[0] in ("NAME", "WORD", "CLASSREF"):
            hint = "plans are run by Bolt and have no place in a manifest"
            raise self.problem("plan", f"plans such as '{token[1]}' are not supported", token, hint)
        elif isinstance(statement, ast.Call):
            found.append(_unused(statement))
        else:
            found.append(statement)

    def as_calls(self, statements: list[ast.Node]) -> list[ast.Node]:
        """Return ``statements`` with those that call a function without parentheses made into calls."""
        if _calls(statements[0]):
            return [_call(statements[0], tuple(statements[1:]))]
        return statements


def _calls(node: ast.Node) -> bool:
    """Return whether ``node`` is the bare name of a function that needs no parentheses."""
    return isinstance(node, ast.Name) and node.value in STATEMENT_CALLS


def _call(name: ast.Node, arguments: tuple[ast.Node, ...]) -> ast.Call:
    length = arguments[-1].offset + arguments[-1].length - name.offset
    return ast.Call(name.offset, length, name, arguments, None, statement=True)


def _unused(call: ast.Call) -> ast.Call:
    return ast.Call(call.offset, call.length, call.functor, call.arguments, call.block, statement=True)
