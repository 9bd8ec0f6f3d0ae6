"""What a container that was made as one has beside a pod's spec.

A container made through /v1/containers is a pod of one. Its spec is a valid
v1.Pod; what Kubernetes has no word for is here. On an engine that has such
containers itself (Docker) it is one plain container: stopped and started
again it keeps its files, and the engine restarts it.
"""
import pydantic
from pydantic import alias_generators

from zun_lite.pod import fields
from zun_lite.pod import networks as pod_networks

NAME = 'main'
"""Of the only container, within its pod."""


class Described(pydantic.BaseModel):
    """Base of both: as they are stored, and as a driver receives them."""
    model_config = pydantic.ConfigDict(
        alias_generator=alias_generators.to_camel, validate_by_name=True,
        validate_by_alias=True, serialize_by_alias=True, extra='forbid',
        frozen=True, strict=True)


class InjectedFile(Described):
    """A file that is there when the container first starts.

    `content`: base64; it may be secret. None: it could not be decrypted, so
    that nothing may be made of it. `path`: absolute.
    """
    path: str
    content: str | None = pydantic.Field(default=None, repr=False)


class Plain(Described):
    """What a v1.Pod has no word for.

    `made`: the generation that makes it anew from its image; a later one
    goes on with what there is. `restarted`: the generation that ends and
    starts it. `heal`: make it anew where the engine lost it.
    `restart_limit`: of the restarts after failures; None or 0: no limit.
    `remove`: it goes when it has ended. `runtime`: the engine's name for the
    program that runs it; None: the engine's default.
    """
    labels: dict[str, str] | None = None
    made: int = 1
    restarted: int = 0
    heal: bool = False
    restart_limit: fields.Seconds | None = None
    unless_stopped: bool = False
    # None: its project's own. `joined`, `left`: the generations that joined
    # it to one, and that took it off one.
    networks: tuple[pod_networks.Joined, ...] | None = None
    joined: int = 0
    left: int = 0
    remove: bool = False
    runtime: str | None = None
    files: tuple[InjectedFile, ...] = ()

    @property
    def withheld(self) -> str | None:
        """Which file keeps it from being made, as it is not known here."""
        for file in self.files:
            if file.content is None:
                return (f'the content of {file.path} cannot be decrypted; '
                        'the operator must look at [secrets] '
                        'encryption_keys')
        return None
