import unittest

from zun_lite.drivers.docker import mapping
from zun_lite.drivers.docker import security
from zun_lite.drivers.docker.settings import Settings
from zun_lite.pod import expansion
from zun_lite.pod import own
from zun_lite.pod.spec import Pod
from zun_lite.pod.spec import SecurityContext
from zun_lite.tests.unit.drivers.docker import builders

SETTINGS = Settings(sandbox_image='pause:1', log_max_size='1m')


class TestSandbox(unittest.TestCase):
    def body(self, **spec):
        return mapping.sandbox(builders.pod(**spec), SETTINGS, 'host-1',
                               attempt=2, started='2026-01-31T12:00:00Z',
                               network='net')

    def test_names_and_namespaces(self):
        body = self.body()
        self.assertEqual('pause:1', body['Image'])
        self.assertEqual('web.example', body['Hostname'])
        self.assertEqual(('net', 'shareable'), (
            body['HostConfig']['NetworkMode'], body['HostConfig']['IpcMode']))

    def test_labels(self):
        labels = self.body()['Labels']
        self.assertEqual(
            ('host-1', builders.UUID, 'project', '1', 'sandbox', '2'),
            tuple(labels[f'zun-lite/{key}'] for key in (
                'host', 'pod', 'project', 'generation', 'kind', 'attempt')))

    def test_document_tells_no_secrets(self):
        pod = builders.pod({
            'env': [{'name': 'KEY', 'value': 'secret'}],
            'command': ['secret'], 'args': ['secret'],
            'lifecycle': {'preStop': {'exec': {'command': ['bye']}}}})
        text = mapping.sandbox(
            pod, SETTINGS, 'h', attempt=0, started='', network='n',
        )['Labels']['zun-lite/document']
        self.assertNotIn('secret', text)
        kept = Pod.model_validate_json(text)
        self.assertEqual(pod.uuid, kept.uuid)
        self.assertEqual(('bye',), kept.spec.containers[
            0].lifecycle.pre_stop.exec.command)

    def test_hostname_and_aliases(self):
        body = self.body(hostname='db', hostAliases=[
            {'ip': '10.1.1.1', 'hostnames': ['a', 'b']}])
        self.assertEqual('db', body['Hostname'])
        self.assertEqual(['a:10.1.1.1', 'b:10.1.1.1'],
                         body['HostConfig']['ExtraHosts'])

    def test_volumes(self):
        disk, memory, _ = self.body(volumes=[
            {'name': 'd', 'emptyDir': {}},
            {'name': 'm', 'emptyDir': {'medium': 'Memory',
                                       'sizeLimit': '1Mi'}},
        ])['HostConfig']['Mounts']
        self.assertEqual((f'zun-lite-{builders.UUID}.1.d', '/zun-lite/d'),
                         (disk['Source'], disk['Target']))
        self.assertEqual({'Name': 'local'},
                         disk['VolumeOptions']['DriverConfig'])
        self.assertEqual(
            'mode=0777,size=1048576',
            memory['VolumeOptions']['DriverConfig']['Options']['o'])


