"""Texts that are numbers."""

from __future__ import annotations

import math
import re
from typing import Final

_NUMBER: Final = re.compile(
    r"[ \t]*(?P<sign>[-+]?)[ \t]*(?P<number>(?P<hex>0[xX][0-9A-Fa-f]+)"
    r"|(?P<whole>0?[0-9]+)(?P<rest>(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?))[ \t]*"
)


def number_of(text: str) -> float | None:
    """Return the number that ``text`` is in the language: hexadecimal, octal, decimal or floating; None if none."""
    found = _NUMBER.fullmatch(text.removeprefix("::"))
    if found is None:
        return None
    negative = found["sign"] == "-"
    if found["hex"]:
        number: float = int(found["hex"], 16)
    elif found["rest"]:
        number = float(found["number"])
        if math.isinf(number) or (not int(found["whole"]) and re.fullmatch(r"\.?0*[eE].*", found["rest"])):
            return None
    else:
        whole = found["whole"]
        octal = len(whole) > 1 and whole.startswith("0")
        if octal and not set(whole) <= set("01234567"):
            return None
        number = int(whole, 8 if octal else 10)
    return -number if negative else number
