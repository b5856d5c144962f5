"""A tree as Puppet Notation, the text that `puppet parser dump --format pn` prints, so that trees can be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final

from hiera.ruby_text import ruby_text
from manifests.puppet import ast
from manifests.puppet.depth import deep_stack

_SPECIAL: Final = re.compile(r'[\x00-\x1f"\\]')
_UNICODE: Final = re.compile(r"(?<!\\)(?:\\\\)*\\(?:u\{?([0-9a-fA-F]+)|[pP]\{)")
_ESCAPES: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}


def to_pn(node: ast.Node) -> str:
    """Return ``node`` in Puppet Notation, on one line."""
    with deep_stack():
        return _pn(node)


def _pn(node: ast.Node | None) -> str:
    return "(nop)" if node is None else _FORMS[type(node)](node)


def _quoted(text: str) -> str:
    return '"' + _SPECIAL.sub(lambda found: _ESCAPES.get(found[0]) or f"\\o{ord(found[0]):03o}", text) + '"'


def _call(name: str, *parts: str) -> str:
    return f"({' '.join((name, *parts))})"


def _all(nodes: Iterable[ast.Node]) -> str:
    return " ".join([_pn(node) for node in nodes])


def _list(nodes: Iterable[ast.Node]) -> str:
    return f"[{_all(nodes)}]"


def _map(**entries: str | None) -> str:
    return "{" + " ".join([f":{key.rstrip('_')} {value}" for key, value in entries.items() if value is not None]) + "}"


def _spread(name: str, nodes: Iterable[ast.Node]) -> str:
    return _call(name, *[_pn(node) for node in nodes])


def _body(node: ast.Node | None) -> str:
    return _list(node.statements) if isinstance(node, ast.Block) else f"[{_pn(node)}]"


def _given(node: ast.Node | None) -> str | None:
    """Return the body ``node``, or None for nothing."""
    return None if node is None or isinstance(node, ast.Nop) else _body(node)


def _optional(node: ast.Node | None) -> str | None:
    return None if node is None else _pn(node)


def _parameters(parameters: tuple[ast.Parameter, ...]) -> str | None:
    return "{" + " ".join([_parameter(item) for item in parameters]) + "}" if parameters else None


def _parameter(node: ast.Parameter) -> str:
    splat = "true" if node.captures_rest else None
    return f":{node.name} {_map(type=_optional(node.type), splat=splat, value=_optional(node.default))}"


def _integer(node: ast.Integer) -> str:
    return str(node.value) if node.radix == 10 else _call("int", _map(radix=str(node.radix), value=str(node.value)))


def _minus(node: ast.Minus) -> str:
    inner = node.expression
    if isinstance(inner, ast.Integer):
        return str(-inner.value)
    if isinstance(inner, ast.Float):
        return ruby_text(-inner.value)
    return _call("-", _pn(inner))


def _binary(node: ast.Binary) -> str:
    return _call(node.operator, _pn(node.left), _pn(node.right))


def _function_call(node: ast.Call | ast.MethodCall, name: str) -> str:
    return _call(name, _map(functor=_pn(node.functor), args=_list(node.arguments), block=_optional(node.block)))


def _choice(node: ast.If | ast.Unless, name: str) -> str:
    return _call(name, _map(test=_pn(node.test), then=_given(node.then), else_=_given(node.otherwise)))


def _form(node: ast.Resource | ast.ResourceDefaults | ast.ResourceOverride) -> str | None:
    return None if node.form == "regular" else _quoted(node.form)


def _definition(
    name: str,
    node: ast.Class | ast.Define | ast.Function,
    parent: str | None = None,
    returns: ast.Node | None = None,
) -> str:
    return _call(
        name,
        _map(
            name=_quoted(node.name),
            parent=None if parent is None else _quoted(parent),
            params=_parameters(node.parameters),
            body=None if node.body is None else _body(node.body),
            returns=_optional(returns),
        ),
    )


def _lambda(node: ast.Lambda) -> str:
    body = None if node.body is None else _body(node.body)
    return _call("lambda", _map(params=_parameters(node.parameters), returns=_optional(node.returns), body=body))


def _collect(node: ast.Collect) -> str:
    operations = _list(node.operations) if node.operations else None
    return _call("collect", _map(type=_pn(node.type_expr), query=_pn(node.query), ops=operations))


def _query(node: ast.Query) -> str:
    name = "exported-query" if node.exported else "virtual-query"
    return _call(name) if node.expression is None else _call(name, _pn(node.expression))


def _heredoc(node: ast.Heredoc) -> str:
    return _call("heredoc", _map(syntax=_quoted(node.syntax) if node.syntax else None, text=_pn(node.text)))


def _resource(node: ast.Resource) -> str:
    return _call("resource", _map(type=_pn(node.type_name), bodies=_list(node.bodies), form=_form(node)))


def _resource_body(node: ast.ResourceBody) -> str:
    return _map(title=_pn(node.title), ops=_list(node.operations))


def _regex(node: ast.Regex) -> str:
    """Return the expression, in a group of its own where Ruby ties it to an encoding."""
    wide = not node.source.isascii() or any(
        found[1] is None or int(found[1], 16) > 0x7F for found in _UNICODE.finditer(node.source)
    )
    return _call("regexp", _quoted(f"(?-imx:{node.source})" if wide else node.source))


def _node(node: ast.NodeDefinition) -> str:
    body = None if node.body is None else _body(node.body)
    return _call("node", _map(matches=_list(node.matches), parent=_optional(node.parent), body=body))


_FORMS: Final[dict[type[ast.Node], Callable[[Any], str]]] = {
    ast.Nop: lambda _: "(nop)",
    ast.Undef: lambda _: "nil",
    ast.Default: lambda _: "(default)",
    ast.Boolean: lambda node: "true" if node.value else "false",
    ast.Integer: _integer,
    ast.Float: lambda node: ruby_text(node.value),
    ast.String: lambda node: _quoted(node.value),
    ast.Regex: _regex,
    ast.Concatenated: lambda node: _spread("concat", node.segments),
    ast.Text: lambda node: _call("str", _pn(node.expression)),
    ast.Heredoc: _heredoc,
    ast.Array: lambda node: _spread("array", node.values),
    ast.KeyedEntry: lambda node: _call("=>", _pn(node.key), _pn(node.value)),
    ast.Hash: lambda node: _spread("hash", node.entries),
    ast.Name: lambda node: _call("qn", _quoted(node.value)),
    ast.Reference: lambda node: _call("qr", _quoted(node.value)),
    ast.Reserved: lambda node: _call("reserved", _quoted(node.word)),
    ast.Variable: lambda node: _call("var", _quoted(node.name)),
    ast.Parenthesized: lambda node: _call("paren", _pn(node.expression)),
    ast.Not: lambda node: _call("!", _pn(node.expression)),
    ast.Minus: _minus,
    ast.Unfold: lambda node: _call("unfold", _pn(node.expression)),
    **dict.fromkeys(
        (ast.And, ast.Or, ast.In, ast.Arithmetic, ast.Comparison, ast.Match, ast.Relationship, ast.Assignment), _binary
    ),
    ast.Access: lambda node: _spread("access", (node.left, *node.keys)),
    ast.NamedAccess: lambda node: _call(".", _pn(node.left), _pn(node.name)),
    ast.Block: lambda node: _spread("block", node.statements),
    ast.Parameter: _parameter,
    ast.Lambda: _lambda,
    ast.Call: lambda node: _function_call(node, "invoke" if node.statement else "call"),
    ast.MethodCall: lambda node: _function_call(node, "call-method"),
    ast.If: lambda node: _choice(node, "if"),
    ast.Unless: lambda node: _choice(node, "unless"),
    ast.CaseOption: lambda node: _map(when=_list(node.values), then=_body(node.body)),
    ast.Case: lambda node: _call("case", _pn(node.test), _list(node.options)),
    ast.SelectorEntry: lambda node: _call("=>", _pn(node.matching), _pn(node.value)),
    ast.Selector: lambda node: _call("?", _pn(node.left), _list(node.entries)),
    ast.AttributeOperation: lambda node: _call(node.operator, _quoted(node.name), _pn(node.value)),
    ast.AttributesOperation: lambda node: _call("splat-hash", _pn(node.expression)),
    ast.ResourceBody: _resource_body,
    ast.Resource: _resource,
    ast.ResourceDefaults: lambda node: _call(
        "resource-defaults", _map(type=_pn(node.type_ref), ops=_list(node.operations), form=_form(node))
    ),
    ast.ResourceOverride: lambda node: _call(
        "resource-override", _map(resources=_pn(node.resources), ops=_list(node.operations), form=_form(node))
    ),
    ast.Query: _query,
    ast.Collect: _collect,
    ast.Class: lambda node: _definition("class", node, parent=node.parent),
    ast.Define: lambda node: _definition("define", node),
    ast.Function: lambda node: _definition("function", node, returns=node.returns),
    ast.TypeAlias: lambda node: _call("type-alias", _quoted(node.name), _pn(node.type_expr)),
    ast.TypeDefinition: lambda node: _call(
        "type-definition", _quoted(node.name), "nil" if node.parent is None else _quoted(node.parent), _pn(node.body)
    ),
    ast.TypeMapping: lambda node: _call("type-mapping", _pn(node.type_expr), _pn(node.mapping)),
    ast.NodeDefinition: _node,
    ast.Epp: lambda node: _spread("epp", node.body.statements if node.body else ()),
    ast.RenderString: lambda node: _call("render-s", _quoted(node.value)),
    ast.Render: lambda node: _call("render", _pn(node.expression)),
    ast.Program: lambda node: _pn(node.body),
}
