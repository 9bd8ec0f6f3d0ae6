"""Kubernetes quantities: `250m`, `1.5Gi`, `1e3`.

A quantity stays the text its owner wrote, so that a document reads back as
it was sent; these functions give its value, exactly.
Source: Kubernetes API reference, resource.Quantity.
"""
import decimal
import math
import re
import typing

import pydantic

PATTERN = (r'^\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)'
           r'(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,2})?$')
LARGEST_NUMBER = 2**50       # 1Pi; JSON numbers are exact up to 2**53

_SYNTAX = re.compile(
    r'(\+?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?)'
    r'(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?')
_FACTORS: dict[str | None, decimal.Decimal] = {
    None: decimal.Decimal(1),
    **{unit: decimal.Decimal(10) ** power for unit, power in zip(
        ('n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E'),
        (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)},
    **{f'{unit}i': decimal.Decimal(2 ** (10 * power)) for power, unit in
       enumerate('KMGTPE', start=1)}}
_NANO = decimal.Decimal('1e-9')
# Wide enough that no quantity of the accepted length is ever rounded.
_EXACT = decimal.Context(prec=256, Emax=999, Emin=-999)


def parse(text: str) -> decimal.Decimal:
    """The value of a quantity, exactly.

    :raises ValueError: the text is not a quantity.
    """
    found = _SYNTAX.fullmatch(text) if len(text) <= 32 else None
    if found is None or (found[2] and 'e' in found[1].lower()):
        raise ValueError(f'{text[:40]!r} is not a quantity such as 250m '
                         'or 1.5Gi')
    return _EXACT.multiply(_EXACT.create_decimal(found[1]),
                           _FACTORS[found[2]])


def millis(text: str) -> int:
    """Thousandths, rounded up: `0.1` is 100, `250m` is 250."""
    return math.ceil(_EXACT.multiply(parse(text), decimal.Decimal(1000)))


def whole(text: str) -> int:
    """Units, rounded up: `1Ki` is 1024, `1m` is 1."""
    return math.ceil(parse(text))


def _from_number(value: object) -> object:
    """JSON numbers are quantities too; to nanos, as Kubernetes keeps them."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if not 0 <= value <= LARGEST_NUMBER:
        return str(value)                  # for the pattern to judge
    exact = decimal.Decimal(repr(abs(value)))
    rounded = exact.quantize(_NANO, decimal.ROUND_CEILING, _EXACT)
    return f'{rounded:f}'.rstrip('0').rstrip('.')


Quantity = typing.Annotated[
    str,
    pydantic.Field(pattern=PATTERN, max_length=32,
                   examples=['250m', '64Mi']),
    pydantic.BeforeValidator(_from_number, json_schema_input_type=(
        typing.Annotated[str, pydantic.Field(pattern=PATTERN, max_length=32)]
        | typing.Annotated[float, pydantic.Field(
            ge=0, le=LARGEST_NUMBER)]))]
