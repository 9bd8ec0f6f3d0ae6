"""The resolver's configuration."""
from zun_lite.tests.contract import harness


class Dns(harness.Case):
    """Kubernetes: "DNS for Services and Pods"."""

    def resolv_conf(self, **fields) -> list[str]:
        return self.output(self.container(
            command=['cat', '/etc/resolv.conf']), **fields).splitlines()

    def words(self, kind: str, lines: list[str]) -> list[str]:
        return [word for line in lines if line.split()[:1] == [kind]
                for word in line.split()[1:]]

    def test_searches(self):
        """dnsPolicy None: the search domains given, and no others."""
        lines = self.resolv_conf(dnsPolicy='None', dnsConfig={
            'nameservers': ['192.0.2.53'],
            'searches': ['a.example', 'b.example']})
        self.assertEqual(['a.example', 'b.example'],
                         self.words('search', lines))

    def test_no_searches(self):
        lines = self.resolv_conf(dnsPolicy='None', dnsConfig={
            'nameservers': ['192.0.2.53']})
        self.assertEqual([], self.words('search', lines))

    def test_searches_are_added(self):
        """dnsConfig adds to what the policy gives."""
        plain = self.words('search', self.resolv_conf(dnsPolicy='Default'))
        lines = self.resolv_conf(dnsPolicy='Default',
                                 dnsConfig={'searches': ['c.example']})
        self.assertEqual([*plain, 'c.example'], self.words('search', lines))

    def test_options(self):
        lines = self.resolv_conf(dnsPolicy='None', dnsConfig={
            'nameservers': ['192.0.2.53'],
            'options': [{'name': 'ndots', 'value': '3'}, {'name': 'rotate'}]})
        found = self.words('options', lines)
        self.assertIn('ndots:3', found)
        self.assertIn('rotate', found)

    def test_every_container_has_it(self):
        pod = self.start(
            self.container(command=['cat', '/etc/resolv.conf']),
            self.container('b', command=['cat', '/etc/resolv.conf']),
            restartPolicy='Never', dnsPolicy='None', dnsConfig={
                'nameservers': ['192.0.2.53'], 'searches': ['a.example']})
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual(self.logs(pod), self.logs(pod, 'b'))

    def test_policies(self):
        for policy in ('Default', 'ClusterFirst'):
            with self.subTest(policy):
                self.assertTrue(self.words(
                    'nameserver', self.resolv_conf(dnsPolicy=policy)))
