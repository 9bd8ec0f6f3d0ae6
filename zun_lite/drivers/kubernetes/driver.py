"""The Kubernetes driver: one Kubernetes pod for each pod of ours.

The cluster does what the Docker driver does itself: it starts, restarts,
probes and ends containers. What is left is to keep exactly one Kubernetes
pod of the wanted generation, and to tell what the cluster tells.
"""
import logging
import typing
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.drivers.feed import Feed
from zun_lite.drivers.kubernetes import mapping
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import nodes
from zun_lite.drivers.kubernetes import reading
from zun_lite.drivers.kubernetes import seen
from zun_lite.drivers.kubernetes import sessions
from zun_lite.drivers.kubernetes import streams
from zun_lite.drivers.kubernetes import supplied
from zun_lite.drivers.kubernetes import usage
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Query
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.drivers.kubernetes.discovery import Discovery
from zun_lite.drivers.kubernetes.ending import Ending
from zun_lite.drivers.kubernetes.known import Known
from zun_lite.drivers.kubernetes.metadata import Describer
from zun_lite.drivers.kubernetes.namespaces import Namespaces
from zun_lite.drivers.kubernetes.settings import from_conf
from zun_lite.drivers.kubernetes.settings import Settings
from zun_lite.drivers.kubernetes.watcher import Watcher
from zun_lite.pod import features
from zun_lite.pod import status
from zun_lite.pod.spec import Pod

LOG = logging.getLogger(__name__)

_FIRST_LIST_S = 2.0       # how long a verb waits for it
REFUSED = 'FailedCreate'
REPLACING = 'Replacing'


