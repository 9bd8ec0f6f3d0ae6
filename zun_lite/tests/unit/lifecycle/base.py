"""What tests of requests share."""
import json
import typing

from zun_lite import context
from zun_lite import db
from zun_lite import lifecycle
from zun_lite.db import actions
from zun_lite.db import hosts
from zun_lite.db import pods
from zun_lite.pod import capabilities
from zun_lite.pod import spec
from zun_lite.tests import databases

ANN = context.RequestContext(user_id='ann', project_id='alpha')
BOB = context.RequestContext(user_id='bob', project_id='beta')
ADMIN = context.RequestContext(user_id='root', project_id='admin',
                               all_projects=True)


def manifest(name: str = 'web', labels: dict[str, str] | None = None,
             **fields: typing.Any) -> spec.PodManifest:
    """A valid pod of one container; `fields` are more of its spec."""
    return spec.PodManifest.model_validate_json(json.dumps({
        'apiVersion': 'v1', 'kind': 'Pod',
        'metadata': {'name': name, **({'labels': labels} if labels else {})},
        'spec': {'containers': [{'name': 'web', 'image': 'nginx:1.27',
                                 'resources': {'limits': {
                                     'cpu': '250m', 'memory': '64Mi'}}}],
                 **fields}}))


class Bell:
    """A conductor that writes down who rang."""

    def __init__(self) -> None:
        self.rung: list[str] = []

    def pod_changed(self, uuid: str) -> None:
        self.rung.append(uuid)


class LifecycleTest(databases.DatabaseTest):

    def setUp(self) -> None:
        super().setUp()
        hosts.forget_live()
        self.bell = Bell()
        self.lifecycle = lifecycle.Lifecycle(self.bell)

    def register(self, name: str = 'h1', *, driver: str = 'docker',
                 able: typing.Iterable[str] = capabilities.ALL,
                 cpu_millis: int = 4000) -> None:
        with db.writer() as session:
            hosts.register(session, name=name, driver=driver, max_pods=10,
                           capabilities=able,
                           inventory={'cpu_millis': cpu_millis,
                                      'memory_bytes': 2**33})
        hosts.forget_live()

    def place(self, row: pods.PodRow, host: str = 'h1') -> None:
        """As if the conductor had placed the pod; the claim is left out."""
        self.change(row, host=host)

    def change(self, row: pods.PodRow, **columns: typing.Any) -> None:
        with db.writer() as session:
            pods.update(session, row.id, **columns)

    def row(self, row: pods.PodRow) -> pods.PodRow:
        with db.reader() as session:
            return pods.get_row(session, row.uuid)

    def actions(self, row: pods.PodRow) -> list[actions.ActionRow]:
        """Oldest first."""
        with db.reader() as session:
            return actions.list_page(session, None, row.uuid)[::-1]

    def results(self, row: pods.PodRow) -> list[tuple[str, str | None]]:
        return [(a.action, a.result) for a in self.actions(row)]
