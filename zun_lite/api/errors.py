"""The one place where what goes wrong becomes HTTP.

The body is the one that Zun's clients read, with every field's fault:

    {"errors": [{"request_id", "code", "status", "title", "detail",
                 "links": [], "fields": [{"path", "message"}]}]}

The text of a 500 stays in the log, under the request id that it answers.
"""
import json
import logging
import typing

from pecan import hooks
from webob import exc as webob_exc

from zun_lite import exceptions
from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.api import response

LOG = logging.getLogger(__name__)

RETRY_AFTER_S = 5

# What clients choose another version by.
_RANGE = {'min_version': str(microversion.MIN),
          'max_version': str(microversion.MAX),
          'links': [{'rel': 'help', 'href': links.GUIDE}]}


class MethodNotAllowed(exceptions.ZunLiteError):
    """The path exists, but not for this method."""
    status, code = 405, 'zun_lite.request.method'

    def __init__(self, allow: typing.Iterable[str]) -> None:
        self.allow = ', '.join(sorted(allow))
        super().__init__(f'This path takes {self.allow}.')


class HttpError(exceptions.ZunLiteError):
    """An error of the framework that none of ours stands for."""
    code = 'zun_lite.request'

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def known(exc: BaseException) -> exceptions.ZunLiteError:
    """The error of our tree that `exc` is; the root for a bug."""
    if isinstance(exc, exceptions.ZunLiteError):
        return exc
    if isinstance(exc, webob_exc.HTTPNotFound):
        return exceptions.NotFound('There is no such path.')
    if isinstance(exc, webob_exc.HTTPException) and exc.status_int < 500:
        return HttpError(exc.status_int, exc.title)
    return exceptions.ZunLiteError()


def _said(error: exceptions.ZunLiteError) -> tuple[str, str]:
    """(title, detail): the first fault of the fields, and every one.

    Zun's clients show the title. Some messages tell the first fault already.
    """
    if not error.fields:
        return error.message, error.message
    faults = [str(f) if f.path else f'The body {f.message}'
              for f in error.fields]
    told = error.fields[0].message in error.message
    lead = '' if told else f'{error.message} '
    more = {1: '', 2: ' (and 1 more fault)'}.get(
        len(faults), f' (and {len(faults) - 1} more faults)')
    title = error.message if told else f'{lead}{faults[0]}{more}'
    return title, lead + '; '.join(faults)


def document(error: exceptions.ZunLiteError,
             request_id: str) -> dict[str, typing.Any]:
    """The body, as plain values."""
    title, detail = _said(error)
    if error.status == 500:
        title = 'Internal Server Error'
        detail = (f'{exceptions.ZunLiteError.default} The log has it under '
                  f'{request_id}.')
    found = {
        'request_id': request_id, 'code': error.code, 'title': title,
        'status': error.status, 'detail': detail, 'links': [],
        'fields': [] if error.status == 500 else [
            {'path': f.path, 'message': f.message} for f in error.fields]}
    if isinstance(error, microversion.OutOfRange):
        found |= _RANGE
    return {'errors': [found]}


def _extra_headers(error: exceptions.ZunLiteError,
                   version: microversion.Version | None) -> response.Headers:
    if isinstance(error, MethodNotAllowed):
        return [('Allow', error.allow)]
    # python-zunclient 5.5.0 breaks at this header and shows no error.
    if error.status == 503 and (version or microversion.MIN) >= (
            microversion.PODS):
        return [('Retry-After', str(RETRY_AFTER_S))]
    return []


def render(exc: BaseException, request_id: str,
           version: microversion.Version | None = None,
           ) -> tuple[int, response.Headers, bytes]:
    """Status, headers and body for `exc`; logs what an operator must see.

    `version`: the one that is served, where that is known.
    """
    error = known(exc)
    if error.status == 500:
        LOG.error('%s: unexpected failure', request_id, exc_info=exc)
    elif error.status > 500:
        LOG.warning('%s: %s: %s', request_id, type(error).__name__, error)
    body = json.dumps(document(error, request_id)).encode()
    return error.status, [('Content-Type', 'application/json'),
                          *_extra_headers(error, version)], body


def answer(exc: BaseException, environ: dict[str, typing.Any],
           start_response: typing.Any,
           extra: typing.Iterable[tuple[str, str]] = ()) -> list[bytes]:
    """Answer a WSGI request with `exc`, outside of pecan."""
    status, headers, body = render(exc, environ['openstack.request_id'])
    start_response(response.STATUS[status], [
        *headers, ('Content-Length', str(len(body))), *extra])
    return [body]


class ErrorHook(hooks.PecanHook):
    """Whatever a controller or hook raises is answered here."""

    def on_error(self, state: typing.Any,
                 exc: Exception) -> response.Response:
        environ = state.request.environ
        status, headers, body = render(
            exc, environ['openstack.request_id'],
            environ.get('zun_lite.version'))
        return response.Response().fill(body, status, headers)
