import collections
import concurrent.futures
import itertools
import random
import subprocess
import sys

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conf import CONF
from zun_lite.db import claims
from zun_lite.db import pods
from zun_lite.db import quotas
from zun_lite.db.quotas import Amounts
from zun_lite.tests import databases
from zun_lite.tests.unit.db import samples

ONE = '{"main":"u"}'
TWO = '{"a":"u","b":"v"}'

# What another process does in the race.
CREATE = '''
import sys
from zun_lite import db
from zun_lite.conf import CONF
from zun_lite.tests.unit.db import test_quotas
CONF([], project='zun_lite', default_config_files=[])
db.configure(sys.argv[1])
print(sum(test_quotas.create() for _ in range(int(sys.argv[2]))))
'''


@db.retry
def _create(columns) -> pods.PodRow:
    with db.writer() as session:
        return samples.pod(session, **{'container_uuids': ONE} | columns)


def create(**columns) -> bool:
    """Whether the quota let it."""
    try:
        _create(columns)
    except exceptions.OverQuota:
        return False
    return True


@db.retry
def remove(row: pods.PodRow) -> None:
    with db.writer() as session:
        claims.remove(session, [pods.get_row(session, row.uuid, lock=True)])


@databases.on_each
class Quotas(databases.DatabaseTest):

    def put(self, project: str = 'alpha', **given: int) -> None:
        with db.writer() as session:
            quotas.put(session, project, given)

    def put_class(self, name: str = 'default', **given: int) -> None:
        with db.writer() as session:
            quotas.put_class(session, name, given)

    def limits(self, project: str = 'alpha') -> quotas.Limits:
        with db.reader() as session:
            return quotas.limits(session, project)

    def used(self, project: str = 'alpha') -> Amounts:
        with db.reader() as session:
            return quotas.usage(session, project)

    def check_sums(self) -> None:
        with db.reader() as session:
            self.assertEqual([], quotas.differences(session))

    def override(self, **options: int) -> None:
        for name, value in options.items():
            CONF.set_override(name, value, 'quota')
            self.addCleanup(CONF.clear_override, name, 'quota')

    def test_own_limits_then_the_class_then_the_configuration(self):
        self.override(containers=4, memory=3, cpu=2, disk=1)
        self.assertEqual((4, 3, 2, 1), self.limits())
        self.put_class(memory=30, cpu=20)
        self.put_class('other', disk=99)
        self.assertEqual((4, 30, 20, 1), self.limits())
        self.put(cpu=200, disk=-1)
        self.put(cpu=201)
        self.assertEqual((4, 30, 201, -1), self.limits())
        self.assertEqual((4, 30, 20, 1), self.limits('beta'))
        with db.writer() as session:
            quotas.clear(session, 'alpha')
            self.assertEqual((4, 3, 2, 99),
                             quotas.class_limits(session, 'other'))
        self.assertEqual((4, 30, 20, 1), self.limits())

    def test_a_pod_is_counted_until_its_row_is_gone(self):
        with db.writer() as session:
            row = samples.pod(session, container_uuids=TWO, disk_gib=3)
        self.assertEqual((2, 2**26, 100, 3), self.used())
        self.assertEqual(Amounts(), self.used('beta'))
        remove(row)
        self.assertEqual(Amounts(), self.used())
        with db.writer() as session:
            row = samples.pod(session, container_uuids=ONE)
            pods.delete(session, row.id)
        self.assertEqual(Amounts(), self.used())

    def test_each_resource_is_limited(self):
        for limit, columns in (
                ({'containers': 3}, {'container_uuids': TWO}),
                ({'memory': 100}, {'memory_bytes': 60 * 2**20}),
                ({'cpu': 1}, {'cpu_millis': 501}),
                ({'disk': 7}, {'disk_gib': 4})):
            databases.empty()
            self.put(**limit)
            self.assertTrue(create(**columns))
            self.assertFalse(create(**columns), limit)
            self.assertTrue(create(project_id='beta', **columns))
            self.check_sums()

    def test_the_refusal_names_resource_limit_and_usage(self):
        self.put(containers=1, cpu=1)
        create(cpu_millis=750)
        with self.assertRaises(exceptions.OverQuota) as caught:
            _create({'cpu_millis': 500})
        self.assertEqual(
            'The quota of the project does not allow it: containers has a '
            'limit of 1, 1 are used and 1 more were asked for; cpu has a '
            'limit of 1 cores, 0.75 are used and 0.5 more were asked for.',
            caught.exception.message)

    def test_what_is_refused_leaves_nothing(self):
        self.put(containers=0)
        self.assertFalse(create())
        with db.reader() as session:
            self.assertEqual([], pods.list_page(session, None))
        self.assertEqual(Amounts(), self.used())

    def test_it_is_locked_last_so_that_others_wait_for_the_commit_only(self):
        create()
        with databases.Statements() as sent, db.writer() as session:
            samples.pod(session)
            pods.list_page(session, 'alpha')
        self.assertTrue(sent.seen[-1].startswith('UPDATE quota_usages'))

    def test_what_asks_for_none_of_it_fits_where_it_is_overdrawn(self):
        create(cpu_millis=1000)
        self.put(cpu=0)
        self.assertFalse(create(cpu_millis=1))
        self.assertTrue(create(cpu_millis=0))

    def test_200_creates_at_once_are_exact(self):
        self.put(containers=37)
        with concurrent.futures.ThreadPoolExecutor(24) as pool:
            made = sum(pool.map(lambda _: create(), range(200)))
        self.assertEqual(37, made)
        self.assertEqual(37, self.used().container_count)
        self.check_sums()

    def test_two_processes_are_exact(self):
        self.put(containers=30)
        others = [subprocess.Popen(
            [sys.executable, '-c', CREATE, self.url, '40'],
            stdout=subprocess.PIPE, text=True) for _ in range(2)]
        made = [int(other.communicate(timeout=120)[0]) for other in others]
        self.assertEqual(30, sum(made))
        self.check_sums()

    def test_creates_and_deletes_at_once_leave_the_sums(self):
        """With a limit that is met now and then, in two projects."""
        self.put(containers=5)
        left: collections.deque[pods.PodRow] = collections.deque()

        def act(number: int) -> None:
            if number % 3 == 2 and left:
                remove(left.popleft())
                return
            try:
                left.append(_create({'project_id': ('alpha', 'beta')[
                    number % 2], 'cpu_millis': number}))
            except exceptions.OverQuota:
                pass
        numbers = list(range(120))
        random.Random(7).shuffle(numbers)  # noqa: S311
        with concurrent.futures.ThreadPoolExecutor(12) as pool:
            list(pool.map(act, numbers))
        self.check_sums()
        self.assertLessEqual(self.used().container_count, 5)
        self.assertEqual(
            len(left), sum(self.used(p).container_count
                           for p in ('alpha', 'beta')))

    def test_a_create_costs_one_statement_and_reads_no_table(self):
        create()
        with databases.Statements() as sent:
            create()
        about = [s for s in sent.seen if 'quota' in s]
        self.assertEqual(1, len(about), about)
        self.assertTrue(about[0].startswith('UPDATE quota_usages'))

    def test_a_difference_would_be_seen(self):
        create()
        with db.writer() as session:
            quotas.reserve(session, 'alpha', Amounts(disk_gib=1))
        with db.reader() as session:
            (found,) = quotas.differences(session)
        self.assertEqual((1, 0), (found.recorded.disk_gib,
                                  found.actual.disk_gib))

    def test_unchecked(self):
        self.put(cpu=0)
        for _ in itertools.repeat(None, 2):
            with db.writer() as session:
                quotas.reserve(session, 'alpha', Amounts(cpu_millis=5),
                               checked=False)
        self.assertEqual(10, self.used().cpu_millis)
