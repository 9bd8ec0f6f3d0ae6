"""What stands before everything else: ids, paths, faults, HEAD.

Whatever goes wrong behind it, the caller gets an answer in our shape that
carries the request id under which the log has the details.
"""
import logging
import time
import typing
from collections.abc import Iterable

from oslo_context import context as oslo_context

from zun_lite import context
from zun_lite import exceptions
from zun_lite.api import body
from zun_lite.api import errors

LOG = logging.getLogger(__name__)

REQUEST_ID = 'X-Openstack-Request-Id'
GLOBAL_ID = 'X-Openstack-Global-Request-Id'

Environ = dict[str, typing.Any]
App = typing.Callable[..., Iterable[bytes]]


def _identify(environ: Environ) -> list[tuple[str, str]]:
    """Give the request its id; the headers that tell it.

    As everywhere in OpenStack, the id a caller sends is kept beside ours
    (they may send one for many requests) and ours is the answer's.
    """
    request_id = oslo_context.generate_request_id()
    environ['openstack.request_id'] = request_id
    headers = [(REQUEST_ID, request_id)]
    sent = environ.get('HTTP_X_OPENSTACK_REQUEST_ID', '')
    if context.valid_request_id(sent):
        environ['openstack.global_request_id'] = sent
        headers.append((GLOBAL_ID, sent))
    return headers


def _clean_path(environ: Environ) -> None:
    """Doubled and trailing slashes mean nothing; odd bytes are refused.

    :raises Invalid: the path is not UTF-8.
    """
    path = environ.get('PATH_INFO') or '/'
    if not path.isascii():
        try:
            path.encode('latin-1').decode()
        except UnicodeError as exc:
            raise exceptions.Invalid('The path is not UTF-8.') from exc
    if '//' in path or path[-1] == '/':
        path = '/' + '/'.join(filter(None, path.split('/')))
    environ['PATH_INFO'] = path


class Front:
    """Outermost middleware."""

    def __init__(self, app: App, streamed: typing.Callable[
            [str, str], bool] = lambda method, path: False) -> None:
        self._app = app
        self.streamed = streamed

    def __call__(self, environ: Environ,
                 start_response: typing.Any) -> Iterable[bytes]:
        began = time.monotonic()
        headers = _identify(environ)
        status = ''

        def start(line: str, given: list[tuple[str, str]],
                  exc_info: typing.Any = None) -> typing.Any:
            nonlocal status
            status = line
            return start_response(line, [*given, *headers], exc_info)

        head = environ['REQUEST_METHOD'] == 'HEAD'
        if head:
            environ['REQUEST_METHOD'] = 'GET'
        try:
            _clean_path(environ)
            body.refuse_large(environ, self.streamed)
            answer = self._app(environ, start)
        except Exception as exc:
            answer = errors.answer(exc, environ, start)
        if status[:1] in ('4', '5') and self.streamed(
                environ['REQUEST_METHOD'], environ['PATH_INFO']):
            body.drain(environ)
        LOG.debug('%s %s %r: %s in %.1f ms', headers[0][1],
                  environ['REQUEST_METHOD'], environ['PATH_INFO'], status,
                  (time.monotonic() - began) * 1000)
        return _without_body(answer) if head else answer


def _without_body(answer: Iterable[bytes]) -> Iterable[bytes]:
    if hasattr(answer, 'close'):
        answer.close()
    return ()
