"""Everything that can go wrong, as one tree; `api/errors.py` maps it to HTTP.

ZunLiteError                   500
 +- Invalid                    400  a field is wrong, or no backend honours it
 |   +- ImageNotFound          400  as Zun's clients know it
 +- Unauthorized               401
 +- Forbidden                  403  policy
 |   +- OverQuota              403  the project may not have more
 +- NotFound                   404  also for what belongs to another project
 |   +- PodNotFound, ContainerNotFound, HostNotFound, NetworkNotFound
 +- NotAcceptable              406  microversion or media type
 +- Conflict                   409  the action does not fit the state
 |   +- AmbiguousName          409  a name that several pods share
 |   +- NotSupported           409  the pod's driver lacks the action
 |   +- StaleEpoch             409  a compute agent that was superseded
 +- TooLarge                   413
 +- UnsupportedMediaType       415
 +- Unavailable                503  host, broker, database or engine is away
 |   +- EngineUnavailable      503  the container engine does not answer
 +- TimedOut                   504  a bounded wait ran out

Errors cross RPC as `to_dict()` and come back as the same class, so a caller
handles a remote failure as it would a local one.
"""
import dataclasses
import typing
from collections.abc import Iterable


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class FieldError:
    """One fault in a document.

    `path` is written as a user would: ``spec.containers[1].ports[0].name``;
    the empty path is the document itself.
    """
    path: str
    message: str

    def __str__(self) -> str:
        return f'{self.path}: {self.message}' if self.path else self.message


class ZunLiteError(Exception):
    """Root of the tree. `message` is shown to users below status 500."""
    status = 500
    code = 'zun_lite.internal'
    default = 'The service met an unexpected condition.'

    def __init__(self, message: str | None = None, *,
                 fields: Iterable[FieldError] = ()):
        self.fields = tuple(fields)
        self.message = message or self.default
        super().__init__(self.message)

    def to_dict(self) -> dict[str, typing.Any]:
        """Plain values for the wire: type, message, fields [[path, text]]."""
        return {'type': type(self).__name__, 'message': self.message,
                'fields': [[f.path, f.message] for f in self.fields]}


class Invalid(ZunLiteError):
    """The request cannot be carried out as written; `fields` says where."""
    status, code = 400, 'zun_lite.request.invalid'
    default = 'The request is invalid.'


class ImageNotFound(Invalid):
    """Zun answers 400 here, and 404 to everything else that is unknown."""
    code = 'zun_lite.image.not_found'
    default = 'There is no such image.'


class Unauthorized(ZunLiteError):
    status, code = 401, 'zun_lite.unauthorized'
    default = 'Authentication is required.'


class Forbidden(ZunLiteError):
    status, code = 403, 'zun_lite.forbidden'
    default = 'Policy does not allow this request.'


class OverQuota(Forbidden):
    code = 'zun_lite.over_quota'
    default = 'The quota of the project does not allow it.'


class NotFound(ZunLiteError):
    status, code = 404, 'zun_lite.not_found'
    default = 'There is no such resource.'


class PodNotFound(NotFound):
    code = 'zun_lite.pod.not_found'
    default = 'There is no such pod in this project.'


class ContainerNotFound(NotFound):
    code = 'zun_lite.container.not_found'
    default = 'The pod has no such container.'


class HostNotFound(NotFound):
    code = 'zun_lite.host.not_found'
    default = 'There is no such host.'


class NetworkNotFound(NotFound):
    code = 'zun_lite.network.not_found'
    default = 'There is no such network in this project.'


class NotAcceptable(ZunLiteError):
    status, code = 406, 'zun_lite.not_acceptable'
    default = 'The requested version or media type cannot be served.'


class Conflict(ZunLiteError):
    status, code = 409, 'zun_lite.conflict'
    default = 'The request does not fit the present state.'


class AmbiguousName(Conflict):
    code = 'zun_lite.pod.ambiguous_name'
    default = 'Several pods have this name; use the UUID.'


class NotSupported(Conflict):
    """The driver that runs the pod lacks the action."""
    code = 'zun_lite.driver.not_supported'
    default = 'The driver of this pod does not support this action.'


class StaleEpoch(Conflict):
    """Another agent has registered for the same host since."""
    code = 'zun_lite.host.stale_epoch'
    default = 'A newer compute agent has registered for this host.'


class TooLarge(ZunLiteError):
    status, code = 413, 'zun_lite.request.too_large'
    default = 'The request body is too large.'


class UnsupportedMediaType(ZunLiteError):
    status, code = 415, 'zun_lite.request.media_type'
    default = 'The media type of the request body is not supported.'


class Unavailable(ZunLiteError):
    status, code = 503, 'zun_lite.unavailable'
    default = 'A part of the service does not answer; try again later.'


class EngineUnavailable(Unavailable):
    code = 'zun_lite.engine.unavailable'
    default = 'The container engine does not answer; try again later.'


class TimedOut(ZunLiteError):
    status, code = 504, 'zun_lite.timeout'
    default = 'The operation did not finish in time.'


def _tree(root: type[ZunLiteError]) -> dict[str, type[ZunLiteError]]:
    found = {root.__name__: root}
    for child in root.__subclasses__():
        found |= _tree(child)
    return found


def from_dict(data: dict[str, typing.Any]) -> ZunLiteError:
    """The error that `to_dict` described; an unknown type is the root's."""
    cls = _tree(ZunLiteError).get(data.get('type', ''), ZunLiteError)
    return cls(data.get('message'),
               fields=[FieldError(*f) for f in data.get('fields', ())])
