"""What Zun's users ask for, as a pod: pure.

The spec is a v1.Pod's; what it has no word for is in `Plain`; what users see
of what they asked for is Zun's document, kept as it is shown.
"""
import base64
import dataclasses
import json
import posixpath
import typing
from collections.abc import Mapping

import pydantic

from zun_lite import exceptions
from zun_lite.exceptions import FieldError
from zun_lite.pod import manifest
from zun_lite.pod import plain as plain_module
from zun_lite.pod import registries
from zun_lite.pod import spec
from zun_lite.pod import validation
from zun_lite.zun import networks

Values = dict[str, typing.Any]

ZONE = 'zun-lite/availability-zone'
HOST = 'zun-lite/host'
LABEL_HINT = 'label:'
GRACE_S = 10          # as long as Docker waits
_OURS = 'zun-lite/'
_MIB, _GIB = 'Mi', 'Gi'
_POLICIES = {'no': 'Never', 'on-failure': 'OnFailure', 'always': 'Always',
             'unless-stopped': 'Always'}
_PULLS = {'always': 'Always', 'never': 'Never',
          'ifnotpresent': 'IfNotPresent'}

# Of a spec's fields, as the one who asked calls them.
_FIELDS = {
    'args': 'command', 'command': 'entrypoint', 'workingDir': 'workdir',
    'env': 'environment', 'ports': 'exposed_ports',
    'volumeMounts': 'mounts', 'readinessProbe': 'healthcheck',
    'nodeSelector': 'hints', 'volumes': 'mounts', 'hostname': 'hostname'}


@dataclasses.dataclass(frozen=True, slots=True)
class Translated:
    """A container as it is stored.

    `nets`: the networks it names; none: its project's own.
    `document`: what its owner sees of it, in Zun's keys. `extras`: what
    administrators see, and what is kept to be looked up.
    """
    spec: spec.PodSpec
    plain: plain_module.Plain
    document: Values
    extras: Values
    nets: tuple[networks.Net, ...] = ()


def literal(text: str) -> str:
    """Text in which Kubernetes finds no $(REFERENCE)."""
    return text.replace('$', '$$')


def container(asked: Values) -> Translated:
    """`asked`: the request with every default filled in, see `defaults`.

    :raises Invalid: with the fields as they were asked for.
    """
    faults = [*_lacking(asked)]
    if faults:
        raise exceptions.Invalid('The container cannot be made.',
                                 fields=faults)
    return Translated(_spec(asked), _plain(asked), document(asked),
                      _extras(asked), tuple(networks.nets(asked['nets'])[0]))


def _lacking(asked: Values) -> typing.Iterator[FieldError]:
    """What needs a service that is not configured here."""
    if asked['image_driver'] == 'glance':
        yield FieldError('image_driver', 'no image service is configured')
    if [g for g in asked['security_groups'] if g != 'default']:
        yield FieldError('security_groups', networks.NO_NEUTRON)
    yield from networks.nets(asked['nets'])[1]
    for index, mount in enumerate(asked['mounts']):
        yield from _mount_faults(f'mounts[{index}]', mount)
    if asked['cpu_policy'] == 'dedicated':
        yield FieldError('cpu_policy', 'no host can dedicate cores')
    for key in asked['hints']:
        if key.startswith(f'{LABEL_HINT}{_OURS}'):
            yield FieldError(f'hints.{key}', f'{_OURS} is reserved')
    for key in asked['labels']:
        if key.startswith(_OURS):
            yield FieldError(f'labels.{key}', f'{_OURS} is reserved')
    yield from _restarts(asked['restart_policy'], asked['auto_remove'])


