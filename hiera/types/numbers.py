"""Numbers as text, the way Ruby's ``format`` writes them."""

from __future__ import annotations

from dataclasses import dataclass

_RADIX = {"d": 10, "i": 10, "u": 10, "x": 16, "X": 16, "o": 8, "b": 2, "B": 2}
_DIGITS = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Directive:
    """One directive of a format: ``%`` flags, width, precision and the letter of the conversion."""

    letter: str
    flags: str = ""
    width: int = 0
    precision: int | None = None

    def pad(self, text: str) -> str:
        """Return ``text`` filled with spaces up to the width."""
        return text.ljust(self.width) if "-" in self.flags else text.rjust(self.width)


def digits(number: int, radix: int) -> str:
    """Return the digits of the natural ``number`` in ``radix`` (up to 16)."""
    if radix == 10:
        return str(number)
    form = {16: "x", 8: "o", 2: "b"}.get(radix)
    if form:
        return format(number, form)
    text = ""
    while number:
        number, digit = divmod(number, radix)
        text = _DIGITS[digit] + text
    return text or "0"


def _complement(number: int, radix: int) -> str:
    """Return the negative ``number`` in two's complement, ``..`` standing for the endless first digit."""
    last = _DIGITS[radix - 1]
    count = 1
    while radix**count < -2 * number:
        count += 1
    text = digits(radix**count + number, radix).rjust(count, "0")
    return ".." + last + text.lstrip(last)


def integer(number: int, directive: Directive) -> str:
    """Return the whole ``number`` as ``%d``, ``%x``, ``%X``, ``%o``, ``%b`` or ``%B`` writes it."""
    radix = _RADIX[directive.letter]
    signed = radix == 10 or "+" in directive.flags or " " in directive.flags
    negative = number < 0
    if negative and not signed:
        text, sign = _complement(number, radix), ""
    else:
        text = digits(abs(number), radix)
        sign = "-" if negative else "+" if "+" in directive.flags else " " if " " in directive.flags else ""
    prefix = {"x": "0x", "X": "0X", "o": "0", "b": "0b", "B": "0B"}.get(directive.letter, "")
    prefix = prefix if "#" in directive.flags and number else ""
    if directive.precision is not None:
        text = text.rjust(directive.precision, "0")
    elif "0" in directive.flags and "-" not in directive.flags:
        text = text.rjust(directive.width - len(sign) - len(prefix), "0")
    text = text.upper() if directive.letter == "X" else text
    return directive.pad(sign + prefix + text)


def floating(number: float, directive: Directive) -> str:
    """Return ``number`` as ``%f``, ``%e``, ``%E``, ``%g``, ``%G`` or ``%a`` writes it."""
    if directive.letter in "aA":
        text = _hexadecimal(abs(number))
        text = text.upper() if directive.letter == "A" else text
    else:
        precision = 6 if directive.precision is None else directive.precision
        alternate = "#" if "#" in directive.flags else ""
        text = format(abs(number), f"{alternate}.{precision}{directive.letter}")
        text = {"inf": "Inf", "nan": "NaN"}.get(text.lower(), text)
    negative = number < 0 or (number == 0 and str(number).startswith("-"))
    sign = "-" if negative else "+" if "+" in directive.flags else " " if " " in directive.flags else ""
    if "0" in directive.flags and "-" not in directive.flags:
        text = text.rjust(directive.width - len(sign), "0")
    return directive.pad(sign + text)


def _hexadecimal(number: float) -> str:
    """Return ``number`` in hexadecimal without the zeros that say nothing."""
    text = number.hex()
    mantissa, _, exponent = text.partition("p")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}p{exponent}"
