"""`plan` against a model of an engine, with every kind of bad luck."""
import unittest

import hypothesis
from hypothesis import strategies as st

from zun_lite.compute import plan
from zun_lite.compute.plan import Step
from zun_lite.pod.spec import RestartPolicy
from zun_lite.pod.states import Phase
from zun_lite.pod.states import TERMINAL
from zun_lite.pod.status import ContainerState
from zun_lite.pod.status import ContainerStatus
from zun_lite.pod.status import ObservedPod
from zun_lite.pod.status import PodStatus
from zun_lite.pod.status import Running
from zun_lite.pod.status import Terminated
from zun_lite.pod.status import Waiting
from zun_lite.tests.unit.compute.stub import pod

POLICIES = st.sampled_from([p.value for p in RestartPolicy])
DESIRED = st.sampled_from(['running', 'stopped', 'absent'])
GENERATIONS = st.integers(1, 4)
PHASES = st.sampled_from(list(Phase))


def observed(generation: int, phase: Phase) -> ObservedPod:
    return ObservedPod(uuid='p1', project_id='project', generation=generation,
                       status=PodStatus(phase=phase))


def of(*containers: ContainerStatus, init=()) -> ObservedPod:
    """One that runs, of these containers."""
    return observed(1, Phase.RUNNING).model_copy(update={
        'status': PodStatus(phase=Phase.RUNNING, container_statuses=containers,
                            init_container_statuses=init)})


def container(state=None, name='main', run='docker://1', **more):
    return ContainerStatus(
        name=name, image='i', container_id=run, **more,
        state=ContainerState(running=Running(started_at='now'))
        if state is None else state)


ENDED = ContainerState(terminated=Terminated(exit_code=1, reason='Error'))
WAITS = ContainerState(waiting=Waiting(reason='CrashLoopBackOff'))


SEEN = st.one_of(st.none(), st.just(plan.UNSEEN),
                 st.builds(observed, GENERATIONS, PHASES))
PODS = st.builds(lambda g, d, p: pod(generation=g, desired=d, policy=p),
                 GENERATIONS, DESIRED, POLICIES)


class Engine:
    """One pod's place; counts how often each generation was begun."""

    def __init__(self):
        self.pod: tuple[int, Phase] | None = None
        self.begun: dict[int, int] = {}

    def look(self):
        return None if self.pod is None else observed(*self.pod)

    def do(self, step: Step, wanted):
        if step is Step.DELETE:
            self.pod = None
        elif step is Step.STOP and self.pod is not None:
            self.pod = self.pod[0], Phase.STOPPED
        elif step is Step.ENSURE:
            alive = self.pod is not None and self.pod[1] is not Phase.STOPPED
            if not alive or self.pod[0] != wanted.generation:
                self.pod = wanted.generation, Phase.RUNNING
                self.begun[wanted.generation] = (
                    self.begun.get(wanted.generation, 0) + 1)