class KubernetesDriver(streams.Streams, base.Stats, base.PodDriver):
    """See `drivers.base` for what each verb promises."""
    name = 'kubernetes'
    fields = features.fields(
        *features.FIRST, features.OWN_FIELDS, features.POD_SECURITY,
        features.MESSAGES, features.DNS, features.SUB_PATH,
        features.CONFIGS, features.OWN_FILES, features.PROJECTED,
        features.SIDECARS, features.AFFINITY)

    def __init__(self, host: str, settings: Settings | None = None) -> None:
        self._settings = settings or from_conf()
        self._host = host
        self._cluster = Cluster(self._settings)
        self._shells = sessions.Shells(self._cluster)
        self._hang_ups = sessions.hang_ups(self._cluster)
        self._known = Known()
        self._supplier = supplied.Supplier(self._cluster)
        self._describer = Describer(self._cluster, self._known, host)
        self._feed = Feed()
        self._discovery = Discovery(self._cluster)
        self._ending = Ending(self._cluster, self._known,
                              self._settings.removal_timeout)
        self._namespaces = Namespaces(self._cluster, host,
                                      self._settings.pod_security)
        self._watcher = Watcher(self._cluster, host, self._known, self._feed,
                                self._settings.watch_timeout)

    # The core.

    def ensure_pod(self, pod: Pod) -> status.ObservedPod:
        known = self._current(pod.uuid)
        if known is None:
            return self._create(pod)
        if seen.generation(known) == pod.generation and not (
                supplied.has_login(pod) and seen.lacks_login(known)):
            self._supply(pod, known['uid'])
            self._limit(pod, known['namespace'])
            return seen.observed(self._describer.keep(pod, known))
        if not known['deleting']:
            self._ending.request(known, pod.spec.grace_period_s)
        return self._waiting(pod, REPLACING,
                             'the pod of before is being removed')

    def stop_pod(self, pod: Pod) -> status.ObservedPod | None:
        known = self._find(pod.uuid)
        if known is None:
            return None
        last = self._ending.complete(known, pod.spec.grace_period_s)
        return seen.stopped(known, last)

    def delete_pod(self, uuid: str, *, grace_period_s: int) -> None:
        known = self._find(uuid)
        if known is None:
            self._namespaces.remove_empty()
        else:
            self._ending.complete(known, grace_period_s)
            self._namespaces.remove_if_empty(known['namespace'])

    def pod_status(self, uuid: str) -> status.ObservedPod:
        known = self._find(uuid)
        if known is None:
            raise exceptions.PodNotFound()
        return seen.observed(known)

    def list_pods(self) -> list[status.ObservedPod]:
        found: list[Json] = []
        query: dict[str, str | int | bool] = {
            'labelSelector': names.selector(self._host), 'limit': 500}
        while True:
            page = self._cluster.call('GET', '/api/v1/pods', query=query)
            found += [self._known.told(pod) for pod in page['items']]
            if not page['metadata'].get('continue'):
                return [seen.observed(one) for one in found]
            query['continue'] = page['metadata']['continue']

    def watch(self) -> Iterator[base.Observation]:
        self._watcher.start()
        return self._feed.read()

    def inventory(self) -> base.Inventory:
        found = self._cluster.call('GET', '/api/v1/nodes')['items']
        server = self._cluster.call('GET', '/version')
        self._discovery.learn(found, server)
        return nodes.inventory(found, server)

    def lacking(self) -> frozenset[str]:
        return self._discovery.lacking()

    def close(self) -> None:
        self._hang_ups.close()
        self._feed.close()
        self._watcher.close()
        self._cluster.close()

    # What a user reads and runs.

    def logs(self, uuid: str, container: str, *, tail: int | None = None,
             since: str | None = None, timestamps: bool = False,
             previous: bool = False, limit_bytes: int = 2**20) -> bytes:
        query = reading.log_query(container, tail=tail, since=since,
                                  timestamps=timestamps)
        if previous:
            query['previous'] = 'true'
        return reading.logs(self._cluster, self._must(uuid, container),
                            query, limit_bytes)

    def exec(self, uuid: str, container: str, command: tuple[str, ...], *,
             timeout_s: float, limit_bytes: int = 2**20) -> base.ExecResult:
        known = self._must(uuid, container)
        if _ended(known, container):
            raise exceptions.Conflict(
                f'Container {container} does not run.')
        return sessions.execute(self._cluster, known, container, command,
                                timeout_s, limit_bytes)

    def stats(self, uuid: str) -> list[dict[str, typing.Any]]:
        known = self._find(uuid)
        if known is None:
            raise exceptions.PodNotFound()
        return usage.stats(self._cluster, known)

    # Below.

    def _current(self, uuid: str) -> Json | None:
        """What the watch tells; where there is none, what the server has
        of a pod that is known. None: to be made, as far as is known."""
        if not self._known.fresh and self._watcher.started:
            self._known.wait_listed(_FIRST_LIST_S)
        if self._known.trouble is not None:
            raise exceptions.EngineUnavailable(self._known.trouble)
        if self._known.fresh:
            return self._known.get(uuid)
        return self._known.get(uuid) and self._ask(uuid)

    def _find(self, uuid: str) -> Json | None:
        """What the watch tells, or else what the server has."""
        known = self._known.get(uuid) if self._known.fresh else None
        return known or self._ask(uuid)

    def _ask(self, uuid: str) -> Json | None:
        query: Query = {'labelSelector': f'{names.selector(self._host)},'
                                         f'{names.POD}={uuid}'}
        for pod in self._cluster.call('GET', '/api/v1/pods',
                                      query=query)['items']:
            return self._known.put(pod)
        held = self._known.get(uuid)
        if held is not None:
            self._known.forget(held)
        return None

    def _must(self, uuid: str, container: str) -> Json:
        known = self._find(uuid)
        if known is None:
            raise exceptions.PodNotFound()
        if not any(one['name'] == container for one in _statuses(known)):
            raise exceptions.ContainerNotFound()
        return known

    def _create(self, pod: Pod) -> status.ObservedPod:
        try:
            with self._namespaces.use(pod) as namespace:
                self._supplier.prepare(pod)
                made = self._cluster.call(
                    'POST', names.pods_path(namespace),
                    mapping.document(
                        pod, self._host, restricted=self._settings
                        .pod_security == 'restricted'))
        except Refused as refused:
            return self._refused(pod, refused)
        self._supply(pod, made['metadata']['uid'])
        return seen.observed(self._known.put(made))

    def _supply(self, pod: Pod, uid: str) -> None:
        """What it refers to; the cluster says what a pod waits for."""
        try:
            self._supplier.keep(pod, uid)
        except Refused as refused:
            LOG.warning('Pod %s: the cluster refuses what it refers to: %s',
                        pod.uuid, refused.message)

    def _limit(self, pod: Pod, namespace: str) -> None:
        try:
            self._namespaces.limiter.keep(namespace, pod.project_limits)
        except Refused as refused:
            LOG.warning('The cluster refuses the quota of namespace %s: %s',
                        namespace, refused.message)

    def _refused(self, pod: Pod, refused: Refused) -> status.ObservedPod:
        if refused.reason == 'AlreadyExists' and self._ask(pod.uuid):
            return self.ensure_pod(pod)
        self._supplier.withdraw(pod)
        # The namespace is gone or going; another refusal says nothing of it.
        if refused.status == 404 or 'being terminated' in refused.message:
            self._namespaces.forget(pod.project_id)
        LOG.info('Pod %s: the cluster refuses it: %s', pod.uuid,
                 refused.message)
        return self._waiting(pod, REFUSED, refused.message)

    def _waiting(self, pod: Pod, reason: str,
                 message: str) -> status.ObservedPod:
        return status.ObservedPod(
            uuid=pod.uuid, project_id=pod.project_id,
            generation=pod.generation,
            recheck_after_s=self._settings.retry_interval,
            status=status.PodStatus(reason=reason, message=message))


def _statuses(known: Json) -> list[Json]:
    told = known['status']
    return [*(told.get('initContainerStatuses') or ()),
            *(told.get('containerStatuses') or ())]


def _ended(known: Json, container: str) -> bool:
    """What waits may run already: under its postStart hook."""
    return any(one['name'] == container and one['state'].get('terminated')
               for one in _statuses(known))