class TestContainer(unittest.TestCase):
    def body(self, image_user='', backoff_s=None, pod=None, **container):
        pod = pod or builders.pod(container)
        return mapping.container(
            pod, pod.spec.containers[0], SETTINGS, 'host-1', sandbox_id='sb',
            sandbox_attempt=1, attempt=3, backoff_s=backoff_s,
            image_user=image_user, env=expansion.environment(
                pod, pod.spec.containers[0], own.Place()))

    def test_plain(self):
        body = self.body()
        self.assertEqual('busybox:1', body['Image'])
        for key in ('Entrypoint', 'Cmd', 'User', 'WorkingDir'):
            self.assertNotIn(key, body)
        self.assertEqual({'Test': ['NONE']}, body['Healthcheck'])

    def test_joins_the_sandbox(self):
        host = self.body()['HostConfig']
        self.assertEqual('container:sb', host['NetworkMode'])
        self.assertEqual('container:sb', host['IpcMode'])
        self.assertNotIn('PidMode', host)
        self.assertEqual({'Name': 'no'}, host['RestartPolicy'])

    def test_shares_processes(self):
        pod = builders.pod(shareProcessNamespace=True)
        self.assertEqual('container:sb',
                         self.body(pod=pod)['HostConfig']['PidMode'])

    def test_labels(self):
        labels = self.body(backoff_s=20.0)['Labels']
        self.assertEqual(
            ('container', 'main', '3', '1', '20.0'),
            tuple(labels[f'zun-lite/{key}'] for key in (
                'kind', 'container', 'attempt', 'sandbox', 'backoff')))
        self.assertEqual('', self.body()['Labels']['zun-lite/backoff'])

    def test_command_and_args(self):
        body = self.body(command=['a', '$(X)'], args=['$$(X)', '$(Y)'],
                         env=[{'name': 'X', 'value': '1'}])
        self.assertEqual(['a', '1'], body['Entrypoint'])
        self.assertEqual(['$(X)', '$(Y)'], body['Cmd'])

    def test_environment(self):
        body = self.body(env=[
            {'name': 'A', 'value': 'x'}, {'name': 'B'},
            {'name': 'C', 'value': '$(A)$(D)'}, {'name': 'D', 'value': 'd'}])
        self.assertEqual(['A=x', 'B=', 'C=x$(D)', 'D=d'], body['Env'])

    def test_resources(self):
        host = self.body(resources={
            'limits': {'cpu': '1500m', 'memory': '64Mi'},
            'requests': {'cpu': '500m'}})['HostConfig']
        self.assertEqual((150_000, 100_000, 512),
                         (host['CpuQuota'], host['CpuPeriod'],
                          host['CpuShares']))
        self.assertEqual((2**26, 2**26), (host['Memory'],
                                          host['MemorySwap']))

    def test_extremes_of_resources(self):
        least = self.body(resources={'limits': {'cpu': '1m'}})['HostConfig']
        self.assertEqual((1000, 2), (least['CpuQuota'], least['CpuShares']))
        most = self.body(resources={'limits': {'cpu': '5000'}})['HostConfig']
        self.assertEqual(262_144, most['CpuShares'])
        none = self.body()['HostConfig']
        self.assertNotIn('CpuQuota', none)
        self.assertNotIn('Memory', none)

    def test_mounts(self):
        pod = builders.pod(
            {'volumeMounts': [{'name': 'v', 'mountPath': '/v',
                               'readOnly': True}]},
            volumes=[{'name': 'v', 'emptyDir': {}}])
        mount, = self.body(pod=pod)['HostConfig']['Mounts']
        self.assertEqual(
            {'Type': 'volume', 'Source': f'zun-lite-{builders.UUID}.1.v',
             'Target': '/v', 'ReadOnly': True,
             'VolumeOptions': {'NoCopy': True}}, mount)

    def test_terminal(self):
        body = self.body(tty=True, stdin=True, workingDir='/w')
        self.assertEqual((True, True, '/w'), (
            body['Tty'], body['OpenStdin'], body['WorkingDir']))


class TestSecurity(unittest.TestCase):
    def test_users(self):
        for uid, gid, image, expected in (
                (None, None, 'x', None), (1, None, '', '1'),
                (1, 2, '', '1:2'), (0, 0, '', '0:0'),
                (None, 2, 'web:9', 'web:2'), (None, 2, '', '0:2')):
            context = SecurityContext(run_as_user=uid, run_as_group=gid)
            self.assertEqual(expected, security.user(context, image))

    def test_host_config(self):
        context = SecurityContext.model_validate({
            'privileged': True, 'readOnlyRootFilesystem': True,
            'allowPrivilegeEscalation': False,
            'capabilities': {'add': ['NET_ADMIN'], 'drop': ['ALL']}},
            strict=False)
        self.assertEqual(
            {'Privileged': True, 'ReadonlyRootfs': True,
             'CapAdd': ['NET_ADMIN'], 'CapDrop': ['ALL'],
             'SecurityOpt': ['no-new-privileges:true']},
            security.host_config(context))

    def test_run_as_non_root(self):
        for context, image_user, allowed in (
                ({}, '', True), ({'runAsNonRoot': False}, '', True),
                ({'runAsNonRoot': True}, '', False),
                ({'runAsNonRoot': True}, '0:0', False),
                ({'runAsNonRoot': True}, 'root', False),
                ({'runAsNonRoot': True}, 'web', False),
                ({'runAsNonRoot': True}, '1000:1', True),
                ({'runAsNonRoot': True, 'runAsUser': 5}, '', True),
                ({'runAsNonRoot': True, 'runAsUser': 0}, '7', False)):
            container = builders.pod({
                'securityContext': context}).spec.containers[0]
            fault = security.root_fault(container.security_context,
                                        image_user)
            self.assertEqual(allowed, fault is None, (context, image_user))
