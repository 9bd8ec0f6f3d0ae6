"""A client that calls a WSGI application in this process."""
import base64
import io
import json
import typing
from wsgiref import util
from wsgiref import validate

Headers = dict[str, str]


class Answer(typing.NamedTuple):
    status: int
    headers: Headers            # names in lower case
    body: bytes

    @property
    def json(self) -> typing.Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, typing.Any]:
        return self.json['errors'][0]

    @property
    def paths(self) -> list[str]:
        """Of the faults in the error."""
        return [field['path'] for field in self.error['fields']]


class Client:
    """`checked`: hold the application to the WSGI specification too."""

    def __init__(self, app: typing.Any, headers: Headers | None = None,
                 checked: bool = True) -> None:
        self._app = validate.validator(app) if checked else app
        self._headers = headers or {}

    def as_user(self, name: str, password: str) -> 'Client':
        """The same application with HTTP Basic credentials."""
        pair = base64.b64encode(f'{name}:{password}'.encode()).decode()
        return self.with_headers(Authorization=f'Basic {pair}')

    def with_headers(self, **headers: str) -> 'Client':
        """More headers; an underscore stands for a hyphen."""
        more = {k.replace('_', '-'): v for k, v in headers.items()}
        return Client(self._app, self._headers | more, checked=False)

    def __call__(self, method: str, path: str, body: typing.Any = None,
                 headers: Headers | None = None,
                 **environ: typing.Any) -> Answer:
        """Send; `body` is bytes, or anything else as JSON."""
        sent = self._environ(method, path, body, headers or {})
        sent.update(environ)
        util.setup_testing_defaults(sent)
        told: list[typing.Any] = []

        def start(status: str, found: list[tuple[str, str]],
                  exc_info: typing.Any = None) -> typing.Any:
            told[:] = [status, found]
            return io.BytesIO().write
        answer = self._app(sent, start)
        try:
            content = b''.join(answer)
        finally:
            if hasattr(answer, 'close'):
                answer.close()
        names = [k.lower() for k, _ in told[1]]
        twice = {k for k in names if names.count(k) > 1} - {'link'}
        assert not twice, f'more than once: {twice}'
        return Answer(int(told[0][:3]),
                      {k.lower(): v for k, v in told[1]}, content)

    def _environ(self, method: str, path: str, body: typing.Any,
                 headers: Headers) -> dict[str, typing.Any]:
        path, _, query = path.partition('?')
        found: dict[str, typing.Any] = {
            'REQUEST_METHOD': method, 'PATH_INFO': path,
            'SCRIPT_NAME': '', 'QUERY_STRING': query,
            'REMOTE_ADDR': '127.0.0.1', 'HTTP_HOST': 'api.test:9517'}
        if body is not None:
            data = body if isinstance(body, bytes) else (
                json.dumps(body).encode())
            found |= {'CONTENT_TYPE': 'application/json',
                      'CONTENT_LENGTH': str(len(data)),
                      'wsgi.input': io.BytesIO(data)}
        for name, value in (self._headers | headers).items():
            key = name.upper().replace('-', '_')
            found[key if key in ('CONTENT_TYPE', 'CONTENT_LENGTH')
                  else f'HTTP_{key}'] = value
        return found

    def get(self, path: str, **more: typing.Any) -> Answer:
        return self('GET', path, **more)

    def post(self, path: str, body: typing.Any = None,
             **more: typing.Any) -> Answer:
        return self('POST', path, body, **more)

    def patch(self, path: str, body: typing.Any,
              **more: typing.Any) -> Answer:
        return self('PATCH', path, body, **more)

    def delete(self, path: str, **more: typing.Any) -> Answer:
        return self('DELETE', path, **more)
