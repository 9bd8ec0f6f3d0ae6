"""Images: present by policy, pulled in the background, each once at a time."""
import contextlib
import dataclasses
import logging
import threading
import time
from collections.abc import Iterator

import docker.errors

from zun_lite.drivers.docker import pulling
from zun_lite.drivers.docker import reference
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.drivers.docker.settings import Settings
from zun_lite.drivers.docker.waiting import NotYet
from zun_lite.drivers.docker.waiting import Retry
from zun_lite.drivers.feed import Feed
from zun_lite.pod import status
from zun_lite.pod.spec import PullPolicy
from zun_lite.pod.supplies import Login

LOG = logging.getLogger(__name__)

_REMEMBERED_S = 30          # how long a seen image is not looked up again
_SHOWN_S = 1.0              # ErrImagePull, before it is ImagePullBackOff


@dataclasses.dataclass(frozen=True, slots=True)
class Image:
    """`user`: what the image's USER says; empty is root."""
    id: str
    user: str = ''


@dataclasses.dataclass(frozen=True, slots=True)
class Want:
    """A run of a container that needs an image."""
    uuid: str
    container: str
    attempt: int
    login: Login | None = None      # at the image's registry


@dataclasses.dataclass(slots=True)
class _Failure:
    retry: Retry
    message: str = ''
    shown: bool = False     # ErrImagePull once, then ImagePullBackOff


