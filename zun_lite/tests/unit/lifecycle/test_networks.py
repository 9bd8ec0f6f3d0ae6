"""Networks on every database, also when many are asked for at once."""
import collections
import ipaddress
import itertools

from zun_lite import db
from zun_lite import exceptions
from zun_lite import lifecycle
from zun_lite.api import microversion
from zun_lite.api.v1 import container_defaults
from zun_lite.api.v1.schemas import containers as schemas
from zun_lite.conf import CONF
from zun_lite.db import images
from zun_lite.db import networks as db_networks
from zun_lite.lifecycle import container_networks
from zun_lite.lifecycle import images as image_requests
from zun_lite.lifecycle import networks
from zun_lite.pod import capabilities
from zun_lite.pod import states
from zun_lite.tests import databases
from zun_lite.tests.unit.lifecycle import base
from zun_lite.tests.unit.lifecycle.test_concurrency import together
from zun_lite.zun import translation

EVERYTHING = capabilities.ALL | {capabilities.action(a)
                                 for a in states.Action}


class Compute:
    """Hears nothing: what a request leaves is in the database."""

    def sync_images(self, host, images) -> None: ...


@databases.on_each
class Networks(base.LifecycleTest):

    def setUp(self) -> None:
        super().setUp()
        self.register(able=EVERYTHING)
        self.containers = lifecycle.Containers(self.bell)

    def container(self, name: str, *nets: dict, ctx=base.ANN):
        given = schemas.Create(image='nginx', nets=list(nets))
        made = translation.container(container_defaults.fill(
            given, (), microversion.MAX))
        return self.containers.create(ctx, name, made, run=False)

    def outcomes(self, *works) -> collections.Counter:
        """How many ended how, all begun at once."""
        def ending(work):
            def run() -> str:
                try:
                    work()
                except exceptions.ZunLiteError as exc:
                    return type(exc).__name__
                return 'made'
            return run
        return collections.Counter(together(*map(ending, works)))

    def test_names_are_unique_in_a_project(self):
        found = self.outcomes(*[
            lambda: networks.create(base.ANN, 'back') for _ in range(5)])
        self.assertEqual({'made': 1, 'Conflict': 4}, found)
        networks.create(base.BOB, 'back')

    def test_subnets_of_many_at_once(self):
        CONF.set_override('pool', '10.224.0.0/26', 'networks')
        CONF.set_override('prefix', 29, 'networks')
        self.addCleanup(CONF.clear_override, 'pool', 'networks')
        self.addCleanup(CONF.clear_override, 'prefix', 'networks')
        together(*[lambda n=n: networks.create(base.ANN, f'n{n}')
                   for n in range(5)])
        with db.reader() as session:
            found = db_networks.subnets(session)
        self.assertEqual(5, len(found))
        for one, other in itertools.combinations(found, 2):
            self.assertFalse(one.overlaps(other))

    def test_one_subnet_for_one(self):
        found = self.outcomes(*[
            lambda n=n: networks.create(base.ANN, f'n{n}', '10.224.0.0/28')
            for n in range(4)])
        self.assertEqual({'made': 1, 'Conflict': 3}, found)

    def test_one_address_for_one(self):
        made = networks.create(base.ANN, 'back')
        address = str(ipaddress.IPv4Network(made.cidr)[9])
        net = {'network': 'back', 'v4-fixed-ip': address}
        found = self.outcomes(*[
            lambda n=n: self.container(f'c{n}', net) for n in range(4)])
        self.assertEqual({'made': 1, 'Invalid': 3}, found)

    def test_deleted_while_it_is_joined(self):
        """Either it is gone, or somebody is on it."""
        for n in range(4):
            networks.create(base.ANN, f'n{n}')
            found = self.outcomes(
                lambda n=n: networks.delete(base.ANN, f'n{n}'),
                lambda n=n: self.container(f'c{n}', {'network': f'n{n}'}))
            self.assertEqual(1, found['made'], found)
            self.assertEqual(1, found['Conflict'] + found['Invalid'], found)

    def test_attached_by_two(self):
        made = networks.create(base.ANN, 'back')
        row = self.container('web')
        found = self.outcomes(*[
            lambda: container_networks.attach(base.ANN, row.uuid, 'back',
                                              None) for _ in range(3)])
        self.assertEqual({'made': 1, 'Invalid': 2}, found)
        self.assertEqual([False, True], [
            one.network == made.uuid
            for one in container_networks.joined(self.row(row))])

    def test_one_image_for_one(self):
        pull = image_requests.Images(Compute()).pull
        found = self.outcomes(*[
            lambda: pull(base.ADMIN, 'h1', 'nginx', '1') for _ in range(4)])
        self.assertEqual({'made': 1, 'Conflict': 3}, found)
        with db.reader() as session:
            self.assertEqual(1, len(images.list_page(
                session, limit=9, marker=None)))
