"""What a container gets where its owner did not say."""
import typing
from collections.abc import Sequence

from zun_lite import exceptions
from zun_lite.api import microversion
from zun_lite.api.v1.schemas import containers as schemas
from zun_lite.conf import CONF
from zun_lite.exceptions import FieldError

V = microversion.Version
Values = dict[str, typing.Any]


def fill(given: schemas.Create, command: Sequence[str],
         version: microversion.Version) -> Values:
    """The request as `zun.translation` wants it, nothing left open."""
    asked = {name: getattr(given, name) for name in (
        'image', 'workdir', 'runtime', 'hostname', 'host',
        'availability_zone')}
    asked |= {name: bool(getattr(given, name)) for name in (
        'interactive', 'auto_remove', 'auto_heal')}
    driver = given.image_driver
    pull = given.image_pull_policy
    return asked | _amounts(given) | {
        'registry': None,         # its row, where one is named
        'privileged': bool(given.privileged), 'tty': _tty(given, version),
        'command': list(command), 'entrypoint': given.entrypoint or [],
        'cpu_policy': given.cpu_policy or 'shared',
        'environment': given.environment or {},
        'labels': given.labels or {}, 'hints': given.hints or {},
        'image_driver': 'docker' if driver in (None, 'None') else driver,
        'image_pull_policy': pull and pull.lower(),
        'restart_policy': _restarts(given.restart_policy),
        'security_groups': given.security_groups or [],
        'nets': [n.model_dump() for n in given.nets or ()],
        'mounts': [m.model_dump() for m in given.mounts or ()],
        'exposed_ports': _ports(given.exposed_ports or {}),
        'healthcheck': _health(given.healthcheck)}


def _amounts(given: schemas.Create) -> Values:
    return {name: CONF.containers[f'default_{name}']
            if getattr(given, name) is None else getattr(given, name)
            for name in ('cpu', 'memory', 'disk')}


def _tty(given: schemas.Create, version: microversion.Version) -> bool:
    """Between 1.20 and 1.35 `interactive` brings a terminal."""
    if V(1, 20) <= version < V(1, 36) and given.interactive is not None:
        return given.interactive
    return bool(given.tty)


def _restarts(given: schemas.RestartPolicy | None) -> Values:
    if given is None:
        return {}
    count = 0 if given.name == 'no' else given.count or 0
    return {'Name': given.name, 'MaximumRetryCount': str(count)}


def _health(given: schemas.Healthcheck | None) -> Values:
    if given is None:
        return {}
    found = {'test': given.cmd, 'interval': given.interval,
             'timeout': given.timeout, 'retries': given.retries}
    return {k: v for k, v in found.items() if v is not None}


def _ports(given: Values) -> list[tuple[int, str]]:
    """[(port, protocol)]

    :raises Invalid: with every key that is none.
    """
    found, faults = [], []
    for key in given:
        number, _, protocol = key.partition('/')
        protocol = (protocol or 'tcp').lower()
        if not (number.isascii() and number.isdigit()
                and 1 <= int(number[:6]) <= 65535):
            faults.append(FieldError(f'exposed_ports.{key}',
                                     'must begin with a port'))
        elif protocol not in ('tcp', 'udp'):
            faults.append(FieldError(f'exposed_ports.{key}',
                                     'the protocol must be tcp or udp'))
        found.append((number, protocol))
    if faults:
        raise exceptions.Invalid(fields=faults)
    return [(int(number), protocol) for number, protocol in found]
