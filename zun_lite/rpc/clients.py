"""What the processes ask of each other, as methods.

An endpoint that is served has methods of the same names and arguments, with
the context ({'request_id': ...}) first.
"""
import base64
import logging
import typing
from collections.abc import Mapping
from collections.abc import Sequence

from zun_lite.conf import CONF
from zun_lite.rpc import bus

LOG = logging.getLogger(__name__)

Plain = dict[str, typing.Any]


class ConductorClient:
    """Asks any conductor."""

    def __init__(self, over: bus.Bus) -> None:
        self._bus = over

    def _call(self, method: str, **args: typing.Any) -> typing.Any:
        return self._bus.call(bus.CONDUCTOR_TOPIC, None, method, **args)

    def pod_changed(self, uuid: str) -> None:
        """Hint that the pod's desired state changed. Never raises."""
        try:
            self._bus.gather(bus.CONDUCTOR_TOPIC, None, 'pods_changed', {
                uuid: bus.calling_context()['request_id']})
        except Exception:
            LOG.exception('pod %s: the hint is lost; a sweep finds it', uuid)

    def config_changed(self, project_id: str, kind: str,
                       name: str) -> None:
        """Hint that a config or secret changed. Never raises."""
        try:
            self._bus.cast(bus.CONDUCTOR_TOPIC, None, 'config_changed',
                           key=f'{project_id} {kind} {name}', name=name,
                           project_id=project_id, kind=kind)
        except Exception:
            LOG.exception('%s %s: the hint is lost; a resync finds it',
                          kind, name)

    def register_host(self, host: str, driver: str, inventory: Plain,
                      capabilities: Sequence[str], max_pods: int) -> Plain:
        """Begin a new epoch of `host`: {'epoch': int, 'deployment': uuid}.

        `inventory`: the fields of drivers' Inventory. What an agent of an
        older epoch sends from now on is refused. `deployment`: the
        database's; pods of another are not this conductor's to remove.
        """
        return self._call('register_host', host=host, driver=driver,
                          inventory=inventory, max_pods=max_pods,
                          capabilities=list(capabilities))

    def heartbeat(self, host: str, epoch: int, inventory: Plain | None,
                  capabilities: Sequence[str],
                  engine_error: str | None) -> Plain:
        """Say that the agent lives: {'resync': bool}.

        `inventory` None: not known now, keep the last. `resync`: the host
        was held for silent; report everything again.
        :raises StaleEpoch: a newer agent has registered; this one must end.
        :raises HostNotFound: it never registered, or was removed.
        """
        return self._call('heartbeat', host=host, epoch=epoch,
                          inventory=inventory, engine_error=engine_error,
                          capabilities=list(capabilities))

    def report(self, host: str, epoch: int, statuses: list[Plain],
               events: list[Plain]) -> Plain:
        """Hand over observations: {'unknown': [uuid, ...]}.

        statuses, at most 100: {'uuid', 'generation' (the desired one that
        was acted on), 'sequence' (rises within the epoch), 'gone': bool,
        'status': PodStatus.to_dict() | None}. events, at most 100: {'uuid',
        **PodEvent}. `unknown`: pods that no record wants on this host.
        :raises StaleEpoch: as for `heartbeat`.
        :raises HostNotFound: as for `heartbeat`.
        """
        return self._call('report', host=host, epoch=epoch,
                          statuses=statuses, events=events)

    def list_pods(self, host: str, epoch: int, marker: str | None,
                  limit: int) -> Plain:
        """A page of what `host` should have.

        {'pods': [spec.Pod as JSON values, ...], 'next': marker | None}
        :raises StaleEpoch: as for `heartbeat`.
        :raises HostNotFound: as for `heartbeat`.
        """
        return self._call('list_pods', host=host, epoch=epoch,
                          marker=marker, limit=limit)

    def image_done(self, host: str, epoch: int, uuid: str, generation: int,
                   outcome: Plain) -> None:
        """Say what came of an image that `sync_images` handed over.

        outcome: {'state': 'present' | 'failed' | None (it is gone),
        'image_id': str, 'size': bytes, 'reason': str}, as far as known.
        :raises StaleEpoch: as for `heartbeat`.
        :raises HostNotFound: as for `heartbeat`.
        """
        self._call('image_done', host=host, epoch=epoch, uuid=uuid,
                   generation=generation, outcome=outcome)


