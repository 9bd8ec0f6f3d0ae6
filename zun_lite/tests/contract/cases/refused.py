"""What a driver declares, and that nothing is promised beyond it."""
from zun_lite.drivers import base
from zun_lite.pod import capabilities
from zun_lite.pod import states
from zun_lite.tests.contract import documents
from zun_lite.tests.contract import harness


class Refused(harness.Case):
    def test_fields_exist(self):
        """fields: names that pod.capabilities knows."""
        self.assertEqual(frozenset(),
                         self.driver.fields - capabilities.ALL)

    def test_actions_are_the_groups(self):
        """capabilities: the actions are the groups it implements."""
        held = base.capabilities(self.driver)
        for action, group in base.GROUPS.items():
            name = capabilities.action(action)
            self.assertEqual(
                isinstance(self.driver, group)
                and name not in self.driver.lacking(), name in held, name)

    def test_nothing_else_is_declared(self):
        known = capabilities.ALL | {capabilities.action(a)
                                    for a in states.Action}
        self.assertEqual(frozenset(),
                         base.capabilities(self.driver) - known)

    def test_a_lacking_field_is_refused_by_path(self):
        """A field that a backend lacks is refused, with its path."""
        document = {'containers': [
            self.sleeper(livenessProbe={'exec': {'command': ['true']}})]}
        pod = documents.pod(self.project, document)
        held = {name for name in base.capabilities(self.driver)
                if 'livenessProbe' not in name}
        missing = capabilities.missing(pod.spec, held)
        self.assertEqual(['spec.containers[0].livenessProbe'],
                         [fault.path for fault in missing])

    def test_every_lacking_field_is_refused(self):
        """For each optional field: declared, or refused by `missing`."""
        document = {
            'containers': [self.sleeper(
                tty=True, readinessProbe={'tcpSocket': {'port': 80}},
                volumeMounts=[{'name': 'v', 'mountPath': '/v'}],
                securityContext={'privileged': True})],
            'volumes': [{'name': 'v', 'emptyDir': {'medium': 'Memory'}}],
            'activeDeadlineSeconds': 5, 'shareProcessNamespace': True}
        pod = documents.pod(self.project, document)
        held = base.capabilities(self.driver)
        lacking = {path for name, paths in
                   capabilities.used_by(pod.spec).items()
                   if name not in held for path in paths}
        refused = {f.path for f in capabilities.missing(pod.spec, held)}
        self.assertTrue(refused <= lacking)
        self.assertEqual(bool(lacking), bool(refused))

    def test_the_drivers_name(self):
        """name: the value of the label zun-lite/driver."""
        self.assertRegex(self.driver.name, r'^[a-z][a-z0-9-]*$')
