"""How Zun's users name networks, and what is wrong with what they ask."""
import functools
import ipaddress
import typing
import uuid

from zun_lite.exceptions import FieldError
from zun_lite.pod.networks import Joined

_NETWORKS = uuid.UUID('5d3b1c0e-6a5f-4c39-9f0e-7a756e6c6974')
NO_NEUTRON = 'no networking service (Neutron) is configured'
UNKNOWN = f'there is no such network in this project, and {NO_NEUTRON}'


class Net(typing.NamedTuple):
    """What was asked for. `path`: of the network's name in the request,
    `address_path` of the address'. `network` None: the project's own."""
    network: str | None
    address: str | None
    path: str
    address_path: str


@functools.lru_cache(maxsize=1024)
def default(project_id: str) -> str:
    """The id of a project's own network, which containers that name none
    are on."""
    return str(uuid.uuid5(_NETWORKS, project_id))


def port(container: str, network: str, project_id: str) -> str:
    """The id of a container's place on a network."""
    if network == default(project_id):
        return container
    return str(uuid.uuid5(uuid.UUID(container), network))


def own(project_id: str) -> Joined:
    """A place on the project's own network."""
    return Joined(network=default(project_id))


def nets(given: typing.Sequence[typing.Mapping[str, str | None]],
         ) -> tuple[list[Net], list[FieldError]]:
    """`nets` of a create, and what no host could give."""
    found, faults = [], []
    for index, net in enumerate(given):
        at = f'nets[{index}]'
        if net['port']:
            faults.append(FieldError(f'{at}.port', NO_NEUTRON))
        elif not net['network']:
            faults.append(FieldError(at, 'needs a network'))
        elif net['v6_fixed_ip'] and not net['v4_fixed_ip']:
            faults.append(FieldError(
                f'{at}.v6-fixed-ip', 'networks here have no IPv6'))
        found.append(Net(net['network'], net['v4_fixed_ip'],
                         f'{at}.network', f'{at}.v4-fixed-ip'))
    return found, faults


def address_fault(address: str, cidr: str | None) -> str | None:
    """What is wrong with a fixed address."""
    try:
        asked = ipaddress.IPv4Address(address)
    except ValueError:
        return 'must be an IPv4 address'
    if cidr is None:
        return 'only networks of your own making have fixed addresses'
    subnet = ipaddress.IPv4Network(cidr)
    gateway = subnet.network_address + 1
    if asked not in subnet or asked in (
            subnet.network_address, gateway, subnet.broadcast_address):
        return f'must be an address of {cidr}, and not {gateway}'
    return None