class Agent:
    """Does what `plan` says, as the reconciler does."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.last: dict[int, Phase] = {}
        self.recorded: dict[int, Phase] = {}

    def work(self, wanted) -> list[Step]:
        last = self.last.get(wanted.generation,
                             self.recorded.get(wanted.generation))
        steps = [plan.plan(wanted, plan.UNSEEN, last)]
        if steps[0] is Step.LOOK:
            steps.append(plan.plan(wanted, self.engine.look(), last))
        self.engine.do(steps[-1], wanted)
        self.show(wanted, steps[-1])
        return steps

    def show(self, wanted, step: Step) -> None:
        if step is Step.LOSE:
            self.last[wanted.generation] = Phase.FAILED
        elif self.engine.pod is not None:
            self.last[wanted.generation] = self.engine.pod[1]
        elif step is Step.STOP:
            self.last[wanted.generation] = Phase.STOPPED

    def restart(self) -> None:
        """Forget all but what the record says, which had been reported."""
        self.recorded |= self.last
        self.last = {}


LUCK = st.lists(st.one_of(
    st.tuples(st.just('want'), DESIRED),
    st.tuples(st.just('work'), st.just('')),
    st.tuples(st.just('ends'), st.sampled_from(sorted(TERMINAL))),
    st.tuples(st.just('removed'), st.just('')),
    st.tuples(st.just('restart'), st.just(''))), max_size=30)


class TestPlan(unittest.TestCase):
    @hypothesis.given(PODS, SEEN, st.one_of(st.none(), PHASES))
    def test_it_is_total_and_a_second_look_is_never_asked_for(
            self, wanted, seen, last):
        step = plan.plan(wanted, seen, last)
        self.assertIsInstance(step, Step)
        if seen is not plan.UNSEEN:
            self.assertIsNot(Step.LOOK, step)

    @hypothesis.given(PODS, SEEN, st.one_of(st.none(), PHASES))
    def test_only_running_makes_and_only_absent_removes(
            self, wanted, seen, last):
        step = plan.plan(wanted, seen, last)
        if wanted.desired != 'running':
            self.assertNotIn(step, (Step.ENSURE, Step.LOSE, Step.LOOK))
        self.assertEqual(wanted.desired == 'absent', step is Step.DELETE)

    @hypothesis.given(POLICIES, LUCK)
    def test_it_converges_and_never_repeats_what_had_its_run(
            self, policy, luck):
        engine = Engine()
        agent = Agent(engine)
        generation, desired = 1, 'running'
        for what, value in luck:
            if what == 'want' and desired != 'absent':
                generation, desired = generation + 1, value
            elif what == 'work':
                agent.work(pod(generation=generation, desired=desired,
                               policy=policy))
            elif what == 'ends' and engine.pod \
                    and engine.pod[1] is Phase.RUNNING and policy != 'Always':
                engine.pod = engine.pod[0], Phase(value)
                agent.show(pod(generation=engine.pod[0]), Step.KEEP)
            elif what == 'removed':
                engine.pod = None
            elif what == 'restart':
                agent.restart()
        wanted = pod(generation=generation, desired=desired, policy=policy)
        agent.work(wanted)
        self.check_end(wanted, engine, agent)
        if policy == 'Never':
            self.assertLessEqual(max(engine.begun.values(), default=0), 1)

    def check_end(self, wanted, engine, agent):
        before = engine.pod, dict(engine.begun)
        agent.work(wanted)                       # nothing is left to do
        self.assertEqual(before, (engine.pod, engine.begun))
        if wanted.desired == 'absent':
            self.assertIsNone(engine.pod)
        elif wanted.desired == 'stopped':
            self.assertIn(engine.pod and engine.pod[1],
                          (None, Phase.STOPPED))
        elif agent.last.get(wanted.generation) in TERMINAL \
                or agent.recorded.get(wanted.generation) in TERMINAL:
            self.assertNotEqual((wanted.generation, Phase.RUNNING),
                                engine.pod)
        else:
            self.assertEqual((wanted.generation, Phase.RUNNING), engine.pod)


class TestCases(unittest.TestCase):
    def check(self, step, wanted, seen, last=None):
        self.assertIs(step, plan.plan(wanted, seen, last))

    def test_running(self):
        self.check(Step.ENSURE, pod(), plan.UNSEEN)
        self.check(Step.ENSURE, pod(), None)
        self.check(Step.ENSURE, pod(generation=2),
                   observed(1, Phase.SUCCEEDED))
        self.check(Step.KEEP, pod(), observed(1, Phase.SUCCEEDED))
        self.check(Step.ENSURE, pod(), None, Phase.RUNNING)
        self.check(Step.ENSURE, pod(policy='OnFailure'), None, Phase.RUNNING)
        self.check(Step.LOOK, pod(), plan.UNSEEN, Phase.FAILED)
        self.check(Step.KEEP, pod(), None, Phase.FAILED)

    def test_running_once(self):
        once = pod(policy='Never')
        self.check(Step.ENSURE, once, None)
        self.check(Step.ENSURE, once, None, Phase.PENDING)
        self.check(Step.LOOK, once, plan.UNSEEN, Phase.RUNNING)
        self.check(Step.LOSE, once, None, Phase.RUNNING)
        self.check(Step.ENSURE, once, observed(1, Phase.RUNNING),
                   Phase.RUNNING)

    def test_stopped(self):
        stopped = pod(desired='stopped')
        self.check(Step.STOP, stopped, plan.UNSEEN)
        self.check(Step.STOP, stopped, observed(1, Phase.FAILED))
        self.check(Step.KEEP, stopped, observed(1, Phase.STOPPED))
        self.check(Step.KEEP, stopped, None)

    def test_drifted(self):
        running = observed(1, Phase.RUNNING)
        self.assertFalse(plan.drifted(None, None))
        self.assertFalse(plan.drifted(running, observed(1, Phase.RUNNING)))
        self.assertTrue(plan.drifted(running, None))
        self.assertTrue(plan.drifted(None, running))
        self.assertTrue(plan.drifted(running, observed(1, Phase.FAILED)))
        self.assertTrue(plan.drifted(running, observed(2, Phase.RUNNING)))

    def test_a_container_drifted(self):
        """The pod's phase is the same."""
        known = of(container())
        for listed in (
                of(container(ENDED)), of(container(WAITS)),
                of(container(run='docker://2')), of(container(name='b')),
                of(container(), container(name='b')),
                of(container(), init=(container(ENDED, 'init'),))):
            self.assertTrue(plan.drifted(known, listed), listed)
        self.assertTrue(plan.drifted(of(container(WAITS)),
                                     of(container(ENDED))))
        self.assertTrue(plan.drifted(of(container(), init=(container(
            name='init'),)), of(container(), init=(container(
                ENDED, 'init'),))))

    def test_what_a_list_may_tell_otherwise(self):
        """Times, counts and order, and nothing of containers at all."""
        known = of(container(restart_count=3, ready=True),
                   container(ENDED, 'b'))
        other = ContainerState(terminated=Terminated(
            exit_code=0, reason='Completed', message='done'))
        for listed in (of(container(other, 'b'), container()), of()):
            self.assertFalse(plan.drifted(known, listed), listed)
        self.assertTrue(plan.drifted(of(), known))
