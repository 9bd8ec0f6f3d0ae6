"""Networks that projects make, and plain containers on them."""
import ipaddress
import random
import uuid

from zun_lite.pod import spec
from zun_lite.pod import states
from zun_lite.pod.networks import Joined
from zun_lite.tests.contract import harness
from zun_lite.tests.contract.cases.names import WEB
from zun_lite.tests.contract.cases.plain_case import PlainCase

POOL = ipaddress.IPv4Network('10.224.0.0/12')


class Joining(PlainCase):
    def setUp(self) -> None:
        super().setUp()
        self.needs(states.Action.NETWORKS)

    def network(self) -> Joined:
        """A new one; others may test on the same engine."""
        first = POOL[random.randrange(2**16) * 16]
        return Joined(network=str(uuid.uuid4()), cidr=f'{first}/28')

    def on(self, *networks: Joined, script: str = WEB,
           project: str = '') -> spec.Pod:
        pod = self.plain(self.sh(script), fields={'project': project},
                         networks=networks)
        self.wait_joined(pod, *networks)
        return pod

    def wait_joined(self, pod: spec.Pod, *networks: Joined) -> dict[str, str]:
        """Its address on each network, once it is on exactly these."""
        expected = {one.network if one.cidr else None for one in networks}
        seen = self.wait_for(
            pod, lambda s: harness.running(s) and {
                a.network for a in s.addresses or ()} == expected,
            f'on {expected}')
        return {a.network: a.ip for a in seen.addresses or ()}

    def fixed(self, network: Joined, host: int = 5) -> Joined:
        subnet = ipaddress.IPv4Network(network.cidr or '')
        return network.model_copy(update={'address': str(subnet[host])})

    def fetch(self, pod: spec.Pod, address: str) -> bool:
        """Whether the server at an address answers to this one."""
        found = self.exec(pod, 'sh', '-c', 'timeout 3 wget -q -O - '
                          f'http://{address}:8080/x')
        return found.exit_code == 0

    def left(self) -> list[str]:
        return self.engine.leftovers_of_project(self.host, self.project)

    def test_addresses(self):
        """A fixed address, or a free one of the subnet."""
        one, other = self.fixed(self.network()), self.network()
        found = self.wait_joined(self.on(one, other), one, other)
        self.assertEqual(one.address, found[one.network])
        self.assertIn(ipaddress.IPv4Address(found[other.network]),
                      ipaddress.IPv4Network(other.cidr))

    def test_only_who_is_on_it_reaches_it(self):
        """Not even what is on another network of the same project."""
        net = self.fixed(self.network())
        self.on(net)
        there, elsewhere = self.on(net.model_copy(update={'address': None})
                                   ), self.on(self.network())
        own = self.on(Joined(network='own'))
        self.eventually(lambda: self.fetch(there, net.address), 'served')
        for pod in (elsewhere, own):
            self.assertFalse(self.fetch(pod, net.address))

    def test_another_project_does_not_reach_it(self):
        net = self.fixed(self.network())
        served = self.on(net)
        other = self.plain(self.sleeper(),
                           fields={'project': f'{self.project}-other'})
        self.wait_running(other)
        self.eventually(lambda: self.fetch(served, '127.0.0.1'), 'served')
        self.assertFalse(self.fetch(other, net.address))

    def test_joined_while_it_goes_on(self):
        """join_networks: onto exactly those, and the container goes on."""
        first, second = self.network(), self.fixed(self.network())
        pod, web = self.on(first), self.on(second)
        before = self.container_id(pod)
        pod = self.change(pod, 'running', networks=(first, second.model_copy(
            update={'address': None})), joined=2)
        self.wait_joined(pod, first, second)
        self.eventually(lambda: self.fetch(pod, second.address), 'served')
        pod = self.change(pod, 'running', networks=(first,), left=3)
        self.wait_joined(pod, first)
        self.assertFalse(self.fetch(pod, second.address))
        self.assertEqual(before, self.container_id(pod))
        self.wait_joined(web, second)

    def test_off_all_and_on_again(self):
        net = self.network()
        pod = self.on(net)
        pod = self.change(pod, 'running', networks=(), left=2)
        self.wait_joined(pod)
        pod = self.reboot(pod)
        self.wait_joined(pod)
        pod = self.change(pod, 'running', networks=(net,), joined=4)
        self.wait_joined(pod, net)

    def test_stopped_and_started(self):
        """The last one leaves; what it was on is there again for it."""
        nets = self.fixed(self.network()), self.network()
        pod = self.on(*nets)
        pod = self.change(pod, 'stopped')
        self.wait_phase(pod, 'Stopped')
        other = self.on(nets[0].model_copy(update={'address': None}))
        self.delete(other)              # takes the network with it
        pod = self.change(pod, 'running')
        found = self.wait_joined(pod, *nets)
        self.assertEqual(nets[0].address, found[nets[0].network])

    def test_an_agent_that_restarts_adopts_it(self):
        net = self.network()
        pod = self.on(net)
        self.restart_agent()
        self.want(pod)
        self.wait_joined(pod, net)
        self.driver.list_pods()
        self.assertTrue(self.left())

    def test_nothing_is_left(self):
        """A network goes with the last that was on it."""
        net = self.network()
        pods = [self.on(net), self.on(net)]
        self.delete(pods[0])
        self.assertTrue(self.left())
        self.delete(pods[1])
        self.eventually(lambda: not self.left(), 'no network')

    def test_an_address_that_is_taken(self):
        """It is told why, and can be started when the address is free."""
        net = self.fixed(self.network())
        first = self.on(net)
        pod = self.plain(self.sleeper(), networks=(net,))
        self.wait_for(pod, lambda s: s.reason, 'a reason')
        self.delete(first)
        pod = self.change(pod, 'running')
        self.wait_joined(pod, net)
