"""Image pulls: policies, reasons, and how they heal."""
from zun_lite import exceptions
from zun_lite.pod import registries
from zun_lite.pod import spec
from zun_lite.pod.supplies import Login
from zun_lite.pod.supplies import Supplies
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.harness import main
from zun_lite.tests.contract.harness import waiting

PULL_ERRORS = ('ErrImagePull', 'ImagePullBackOff')


class Images(harness.Case):
    def using(self, image: str, name: str = 'main', **fields) -> dict:
        return {'name': name, 'image': image, 'command': ['sleep', '3600'],
                **fields}

    def wait_pull_error(self, pod, name: str = 'main'):
        return self.wait_for(pod, lambda s: waiting(s, name) in PULL_ERRORS,
                             'a pull error')

    def reasons(self, pod, container: str = 'main') -> list[str]:
        return [e.reason for e in self.agent.collector.events[pod.uuid]
                if e.container == container]

    def test_image_that_is_not_there(self):
        """ErrImagePull: the registry has no such image."""
        name = self.engine.registry.unpublished()
        pod = self.start(self.using(name))
        seen = self.wait_pull_error(pod)
        self.assertEqual('Pending', seen.phase)
        self.assertIn(name, main(seen).state.waiting.message or '')
        event = self.wait_event(pod, 'Failed', 'main', 'not found|unknown')
        self.assertEqual('Warning', event.type)

    def test_it_is_the_pods_reason(self):
        """The pod's summary says which container misses its image."""
        pod = self.start(self.using(self.engine.registry.unpublished()))
        seen = self.wait_for(pod, lambda s: s.reason in PULL_ERRORS,
                             'the reason')
        self.assertIn('main', seen.message)

    def test_it_backs_off(self):
        """ImagePullBackOff: shown until the next attempt."""
        pod = self.start(self.using(self.engine.registry.unpublished()))
        self.wait_for(pod, lambda s: waiting(s) == 'ImagePullBackOff',
                      'ImagePullBackOff')

    def test_it_heals(self):
        """A pull that failed is tried again until it succeeds."""
        name = self.engine.registry.unpublished()
        pod = self.start(self.using(name))
        self.wait_pull_error(pod)
        self.engine.registry.publish(name)
        seen = self.wait_ready(pod)
        self.assertEqual(0, main(seen).restart_count)
        self.assertIsNone(seen.reason)

    def test_other_containers_run_meanwhile(self):
        """kubelet: containers of a pod start independently."""
        pod = self.start(self.using(self.engine.registry.unpublished()),
                         self.sleeper('good'))
        seen = self.wait_for(
            pod, lambda s: harness.running(s, 'good')
            and waiting(s) in PULL_ERRORS, 'one runs, one waits')
        self.assertFalse(seen.ready)
        self.assertEqual('Pending', seen.phase)

    def test_delete_while_the_image_is_missing(self):
        pod = self.start(self.using(self.engine.registry.unpublished()))
        self.wait_pull_error(pod)
        self.assertEqual([], self.engine.leftovers(self.delete(pod)))

    def test_stop_while_the_image_is_missing(self):
        pod = self.start(self.using(self.engine.registry.unpublished()))
        self.wait_pull_error(pod)
        self.wait_phase(self.stop(pod), 'Stopped')

    def test_password_protected(self):
        """A registry that wants a password: a reason that says so."""
        pod = self.start(self.using(self.engine.registry.private()))
        self.wait_pull_error(pod)
        self.wait_event(pod, 'Failed', 'main',
                        'credential|unauthorized|denied|authentication')

    def given(self, image: str, login: Login, **fields) -> spec.Pod:
        """The pod as the conductor hands it over, with a login."""
        pod = self.make(self.using(image, **fields))
        return self.want(pod.model_copy(update={'supplies': Supplies(
            registries={registries.domain_of(image): login})}))

    def test_with_the_password(self):
        """v1.PodSpec.imagePullSecrets: pulled with the pod's own login."""
        image, login = self.engine.registry.protected()
        pod = self.given(image, login)
        self.wait_ready(pod)
        self.wait_event(pod, 'Pulled', 'main', 'Successfully')

    def test_with_another_password(self):
        image, login = self.engine.registry.protected()
        wrong = login.model_copy(update={'password': 'guessed'})
        pod = self.given(image, wrong)
        self.wait_pull_error(pod)
        self.wait_event(pod, 'Failed', 'main',
                        'credential|unauthorized|denied|authentication')
        self.assertEqual([], self.engine.leftovers(self.delete(pod)))

    def test_a_password_is_for_its_pod(self):
        """Nobody else's pull succeeds because one's did."""
        image, login = self.engine.registry.protected()
        self.wait_ready(self.given(image, login))
        pod = self.start(self.using(image, imagePullPolicy='Always'))
        self.wait_pull_error(pod)

    def test_a_registry_that_is_told_later(self):
        """A pull that was refused succeeds once there is a login."""
        image, login = self.engine.registry.protected()
        wrong = login.model_copy(update={'password': 'guessed'})
        pod = self.given(image, wrong)
        self.wait_pull_error(pod)
        self.want(pod.model_copy(update={'supplies': Supplies(
            registries={registries.domain_of(image): login})}))
        self.wait_ready(pod)

    def test_a_pod_of_before_its_registry(self):
        """So does one that was made without any."""
        image, login = self.engine.registry.protected()
        pod = self.start(self.using(image))
        self.wait_pull_error(pod)
        self.want(pod.model_copy(update={'supplies': Supplies(
            registries={registries.domain_of(image): login})}))
        self.wait_for(pod, lambda s: s.ready, 'Ready',
                      timeout_s=2 * self.timeout_s)

    def test_registry_that_does_not_answer(self):
        pod = self.start(self.using(self.engine.registry.unreachable()))
        self.wait_pull_error(pod)
        self.wait_event(pod, 'Failed', 'main', 'refused|dial|connect')

    # Policies

    def test_if_not_present_pulls(self):
        """IfNotPresent: pulled where the engine lacks it."""
        pod = self.start(self.using(self.engine.registry.published()))
        self.wait_ready(pod)
        self.wait_event(pod, 'Pulling', 'main')
        self.wait_event(pod, 'Pulled', 'main')

    def test_if_not_present_does_not_pull_again(self):
        """IfNotPresent: what is there is not pulled."""
        pod = self.start(self.sleeper(imagePullPolicy='IfNotPresent'))
        self.wait_ready(pod)
        self.assertNotIn('Pulling', self.reasons(pod))

    def test_if_not_present_outlives_the_registry(self):
        name = self.engine.registry.published()
        self.wait_ready(self.start(self.using(name)))
        self.engine.registry.withdraw(name)
        self.wait_ready(self.start(self.using(name)))

    def test_always_pulls(self):
        """Always: the registry is asked even where the engine has it."""
        name = self.engine.registry.published()
        self.wait_ready(self.start(self.using(name)))
        pod = self.start(self.using(name, imagePullPolicy='Always'))
        self.wait_ready(pod)
        self.wait_event(pod, 'Pulling', 'main')

    def test_always_needs_the_registry(self):
        """Always: an image that only the engine has is not enough."""
        name = self.engine.registry.published()
        self.wait_ready(self.start(self.using(name)))
        self.engine.registry.withdraw(name)
        pod = self.start(self.using(name, imagePullPolicy='Always'))
        self.wait_pull_error(pod)

    def test_never_with_the_image(self):
        pod = self.start(self.sleeper(imagePullPolicy='Never'))
        self.wait_ready(pod)

    def test_never_without_the_image(self):
        """Never: ErrImageNeverPull where the engine lacks it."""
        pod = self.start(self.using(self.engine.registry.published(),
                                    imagePullPolicy='Never'))
        seen = self.wait_for(
            pod, lambda s: waiting(s) == 'ErrImageNeverPull',
            'ErrImageNeverPull')
        self.assertEqual('Pending', seen.phase)
        self.assertNotIn('Pulling', self.reasons(pod))

    def test_never_heals(self):
        """Never: runs once the image has come by another way."""
        name = self.engine.registry.published()
        pod = self.start(self.using(name, imagePullPolicy='Never'))
        self.wait_for(pod, lambda s: waiting(s) == 'ErrImageNeverPull',
                      'ErrImageNeverPull')
        self.wait_ready(self.start(self.using(name)))
        self.wait_ready(pod)

    def test_name_that_cannot_be(self):
        """A name that no registry can have is refused with its path."""
        with self.assertRaises(exceptions.Invalid) as caught:
            self.start(self.using('UPPER/Case:1'))
        self.assertEqual(['spec.containers[0].image'],
                         [f.path for f in caught.exception.fields])

    def test_two_pods_wait_for_one_image(self):
        name = self.engine.registry.published()
        pods = [self.start(self.using(name)) for _ in range(2)]
        for pod in pods:
            self.wait_ready(pod)

    def test_image_id_is_told(self):
        """v1.ContainerStatus: imageID of what really runs."""
        pod = self.start(self.sleeper())
        self.assertTrue(main(self.wait_ready(pod)).image_id)
