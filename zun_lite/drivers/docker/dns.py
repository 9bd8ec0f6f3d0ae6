"""The pod's resolver in the engine's words.

Containers ask the engine's own server, which asks the given ones. The engine
takes a list instead of the host's, while Kubernetes adds to that, so what
the host has is read here.
"""
import dataclasses
import ipaddress
import logging
import pathlib
import typing

from zun_lite.pod.spec import DnsConfig
from zun_lite.pod.spec import DnsPolicy
from zun_lite.pod.spec import PodSpec

LOG = logging.getLogger(__name__)

_NOTHING = '.'                      # a search list of none


@dataclasses.dataclass(frozen=True, slots=True)
class Resolver:
    """What a host asks. Servers that only the host can reach are left out."""
    nameservers: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()


def parse(text: str) -> Resolver:
    """A resolv.conf."""
    servers: list[str] = []
    searches: tuple[str, ...] = ()
    for line in text.splitlines():
        word, *rest = line.split() or ['']
        if word == 'nameserver' and rest and _reachable(rest[0]):
            servers.append(rest[0])
        elif word == 'search':
            searches = tuple(s for s in rest if s != _NOTHING)
    return Resolver(tuple(servers), searches)


def of_host(path: str = '/etc/resolv.conf') -> Resolver:
    """The agent's host's, as it is now."""
    try:
        return parse(pathlib.Path(path).read_text(errors='replace'))
    except OSError as exc:
        LOG.warning('The resolver of this host is not known: %s', exc)
        return Resolver()


def _reachable(server: str) -> bool:
    try:
        return not ipaddress.ip_address(server).is_loopback
    except ValueError:
        return False


def host_config(spec: PodSpec, host: Resolver) -> dict[str, typing.Any]:
    """The part of the sandbox's HostConfig; empty: the engine's defaults."""
    alone = spec.dns_policy is DnsPolicy.NONE
    if spec.dns_config is None and not alone:
        return {}
    asked = spec.dns_config or DnsConfig()
    base = Resolver() if alone else host
    found: dict[str, typing.Any] = {}
    if asked.nameservers:
        found['Dns'] = list(dict.fromkeys(
            (*base.nameservers, *asked.nameservers)))
    searches = dict.fromkeys((*base.searches, *(asked.searches or ())))
    if asked.searches or alone:
        found['DnsSearch'] = list(searches) or [_NOTHING]
    if asked.options:
        found['DnsOptions'] = [
            option.name if option.value is None
            else f'{option.name}:{option.value}' for option in asked.options]
    return found
