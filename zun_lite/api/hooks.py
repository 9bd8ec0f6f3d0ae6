"""What happens between the router and a controller, in this order."""
import typing

from pecan import hooks

from zun_lite import context
from zun_lite import exceptions
from zun_lite import policy
from zun_lite.api import microversion
from zun_lite.api import operations
from zun_lite.api import request


class VersionHook(hooks.PecanHook):
    """Which microversion is served; is its type of answer wanted?"""
    priority = 10

    def before(self, state: typing.Any) -> None:
        req = state.request
        operation = req.operation = operations.of(state.controller)
        if operation.born is not None:
            header = req.environ.get(microversion.ENVIRON)
            req.version = microversion.effective(
                header, operation.born, operation.last)
            if header is None and operation.unversioned is not None:
                req.version = operation.unversioned
            req.environ['zun_lite.version'] = req.version
        if not (req.accepts(operation.produces)
                or operation.or_json and req.accepts(request.JSON)):
            raise exceptions.NotAcceptable(
                f'The answer is {operation.produces}, which Accept excludes.')

    def after(self, state: typing.Any) -> None:
        version = state.request.environ.get('zun_lite.version')
        if version is not None:
            state.response.headerlist.extend(microversion.headers(version))


class CallerHook(hooks.PecanHook):
    """Who asks, and whether policy lets them."""
    priority = 20

    def before(self, state: typing.Any) -> None:
        req = state.request
        if req.operation.rule is None:
            return
        caller: context.RequestContext | None
        caller = req.environ.get('zun_lite.caller')
        if caller is None:      # no authentication in the pipeline: a bug
            raise exceptions.Unauthorized()
        if caller.project_id is None:
            raise exceptions.Forbidden(
                'A token that is scoped to a project is needed.')
        policy.enforce(req.operation.rule, caller)
        req.caller = caller


class QueryHook(hooks.PecanHook):
    """The query string, as the operation's model."""
    priority = 30

    def before(self, state: typing.Any) -> None:
        req = state.request
        if req.operation.merged:      # the controller reads both
            return
        req.query = request.parse_query(
            req.environ.get('QUERY_STRING', ''), req.operation.query)
        if getattr(req.query, 'all_projects', False):
            policy.enforce(req.operation.all_projects, req.caller)
            req.caller.all_projects = True