def _mount_faults(path: str, mount: Values) -> typing.Iterator[FieldError]:
    """Of a volume of some size, or of a file that is put in."""
    if mount['type'] not in (None, 'volume', 'bind'):
        yield FieldError(f'{path}.type', 'must be volume or bind')
    elif mount['type'] == 'bind':
        if mount['size']:
            yield FieldError(f'{path}.size', 'is only for volumes')
        if not posixpath.basename(mount['destination']) or (
                not mount['destination'].startswith('/')):
            yield FieldError(f'{path}.destination',
                             'must be the absolute path of a file')
        try:
            base64.b64decode(mount['source'] or '', validate=True)
        except ValueError:
            yield FieldError(f'{path}.source',
                             "must be the file's content in base64")
    elif mount['source']:
        yield FieldError(f'{path}.source',
                         'no volume service (Cinder) is configured')
    elif not mount['size']:
        yield FieldError(path, 'needs a source or a size')


def _restarts(policy: Values,
              auto_remove: bool) -> typing.Iterator[FieldError]:
    if auto_remove and policy.get('Name', 'no') != 'no':
        yield FieldError('auto_remove', 'cannot be combined with a '
                         'restart_policy: it would never end')
    if int(policy.get('MaximumRetryCount', 0)) and (
            policy['Name'] in ('always', 'unless-stopped')):
        yield FieldError('restart_policy.MaximumRetryCount',
                         'is only for on-failure')


def _spec(asked: Values) -> spec.PodSpec:
    found: Values = {
        'containers': [_container(asked)],
        'restartPolicy': _POLICIES[asked['restart_policy'].get('Name', 'no')],
        'terminationGracePeriodSeconds': GRACE_S}
    if asked['hostname']:
        found['hostname'] = asked['hostname']
    selector = _selector(asked)
    if selector:
        found['nodeSelector'] = selector
    volumes = _volumes(asked)
    if volumes:
        found['volumes'] = [
            {'name': name, 'emptyDir': {'sizeLimit': f'{mount["size"]}{_GIB}'}}
            for name, mount in volumes]
    return checked(found, asked)


def _volumes(asked: Values) -> list[tuple[str, Values]]:
    """Mounts that are volumes, by name."""
    return [(f'mount-{n}', mount) for n, mount in enumerate(asked['mounts'])
            if mount['type'] != 'bind']


def checked(found: Values, asked: Values) -> spec.PodSpec:
    """The spec, shape and meaning looked at."""
    text = json.dumps({'apiVersion': 'v1', 'kind': 'Pod',
                       'metadata': {'name': 'zun'}, 'spec': found})
    try:
        made = spec.PodManifest.model_validate_json(text)
        faults = validation.check(made)
    except pydantic.ValidationError as exc:
        faults = manifest.errors_from(exc, spec.PodManifest)
    if faults:
        raise exceptions.Invalid('The container cannot be made.', fields=[
            FieldError(_asked_for(fault.path), fault.message)
            for fault in faults])
    return made.spec


def _asked_for(path: str) -> str:
    """Where the fault is in the words of the request."""
    inner = path.removeprefix('spec.').removeprefix('containers[0].')
    head = inner.partition('.')[0].partition('[')[0]
    if head == 'resources':
        return inner.rpartition('.')[2]
    return _FIELDS.get(head, head) + inner[len(head):].partition('.')[0]


def _container(asked: Values) -> Values:
    found: Values = {
        'name': plain_module.NAME, 'image': image(asked),
        'stdin': asked['interactive'], 'tty': asked['tty'],
        'env': [{'name': k, 'value': literal(v)}
                for k, v in asked['environment'].items()],
        'resources': resources(asked['cpu'], asked['memory']),
        'command': [*map(literal, asked['entrypoint'])],
        'args': [*map(literal, asked['command'])],
        'workingDir': asked['workdir'] or None,
        'imagePullPolicy': pull_policy(asked['image_pull_policy']),
        'ports': [{'containerPort': port, 'protocol': protocol.upper()}
                  for port, protocol in asked['exposed_ports']],
        'volumeMounts': [
            {'name': name, 'mountPath': mount['destination']}
            for name, mount in _volumes(asked)],
        'readinessProbe': _probe(asked['healthcheck'])}
    if asked['privileged']:
        found['securityContext'] = {'privileged': True}
    return {k: v for k, v in found.items() if v not in (None, [], {}, False)}


