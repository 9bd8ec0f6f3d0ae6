"""The agent dies without warning at any moment, or is superseded."""
import time

from zun_lite.tests import neighbours
from zun_lite.tests.fault.case import AgentCase
from zun_lite.tests.fault.case import new_pod
from zun_lite.tests.fault.case import SEED


class TestKilledAgent(AgentCase):
    def test_in_the_midst_of_creating(self):
        pods = []
        for number in range(6):
            self.begin()
            pods += [new_pod(number), new_pod(number + 1)]
            self.hand_over(*pods[-2:])
            time.sleep(self.random.uniform(0, 0.7))
            self.kill()
        self.begin()
        self.check()
        once = {(uuid, '1', name): 1 for uuid, name in self.expected()}
        self.assertEqual(once, dict(self.starts),
                         f'ZUN_LITE_TEST_SEED={SEED}')

    def test_in_the_midst_of_deleting(self):
        pods = [new_pod(number) for number in range(12)]
        self.begin()
        self.hand_over(*pods)
        self.check()
        while pods:
            self.change([pods.pop(), pods.pop(), pods.pop()], 'absent')
            time.sleep(self.random.uniform(0, 0.5))
            self.kill()
            self.begin()
        self.until('every pod is gone', lambda: not self.conductor.wanted)
        self.assertEqual([], self.left())

    def test_in_the_midst_of_anything(self):
        self.begin()
        for number in range(40):
            pods = [p for p in list(self.conductor.wanted.values())
                    if p.desired != 'absent']
            choice = self.random.choice(
                ['create', 'create', 'stop', 'start', 'delete', 'kill'])
            if choice == 'kill':
                self.kill()
                self.start_agent()
            elif choice == 'create' or not pods:
                self.hand_over(new_pod(number))
            else:
                self.change([self.random.choice(pods)],
                            {'stop': 'stopped', 'start': 'running',
                             'delete': 'absent'}[choice])
            time.sleep(self.random.uniform(0, 0.3))
        self.check()
        pods = list(self.conductor.wanted.values())
        self.change(pods, 'absent')
        self.until('every pod is gone', lambda: not self.conductor.wanted)
        self.assertEqual([], self.left())

    def test_pods_go_on_while_it_is_away_and_what_changed_is_found(self):
        kept, deleted, broken = pods = [new_pod(n) for n in (0, 1, 2)]
        self.begin()
        self.hand_over(*pods)
        self.check()
        self.kill()
        self.assertEqual(self.expected(), self.running())
        self.change([deleted], 'absent')
        with neighbours.engine() as client:
            for each in neighbours.containers(
                    client, f'zun-lite/pod={broken.uuid}',
                    'zun-lite/container=one'):
                each.remove(force=True)
        self.begin()
        self.until('the deleted pod is gone',
                   lambda: deleted.uuid not in self.conductor.wanted)
        self.until('what was removed runs again',
                   lambda: self.running() == self.expected())
        self.assertEqual(1, self.starts[kept.uuid, '1', 'one'])
        self.assertEqual(2, self.starts[broken.uuid, '1', 'one'])
        self.assertEqual(1, self.starts[broken.uuid, '1', 'two'])


class TestSecondAgent(AgentCase):
    def test_the_first_one_ends_and_says_why(self):
        self.begin()
        first = self.agents[-1]
        pod = new_pod(0)
        self.hand_over(pod)
        self.check()
        self.start_agent()
        self.assertNotEqual(0, first.wait(60))
        self.assertIn('A newer compute agent has registered', self.log())
        self.change([pod], 'stopped')
        self.check()
        self.assertEqual({1}, set(self.starts.values()))

    def test_a_terminated_agent_ends_well_and_leaves_the_pods(self):
        self.begin()
        self.hand_over(new_pod(1))
        self.check()
        self.agents[-1].terminate()
        self.assertEqual(0, self.agents[-1].wait(60))
        self.assertEqual(self.expected(), self.running())
