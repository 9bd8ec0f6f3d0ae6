"""The API over a database of its own, with nothing behind it."""
import json
import typing
import uuid

from zun_lite import db
from zun_lite import lifecycle
from zun_lite import policy
from zun_lite.api import app
from zun_lite.api import microversion
from zun_lite.api.v1 import container_defaults
from zun_lite.api.v1.schemas import containers
from zun_lite.conf import CONF
from zun_lite.db import hosts
from zun_lite.pod import capabilities
from zun_lite.pod import states
from zun_lite.tests import databases
from zun_lite.tests import wsgi
from zun_lite.tests.unit.db import samples
from zun_lite.zun import translation

# What every command does first; policy looks for its files by it.
CONF([], project='zun_lite', default_config_files=[])

POD = {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'},
       'spec': {'containers': [{'name': 'main', 'image': 'nginx:1.27'}]}}


def manifest(name: str = 'web', **container: typing.Any,
             ) -> dict[str, typing.Any]:
    """A pod document; `container` extends its only container."""
    main = POD['spec']['containers'][0] | container   # type: ignore
    return POD | {'metadata': {'name': name},
                  'spec': {'containers': [main]}}


EVERYTHING = [*capabilities.ALL, *(capabilities.action(a)
                                   for a in states.Action)]


class Bell:
    """Hears which pods changed."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def config_changed(self, *_: object, **__: object) -> None:
        """No pod of these tests refers to one."""

    def pod_changed(self, uuid: str) -> None:
        self.rung.append(uuid)


class Compute:
    """Answers reads: `answers` by method; exceptions are raised."""

    def __init__(self) -> None:
        self.answers: dict[str, typing.Any] = {}
        self.asked: list[tuple[str, tuple[typing.Any, ...],
                               dict[str, typing.Any]]] = []

    def __getattr__(self, method: str) -> typing.Any:
        def ask(*args: typing.Any, **more: typing.Any) -> typing.Any:
            self.asked.append((method, args, more))
            answer = self.answers[method]
            if isinstance(answer, Exception):
                raise answer
            return answer
        return ask


class ApiTest(databases.DatabaseTest):
    """`self.api` is an administrator's client; see `as_roles`."""

    def setUp(self) -> None:
        super().setUp()
        hosts.forget_live()
        policy.reset()
        self.override('auth_strategy', 'noauth')
        self.bell, self.compute = Bell(), Compute()
        self.api = wsgi.Client(self.application())

    def override(self, name: str, value: typing.Any,
                 group: str = 'api') -> None:
        """Set an option for this test."""
        CONF.set_override(name, value, group)
        self.addCleanup(CONF.clear_override, name, group)

    def application(self) -> typing.Any:
        return app.build(app.Services(
            lifecycle.Lifecycle(self.bell), self.compute,
            lifecycle.Containers(self.bell)))

    def as_roles(self, *roles: str, project: str = 'default',
                 ) -> wsgi.Client:
        return self.api.with_headers(X_Roles=','.join(roles),
                                     X_Project_Id=project)

    def pod(self, **columns: typing.Any) -> typing.Any:
        """A stored pod, of project default unless given."""
        with db.writer() as session:
            return samples.pod(session, **{
                'project_id': 'default', 'uuid': str(uuid.uuid4())} | columns)

    def container(self, *, given: dict[str, typing.Any] | None = None,
                  **columns: typing.Any) -> typing.Any:
        """A stored container that runs, of project default unless given.

        `given`: of the request that made it.
        """
        asked = container_defaults.fill(
            containers.Create(**{'image': 'nginx:1.27'} | (given or {})),
            (), microversion.MAX)
        made = translation.container(asked)
        cpu_millis, memory_bytes = made.spec.requested
        return self.pod(**{
            'origin': 'container', 'spec': made.spec.model_dump_json(
                exclude_unset=True), 'document': json.dumps(made.document),
            'extras': json.dumps(made.extras | {
                'plain': made.plain.model_dump(exclude_none=True)}),
            'phase': 'Running', 'status': '{"phase":"Running"}',
            'observed_generation': 1, 'cpu_millis': cpu_millis,
            'memory_bytes': memory_bytes} | columns)

    def host(self, name: str = 'one', **columns: typing.Any) -> None:
        """A live host that can do everything."""
        with db.writer() as session:
            hosts.register(session, **{
                'name': name, 'driver': 'fake', 'max_pods': 10,
                'inventory': {'cpu_millis': 4000, 'memory_bytes': 2**33,
                              'labels': {}, 'engine': 'Fake 1.0'},
                'capabilities': ['action:logs', 'action:exec', 'action:top',
                                 'action:stats']} | columns)
        hosts.forget_live()
