"""Pods that are placed with a look at the others, by several at once."""
import collections
import concurrent.futures
import json
import typing

from zun_lite import db
from zun_lite.conductor import scene
from zun_lite.db import neighbours
from zun_lite.db import pods
from zun_lite.pod.states import Desired
from zun_lite.tests import databases
from zun_lite.tests.unit.conductor import base
from zun_lite.tests.unit.db import samples

HOSTNAME, ZONE = 'kubernetes.io/hostname', 'topology.kubernetes.io/zone'
REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
WEB = {'app': 'web'}


def spec(kind: str = '', key: str = HOSTNAME, **more: typing.Any) -> str:
    term = {'topologyKey': key, 'labelSelector': {'matchLabels': WEB}}
    affinity = {'affinity': {kind: {REQUIRED: [term]}}} if kind else {}
    return json.dumps({'containers': [{'name': 'a', 'image': 'i'}],
                       **affinity, **more})


SPREAD = spec(topologySpreadConstraints=[
    {'maxSkew': 1, 'topologyKey': HOSTNAME,
     'whenUnsatisfiable': 'DoNotSchedule',
     'labelSelector': {'matchLabels': WEB}}])


class NeighbourTest(base.ConductorTest):

    def setUp(self) -> None:
        super().setUp()
        self.services = [self.conductor(name) for name in ('c1', 'c2')]

    def hosts(self, **zones: str) -> None:
        for name, zone in zones.items():
            self.register(name, labels={ZONE: zone})

    def asking(self, text: str, labels=WEB, **columns) -> pods.PodRow:
        with db.writer() as session:
            row = samples.pod(session, spec=text, labels=labels, **columns)
            if 'podAntiAffinity' in text:
                neighbours.mark(session, row.id, row.project_id)
            return row

    def place(self, *rows: pods.PodRow) -> list[str | None]:
        """All at once, by both conductors; then where they are."""
        asked = [(service, row) for row in rows for service in self.services]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda a: a[0].endpoint.pods_changed(
                {}, {a[1].uuid: None}), asked))
        self.services[0].sweeps.sweep()
        return [self.get(row).host for row in rows]

    def message(self, row: pods.PodRow) -> str:
        return self.status(row)['message']


@databases.on_each
class Together(NeighbourTest):

    def test_apart_on_hosts(self):
        self.hosts(h1='z', h2='z', h3='z')
        rows = [self.asking(spec('podAntiAffinity')) for _ in range(5)]
        found = self.place(*rows)
        self.assertEqual(['h1', 'h2', 'h3'], sorted(filter(None, found)))
        waiting = [row for row, host in zip(rows, found, strict=True)
                   if host is None]
        for row in waiting:
            self.assertIn('3 near pods it must be apart from',
                          self.message(row))
        self.assert_sums()

    def test_apart_in_zones(self):
        """Whoever is placed in a zone's other host is seen, too."""
        self.hosts(h1='z1', h2='z1', h3='z2', h4='z2')
        rows = [self.asking(spec('podAntiAffinity', ZONE))
                for _ in range(6)]
        zones = sorted({'h1': 1, 'h2': 1, 'h3': 2, 'h4': 2}[host]
                       for host in filter(None, self.place(*rows)))
        self.assertEqual([1, 2], zones)

    def test_those_who_ask_for_nothing_are_kept_away(self):
        self.hosts(h1='z1', h2='z1', h3='z2')
        keeper = self.asking(spec('podAntiAffinity', ZONE), labels=None)
        others = [self.asking(spec()) for _ in range(4)]
        where = self.place(keeper, *others)
        zone = {'h1': 1, 'h2': 1, 'h3': 2, None: 0}
        self.assertNotIn(zone[where[0]], [zone[w] for w in where[1:] if w])

    def test_near_each_other(self):
        """Of pods that attract each other, one begins."""
        self.hosts(h1='z', h2='z', h3='z')
        rows = [self.asking(spec('podAffinity')) for _ in range(6)]
        found = self.place(*rows)
        self.assertEqual(1, len(set(found)), found)
        self.assertIsNotNone(found[0])

    def test_spread(self):
        self.hosts(h1='z', h2='z', h3='z')
        found = self.place(*(self.asking(SPREAD) for _ in range(7)))
        counts = collections.Counter(found)
        self.assertEqual([2, 2, 3], sorted(counts.values()), counts)


class Alone(NeighbourTest):

    def test_other_projects_do_not_count(self):
        self.hosts(h1='z')
        first = self.asking(spec('podAntiAffinity'))
        other = self.asking(spec('podAntiAffinity'), project_id='beta')
        near = self.asking(spec('podAffinity'), labels=None,
                           project_id='gamma')
        self.assertEqual(['h1', 'h1', None], self.place(first, other, near))

    def test_what_has_gone_or_ended_does_not_count(self):
        self.hosts(h1='z')
        first = self.asking(spec('podAntiAffinity'))
        second = self.asking(spec('podAntiAffinity'))
        self.assertEqual(['h1'], self.place(first))
        self.assertEqual([None], self.place(second))
        self.report(first, 'Succeeded')
        self.assertEqual(['h1'], self.place(second))
        self.want(second, Desired.ABSENT)
        self.assertEqual(['h1'], self.place(
            self.asking(spec('podAntiAffinity'))))

    def test_a_look_is_few_statements(self):
        """However many pods look, and however many there are."""
        self.hosts(h1='z')
        self.place(*(self.asking(spec('podAntiAffinity'), labels={
            'n': str(n)}) for n in range(4)))
        looking = [self.asking(spec('podAffinity')) for _ in range(5)]
        for seen in (looking[:1], looking):
            with databases.Statements() as statements, (
                    db.reader()) as session:
                found = scene.Scene.read(session, seen)
            self.assertEqual(4, len(found.neighbours['alpha']))
            self.assertLessEqual(len(statements.seen), 2, statements.seen)