def image(asked: Mapping[str, typing.Any]) -> str:
    """The image's whole name, where a registry was named."""
    registry = asked['registry']
    return str(asked['image']) if registry is None else registries.qualified(
        asked['image'], registry['domain'])


def resources(cpu: float | None, memory: int | None) -> Values:
    """A container's resources; `cpu` in cores, `memory` in MiB."""
    found: Values = {}
    if cpu:
        found['requests'] = {'cpu': f'{round(cpu * 1000)}m'}
    if memory:
        found['limits'] = {'memory': f'{memory}{_MIB}'}
    return found


def pull_policy(asked: str | None) -> str | None:
    """Kubernetes' word for Zun's, in whatever case."""
    return _PULLS.get((asked or '').lower())


def resized(asked: spec.PodSpec, cpu: float | None,
            memory: int | None) -> spec.PodSpec:
    """A container's spec with other amounts."""
    found = json.loads(asked.model_dump_json(exclude_unset=True))
    resources = found['containers'][0].setdefault('resources', {})
    if cpu is not None:
        resources['requests'] = {'cpu': f'{round(cpu * 1000)}m'}
    if memory is not None:
        resources['limits'] = {'memory': f'{memory}{_MIB}'}
    return spec.PodSpec.model_validate_json(json.dumps(found))


def _probe(asked: Values) -> Values | None:
    """The engine asks and tells; nothing is restarted for it."""
    if not asked:
        return None
    found = {'exec': {'command': ['/bin/sh', '-c', asked['test']]}}
    for name, key in (('interval', 'periodSeconds'),
                      ('timeout', 'timeoutSeconds'),
                      ('retries', 'failureThreshold')):
        if asked.get(name):
            found[key] = asked[name]
    return found


def _selector(asked: Values) -> Values:
    found = {key.removeprefix(LABEL_HINT): value
             for key, value in asked['hints'].items()
             if key.startswith(LABEL_HINT)}
    if asked['availability_zone']:
        found[ZONE] = asked['availability_zone']
    if asked['host']:
        found[HOST] = asked['host']
    return found


def _plain(asked: Values) -> plain_module.Plain:
    policy = asked['restart_policy']
    return plain_module.Plain(
        labels=asked['labels'] or None,
        heal=asked['auto_heal'],
        restart_limit=int(policy.get('MaximumRetryCount', 0)) or None,
        unless_stopped=policy.get('Name') == 'unless-stopped',
        remove=asked['auto_remove'], runtime=asked['runtime'] or None,
        files=tuple(plain_module.InjectedFile(
            path=mount['destination'], content=mount['source'] or '')
            for mount in asked['mounts'] if mount['type'] == 'bind'))


_SHOWN = ('image', 'image_driver', 'cpu', 'cpu_policy', 'disk', 'command',
          'entrypoint', 'workdir', 'environment', 'labels', 'restart_policy',
          'interactive', 'tty', 'auto_remove', 'auto_heal', 'healthcheck')
_KEPT = ('image_pull_policy', 'privileged', 'runtime', 'hints', 'mounts',
         'availability_zone', 'hostname', 'host')


def document(asked: Mapping[str, typing.Any]) -> Values:
    """What the owner sees of it whatever becomes of it."""
    return {name: asked[name] for name in _SHOWN} | {
        'memory': str(asked['memory']),
        'ports': [port for port, _ in asked['exposed_ports']],
        'security_groups': [],
        'registry_id': asked['registry'] and asked['registry']['uuid']}


def _extras(asked: Values) -> Values:
    mounts = [mount | {'source': None} if mount['type'] == 'bind' else mount
              for mount in asked['mounts']]
    return {name: asked[name] for name in _KEPT} | {'mounts': mounts}
