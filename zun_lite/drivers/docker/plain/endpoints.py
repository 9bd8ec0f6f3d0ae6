"""The networks that a plain container joins: pure."""
import typing

from zun_lite.pod.spec import Pod


def host_config(pod: Pod, network: str) -> dict[str, typing.Any]:
    """The part of HostConfig that decides it.

    `network`: the name of its project's own, which every container joins.
    """
    return {'NetworkMode': network}
