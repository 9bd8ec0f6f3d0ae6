"""The operations of the API: one table that routes, checks and documents.

A controller's method says with `operation` where it stands, what it takes
and what it answers. The router finds it by that, the hooks check version,
policy and query by that, and the OpenAPI document is made from that; so what
is documented is what is done.
"""
import dataclasses
import inspect
import typing
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping

import pecan
import pydantic

from zun_lite import exceptions
from zun_lite.api import errors
from zun_lite.api import microversion

JSON = 'application/json'
TEXT = 'text/plain'
TAR = 'application/x-tar'
JSON_TYPES = (JSON,)
MERGE_TYPES = ('application/merge-patch+json', JSON)
MANIFEST_TYPES = (JSON, 'application/yaml', 'application/x-yaml',
                  'text/yaml', 'text/x-yaml')

Model = type[pydantic.BaseModel]


class NoQuery(pydantic.BaseModel):
    """An operation without query parameters."""
    model_config = pydantic.ConfigDict(extra='forbid', frozen=True)


@dataclasses.dataclass(frozen=True, slots=True)
class Operation:
    """What a method of a controller offers."""
    method: str
    path: str                     # /v1/pods/{pod}/logs
    summary: str
    rule: str | None = None       # policy; None: open to everyone
    query: Model = NoQuery
    body: Model | None = None
    body_types: tuple[str, ...] = JSON_TYPES
    body_required: bool = True
    answers: Mapping[int, Model | None] = dataclasses.field(
        default_factory=dict)     # status -> body; None: no body or text
    produces: str = JSON
    or_json: bool = False         # a JSON string, where only JSON is accepted
    errors: tuple[int, ...] = ()  # beside those that every operation has
    born: microversion.Version | None = microversion.PODS   # None: any
    unversioned: microversion.Version | None = None     # None: `born`
    merged: bool = False          # the body may hold what the query may
    last: microversion.Version | None = None    # None: the newest
    all_projects: str = 'pod:all_projects'      # rule for looking there
    streamed: bool = False        # the body is any bytes, as they come
    spans: bool = False           # its variable may hold slashes
    name: str = ''                # operationId: pods.create

    @property
    def public(self) -> bool:
        """Whether it may be asked for without proving who asks."""
        return self.rule is None


Handler = Callable[..., typing.Any]


def operation(method: str, path: str, summary: str,
              **details: typing.Any) -> Callable[[Handler], Handler]:
    """Make a controller's method answer `method` of `path`."""
    def decorate(handler: Handler) -> Handler:
        handler.operation = Operation(       # type: ignore[attr-defined]
            method, path, summary, name=handler.__qualname__.lower(),
            **details)
        return pecan.expose(content_type=None)(handler)
    return decorate


def of(handler: Handler) -> Operation:
    """The operation that a handler was decorated with."""
    return handler.operation                 # type: ignore[attr-defined]


class _Node:
    """A path segment: what may follow it, and what it answers.

    `spans`: it takes all segments up to one of its children.
    """
    __slots__ = ('children', 'handlers', 'spans', 'variable')

    def __init__(self) -> None:
        self.spans = False
        self.children: dict[str, _Node] = {}
        self.variable: _Node | None = None
        self.handlers: dict[str, Handler] = {}


class Router:
    """Finds the handler of a method and path."""

    def __init__(self, controllers: typing.Iterable[object]) -> None:
        self._root = _Node()
        self.handlers = [h for c in controllers for h in handlers(c)]
        for handler in self.handlers:
            self._add(handler)
        self.public = frozenset(of(h).path for h in self.handlers
                                if of(h).public)

    def _add(self, handler: Handler) -> None:
        node = self._root
        for segment in of(handler).path.strip('/').split('/'):
            if segment.startswith('{'):
                node.variable = node.variable or _Node()
                node = node.variable
                node.spans |= of(handler).spans
            elif segment:
                node = node.children.setdefault(segment, _Node())
        taken = node.handlers.setdefault(of(handler).method, handler)
        assert taken is handler, f'{of(handler)} is there twice'  # noqa: S101

    def _find(self, segments: list[str]) -> tuple[_Node | None, list[str]]:
        node: _Node | None = self._root
        values: list[str] = []
        for segment in segments:
            if node is None:
                break
            child = node.children.get(segment)
            if child is None and node.spans:
                values[-1] += f'/{segment}'
                continue
            if child is None:
                child = node.variable
                values.append(segment)
            node = child
        return node, values

    def _node(self, path: str) -> tuple[_Node, list[str]]:
        segments = [s for s in path.split('/') if s]
        node, values = self._find(segments)
        if node is None:
            node, values = self._find(['v1', *segments])
        if node is None or not node.handlers:
            raise exceptions.NotFound('There is no such path.')
        return node, values

    def methods(self, path: str) -> set[str]:
        """What `path` takes.

        :raises NotFound: there is no such path.
        """
        return allowed(self._node(path)[0].handlers)

    def streamed(self, method: str, path: str) -> bool:
        """Whether the body of such a request is passed on as it comes."""
        try:
            handler = self._node(path)[0].handlers.get(method)
        except exceptions.NotFound:
            return False
        return handler is not None and of(handler).streamed

    def lookup(self, method: str, path: str) -> tuple[Handler, list[str]]:
        """The handler and the values of the path's variables.

        Empty segments do not count, and /pods stands for /v1/pods.

        :raises NotFound: there is no such path.
        :raises MethodNotAllowed:
        """
        node, values = self._node(path)
        handler = node.handlers.get(method)
        if handler is None:
            raise errors.MethodNotAllowed(allowed(node.handlers))
        return handler, values


def allowed(methods: typing.Iterable[str]) -> set[str]:
    """What to tell in Allow: GET brings HEAD, OPTIONS is always there."""
    found = {*methods, 'OPTIONS'}
    return found | {'HEAD'} if 'GET' in found else found


def handlers(controller: object) -> Iterator[Handler]:
    """The methods of a controller that are operations."""
    for name, member in inspect.getmembers(type(controller)):
        if hasattr(member, 'operation'):
            yield getattr(controller, name)
