"""From Kubernetes' pod to what we tell of it; pure."""
import typing
from collections.abc import Callable
from collections.abc import Collection

from zun_lite.drivers.kubernetes import names
from zun_lite.pod import states
from zun_lite.pod import status

Json = dict[str, typing.Any]

_KEPT = ('phase', 'reason', 'message', 'podIP', 'startTime', 'conditions',
         'initContainerStatuses', 'containerStatuses')
_SETTLED = frozenset({status.CONTAINER_CREATING, status.POD_INITIALIZING})
_PULLS_FAIL = frozenset({status.ERR_IMAGE_PULL, status.IMAGE_PULL_BACK_OFF})


def trimmed(pod: Json) -> Json:
    """What is worth remembering of a pod: identity and status."""
    metadata = pod['metadata']
    annotations = metadata.get('annotations') or {}
    return {
        'name': metadata['name'], 'namespace': metadata['namespace'],
        'uid': metadata.get('uid'),
        'deleting': 'deletionTimestamp' in metadata,
        'labels': {key: value for key, value in (
            metadata.get('labels') or {}).items()
            if key in (names.POD, names.GENERATION, names.DEPLOYMENT)},
        'project': annotations.get(names.PROJECT, ''),
        'digest': annotations.get(names.DIGEST, ''),
        'login': any(one.get('name') == metadata['name'] for one in pod[
            'spec'].get('imagePullSecrets') or ()),
        'images': {c['name']: c['image'] for part in (
            'initContainers', 'containers') for c in pod['spec'].get(
                part) or ()},
        'sidecars': [c['name'] for c in pod['spec'].get('initContainers')
                     or () if c.get('restartPolicy')],
        'version': metadata.get('resourceVersion', ''),
        'status': {key: value for key, value in (
            pod.get('status') or {}).items() if key in _KEPT}}


def settled(known: Json, before: Json | None) -> Json:
    """With the phase it had, where its end is not its own.

    Kubelets from 1.27 on tell Failed or Succeeded of every pod that is
    deleted, whatever its restart policy, before it goes; and from 1.26 on so
    does the clean-up of pods whose node is gone. Taken at its word, a pod
    that is always to run would have ended.

    `before`: the same pod as it was known; None: it was not.
    """
    if not _cut_off(known):
        return known
    phase = (before['status'].get('phase') if before is not None
             else 'Running' if _ever_ran(known) else None)
    return known | {'status': known['status'] | {'phase': phase}}


def _cut_off(known: Json) -> bool:
    told = known['status']
    return told.get('phase') in states.TERMINAL and (
        known['deleting'] or any(
            c.get('type') == 'DisruptionTarget' and c.get('status') == 'True'
            and c.get('reason') == 'DeletionByPodGC'
            for c in told.get('conditions') or ()))


def _ever_ran(known: Json) -> bool:
    return any(one.get('restartCount') or (
        ((one.get('state') or {}).get('terminated') or {}).get('startedAt'))
        for one in known['status'].get('containerStatuses') or ())


def lacks_login(known: Json) -> bool:
    """Whether a pod that never ran cannot pull, and is not to use the login
    of its own that it may have by now: that is settled when it is made."""
    told = known['status']
    every = [*(told.get('initContainerStatuses') or ()),
             *(told.get('containerStatuses') or ())]
    reasons = {((one.get('state') or {}).get('waiting') or {}).get('reason')
               for one in every}
    return (not known['login'] and None not in reasons
            and not reasons.isdisjoint(_PULLS_FAIL)
            and not any(one.get('restartCount') for one in every))


def generation(known: Json) -> int:
    text = known['labels'].get(names.GENERATION, '')
    return int(text) if text.isdigit() else 0


def observed(known: Json) -> status.ObservedPod:
    """The pod as it is on the cluster."""
    return status.ObservedPod(
        uuid=known['labels'][names.POD], project_id=known['project'],
        generation=generation(known),
        deployment=known['labels'].get(names.DEPLOYMENT), status=_as_asked(
            pod_status(known['status'], known['sidecars']),
            known['images']))


def _as_asked(found: status.PodStatus,
              images: dict[str, str]) -> status.PodStatus:
    """In the order, and with the images' names, as their owner wrote them.

    A kubelet may tell another name of the same image; `imageID` stays.
    """
    order = list(images)

    def place(one: status.ContainerStatus) -> int:
        return order.index(one.name) if one.name in order else len(order)
    found = _each(found, lambda one: one.model_copy(update={
        'image': images.get(one.name, one.image)}))
    return found.model_copy(update={
        'init_container_statuses': tuple(sorted(
            found.init_container_statuses, key=place)),
        'container_statuses': tuple(sorted(
            found.container_statuses, key=place))})


