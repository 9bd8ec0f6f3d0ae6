"""Names, addresses and namespaces."""
import typing

from zun_lite.tests.contract import harness

WEB = ('mkdir -p /tmp/www; echo hello > /tmp/www/x; '
       'httpd -f -p 8080 -h /tmp/www')


class Names(harness.Case):
    def link(self, pod: typing.Any, name: str, container: str) -> str:
        return self.exec_sh(pod, f'readlink /proc/self/ns/{name}', container)

    def fetch(self, pod, where: str, container: str = 'main') -> int:
        """The exit code of a download that gets three seconds."""
        return self.exec(
            pod, 'sh', '-c', f'timeout 3 wget -q -O - http://{where}:8080/x',
            container=container).exit_code

    def test_hostname_is_the_pods_name(self):
        self.assertEqual('web-1\n', self.output(
            self.container(command=['hostname']), name='web-1'))

    def test_ports_are_told_not_opened(self):
        """ports: what is not in the list can be reached as well."""
        pod = self.start(
            self.sh(WEB, ports=[
                {'containerPort': 9090, 'name': 'metrics',
                 'protocol': 'TCP'},
                {'containerPort': 53, 'protocol': 'UDP'},
                {'containerPort': 36412, 'protocol': 'SCTP'}]),
            self.sleeper('b'))
        self.wait_ready(pod)
        self.eventually(lambda: self.fetch(pod, '127.0.0.1', 'b') == 0,
                        'the page')

    def test_node_selector(self):
        """nodeSelector: keys of Kubernetes' own, which every node has."""
        pod = self.start(self.sleeper(), nodeSelector={
            'kubernetes.io/os': 'linux'})
        self.wait_ready(pod)

    def test_hostname_that_was_asked_for(self):
        """spec.hostname overrides the name."""
        self.assertEqual('other\n', self.output(
            self.container(command=['hostname']), name='web-1',
            hostname='other'))

    def test_hostname_is_the_same_in_all_containers(self):
        pod = self.start(self.container(command=['hostname']),
                         self.container('b', command=['hostname']),
                         restartPolicy='Never', name='both')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual(self.logs(pod), self.logs(pod, 'b'))

    def test_host_aliases(self):
        """hostAliases: lines of /etc/hosts, in every container."""
        # A kubelet writes the file anew for each container that starts.
        script = ('until grep -q bar /etc/hosts; do sleep 0.1; done; '
                  'grep -E "10.1.2.3|10.1.2.4" /etc/hosts')
        pod = self.start(
            self.sh(script), self.sh(script, 'b'), restartPolicy='Never',
            hostAliases=[{'ip': '10.1.2.3', 'hostnames': ['foo', 'foo.local']},
                         {'ip': '10.1.2.4', 'hostnames': ['bar']}])
        self.wait_phase(pod, 'Succeeded')
        for name in ('main', 'b'):
            words = self.logs(pod, name).split()
            for word in ('10.1.2.3', 'foo', 'foo.local', '10.1.2.4', 'bar'):
                self.assertIn(word, words)

    def test_host_aliases_resolve(self):
        pod = self.start(
            self.sh(WEB),
            hostAliases=[{'ip': '127.0.0.1', 'hostnames': ['me.local']}])
        self.wait_ready(pod)
        self.eventually(lambda: self.fetch(pod, 'me.local') == 0, 'served')

    def test_own_name_resolves(self):
        """/etc/hosts has the pod's own name and address."""
        text = self.output(self.sh('cat /etc/hosts'), name='mine')
        self.assertRegex(text, r'(?m)^\d+\.\d+\.\d+\.\d+\s.*\bmine\b')

    def test_localhost_is_shared(self):
        """Containers of a pod reach each other on localhost."""
        pod = self.start(self.sh(WEB), self.sleeper('client'))
        self.wait_ready(pod)
        self.eventually(lambda: self.fetch(pod, '127.0.0.1', 'client') == 0,
                        'served on localhost')

    def test_pod_ip_is_reached_from_the_same_project(self):
        """Pods of a project reach each other by podIP."""
        web, client = self.start(self.sh(WEB)), self.start(self.sleeper())
        address = self.wait_ready(web).pod_ip
        self.wait_ready(client)
        self.eventually(lambda: self.fetch(client, address) == 0,
                        'served to the neighbour')

    def test_projects_do_not_reach_each_other(self):
        """Projects are isolated from each other."""
        web = self.start(self.sh(WEB))
        other = self.start(self.sleeper(), project=self.project + '-other')
        address = self.wait_ready(web).pod_ip
        self.wait_ready(other)
        self.eventually(lambda: self.fetch(web, address) == 0, 'is served')
        self.assertEqual(not self.engine.isolates_projects,
                         self.fetch(other, address) == 0)

    def test_pods_do_not_share_localhost(self):
        web, other = self.start(self.sh(WEB)), self.start(self.sleeper())
        self.wait_ready(web)
        self.wait_ready(other)
        self.eventually(lambda: self.fetch(web, '127.0.0.1') == 0, 'served')
        self.assertNotEqual(0, self.fetch(other, '127.0.0.1'))

    def test_pods_have_their_own_address(self):
        pods = [self.start(self.sleeper()) for _ in range(3)]
        self.assertEqual(3, len({self.wait_ready(p).pod_ip for p in pods}))

    def test_network_namespace_is_shared(self):
        pod = self.start(self.sleeper(), self.sleeper('b'))
        self.wait_ready(pod)
        self.assertEqual(self.link(pod, 'net', 'main'),
                         self.link(pod, 'net', 'b'))

    def test_ipc_namespace_is_shared(self):
        pod = self.start(self.sleeper(), self.sleeper('b'))
        self.wait_ready(pod)
        self.assertEqual(self.link(pod, 'ipc', 'main'),
                         self.link(pod, 'ipc', 'b'))

    def test_files_are_not_shared(self):
        pod = self.start(self.sleeper(), self.sleeper('b'))
        self.wait_ready(pod)
        self.exec_sh(pod, 'echo x > /tmp/mine')
        self.assertEqual('no\n', self.exec_sh(
            pod, 'test -f /tmp/mine || echo no', 'b'))

    # Processes

    def test_processes_are_not_shared_by_default(self):
        pod = self.start(self.sh('sleep 3601 & wait'), self.sleeper('b'))
        self.wait_ready(pod)
        self.assertNotEqual(self.link(pod, 'pid', 'main'),
                            self.link(pod, 'pid', 'b'))
        self.assertNotIn('3601', self.exec_sh(pod, 'ps', 'b'))

    # In a command, $$ is written for a single dollar sign.
    def test_the_process_is_the_first_by_default(self):
        self.assertEqual('1\n', self.output(self.sh('echo $$$$')))

    def test_shared_processes_are_seen(self):
        """shareProcessNamespace: containers see each other's processes."""
        pod = self.start(self.sh('sleep 3601 & wait'), self.sleeper('b'),
                         shareProcessNamespace=True)
        self.wait_ready(pod)
        self.assertEqual(self.link(pod, 'pid', 'main'),
                         self.link(pod, 'pid', 'b'))
        self.eventually(lambda: '3601' in self.exec_sh(pod, 'ps', 'b'),
                        'seen')

    def test_shared_processes_are_not_the_first(self):
        """shareProcessNamespace: the container is no longer PID 1."""
        text = self.output(self.sh('echo $$$$'), shareProcessNamespace=True)
        self.assertGreater(int(text), 1)
