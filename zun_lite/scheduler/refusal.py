"""Why a host cannot take a pod, and what would let the pod in."""
import dataclasses
import enum

from zun_lite import exceptions


class Effort(enum.IntEnum):
    """How far away the change is that would let a pod in."""
    AMOUNT = 1          # ask for less, or wait until something is freed
    SELECTOR = 2        # choose hosts differently
    FIELDS = 3          # do without something
    OPERATOR = 4        # only the operator can help


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Why one host cannot take a pod.

    `counted`: the reason as it is counted over hosts, after a number:
    "2 lack cpu". `change`: what would let the pod in. `short`: what is
    missing relative to the host's whole, to compare changes by.
    """
    counted: str
    message: str
    change: str
    effort: Effort
    short: float = 0.0
    faults: tuple[exceptions.FieldError, ...] = ()