def stopped(before: Json, last: Json) -> status.ObservedPod:
    """A pod that its owner stopped, as it was when it went.

    `before`: as it was when it was asked to. Kubelets may clean up a
    container before they tell how it ended.
    """
    ran = {one.name: one.state.running
           for one in _all(observed(before).status)}
    found = observed(last)

    def ended(one: status.ContainerStatus) -> status.ContainerStatus:
        running = one.state.running or (
            ran.get(one.name) if one.state.terminated is None else None)
        return _unknown_end(one, running) if running else one
    shown = _each(found.status, ended).model_copy(update={
        'phase': states.Phase.STOPPED, 'reason': None, 'message': None,
        'conditions': ()})
    return found.model_copy(update={'status': shown})


def _all(found: status.PodStatus) -> tuple[status.ContainerStatus, ...]:
    return (*found.init_container_statuses, *found.container_statuses)


def _each(found: status.PodStatus,
          change: Callable[[status.ContainerStatus], status.ContainerStatus],
          ) -> status.PodStatus:
    return found.model_copy(update={
        'init_container_statuses': tuple(
            map(change, found.init_container_statuses)),
        'container_statuses': tuple(map(change, found.container_statuses))})


def _unknown_end(one: status.ContainerStatus,
                 running: status.Running) -> status.ContainerStatus:
    """In the words that newer kubelets have for it."""
    return one.model_copy(update={
        'ready': False, 'started': False, 'state': status.ContainerState(
            terminated=status.Terminated(
                exit_code=137, reason='ContainerStatusUnknown',
                message='the cluster did not tell how it ended',
                started_at=running.started_at))})


def pod_status(told: Json, sidecars: Collection[str] = (),
               ) -> status.PodStatus:
    """Kubernetes' own words; a reason where it hides one in the parts.

    How `sidecars` ended is none: they are ended when the others have.
    """
    told = {key: value for key, value in told.items() if value is not None}
    told.setdefault('phase', states.Phase.PENDING)
    told['phase'] = states.Phase(told['phase'])
    found = _consistent(status.PodStatus.model_validate(told))
    if found.reason is not None:
        return found
    reason, message = _reason(found, sidecars)
    return found.model_copy(update={'reason': reason, 'message': message})


def _consistent(found: status.PodStatus) -> status.PodStatus:
    """Without containers that run in a pod that has ended.

    Kubelets before 1.22 leave the last state of a pod that was evicted, or
    ran out of time, as it was before they killed it.
    """
    if found.phase not in states.TERMINAL:
        return found

    def ended(one: status.ContainerStatus) -> status.ContainerStatus:
        running = one.state.running
        return _unknown_end(one, running) if running else one
    return _each(found, ended)


def _reason(found: status.PodStatus, sidecars: Collection[str],
            ) -> tuple[str | None, str | None]:
    for condition in found.conditions:
        if condition.type == 'PodScheduled' and condition.status == 'False':
            return condition.reason, condition.message
    seen = _all(found)
    for one in seen:
        waits = one.state.waiting
        if waits is not None and waits.reason not in _SETTLED:
            return waits.reason, f'container {one.name}: {waits.message}'
    for one in seen:
        ended = one.state.terminated
        if ended is not None and ended.exit_code != 0 and (
                one.name not in sidecars):
            told = f': {ended.message}' if ended.message else ''
            return ended.reason, (f'container {one.name}: '
                                  f'exit code {ended.exit_code}{told}')
    return None, None


def event(told: Json) -> status.PodEvent:
    """A Kubernetes event about a pod."""
    field = (told.get('involvedObject') or {}).get('fieldPath') or ''
    container = field.partition('{')[2].rstrip('}') or None
    at = (told.get('lastTimestamp') or told.get('eventTime')
          or told['metadata'].get('creationTimestamp') or '')
    return status.PodEvent(
        type='Warning' if told.get('type') == 'Warning' else 'Normal',
        reason=told.get('reason') or 'Unknown',
        message=told.get('message') or '', container=container,
        at=at.partition('.')[0].rstrip('Z') + 'Z')
