"""/v1/quotas and /v1/quota_classes: what projects may have.

They name the project in the path; it is not looked up anywhere.
"""
import typing

from zun_lite import db
from zun_lite import exceptions
from zun_lite import policy
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1 import zun_requests
from zun_lite.api.v1.schemas import quotas as schemas
from zun_lite.api.v1.schemas import zun
from zun_lite.db import quotas
from zun_lite.lifecycle import quotas as lifecycle

BORN = zun_requests.V(1, 26)
PROJECT = '/v1/quotas/{project}'
CLASS = '/v1/quota_classes/{quota_class}'


def _checked(name: str, value: str, length: int) -> str:
    """:raises Invalid: it cannot be stored, nor can there be such a thing."""
    if len(value) > length or '\0' in value:
        raise exceptions.Invalid(fields=[exceptions.FieldError(
            name, f'must have at most {length} characters, and no NUL')])
    return value


def _project(req: Request, project_id: str) -> str:
    """:raises Forbidden: policy keeps the caller from this project's."""
    policy.enforce(str(req.operation.rule), req.caller, project_id)
    return _checked('project', project_id, 64)


def _given(req: Request) -> dict[str, int]:
    return zun_requests.arguments(req, schemas.Update).model_dump(
        exclude_none=True)


def _used(limits: quotas.Limits, used: quotas.Amounts,
          ) -> dict[str, typing.Any]:
    return {name: {'limit': limit, 'in_use': quotas.shown(amount, unit)}
            for name, limit, amount, unit in zip(
                limits._fields, limits, used, quotas.UNITS, strict=True)}


class Quotas:
    """Set by administrators, shown to the project too."""

    @operation('GET', PROJECT, 'Show a quota', rule='quota:get', born=BORN,
               query=schemas.ShowQuery, answers={200: schemas.Quota})
    def show(self, req: Request, resp: Response, project: str) -> Response:
        project = _project(req, project)
        with db.reader() as session:
            limits = quotas.limits(session, project)
            if not req.query.usages:
                return resp.values(limits._asdict())
            used = quotas.usage(session, project)
        return resp.values(_used(limits, used))

    @operation('GET', f'{PROJECT}/defaults', 'Show the default quota',
               rule='quota:get_default', born=BORN,
               answers={200: schemas.Limits})
    def defaults(self, req: Request, resp: Response,
                 project: str) -> Response:
        """What the project has where it has no limit of its own."""
        _project(req, project)
        with db.reader() as session:
            found = quotas.class_limits(session, quotas.DEFAULT_CLASS)
        return resp.values(found._asdict())

    @operation('PUT', PROJECT, 'Set limits of a project',
               rule='quota:update', born=BORN, query=schemas.Update,
               merged=True, body=schemas.Update, body_required=False,
               answers={200: schemas.Limits})
    def update(self, req: Request, resp: Response, project: str) -> Response:
        """Answers with every limit that counts for the project then."""
        found = lifecycle.update(_project(req, project), _given(req))
        return resp.values(found._asdict())

    @operation('DELETE', PROJECT, 'Drop the limits of a project',
               rule='quota:delete', born=BORN, answers={200: zun.Void})
    def delete(self, req: Request, resp: Response, project: str) -> Response:
        lifecycle.clear(_project(req, project))
        return zun_requests.void(resp, 200)


class QuotaClasses:
    """The class `default` counts where a project has no limit of its own."""

    @operation('GET', CLASS, 'Show a quota class', rule='quota_class:get',
               born=BORN, answers={200: schemas.Limits})
    def show(self, req: Request, resp: Response, name: str) -> Response:
        name = _checked('quota_class', name, 255)
        with db.reader() as session:
            found = quotas.class_limits(session, name)
        return resp.values(found._asdict())

    @operation('PUT', CLASS, 'Set limits of a quota class',
               rule='quota_class:update', born=BORN, query=schemas.Update,
               merged=True, body=schemas.Update, body_required=False,
               answers={200: schemas.Limits})
    def update(self, req: Request, resp: Response, name: str) -> Response:
        found = lifecycle.update_class(
            _checked('quota_class', name, 255), _given(req))
        return resp.values(found._asdict())
