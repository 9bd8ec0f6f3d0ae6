"""Plain containers: what is due, what is asked of the engine, what shows."""
import dataclasses
import itertools
import types
import unittest
from unittest import mock

import docker.errors
import requests

from zun_lite import exceptions
from zun_lite.compute import plan as compute_plan
from zun_lite.drivers.docker import client
from zun_lite.drivers.docker import names
from zun_lite.drivers.docker import network
from zun_lite.drivers.docker import settings
from zun_lite.drivers.docker.memory import Memory
from zun_lite.drivers.docker.network import Place
from zun_lite.drivers.docker.plain import mapping
from zun_lite.drivers.docker.plain import observe
from zun_lite.drivers.docker.plain import plan
from zun_lite.drivers.docker.plain import records
from zun_lite.drivers.docker.plain import seen as seen_module
from zun_lite.drivers.docker.plain.joiner import Joiner
from zun_lite.drivers.docker.plain.keeper import Keeper
from zun_lite.drivers.docker.plain.maker import Maker
from zun_lite.drivers.docker.plain.records import Record
from zun_lite.drivers.docker.plain.seen import SeenPlain
from zun_lite.drivers.docker.seen import State
from zun_lite.drivers.feed import Feed
from zun_lite.pod import plain as plain_module
from zun_lite.pod.networks import Joined
from zun_lite.tests.unit.drivers.docker import builders
from zun_lite.tests.unit.drivers.docker.builders import NOW
from zun_lite.tests.unit.drivers.docker.builders import UUID

Step = plan.Step


def pod(generation=1, desired='running', container=None, spec=None,
        **asked):
    made = builders.pod(container or {}, generation=generation,
                        **(spec or {}))
    return made.model_copy(update={
        'desired': desired, 'plain': plain_module.Plain(**asked)})


def record(generation=1, run='main-0', started=''):
    return Record('volume', UUID, 'project', generation, run=run,
                  started=started)


def seen(run=None, *kept, committed=False):
    return SeenPlain(kept or (record(),), run, committed)


class Engine:
    """What steps do to the engine; `cut` ends the agent after so many."""

    def __init__(self):
        self.records, self.run = [], None
        self.made = self.starts = 0
        self.clock = NOW

    def look(self):
        if not self.records:
            return None
        found = sorted(self.records, reverse=True, key=lambda r: (
            r.generation, self.run is not None and r.run == self.run.id))
        return SeenPlain(tuple(found), self.run)

    def note(self, wanted, generation=None):
        self.records.append(record(
            wanted.generation if generation is None else generation,
            self.run.id if self.run else '', records.stamp(self.run)))

    def carry_out(self, step, wanted):
        """The changes of a step, one at a time."""
        match step:
            case Step.BEGIN:
                self.note(wanted, 0)
            case Step.REMOVE:
                self.run = None
            case Step.MAKE:
                self.made += 1
                self.run = builders.run(
                    state=State.CREATED, id=f'made-{self.made}')
                yield
                self.note(wanted)
            case Step.END:
                self.run = dataclasses.replace(self.run, state=State.ENDED)
            case Step.NOTE:
                self.note(wanted)
            case Step.CLEAR:
                self.records.remove(self.look().records[-1])
            case Step.THAW:
                self.run = dataclasses.replace(self.run, paused=False)
            case Step.START:
                self.starts += 1
                self.clock += 1
                self.run = dataclasses.replace(
                    self.run, state=State.RUNNING, started_at=self.clock)
        yield

    def bring(self, wanted, *, start=True, cut=None):
        """How many changes it took; with `cut`, no more than these."""
        changes = 0
        for _ in range(50):
            step = plan.plan(wanted, self.look(), start=start)
            if step is None:
                return changes
            for _ in self.carry_out(step, wanted):
                changes += 1
                if changes == cut:
                    return changes
        raise AssertionError('it does not come to an end')


LIVES = {
    'created': [(pod(desired='created'), False)],
    'run': [(pod(), True)],
    'restarted': [(pod(), True), (pod(2, restarted=2), True)],
    'made anew': [(pod(), True), (pod(2, made=2), True)],
    'made anew, not started': [
        (pod(), True), (pod(2, desired='created', made=2), False)],
}


