"""The type ``notify``."""

from __future__ import annotations

from contract import Table

TABLES = [
    Table(
        kind="notify",
        name="hello",
        starts={"any": lambda world: None},
        wishes={"title": {}, "message": {"message": "x", "withpath": True}, "data": {"message": {"a": [1]}}},
        unchanged=frozenset([("any", "title"), ("any", "message"), ("any", "data")]),
    )
]
