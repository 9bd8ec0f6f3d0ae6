"""The WSGI application, put together."""
import dataclasses
import typing

from oslo_middleware import cors
from oslo_middleware import http_proxy_to_wsgi
from pecan import core

from zun_lite import policy
from zun_lite.api import auth
from zun_lite.api import errors
from zun_lite.api import front
from zun_lite.api import hooks
from zun_lite.api import operations
from zun_lite.api import request
from zun_lite.api import response
from zun_lite.api import root
from zun_lite.api.v1 import capabilities
from zun_lite.api.v1 import capsules
from zun_lite.api.v1 import configs
from zun_lite.api.v1 import container_actions
from zun_lite.api.v1 import container_archives
from zun_lite.api.v1 import container_commits
from zun_lite.api.v1 import container_logs
from zun_lite.api.v1 import container_networks
from zun_lite.api.v1 import container_reads
from zun_lite.api.v1 import container_sessions
from zun_lite.api.v1 import containers
from zun_lite.api.v1 import hosts
from zun_lite.api.v1 import images
from zun_lite.api.v1 import networks
from zun_lite.api.v1 import pod_reads
from zun_lite.api.v1 import pod_streams
from zun_lite.api.v1 import pods
from zun_lite.api.v1 import quotas
from zun_lite.api.v1 import records
from zun_lite.api.v1 import registries
from zun_lite.api.v1 import zun_services
from zun_lite.conf import CONF

# What pages of a dashboard send and read, where [cors] says nothing else.
CORS: typing.Mapping[str, list[str]] = {
    'allow_methods': ['GET', 'PUT', 'POST', 'DELETE', 'PATCH'],
    'allow_headers': [
        'Authorization', 'X-Auth-Token', 'OpenStack-API-Version',
        'X-OpenStack-Request-ID', 'X-Identity-Status', 'X-Roles',
        'X-Service-Catalog', 'X-User-Id', 'X-Project-Id', 'X-Subject-Token',
        'X-Service-Token', 'X-Server-Management-Url'],
    'expose_headers': [
        'Location', 'OpenStack-API-Version',
        'OpenStack-API-Minimum-Version', 'OpenStack-API-Maximum-Version',
        'X-OpenStack-Request-ID', 'X-Auth-Token', 'X-Subject-Token',
        'X-Service-Token', 'X-Server-Management-Url']}


@dataclasses.dataclass(frozen=True, slots=True)
class Services:
    """What controllers work with."""
    lifecycle: typing.Any         # lifecycle.Lifecycle
    compute: typing.Any           # rpc.ComputeClient
    containers: typing.Any = None     # lifecycle.Containers


class Pecan(core.ExplicitPecan):
    """pecan, finding controllers by the table of operations.

    pecan's own way walks attributes by the names in the path, tells types
    from file extensions (a pod may be called web.txt) and reads bodies
    before they were looked at; none of it is wanted here.
    """

    def __init__(self, router: operations.Router) -> None:
        super().__init__(
            router, hooks=[hooks.VersionHook(), hooks.CallerHook(),
                           hooks.QueryHook(), errors.ErrorHook()],
            request_cls=request.Request, response_cls=response.Response)
        self._router = router

    def find_controller(self, state: typing.Any) -> tuple[
            typing.Any, list[typing.Any], dict[str, typing.Any]]:
        # The table says all that pecan would negotiate and look up.
        req = state.request
        state.controller, values = self._router.lookup(
            req.method, req.path_info)
        self.handle_hooks(self.hooks, 'before', state)
        return state.controller, [req, state.response, *values], {}

    def invoke_controller(self, controller: typing.Any,
                          args: typing.Any, kwargs: typing.Any,
                          state: typing.Any) -> None:
        # Ours always answer with a response. pecan would look at their
        # signature first, which takes as long as a query.
        state.response = controller(*args)

    def _handle_empty_response_body(self, state: typing.Any) -> None:
        """An empty log is an answer; pecan would make it a 204."""


class Options:
    """Answers OPTIONS: which methods a path takes."""

    def __init__(self, app: front.App, router: operations.Router) -> None:
        self._app = app
        self._router = router

    def __call__(self, environ: front.Environ,
                 start_response: typing.Any) -> typing.Iterable[bytes]:
        if environ['REQUEST_METHOD'] != 'OPTIONS':
            return self._app(environ, start_response)
        methods = self._router.methods(environ['PATH_INFO'])
        start_response(response.STATUS[204],
                       [('Allow', ', '.join(sorted(methods)))])
        return []


def controllers(services: Services) -> list[object]:
    """Every controller; their operations are the API."""
    nouns = [pods.Pods(services), pod_reads.PodReads(services),
             pod_streams.PodStreams(services), records.Records(),
             capsules.Capsules(services), configs.Configs(services),
             configs.Secrets(services), hosts.Hosts(),
             images.Images(services), networks.Networks(services),
             container_networks.ContainerNetworks(services),
             capabilities.Capabilities(), containers.Containers(services),
             quotas.Quotas(), quotas.QuotaClasses(),
             zun_services.Services(), zun_services.AvailabilityZones(),
             registries.Registries(),
             container_actions.ContainerActions(services),
             container_commits.ContainerCommits(services),
             container_reads.ContainerReads(services),
             container_logs.ContainerLogs(services),
             container_sessions.ContainerSessions(services),
             container_archives.ContainerArchives(services)]
    return [root.Root(nouns), *nouns]


def build(services: Services) -> front.Front:
    """The whole application, from the front to the controllers.

    :raises Invalid: the configuration does not make sense.
    """
    policy.enforcer()         # a bad policy file is told now, not later
    router = operations.Router(controllers(services))
    app: front.App = auth.wrap(Pecan(router), router.public)
    return front.Front(_optional(Options(app, router)), router.streamed)


def _optional(app: front.App) -> front.App:
    """oslo.middleware's, where they are configured; else they cost time."""
    CONF.register_opts(cors.OPTS, 'cors')
    CONF.register_opts(http_proxy_to_wsgi.OPTS, 'oslo_middleware')
    cors.set_defaults(**CORS)
    if CONF.cors.allowed_origin:
        app = cors.CORS(app, CONF)
    if CONF.oslo_middleware.enable_proxy_headers_parsing:
        app = http_proxy_to_wsgi.HTTPProxyToWSGI(app, CONF)
    return app
