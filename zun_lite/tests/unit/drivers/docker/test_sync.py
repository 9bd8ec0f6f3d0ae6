import unittest

from zun_lite.drivers.docker import order
from zun_lite.drivers.docker import sync
from zun_lite.drivers.docker.facts import Backoff
from zun_lite.drivers.docker.facts import Facts
from zun_lite.drivers.docker.seen import State
from zun_lite.drivers.docker.thresholds import Health
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.tests.unit.drivers.docker import builders
from zun_lite.tests.unit.drivers.docker.builders import NOW

INIT = {'initContainers': [{'name': 'one', 'image': 'i:1'},
                           {'name': 'two', 'image': 'i:1'}]}


class TestPlan(unittest.TestCase):
    def plan(self, pod, *runs, **facts):
        return sync.plan(pod, builders.group(*runs, generation=1) if runs
                         else None, Facts(now=NOW, **facts))

    def steps(self, pod, *runs, **facts):
        return [(type(s).__name__, self._about(s))
                for s in self.plan(pod, *runs, **facts).steps]

    @staticmethod
    def _about(step):
        match step:
            case sync.Make():
                return step.container.name, step.attempt
            case sync.MakeSandbox():
                return step.attempt
            case sync.Remove() | sync.End():
                return [run.id for run in step.runs]
            case sync.Mark():
                return step.mark
            case _:
                return step.run.id

    def test_nothing_is_there(self):
        self.assertEqual([('MakeSandbox', 0)], self.steps(builders.pod()))

    def test_sandbox_was_made_only(self):
        self.assertEqual([('Start', 'sandbox-0')], self.steps(
            builders.pod(), builders.sandbox(State.CREATED)))

    def test_containers_follow_the_sandbox(self):
        pod = builders.pod({'name': 'a'}, {'name': 'b'})
        self.assertEqual([('Make', ('a', 0)), ('Make', ('b', 0))],
                         self.steps(pod, builders.sandbox()))

    def test_container_was_made_only(self):
        self.assertEqual([('Start', 'main-0')], self.steps(
            builders.pod(), builders.sandbox(),
            builders.run(state=State.CREATED)))

    def test_all_runs(self):
        plan = self.plan(builders.pod(), builders.sandbox(), builders.run())
        self.assertEqual(sync.Plan(), plan)

    # Init containers

    def test_first_init_alone(self):
        self.assertEqual([('Make', ('one', 0))], self.steps(
            builders.pod(**INIT), builders.sandbox()))

    def test_init_runs(self):
        self.assertEqual([], self.steps(
            builders.pod(**INIT), builders.sandbox(),
            builders.init('one', State.RUNNING)))

    def test_next_init(self):
        self.assertEqual([('Make', ('two', 0))], self.steps(
            builders.pod(**INIT), builders.sandbox(), builders.init('one')))

    def test_main_after_init(self):
        self.assertEqual([('Make', ('main', 0))], self.steps(
            builders.pod(**INIT), builders.sandbox(), builders.init('one'),
            builders.init('two')))

    def test_init_fails_and_is_repeated(self):
        self.assertEqual([('Make', ('one', 1))], self.steps(
            builders.pod(**INIT), builders.sandbox(),
            builders.init('one', exit_code=1)))

    def test_init_fails_for_good(self):
        self.assertEqual([('Release', 'sandbox-0')], self.steps(
            builders.pod(restartPolicy='Never', **INIT), builders.sandbox(),
            builders.init('one', exit_code=1)))

    def test_lost_init_containers_are_not_repeated(self):
        """Who removes what has ended does not start the pod anew."""
        self.assertEqual([], self.steps(
            builders.pod(**INIT), builders.sandbox(), builders.run()))

    # Sidecars

    def beside(self, *runs, **facts):
        """Of a pod with init container, sidecar, init container, main."""
        names = ('one', {}), ('side', {'restartPolicy': 'Always'}), ('two', {})
        inits = [{'name': name, 'image': 'i:1', **more}
                 for name, more in names]
        policy = facts.pop('policy', 'Always')
        return self.steps(builders.pod(
            initContainers=inits, restartPolicy=policy),
            builders.sandbox(), *runs, **facts)

    def test_a_sidecar_in_its_place(self):
        one, two = builders.init('one'), builders.init('two')
        up = builders.init('side', State.RUNNING)
        for runs, expected in (
                ((one,), [('Make', ('side', 0))]),
                ((one, up), [('Make', ('two', 0))]),
                ((one, up, two), [('Make', ('main', 0))]),
                ((one, up, two, builders.run()), [])):
            with self.subTest(len(runs)):
                self.assertEqual(expected, self.beside(*runs))

    def test_what_follows_waits_until_it_has_started(self):
        one, up = builders.init('one'), builders.init('side', State.RUNNING)
        for facts in ({'hooks': frozenset({'side-0'})},
                      {'health': {'side-0': Health(started=False)}}):
            self.assertEqual([], self.beside(one, up, **facts))

    def test_a_sidecar_ended_beside_the_next(self):
        """It is started again; what has begun goes on meanwhile."""
        for policy in ('Always', 'OnFailure', 'Never'):
            self.assertEqual(
                [('Make', ('side', 1))], self.beside(
                    builders.init('one'), builders.init('side'),
                    builders.init('two', State.RUNNING), policy=policy))

    def test_a_sidecar_ended_beside_main(self):
        self.assertEqual([('Make', ('side', 1))], self.beside(
            builders.init('one'), builders.init('side', exit_code=1),
            builders.init('two'), builders.run()))

    def test_all_are_ended_with_main(self):
        up = builders.init('side', State.RUNNING)
        rest = builders.init('one'), builders.init('two')
        ended = self.ended(code=0)
        self.assertEqual([('End', ['side-0'])], self.beside(
            *rest, up, ended, policy='Never'))
        self.assertEqual([], self.beside(
            *rest, up, ended, policy='Never', ending=frozenset({'side-0'})))
        self.assertEqual([('Release', 'sandbox-0')], self.beside(
            *rest, builders.init('side', exit_code=143), ended,
            policy='Never'))

    def test_a_failed_init_container_ends_it(self):
        self.assertEqual([('End', ['side-0'])], self.beside(
            builders.init('one'), builders.init('side', State.RUNNING),
            builders.init('two', exit_code=1), policy='Never'))

    def test_order_of_ends(self):
        inits = [{'name': name, 'image': 'i:1', 'restartPolicy': 'Always'}
                 for name in ('first', 'second')]
        pod = builders.pod({'name': 'a'}, {'name': 'b'}, initContainers=inits)
        runs = [builders.run(n) for n in ('first', 'second', 'a', 'b')]
        found = order.before(runs, pod)
        self.assertEqual(
            {'a-0': [], 'b-0': [], 'second-0': ['a-0', 'b-0'],
             'first-0': ['second-0', 'a-0', 'b-0']}, found)
        self.assertEqual(set(), {i for ids in order.before(
            runs, None).values() for i in ids})

    # Restarts

    def ended(self, attempt=0, *, backoff_s=None, code=1, **known):
        return builders.run(state=State.ENDED, attempt=attempt,
                            exit_code=code, backoff_s=backoff_s, **known)

    def test_first_restart_is_at_once(self):
        step, = self.plan(builders.pod(), builders.sandbox(),
                          self.ended()).steps
        self.assertEqual((1, 0.0), (step.attempt, step.backoff_s))

    def test_second_restart_waits(self):
        plan = self.plan(builders.pod(), builders.sandbox(),
                         self.ended(1, backoff_s=0.0))
        self.assertEqual((), plan.steps)
        self.assertEqual(NOW + 10, plan.recheck_at)
        self.assertEqual(['main-1'], [r.id for r in plan.backing_off])

    def test_restart_after_the_wait(self):
        ended = self.ended(1, backoff_s=0.0, finished_at=NOW - 10)
        step, = self.plan(builders.pod(), builders.sandbox(), ended).steps
        self.assertEqual((2, 10.0), (step.attempt, step.backoff_s))

    def test_wait_doubles_up_to_the_cap(self):
        for before, after in ((10, 20), (160, 300), (300, 300)):
            plan = self.plan(builders.pod(), builders.sandbox(),
                             self.ended(9, backoff_s=float(before)))
            self.assertEqual(NOW + after, plan.recheck_at, before)

    def test_a_long_run_is_forgiven(self):
        ended = self.ended(5, backoff_s=300.0, started_at=NOW - 700)
        step, = self.plan(builders.pod(), builders.sandbox(), ended).steps
        self.assertEqual(0.0, step.backoff_s)

    def test_shortened_times(self):
        plan = self.plan(builders.pod(), builders.sandbox(),
                         self.ended(1, backoff_s=0.0, started_at=NOW - 1),
                         backoff=Backoff(0.5, 2.0))
        self.assertEqual((), plan.steps)
        self.assertEqual(NOW + 0.5, plan.recheck_at)

    def test_on_failure(self):
        pod = builders.pod({'name': 'a'}, {'name': 'main'},
                           restartPolicy='OnFailure')
        a = builders.run('a')
        self.assertEqual([], self.steps(
            pod, builders.sandbox(), a, self.ended(code=0)))
        self.assertEqual([('Make', ('main', 1))], self.steps(
            pod, builders.sandbox(), a, self.ended(code=1)))

    def test_never(self):
        pod = builders.pod(restartPolicy='Never')
        self.assertEqual([('Release', 'sandbox-0')], self.steps(
            pod, builders.sandbox(), self.ended(code=1)))

    def test_all_is_over(self):
        pod = builders.pod(restartPolicy='Never')
        self.assertEqual([], self.steps(
            pod, builders.sandbox(State.ENDED), self.ended(code=1)))

    def test_what_could_not_be_started_is_an_end(self):
        broken = builders.run(state=State.CREATED, error='no such file',
                              exit_code=127)
        self.assertEqual([('Make', ('main', 1))], self.steps(
            builders.pod(), builders.sandbox(), broken))

    # Health

    def test_unhealthy_is_killed_once(self):
        pod = builders.pod({'livenessProbe': {'tcpSocket': {'port': 1}}})
        health = {'main-0': Health(alive=False)}
        step, = self.plan(pod, builders.sandbox(), builders.run(),
                          health=health).steps
        self.assertTrue(step.unhealthy)
        self.assertEqual([], self.steps(
            pod, builders.sandbox(), builders.run(), health=health,
            ending=frozenset({'main-0'})))

    def test_unhealthy_is_restarted_though_it_ended_well(self):
        pod = builders.pod(restartPolicy='OnFailure')
        self.assertEqual([('Make', ('main', 1))], self.steps(
            pod, builders.sandbox(), self.ended(code=0),
            unhealthy=frozenset({'main-0'})))

    def test_others_wait_for_post_start(self):
        pod = builders.pod({'name': 'a'}, {'name': 'b'})
        self.assertEqual([], self.steps(
            pod, builders.sandbox(), builders.run('a'),
            hooks=frozenset({'a-0'})))

    def hooked(self, *runs, **facts):
        """Of a pod whose `a` and `c` have a postStart, and `b` has none."""
        hook = {'lifecycle': {'postStart': {'exec': {'command': ['x']}}}}
        probe = {'livenessProbe': {'tcpSocket': {'port': 1}}}
        return self.steps(
            builders.pod({'name': 'a', **hook}, {'name': 'b', **probe},
                         {'name': 'c', **hook}, {'name': 'd'},
                         restartPolicy=facts.pop('policy', 'Always')),
            builders.sandbox(), *runs, **facts)

    def test_the_next_waits_for_post_start(self):
        a, b, c = (builders.run(name) for name in 'abc')
        hook = frozenset({'a-0'})
        for runs, hooks, expected in (
                ((), (), [('Make', ('a', 0))]),
                ((a,), hook, []),
                ((a,), (), [('Make', ('b', 0)), ('Make', ('c', 0))]),
                ((a, b, c), {'c-0'}, []),
                ((a, b, c), (), [('Make', ('d', 0))]),
                ((builders.run('a', State.CREATED),), (),
                 [('Start', 'a-0')])):
            with self.subTest(runs=len(runs), hooks=hooks):
                self.assertEqual(expected, self.hooked(
                    *runs, hooks=frozenset(hooks)))

    def test_what_runs_does_not_wait_for_post_start(self):
        """It is looked after when another is started again."""
        rest = [builders.run(name) for name in 'bcd']
        health = {'b-0': Health(alive=False)}
        self.assertEqual(
            [('Make', ('a', 1)), ('Kill', 'b-0')],
            self.hooked(builders.run('a', State.ENDED, exit_code=1), *rest,
                        health=health))
        self.assertEqual(
            [('Kill', 'b-0')],
            self.hooked(builders.run('a', attempt=1), *rest, health=health,
                        hooks=frozenset({'a-1'})))

    def test_nobody_waits_for_what_does_not_start(self):
        others = [('Make', ('b', 0)), ('Make', ('c', 0))]
        ended = builders.run('a', State.ENDED, exit_code=1, attempt=1,
                             backoff_s=0.0)
        self.assertEqual(others, self.hooked(ended))         # it backs off
        self.assertEqual(others, self.hooked(ended, policy='Never'))
        for reason, expected in (('ContainerCreating', []),
                                 ('ImagePullBackOff', others)):
            self.assertEqual(
                [('Make', ('a', 0)), *expected],
                self.hooked(waiting={'a': NotYet(reason, 'why')}))

    # The sandbox ends

    def test_containers_go_with_their_sandbox(self):
        self.assertEqual([('End', ['main-0'])], self.steps(
            builders.pod(), builders.sandbox(State.ENDED), builders.run()))

    def test_new_sandbox(self):
        self.assertEqual([('MakeSandbox', 1)], self.steps(
            builders.pod(), builders.sandbox(State.ENDED), self.ended()))

    def test_old_sandbox_goes(self):
        self.assertEqual([('Remove', ['sandbox-0'])], self.steps(
            builders.pod(), builders.sandbox(State.ENDED),
            builders.sandbox(attempt=1)))

    def test_everything_again_in_the_new_sandbox(self):
        runs = [builders.sandbox(attempt=1), builders.init('one'),
                builders.init('two'), self.ended(code=137)]
        self.assertEqual([('Make', ('one', 1))],
                         self.steps(builders.pod(**INIT), *runs))

    def test_never_again(self):
        pod = builders.pod(restartPolicy='Never')
        self.assertEqual([], self.steps(
            pod, builders.sandbox(State.ENDED), self.ended(code=137)))

    def test_sandbox_is_gone(self):
        self.assertEqual([('MakeSandbox', 1)], self.steps(
            builders.pod(), self.ended()))

    # Ends that are imposed

    def test_deadline_is_looked_for(self):
        pod = builders.pod(activeDeadlineSeconds=130)
        plan = self.plan(pod, builders.sandbox(), builders.run())
        self.assertEqual(NOW + 30, plan.recheck_at)

    def test_deadline_kills(self):
        pod = builders.pod({'name': 'a'}, {'name': 'b'},
                           activeDeadlineSeconds=100)
        self.assertEqual([('End', ['a-0', 'b-0'])], self.steps(
            pod, builders.sandbox(), builders.run('a'), builders.run('b')))

    def test_deadline_releases(self):
        pod = builders.pod(activeDeadlineSeconds=100)
        self.assertEqual([('Release', 'sandbox-0')], self.steps(
            pod, builders.sandbox(), self.ended(code=137)))

    def test_evicted(self):
        self.assertEqual(
            [('Mark', 'evicted.v'), ('End', ['main-0'])],
            self.steps(builders.pod(), builders.sandbox(), builders.run(),
                       evicted='v'))

    def test_evicted_before_the_agent_came(self):
        self.assertEqual([], self.steps(
            builders.pod(), builders.sandbox(State.ENDED, mark='evicted.v'),
            self.ended(code=137)))

    # Other generations

    def test_stale_goes_first(self):
        self.assertEqual(
            [('Remove', ['main-0', 'sandbox-0'])],
            self.steps(builders.pod(),
                       builders.run(generation=3),
                       builders.sandbox(generation=3)))

    def test_a_stopped_pod_is_asked_to_run(self):
        self.assertEqual(
            [('Remove', ['main-0', 'sandbox-0'])],
            self.steps(builders.pod(), self.ended(),
                       builders.sandbox(State.ENDED, mark='stopped')))

    def test_only_the_last_two_runs_are_kept(self):
        runs = [self.ended(n, backoff_s=0.0) for n in range(3)]
        self.assertEqual([('Remove', ['main-0'])], self.steps(
            builders.pod(), builders.sandbox(), *runs))
