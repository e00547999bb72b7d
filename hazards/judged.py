"""What a parameter of judgement is: a value with its source that refuses what it cannot be."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OURS = "平台建议值：未见国家或湖南省数值，由主管部门核定"

Leaf = float | int | bool | tuple[float, ...]


class ParameterError(ValueError):
    """Parameters that cannot be judged by; `faults` lists every one of them by key."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One row of the parameter table: the default of one key and where it comes from."""

    key: str
    value: Any
    label: str
    unit: str
    source: str
    proposal: bool


def _judged(default: Leaf, label: str, unit: str, source: str, *, proposal: bool) -> Any:  # noqa: ANN401
    metadata = {"label": label, "unit": unit, "source": source, "proposal": proposal}
    return field(default=default, metadata=metadata)


def cited(default: Leaf, label: str, unit: str, source: str) -> Any:  # noqa: ANN401 - dataclasses.field is so
    """Return a field whose default a source gives."""
    return _judged(default, label, unit, source, proposal=False)


def proposed(default: Leaf, label: str, unit: str, source: str = OURS) -> Any:  # noqa: ANN401
    """Return a field whose default is our proposal 建议值."""
    return _judged(default, label, unit, source, proposal=True)


class Checked:
    """A group of parameters that refuses what is no plain number and what its own `rules` forbid."""

    def __post_init__(self) -> None:
        """Raise `ParameterError` with every fault of the group."""
        faults = [*_number_faults(self)] or [fault for holds, fault in self.rules() if not holds]
        if faults:
            raise ParameterError(faults)

    def rules(self) -> Iterator[tuple[bool, str]]:
        """Yield whether each rule between the values holds, and what to say where it does not."""
        yield from ()


def _number_faults(group: Any) -> Iterator[str]:  # noqa: ANN401 - any dataclass
    for part in fields(group):
        value = getattr(group, part.name)
        if is_dataclass(value):
            continue
        wanted = part.default
        numbers = value if isinstance(wanted, tuple) and isinstance(value, tuple) else (value,)
        if isinstance(wanted, bool) != isinstance(value, bool) or not numbers:
            yield f"{part.name}: expected {type(wanted).__name__}, found {value!r}"
        elif not all(isinstance(number, int | float) and math.isfinite(number) for number in numbers):
            yield f"{part.name}: expected a finite number, found {value!r}"
        elif any(number < 0 for number in numbers):
            yield f"{part.name}: must not be negative, found {value!r}"
        elif isinstance(wanted, int) and not isinstance(value, int):
            yield f"{part.name}: expected a whole number, found {value!r}"
