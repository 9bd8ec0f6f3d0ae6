"""The networks that a container joins."""
import pydantic
from pydantic import alias_generators


class Joined(pydantic.BaseModel):
    """One of them, as it is stored and as a driver receives it.

    `cidr`: the same subnet on every host; None: it is the project's own
    network, whose subnet each host chooses. `address`: fixed in `cidr`;
    None: any that is free.
    """
    model_config = pydantic.ConfigDict(
        alias_generator=alias_generators.to_camel, validate_by_name=True,
        validate_by_alias=True, serialize_by_alias=True, extra='forbid',
        frozen=True, strict=True)
    network: str
    cidr: str | None = None
    address: str | None = None


_PREFIX = 'zun-lite-net-'


def engine_name(network: str) -> str:
    """What engines call a network of a project's making."""
    return f'{_PREFIX}{network}'


def network_of(name: str) -> str | None:
    """Which network an engine calls so; None: it is none of these."""
    return name.removeprefix(_PREFIX) if name.startswith(_PREFIX) else None