class TestPlan(unittest.TestCase):
    def live(self, steps, cut_in=None, cut=None):
        engine = Engine()
        for number, (wanted, start) in enumerate(steps):
            if number == cut_in:
                engine.bring(wanted, start=start, cut=cut)
            engine.bring(wanted, start=start)
        return engine

    def test_lives(self):
        for name, starts, made in (
                ('created', 0, 1), ('run', 1, 1), ('restarted', 2, 1),
                ('made anew', 2, 2), ('made anew, not started', 1, 2)):
            with self.subTest(name):
                engine = self.live(LIVES[name])
                self.assertEqual((starts, made),
                                 (engine.starts, engine.made))
                self.assertEqual(1, len(engine.records))
                self.assertEqual(LIVES[name][-1][0].generation,
                                 engine.records[0].generation)

    def test_cut_off_anywhere(self):
        """It ends up the same, and nothing is started more often."""
        for name, steps in LIVES.items():
            whole = self.live(steps)
            for cut_in, cut in itertools.product(
                    range(len(steps)), range(1, 12)):
                with self.subTest(name, cut_in=cut_in, cut=cut):
                    engine = self.live(steps, cut_in, cut)
                    self.assertEqual(whole.starts, engine.starts)
                    self.assertEqual(whole.run.state, engine.run.state)
                    self.assertEqual(1, len(engine.records))

    def test_what_ended_is_left(self):
        ended = builders.run(state=State.ENDED, started_at=NOW)
        self.assertIsNone(plan.plan(pod(), seen(ended), start=True))

    def test_a_new_generation_starts_what_ended(self):
        engine = self.live(LIVES['run'])
        engine.run = dataclasses.replace(engine.run, state=State.ENDED)
        engine.bring(pod(2))
        self.assertEqual(2, engine.starts)

    def test_what_the_engine_refused_is_left(self):
        made = builders.run(state=State.CREATED, error='no such file')
        self.assertIsNone(plan.plan(pod(), seen(made), start=True,
                                    refused=True))
        self.assertIs(Step.START, plan.plan(pod(), seen(made), start=True))

    def test_what_is_lost(self):
        self.assertIsNone(plan.plan(pod(), seen(), start=True))
        self.assertIs(Step.MAKE, plan.plan(pod(heal=True), seen(),
                                           start=True))
        self.assertIs(Step.MAKE, plan.plan(pod(2), seen(), start=True))

    def test_what_is_frozen_is_thawed(self):
        frozen = builders.run(paused=True)
        self.assertIs(Step.THAW, plan.plan(pod(), seen(frozen), start=True))
        self.assertIsNone(plan.plan(pod(), seen(frozen, committed=True),
                                    start=True))
        self.assertIsNone(plan.plan(pod(), seen(frozen), start=False))


class TestMapping(unittest.TestCase):
    """What people see of it on the engine: Zun's own rules."""

    def body(self, **given):
        return mapping.container(
            pod(**given), settings.Settings(), 'host', networks=[Place('net')],
            env={'A': 'b'})

    def test_trap_17_labels_and_limits(self):
        body = self.body(labels={'tier': 'web'}, container={'resources': {
            'requests': {'cpu': '200m'}, 'limits': {'memory': '200Mi'}}})
        self.assertEqual({'tier': 'web'}, body['Labels'])
        self.assertEqual(int(1024 * 0.2), body['HostConfig']['CpuShares'])
        self.assertEqual(200 * 1048576, body['HostConfig']['Memory'])
        self.assertEqual(f'zun-{UUID}', names.plain(UUID))

    def test_shares_are_of_1024(self):
        for millis in range(100, 16001, 100):
            self.assertEqual(int(1024 * (millis / 1000)),
                             mapping.amounts(millis, None)['CpuShares'])

    def test_no_labels_and_no_limits(self):
        body = self.body()
        self.assertEqual({}, body['Labels'])
        self.assertNotIn('Memory', body['HostConfig'])
        self.assertNotIn('CpuShares', body['HostConfig'])
        self.assertNotIn('Runtime', body['HostConfig'])

    def test_how_it_runs(self):
        body = self.body(runtime='runc', remove=True, container={
            'command': ['sh'], 'args': ['-c', 'x'], 'workingDir': '/w',
            'tty': True, 'stdin': True,
            'securityContext': {'privileged': True},
            'ports': [{'containerPort': 80},
                      {'containerPort': 53, 'protocol': 'UDP'}]})
        self.assertEqual((['sh'], ['-c', 'x'], '/w', True, True, ['A=b']), (
            body['Entrypoint'], body['Cmd'], body['WorkingDir'],
            body['Tty'], body['OpenStdin'], body['Env']))
        self.assertEqual({'80/tcp': {}, '53/udp': {}}, body['ExposedPorts'])
        self.assertEqual(('runc', True, True, 'net'), tuple(
            body['HostConfig'][name] for name in (
                'Runtime', 'AutoRemove', 'Privileged', 'NetworkMode')))

    def test_restart_policies(self):
        for policy, asked, expected in (
                ('Never', {}, {'Name': 'no'}),
                ('Always', {}, {'Name': 'always'}),
                ('Always', {'unless_stopped': True},
                 {'Name': 'unless-stopped'}),
                ('OnFailure', {'restart_limit': 3},
                 {'Name': 'on-failure', 'MaximumRetryCount': 3}),
                ('OnFailure', {},
                 {'Name': 'on-failure', 'MaximumRetryCount': 0})):
            body = self.body(spec={'restartPolicy': policy}, **asked)
            self.assertEqual(expected, body['HostConfig']['RestartPolicy'])

    def test_healthcheck(self):
        """Seconds become nanoseconds; text is for a shell."""
        body = self.body(container={'readinessProbe': {
            'exec': {'command': ['/bin/sh', '-c', 'test -f /up']},
            'periodSeconds': 5, 'timeoutSeconds': 2,
            'failureThreshold': 3}})
        self.assertEqual(
            {'Test': ['CMD-SHELL', 'test -f /up'], 'Interval': 5 * 10**9,
             'Timeout': 2 * 10**9, 'Retries': 3}, body['Healthcheck'])
        self.assertNotIn('Healthcheck', self.body())

    def test_volumes_are_the_same_in_every_generation(self):
        given = {'container': {'volumeMounts': [
            {'name': 'v', 'mountPath': '/v'}]},
            'spec': {'volumes': [{'name': 'v', 'emptyDir': {}}]}}
        first, second = (self.body(generation=g, **given)['HostConfig'][
            'Mounts'][0] for g in (1, 2))
        self.assertEqual('/v', first['Target'])
        self.assertEqual(first['Source'], second['Source'])