class Images:
    """`need` never waits for a pull: it says what is being waited for.

    When a pull ends, every pod that waits for it is reported as changed.
    Failures back off by pod and image, as the kubelet's do.
    """

    def __init__(self, engine: Engine, feed: Feed, settings: Settings):
        self._engine, self._feed, self._settings = engine, feed, settings
        self._turn = threading.BoundedSemaphore(settings.pull_workers)
        self._lock = threading.Lock()
        self._present: dict[str, tuple[Image, float]] = {}
        # By login too: whoever has none gets nothing by another's.
        self._pulls: dict[tuple[str, Login | None], set[Want]] = {}
        self._pulled: set[Want] = set()
        self._failures: dict[tuple[str, str], _Failure] = {}

    def need(self, image: str, policy: PullPolicy,
             want: Want) -> Image | NotYet:
        """The image, if `policy` allows its use now."""
        try:
            reference.split(image)
        except ValueError as exc:
            return NotYet(status.INVALID_IMAGE_NAME, str(exc))
        if policy is not PullPolicy.ALWAYS or self._was_pulled(want):
            found = self._find(image)
            if found is not None:
                self._settle(image, want, policy)
                return found
        if policy is PullPolicy.NEVER:
            return NotYet(
                status.ERR_IMAGE_NEVER_PULL,
                f'Container image "{image}" is not present with pull policy '
                f'of Never', self._settings.retry_backoff_cap)
        return self._pull(image, want)

    def forget(self, image: str) -> None:
        """The engine says it is gone."""
        self._present.pop(image, None)

    @contextlib.contextmanager
    def renamed(self, image: str) -> Iterator[None]:
        """Meanwhile another image may get this name.

        What had it is removed then, if nothing needs it: nobody could find
        it to remove it later.
        """
        self.forget(image)
        before = self._find(image)
        yield
        self.forget(image)
        if before is not None:
            self._remove_unnamed(before.id)

    def _remove_unnamed(self, image_id: str) -> None:
        try:
            found = self._engine.api.inspect_image(image_id)
            if not found.get('RepoTags') and not found.get('RepoDigests'):
                self._engine.api.remove_image(image_id)
        except docker.errors.APIError as exc:   # in use, or gone
            LOG.debug('Image %s stays: %s', image_id, explain(exc))

    def forget_pod(self, uuid: str) -> None:
        with self._lock:
            self._pulled = {w for w in self._pulled if w.uuid != uuid}
            for key in [k for k in self._failures if k[0] == uuid]:
                del self._failures[key]
            for wants in self._pulls.values():
                wants.difference_update(
                    [w for w in wants if w.uuid == uuid])

    def _was_pulled(self, want: Want) -> bool:
        with self._lock:
            return want in self._pulled

    def _find(self, image: str) -> Image | None:
        known = self._present.get(image)
        if known is not None and time.monotonic() < known[1]:
            return known[0]
        try:
            body = self._engine.api.inspect_image(image)
        except docker.errors.ImageNotFound:
            self.forget(image)
            return None
        found = Image(body['Id'], (body.get('Config') or {}).get('User', ''))
        self._present[image] = found, time.monotonic() + _REMEMBERED_S
        return found

    def _settle(self, image: str, want: Want, policy: PullPolicy) -> None:
        with self._lock:
            pulled = want in self._pulled
            self._pulled.discard(want)
            self._failures.pop((want.uuid, image), None)
        if want.container and not pulled and (
                policy is not PullPolicy.ALWAYS):
            self._feed.event(
                want.uuid, 'Pulled', f'Container image "{image}" already '
                f'present on machine', want.container or None)

    def _pull(self, image: str, want: Want) -> NotYet:
        now = time.monotonic()
        with self._lock:
            failure = self._failures.get((want.uuid, image))
            if failure is not None and now < failure.retry.at:
                return self._show(image, failure, now)
            begun = (image, want.login) in self._pulls
            wants = self._pulls.setdefault((image, want.login), set())
            joined, before = want not in wants, failure
            wants.add(want)
        if joined:
            self._feed.event(
                want.uuid, 'Pulling', f'Pulling image "{image}"',
                want.container or None)
        if not begun:
            # Not a pool of futures: those are waited for at exit.
            threading.Thread(
                target=self._work, args=(image, want.login), daemon=True,
                name='docker-pull').start()
        if before is not None:
            return NotYet(status.ERR_IMAGE_PULL, before.message)
        return NotYet(status.CONTAINER_CREATING, f'pulling image "{image}"')

    @staticmethod
    def _show(image: str, failure: _Failure, now: float) -> NotYet:
        left = failure.retry.at - now
        if not failure.shown:
            failure.shown = True
            return NotYet(status.ERR_IMAGE_PULL, failure.message,
                          min(left, _SHOWN_S))
        return NotYet(
            status.IMAGE_PULL_BACK_OFF, f'Back-off pulling image "{image}": '
            f'{status.ERR_IMAGE_PULL}: {failure.message}', left)

    def _work(self, image: str, login: Login | None) -> None:
        with self._turn:
            begun = time.monotonic()
            fault = self._fault(image, login)
        self.forget(image)
        with self._lock:
            wants = self._pulls.pop((image, login), set())
            for want in wants:
                if fault is None:
                    self._pulled.add(want)
                else:
                    self._note(want, image, fault)
        for want in wants:
            self._tell(want, image, fault, time.monotonic() - begun)

    def _fault(self, image: str, login: Login | None) -> str | None:
        """Pull; what went wrong, or None."""
        try:
            pulling.pull(self._engine, image, login)
        except pulling.PullFailed as exc:
            return str(exc)
        except Exception as exc:    # whoever waits must learn of any end
            LOG.exception('Pulling %s failed unexpectedly', image)
            return f'{type(exc).__name__}: {exc}'
        return None

    def _note(self, want: Want, image: str, fault: str) -> None:
        failure = self._failures.setdefault(
            (want.uuid, image), _Failure(Retry(
                self._settings.retry_backoff_base,
                self._settings.retry_backoff_cap)))
        message = f'failed to pull image "{image}": {fault}'
        failure.message, failure.shown = message, False
        failure.retry.failed(time.monotonic())

    def _tell(self, want: Want, image: str, fault: str | None,
              took_s: float) -> None:
        if fault is None:
            self._feed.event(
                want.uuid, 'Pulled', f'Successfully pulled image "{image}" '
                f'in {took_s:.1f}s', want.container or None)
        else:
            self._feed.event(
                want.uuid, 'Failed', f'Failed to pull image "{image}": '
                f'{fault}', want.container or None, warning=True)
        self._feed.changed(want.uuid)
