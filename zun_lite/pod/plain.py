"""What a container that was made as one has beside a pod's spec.

A container made through /v1/containers is a pod of one. Its spec is a valid
v1.Pod; what Kubernetes has no word for is here. On an engine that has such
containers itself (Docker) it is one plain container: stopped and started
again it keeps its files, and the engine restarts it.
"""

import pydantic
from pydantic import alias_generators

from zun_lite.pod import fields

NAME = 'main'
"""Of the only container, within its pod."""


class Plain(pydantic.BaseModel):
    """As its driver receives it.

    `made`: the generation that makes it anew from its image; a later one
    goes on with what there is. `restarted`: the generation that ends and
    starts it. `heal`: make it anew where the engine lost it.
    `restart_limit`: of the restarts after failures; None or 0: no limit.
    """
    model_config = pydantic.ConfigDict(
        alias_generator=alias_generators.to_camel, validate_by_name=True,
        validate_by_alias=True, serialize_by_alias=True, extra='forbid',
        frozen=True, strict=True)
    labels: dict[str, str] | None = None
    made: int = 1
    restarted: int = 0
    heal: bool = False
    restart_limit: fields.Seconds | None = None
    unless_stopped: bool = False