class TestObserve(unittest.TestCase):
    def shown(self, run, *, desired='running', generation=1, refused=False,
              **asked):
        return observe.pod_status(
            pod(generation, desired, **asked), seen(run),
            observe.Known(now=NOW, refused=refused))

    def test_phases(self):
        run = builders.run
        ended = run(state=State.ENDED)
        failed = run(state=State.ENDED, exit_code=3)
        for given, desired, phase in (
                (run(), 'running', 'Running'),
                (run(paused=True), 'paused', 'Paused'),
                (run(restarting=True), 'running', 'Running'),
                (run(state=State.CREATED), 'created', 'Created'),
                (run(state=State.CREATED), 'running', 'Pending'),
                (run(state=State.CREATED), 'stopped', 'Stopped'),
                (ended, 'running', 'Succeeded'),
                (failed, 'running', 'Failed'),
                (failed, 'stopped', 'Stopped')):
            with self.subTest(run=given.state, desired=desired):
                self.assertEqual(phase, self.shown(
                    given, desired=desired).phase)

    def test_frozen_for_an_image(self):
        found = observe.pod_status(
            pod(), seen(builders.run(paused=True), committed=True),
            observe.Known(now=NOW))
        self.assertEqual('Running', found.phase)
        self.assertTrue(found.container_statuses[0].ready)

    def test_between_two_restarts(self):
        main, = self.shown(builders.run(
            restarting=True, attempt=2, exit_code=4,
            finished_at=NOW)).container_statuses
        self.assertEqual('CrashLoopBackOff', main.state.waiting.reason)
        self.assertEqual(4, main.last_state.terminated.exit_code)
        self.assertEqual(2, main.restart_count)

    def test_one_that_could_not_be_started(self):
        run = builders.run(state=State.CREATED, error='no such file',
                           exit_code=127)
        found = self.shown(run, refused=True)
        self.assertEqual(('Failed', 'StartError', 'no such file'),
                         (found.phase, found.reason, found.message))

    def test_an_error_of_an_earlier_start(self):
        run = builders.run(state=State.ENDED, error='no such file')
        found = self.shown(run)
        self.assertEqual('Succeeded', found.phase)

    def test_one_that_is_lost(self):
        for asked, phase, reason in (
                ({}, 'Failed', 'ContainersLost'),
                ({'remove': True}, 'Succeeded', None)):
            found = self.shown(None, **asked)
            self.assertEqual((phase, reason), (found.phase, found.reason))
        self.assertEqual('Pending', self.shown(None, generation=2).phase)

    def test_health(self):
        for health, ready in (('', True), ('starting', False),
                              ('healthy', True), ('unhealthy', False)):
            main, = self.shown(
                builders.run(health=health)).container_statuses
            self.assertEqual(ready, main.ready, health)


