"""A capsule's template as a v1.Pod: pure.

A member's UUID is its capsule's, counted up in the last two digits, which
are zeros in a capsule's own; so a member leads to its capsule.
"""
import json
import re
import typing
import uuid
from collections.abc import Iterator
from collections.abc import Mapping

import pydantic

from zun_lite import exceptions
from zun_lite.exceptions import FieldError
from zun_lite.pod import fields
from zun_lite.pod import manifest
from zun_lite.pod import spec
from zun_lite.pod import validation
from zun_lite.zun import names
from zun_lite.zun import translation

Values = dict[str, typing.Any]

# What has other words in a template: of a path, from its beginning.
_WORDS = (
    (r'(ontainers\[\d+\])\.workingDir', r'\1.workDir'),
    (r'(ontainers\[\d+\])\.args', r'\1.command'),
    (r'(ontainers\[\d+\])\.env\[.*', r'\1.env'),
    (r'(ontainers\[\d+\])\.resources\.limits', r'\1.resources.requests'),
    (r'^spec\.nodeSelector.*', 'availabilityZone'),
    (r'\.emptyDir\.sizeLimit', '.cinder.size'))


def new_uuid() -> str:
    return f'{str(uuid.uuid4())[:-2]}00'


def member_uuids(capsule: str, pod: spec.PodSpec) -> dict[str, str]:
    """By name, in the order in which they start."""
    return {container.name: f'{capsule[:-2]}{number:02x}'
            for number, container in enumerate(pod.all_containers, 1)}


def capsule_of(member: str) -> str:
    """The UUID of the capsule that a member of this UUID is in."""
    return f'{member.lower()[:-2]}00'


def pod(template: Values) -> spec.PodManifest:
    """The pod of a template of the right shape.

    `template`: as a capsule's template has it, every value of its type.

    :raises Invalid: with the template's own paths.
    """
    faults = [*_volume_faults(template['spec'])]
    if faults:
        raise _invalid(faults)
    text = json.dumps(_manifest(template))
    try:
        made = spec.PodManifest.model_validate_json(text)
        faults = validation.check(made)
    except pydantic.ValidationError as exc:
        faults = manifest.errors_from(exc, spec.PodManifest)
    if faults:
        raise _invalid([FieldError(_asked_for(fault.path), fault.message)
                        for fault in faults])
    return made


def _invalid(faults: list[FieldError]) -> exceptions.Invalid:
    return exceptions.Invalid('The capsule cannot be made.', fields=faults)


def _asked_for(path: str) -> str:
    for ours, asked in _WORDS:
        path = re.sub(ours, asked, path)
    return path


def _volume_faults(asked: Values) -> Iterator[FieldError]:
    """What needs a service that is not here, and what is not used."""
    mounted = {mount['name']
               for member in (*asked['containers'],
                              *(asked.get('initContainers') or ()))
               for mount in member.get('volumeMounts') or ()}
    for index, volume in enumerate(asked.get('volumes') or ()):
        at, cinder = f'spec.volumes[{index}]', volume['cinder']
        if (cinder.get('volumeID') is None) is (cinder.get('size') is None):
            yield FieldError(f'{at}.cinder', 'needs volumeID or size')
        elif cinder.get('volumeID') is not None:
            yield FieldError(f'{at}.cinder.volumeID',
                             'no volume service (Cinder) is configured')
        elif cinder.get('autoRemove') is False:
            yield FieldError(
                f'{at}.cinder.autoRemove', 'must be true: no volume service '
                '(Cinder) is configured to keep it')
        if volume['name'] not in mounted:
            yield FieldError(f'{at}.name', 'no container mounts it')


def _manifest(template: Values) -> Values:
    asked, metadata = template['spec'], template['metadata']
    taken: set[str] = set()
    found: Values = {
        'containers': [_container(member, taken)
                       for member in asked['containers']],
        'initContainers': [_container(member, taken)
                           for member in asked.get('initContainers') or ()],
        'restartPolicy': (asked.get('restartPolicy')
                          or template.get('restartPolicy') or 'Always'),
        'terminationGracePeriodSeconds': translation.GRACE_S,
        'volumes': [
            {'name': _label(volume['name']), 'emptyDir': {
                'sizeLimit': f'{volume["cinder"]["size"]}Gi'}}
            for volume in asked.get('volumes') or ()]}
    if template.get('availabilityZone'):
        found['nodeSelector'] = {
            translation.ZONE: template['availabilityZone']}
    return {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': _given({
        'name': 'capsule', 'labels': metadata.get('labels'),
        'annotations': metadata.get('annotations')}), 'spec': _given(found)}


def _given(values: Mapping[str, typing.Any]) -> Values:
    return {k: v for k, v in values.items() if v not in (None, [], {}, False)}


def _label(name: str) -> str:
    """A volume's name, which Zun takes in capitals and with underscores."""
    return name.lower().replace('_', '-')


def _container(member: Values, taken: set[str]) -> Values:
    """Zun's command is what the image's entrypoint gets."""
    amounts = (member.get('resources') or {}).get('requests') or {}
    words = [*(member.get('command') or ()), *(member.get('args') or ())]
    return _given({
        'name': _name(member.get('name'), taken), 'image': member['image'],
        'args': [*map(translation.literal, words)],
        'env': [{'name': k, 'value': translation.literal(v)}
                for k, v in (member.get('env') or {}).items()],
        'workingDir': member.get('workDir'),
        'imagePullPolicy': translation.pull_policy(
            member.get('imagePullPolicy')),
        'resources': translation.resources(amounts.get('cpu'),
                                           amounts.get('memory')),
        'ports': [_given({'containerPort': port['containerPort'],
                          'protocol': port['protocol']})
                  for port in member.get('ports') or ()],
        'volumeMounts': [_given({
            'name': _label(mount['name']), 'mountPath': mount['mountPath'],
            'readOnly': mount.get('readOnly')})
            for mount in member.get('volumeMounts') or ()],
        'stdin': member.get('stdin'), 'tty': member.get('tty')})


def _name(asked: str | None, taken: set[str]) -> str:
    """The given name where a pod can have it, or else one of Zun's."""
    fits = asked and len(asked) <= 63 and re.fullmatch(
        fields.DNS_LABEL, asked)
    name = asked if fits and asked else names.letter()
    while name in taken:
        name = names.letter()
    taken.add(name)
    return name
