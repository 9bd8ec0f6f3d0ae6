"""The engine goes away under a running agent, and comes back."""

from zun_lite.pod.status import ENGINE_UNAVAILABLE
from zun_lite.tests import neighbours
from zun_lite.tests.fault import engine_proxy
from zun_lite.tests.fault.case import AgentCase
from zun_lite.tests.fault.case import new_pod


class TestEngineAway(AgentCase):
    def setUp(self):
        super().setUp()
        path = str(self.directory / 'engine')
        self.proxy = engine_proxy.EngineProxy(path, neighbours.docker_host())
        self.addCleanup(self.proxy.cut)
        self.env = {'DOCKER_HOST': self.proxy.url}

    def reasons(self):
        return {uuid: s['status'] and s['status'].get('reason')
                for uuid, s in self.conductor.reported.items()}

    def all_show_it(self):
        return set(self.reasons().values()) == {ENGINE_UNAVAILABLE}

    def test_the_pods_show_it_and_all_heals_when_it_is_back(self):
        kept, deleted, broken = pods = [new_pod(n) for n in (0, 1, 2)]
        late = new_pod(3)
        self.begin()
        self.hand_over(*pods)
        self.check()
        self.proxy.cut()
        self.until('every pod shows it', self.all_show_it)
        self.assertEqual({'Running'}, {p for _, p in
                                       self.conductor.phases().values()})
        self.assertEqual(self.expected(), self.running())
        self.hand_over(late)
        self.change([deleted], 'absent')
        self.until('the new pod shows it, too', lambda: (
            self.reasons().get(late.uuid) == ENGINE_UNAVAILABLE))
        self.until('the heartbeat tells', lambda: (
            self.conductor.beats[-1]['error']))
        with neighbours.engine() as client:
            for each in neighbours.containers(
                    client, f'zun-lite/pod={broken.uuid}',
                    'zun-lite/container=one'):
                each.remove(force=True)
        self.proxy.mend()
        self.until('the deleted pod is gone',
                   lambda: deleted.uuid not in self.conductor.wanted)
        self.until('what was removed runs again',
                   lambda: self.running() == self.expected())
        self.check()
        self.until('no pod shows it any more',
                   lambda: set(self.reasons().values()) == {None})
        self.assertEqual(1, self.starts[kept.uuid, '1', 'one'])
        self.assertEqual(2, self.starts[broken.uuid, '1', 'one'])

    def test_an_agent_that_starts_meanwhile_waits_for_it(self):
        pod = new_pod(1)
        self.begin()
        self.hand_over(pod)
        self.check()
        self.kill()
        self.proxy.cut()
        self.begin()
        self.until('the pod shows it', self.all_show_it)
        self.assertEqual(
            0, self.conductor.hosts[self.host]['inventory']['cpu_millis'])
        self.proxy.mend()
        self.until('the pod is well', lambda: self.reasons() == {
            pod.uuid: None})
        self.until('the host has something to give', lambda: (
            self.conductor.beats[-1]['inventory']
            and not self.conductor.beats[-1]['error']))
        self.check()
        self.assertEqual({1}, set(self.starts.values()))
