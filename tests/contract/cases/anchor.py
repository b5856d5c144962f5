"""The type ``anchor``."""

from __future__ import annotations

from contract import Table

TABLES = [
    Table(
        kind="anchor",
        name="a::begin",
        starts={"nothing": lambda world: None},
        wishes={"there": {}},
        unchanged=frozenset([("nothing", "there")]),
        check={},
    )
]
