"""Variables whose Kubernetes value is not what our owner knows; pure.

A pod's name, uid and namespace in the cluster are made up by this driver.
"""
import typing
from collections.abc import Iterator

from zun_lite.drivers.kubernetes import names
from zun_lite.pod import own
from zun_lite.pod.spec import Pod

Json = dict[str, typing.Any]

NAME, UID = 'zun-lite/name', 'zun-lite/uid'
LISTS = {'metadata.labels': 'zun-lite/labels',
         'metadata.annotations': 'zun-lite/annotations'}
ANNOTATIONS = {path: f"metadata.annotations['{key}']" for path, key in (
    ('metadata.name', NAME), ('metadata.uid', UID),
    ('metadata.namespace', names.PROJECT), *LISTS.items())}
_OURS = frozenset({'metadata.name', 'metadata.uid', 'metadata.namespace'})


def with_our_names(pod: Pod, container: Json) -> Json:
    """A container whose variables tell the names that its owner knows."""
    if not container.get('env'):
        return container
    return container | {'env': [_variable(pod, one)
                                for one in container['env']]}


def with_our_files(pod: Pod, volume: Json) -> Json:
    """A volume whose files tell the names that its owner knows.

    Files can only tell what the cluster knows: ours are annotations.
    """
    found = dict(volume)
    if 'downwardAPI' in found:
        found['downwardAPI'] = _own_files(found['downwardAPI'])
    if 'projected' in found:
        found['projected'] = found['projected'] | {'sources': [
            source | ({'downwardAPI': _own_files(source['downwardAPI'])}
                      if 'downwardAPI' in source else {})
            for source in found['projected'].get('sources') or ()]}
    return found


def _own_files(source: Json) -> Json:
    return source | {'items': [
        item | {'fieldRef': {'fieldPath': ANNOTATIONS[
            item['fieldRef']['fieldPath']]}}
        if item.get('fieldRef', {}).get('fieldPath') in ANNOTATIONS else item
        for item in source.get('items') or ()]}


def annotations(pod: Pod) -> dict[str, str]:
    """What such files are made of; long lists only where they are shown."""
    shown = set(_shown(pod))
    return {NAME: pod.metadata.name, UID: pod.uuid} | {
        key: own.field(pod, path, own.Place())
        for path, key in LISTS.items() if path in shown}


def _shown(pod: Pod) -> Iterator[str]:
    """The fields of the pod that its files tell."""
    for volume in pod.spec.volumes or ():
        sources = [volume.downward_api] + [
            source.downward_api for source in (
                volume.projected.sources if volume.projected else None) or ()]
        for source in sources:
            for item in (source.items if source else None) or ():
                if item.field_ref is not None:
                    yield item.field_ref.field_path


def _variable(pod: Pod, variable: Json) -> Json:
    source = (variable.get('valueFrom') or {}).get('fieldRef') or {}
    path = source.get('fieldPath', '')
    if path not in _OURS:
        return variable
    value = own.field(pod, path, own.Place())
    return {'name': variable['name'], 'value': value.replace('$', '$$')}