class TestMemory(unittest.TestCase):
    def test_images_that_are_being_made(self):
        """Two of one container end one after the other."""
        memory = Memory()
        with memory.committing('a'):
            with memory.committing('a'):
                self.assertEqual({'a'}, memory.committed())
            self.assertEqual({'a'}, memory.committed())
        self.assertEqual(frozenset(), memory.committed())


class TestRecords(unittest.TestCase):
    def test_no_content_of_files(self):
        made = pod(files=(plain_module.InjectedFile(
            path='/f', content='c2VjcmV0'),))
        kept = records.document(made)
        self.assertNotIn('c2VjcmV0', kept)
        self.assertIn('"desired":"running"', kept)
        self.assertNotIn('c2VjcmV0', repr(made))

    def test_names(self):
        self.assertEqual(UUID, names.plain_uuid(f'/zun-{UUID}'))
        for other in (f'zun-lite-{UUID}.0', 'zun-x', f'x-zun-{UUID}', ''):
            self.assertIsNone(names.plain_uuid(other))


def refusal(text, code=500):
    answer = requests.Response()
    answer.status_code = code
    return docker.errors.APIError('refused', answer, explanation=text)


class Api:
    """An engine with one container that was made and not started.

    `fail`: what calls, by name, raise once. `shown`: how it is inspected.
    """

    def __init__(self):
        self.api = self
        self.fail, self.calls, self.bridges = {}, [], {}
        self.on = {}                # the container's networks, by name
        self.state = {
            'Status': 'created', 'StartedAt': '', 'FinishedAt': '',
            'ExitCode': 0, 'OOMKilled': False, 'Error': ''}

    def _called(self, name):
        self.calls.append(name)
        if self.fail.get(name):
            raise self.fail[name].pop()

    def networks(self, names=None, filters=None):
        self._called('networks')
        return [{'Name': name, 'IPAM': {}} for name in self.bridges]

    def create_network(self, name, **options):
        self._called('create_network')
        self.bridges[name] = f'id of {name}'

    def inspect_network(self, name):
        return {'Id': self.bridges[name]}

    def connect_container_to_network(self, run, name, ipv4_address=None):
        self._called('connect')
        self.on[name] = self.bridges[name]

    def disconnect_container_from_network(self, run, name, force):
        self._called('disconnect')
        del self.on[name]

    def inspect_container(self, name):
        return {
            'Id': 'main-0', 'State': self.state, 'Image': 'sha256:1',
            'Created': '2026-01-31T12:00:00Z', 'Config': {'Image': 'i'},
            'NetworkSettings': {'Networks': {
                name: {'NetworkID': known, 'IPAddress': ''}
                for name, known in self.on.items()}}}

    def start(self, run):
        try:
            self._called('start')
        except docker.errors.APIError as exc:
            self.state |= {'Error': client.explain(exc), 'ExitCode': 127}
            raise
        self.state |= {'Status': 'running', 'Error': '', 'ExitCode': 0,
                       'StartedAt': '2026-01-31T12:00:01Z'}

    def entry(self):
        """As lists show it."""
        state = self.state['Status']
        return {
            'Id': 'main-0', 'State': state, 'Created': 1, 'Image': 'i',
            'ImageID': 'sha256:1', 'NetworkSettings': {}, 'Status':
            f'Exited ({self.state["ExitCode"]}) 1 second ago'
            if state == 'exited' else state}


class Found:
    """Where the container is looked for: all are at `api`."""

    def __init__(self, api):
        self._api = api

    def _seen(self, run):
        return SeenPlain((record(),), run)

    def one(self, uuid):
        return self._seen(seen_module.from_inspection(
            self._api.inspect_container(uuid), record()))

    def all(self, volumes):
        return [self._seen(seen_module.from_list(
            self._api.entry(), record()))]


class DriverCase(unittest.TestCase):
    def setUp(self):
        self.api, self.memory, feed = Api(), Memory(), Feed()
        self.events = self.enterContext(mock.patch.object(feed, 'event'))
        chosen = settings.Settings()
        bridges = network.Networks(self.api, chosen, 'host')
        self.keeper = Keeper(
            self.api, self.memory, Found(self.api), records=None,
            stopper=None, remover=None, maker=Maker(
                self.api, feed, chosen, 'host', images=None,
                networks=bridges, machine=None, attempts=None,
                joiner=Joiner(self.api, bridges)))

    def bring(self, wanted):
        self.memory.of(UUID).turn_to(wanted)
        with client.refusals():
            return self.keeper.bring(wanted, start=True)

    def told(self):
        """Reasons of events."""
        return [call.args[1] for call in self.events.call_args_list]