class ComputeClient:
    """Asks the agent of one host.

    The reads raise what the driver raised, and Unavailable when the host
    does not answer.
    """

    def __init__(self, over: bus.Bus) -> None:
        self._bus = over

    def _call(self, host: str, method: str, extra_s: float = 0.0,
              **args: typing.Any) -> typing.Any:
        return self._bus.call(bus.COMPUTE_TOPIC, host, method,
                              wait_s=CONF.rpc.call_timeout + extra_s,
                              **args)

    def sync_pods(self, host: str, pods: list[Plain],
                  requests: Mapping[str, str | None]) -> None:
        """Hint at the newest desired pods (spec.Pod as JSON values).

        `requests`: by UUID, the id of the request behind the change.
        """
        try:
            self._bus.cast(bus.COMPUTE_TOPIC, host, 'sync_pods', pods=pods,
                           requests=requests)
        except Exception:
            LOG.exception('host %s: a hint is lost; a sweep finds it', host)

    def sync_images(self, host: str, images: Sequence[Plain]) -> None:
        """Hint at images that the host is to fetch, to make or to remove.

        {'uuid', 'generation', 'image': 'repository:tag', 'state': 'pulling'
        | 'committing' | 'deleting', 'container': the UUID of the one that
        it is made of}; the agent answers with `image_done`.
        """
        try:
            self._bus.cast(bus.COMPUTE_TOPIC, host, 'sync_images',
                           images=list(images))
        except Exception:
            LOG.exception('host %s: a hint is lost; a sweep finds it', host)

    def search_images(self, host: str, term: str) -> list[Plain]:
        """See drivers' `Images`."""
        return self._call(host, 'search_images', term=term)

    def logs(self, host: str, uuid: str, container: str, *,
             tail: int | None = None, since: str | None = None,
             timestamps: bool = False, previous: bool = False,
             limit_bytes: int = 2**20) -> bytes:
        """See drivers' `Logs`. The endpoint answers {'data': base64}."""
        answer = self._call(
            host, 'logs', uuid=uuid, container=container, tail=tail,
            since=since, timestamps=timestamps, previous=previous,
            limit_bytes=limit_bytes)
        return base64.b64decode(answer['data'])

    def logs_of(self, host: str, uuid: str, container: str, stream: int, *,
                tail: int | None = None, since: str | None = None,
                timestamps: bool = False,
                limit_bytes: int = 2**20) -> bytes:
        """See drivers' `SplitLogs`. The endpoint answers {'data': base64}."""
        answer = self._call(
            host, 'logs_of', uuid=uuid, container=container, stream=stream,
            tail=tail, since=since, timestamps=timestamps,
            limit_bytes=limit_bytes)
        return base64.b64decode(answer['data'])

    def exec(self, host: str, uuid: str, container: str,
             command: Sequence[str], *, timeout_s: float,
             limit_bytes: int = 2**20) -> Plain:
        """See drivers' `Exec`.

        {'exit_code': int, 'stdout': bytes, 'stderr': bytes, 'truncated':
        bool}; the endpoint answers with both outputs in base64.
        """
        answer = self._call(
            host, 'exec', extra_s=timeout_s, uuid=uuid, container=container,
            command=list(command), timeout_s=timeout_s,
            limit_bytes=limit_bytes)
        return answer | {'stdout': base64.b64decode(answer['stdout']),
                         'stderr': base64.b64decode(answer['stderr'])}

    def top(self, host: str, uuid: str, container: str) -> Plain:
        """See drivers' `Top`."""
        return self._call(host, 'top', uuid=uuid, container=container)

    def signal(self, host: str, uuid: str, container: str,
               signal: str) -> None:
        """See drivers' `Signal`."""
        self._call(host, 'signal', uuid=uuid, container=container,
                   signal=signal)

    def update(self, host: str, uuid: str, container: str, *,
               cpu_millis: int | None, memory_bytes: int | None) -> None:
        """See drivers' `Update`."""
        self._call(host, 'update', uuid=uuid, container=container,
                   cpu_millis=cpu_millis, memory_bytes=memory_bytes)

    def stats(self, host: str, uuid: str) -> list[Plain]:
        """See drivers' `Stats`."""
        return self._call(host, 'stats', uuid=uuid)

    def open_stream(self, host: str, kind: str, uuid: str, container: str,
                    **args: typing.Any) -> Plain:
        """Prepare a stream on the agent's own port.

        {'url', 'token', 'session', 'ttl'}: `token` opens it at `url` once,
        within `ttl` seconds. `args`: of the driver's verb.
        """
        return self._call(host, 'open_stream', kind=kind, uuid=uuid,
                          container=container, args=args)

    def find_stream(self, host: str, uuid: str, token: str) -> Plain:
        """{'url'}: where `token` opens a stream of this pod.

        :raises Unauthorized: nowhere.
        """
        return self._call(host, 'find_stream', uuid=uuid, token=token)

    def resize_stream(self, host: str, uuid: str, container: str, *,
                      width: int, height: int,
                      session: str | None = None) -> None:
        """The size of a session's terminal, or of all that are attached.

        :raises Conflict: there is none.
        """
        self._call(host, 'resize_stream', uuid=uuid, container=container,
                   width=width, height=height, session=session)
