"""Methods of all values."""

from __future__ import annotations

from manifests.puppet.erb import json_text, yaml_text
from manifests.puppet.erb.methods.base import Table, plain, renamed, required
from manifests.puppet.erb.objects import Class, Failure, Hash, Main, Pattern, Proc, Unsupported, Value
from manifests.puppet.erb.running import Run, send
from manifests.puppet.erb.text import inspect, to_s
from manifests.puppet.erb.values import class_name, compare, equal, is_a


def _respond(run: Run, block: Proc | None, receiver: Value, name: Value, hidden: Value = False) -> bool:  # noqa: FBT002  Ruby's signature
    from manifests.puppet.erb.methods import table_of  # noqa: PLC0415  the tables are made of this one

    return to_s(run, name) in table_of(receiver)


def _send(run: Run, block: Proc | None, receiver: Value, name: Value, *arguments: Value) -> Value:
    return send(run, receiver, to_s(run, name), list(arguments), block)


def _same(run: Run, block: Proc | None, left: Value, right: Value) -> bool:
    return equal(left, right)


def _tap(run: Run, block: Proc | None, receiver: Value) -> Value:
    required(block)(receiver)
    return receiver


def _copy(receiver: Value) -> Value:
    if isinstance(receiver, Hash):
        copied = Hash(receiver)
        copied.default, copied.maker = receiver.default, receiver.maker
        return copied
    return list(receiver) if isinstance(receiver, list) else receiver


def _json(run: Run, block: Proc | None, receiver: Value, *state: Value) -> str:
    return json_text.compact(run, receiver)


def _yaml(run: Run, block: Proc | None, receiver: Value, *options: Value) -> str:
    return yaml_text.to_yaml(run, receiver)


def _method(run: Run, block: Proc | None, receiver: Value, name: Value) -> Proc:
    return Proc(
        lambda *arguments, block=None: send(run, receiver, to_s(run, name), list(arguments), block), -1, strict=True
    )


def matches(run: Run, block: Proc | None, left: Value, right: Value) -> Value:
    """Answer ``=~`` of what is neither text nor pattern."""
    if left is None or isinstance(right, Pattern):
        return None
    raise Failure("NoMethodError", f"undefined method '=~' for {class_name(left)}")


def _instance_of(run: Run, block: Proc | None, receiver: Value, name: Value) -> Value:
    if run.file and not isinstance(receiver, Main):
        raise Unsupported(f"the variable '{to_s(run, name)}' of another object is not supported")
    return run.instance(to_s(run, name).lstrip("@"))


OBJECT: Table = renamed(
    {
        **plain(
            {
                "nil?": lambda receiver: receiver is None,
                "!": lambda receiver: receiver is None or receiver is False,
                "!=": lambda left, right: not equal(left, right),
                "equal?": lambda left, right: (
                    left is right or (isinstance(left, str | int | float) and equal(left, right))
                ),
                "eql?": lambda left, right: left.__class__ is right.__class__ and equal(left, right),
                "is_a?": is_a,
                "instance_of?": lambda receiver, kind: class_name(receiver) == kind.name,
                "class": lambda receiver: Class(class_name(receiver)),
                "dup": _copy,
                "freeze": lambda receiver: receiver,
                "frozen?": lambda receiver: not isinstance(receiver, list | dict | str),
                "itself": lambda receiver: receiver,
                "<=>": compare,
                "hash": hash,
                "instance_variables": lambda receiver: [],
            }
        ),
        "to_s": lambda run, block, receiver, *_: to_s(run, receiver),
        "inspect": lambda run, block, receiver: inspect(run, receiver),
        "==": _same,
        "===": _same,
        "=~": matches,
        "respond_to?": _respond,
        "send": _send,
        "tap": _tap,
        "then": lambda run, block, receiver: required(block)(receiver),
        "to_json": _json,
        "to_pson": _json,
        "to_yaml": _yaml,
        "method": _method,
        "instance_variable_get": _instance_of,
        "display": lambda run, block, receiver: run.show(to_s(run, receiver)),
    },
    {
        "kind_of?": "is_a?",
        "clone": "dup",
        "public_send": "send",
        "__send__": "send",
        "yield_self": "then",
        "object_id": "hash",
    },
)
COMPARABLE: Table = plain(
    {
        "between?": lambda value, low, high: compare(value, low) in (0, 1) and compare(value, high) in (0, -1),
        "clamp": lambda value, low, high: (
            low if compare(value, low) == -1 else high if compare(value, high) == 1 else value
        ),
    }
)