class TestStart(DriverCase):
    def test_a_network_that_cannot_be_made_is_tried_again(self):
        """It keeps it from being started; the engine was not asked to."""
        self.api.fail = {'create_network': [refusal('iptables failed')]}
        with self.assertRaisesRegex(exceptions.EngineUnavailable, 'iptables'):
            self.bring(pod())
        self.assertNotIn('start', self.api.calls)
        self.assertEqual('Running', self.bring(pod()).status.phase)
        self.assertEqual(['Started'], self.told())

    def test_a_subnet_that_is_taken(self):
        wanted = pod(networks=(Joined(
            network='3a1c4a16-0b2c-4a0e-9a6f-0c6a1c6c8f11',
            cidr='10.1.0.0/24'),))
        self.api.fail = {'create_network': [refusal('overlaps')]}
        with self.assertRaises(exceptions.Conflict):
            self.bring(wanted)
        self.assertEqual('Running', self.bring(wanted).status.phase)

    def test_a_network_that_somebody_removed(self):
        """Made anew; where that fails, the next time."""
        self.bring(pod())
        self.api.state |= {'Status': 'created', 'StartedAt': ''}
        self.api.on = dict(self.api.bridges)
        self.api.bridges.clear()
        gone = refusal('network x not found', 404)
        self.api.fail = {'start': [gone, gone],
                         'create_network': [refusal('iptables failed')]}
        with self.assertRaises(exceptions.EngineUnavailable):
            self.bring(pod())
        self.assertEqual('Running', self.bring(pod()).status.phase)
        self.assertEqual(self.api.bridges, self.api.on)

    def test_what_the_engine_will_not_start(self):
        self.api.fail = {'start': [refusal('no such program')]}
        found = self.bring(pod()).status
        self.assertEqual(('Failed', 'StartError', 'no such program'),
                         (found.phase, found.reason, found.message))
        self.bring(pod())
        self.assertEqual(1, self.api.calls.count('start'))
        self.assertEqual(['Failed'], self.told())

    def test_one_that_cannot_leave_the_engines_own_network(self):
        """It was started all the same."""
        wanted = pod(networks=())
        self.api.on = {'bridge': 'id'}
        self.api.fail = {'disconnect': [refusal('iptables failed')]}
        with self.assertRaises(exceptions.EngineUnavailable):
            self.bring(wanted)
        self.assertEqual('Running', self.bring(wanted).status.phase)
        self.assertEqual(0, self.memory.of(UUID).refused)
        self.assertEqual(['Started'], self.told())


class TestLists(DriverCase):
    """They tell what a look tells, as far as resyncs compare it."""

    def agree(self, wanted=None):
        self.memory.of(UUID).turn_to(wanted or pod())
        seen = self.keeper.look_at(UUID)
        listed, = self.keeper.listed(())
        self.assertFalse(compute_plan.drifted(seen, listed),
                         (seen.status, listed.status))
        return listed

    def test_in_each_state(self):
        for state, code, phase in (
                ('running', 0, 'Running'), ('paused', 0, 'Paused'),
                ('restarting', 1, 'Running'), ('created', 0, 'Pending'),
                ('exited', 0, 'Succeeded'), ('exited', 3, 'Failed')):
            with self.subTest(state, code=code):
                self.api.state |= {'Status': state, 'ExitCode': code}
                self.assertEqual(phase, self.agree().status.phase)

    def test_what_the_engine_would_not_start(self):
        """Lists have no errors."""
        self.api.fail = {'start': [refusal('no such program')]}
        self.bring(pod())
        self.assertEqual('Failed', self.agree().status.phase)

    def test_an_end_that_nobody_told(self):
        """Of one that the engine is about to start again."""
        self.bring(pod())
        before = self.keeper.look_at(UUID)
        self.api.state['Status'] = 'restarting'
        listed, = self.keeper.listed(())
        self.assertEqual(before.status.phase, listed.status.phase)
        self.assertTrue(compute_plan.drifted(before, listed))

    def test_what_waits_to_be_made_anew(self):
        """Its container was removed: it is not lost."""
        self.memory.of(UUID).turn_to(pod(2, made=2))
        gone = types.SimpleNamespace(
            one=lambda uuid: seen(), all=lambda volumes: [seen()])
        keeper = Keeper(self.api, self.memory, gone, records=None,
                        maker=None, stopper=None, remover=None)
        self.assertEqual('Pending', keeper.look_at(UUID).status.phase)
        listed, = keeper.listed(())
        self.assertEqual(('Pending', 1), (listed.status.phase,
                                          listed.generation))
