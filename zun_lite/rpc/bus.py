"""The interface of a bus, and the envelope that answers travel in."""
import abc
import logging
import typing
from collections.abc import Mapping

from oslo_context import context

from zun_lite import exceptions

LOG = logging.getLogger(__name__)

CONDUCTOR_TOPIC = 'zun_lite-conductor'     # any conductor answers
COMPUTE_TOPIC = 'zun_lite-compute'         # server: the host's name
VERSION = '1.0'
"""1.0: all methods of ConductorClient and ComputeClient."""

Context = dict[str, typing.Any]            # {'request_id': 'req-...'}


class Server(abc.ABC):
    """An endpoint that is being served."""

    @abc.abstractmethod
    def stop(self) -> None:
        """Take nothing new, let what runs end, return then."""


class Bus(abc.ABC):
    """Carries plain JSON values between the parts of the service."""

    @abc.abstractmethod
    def call(self, topic: str, server: str | None, method: str, /, *,
             wait_s: float | None = None, **args: typing.Any,
             ) -> typing.Any:
        """The answer of one endpoint's `method(ctx, **args)`.

        `wait_s` None: [rpc] call_timeout.
        :raises Unavailable: nobody answered in that time.
        :raises ZunLiteError: what the far side raised, as its own class.
        """

    @abc.abstractmethod
    def cast(self, topic: str, server: str | None, method: str, /, *,
             key: str | None = None, **args: typing.Any) -> None:
        """Hint at `method(ctx, **args)`; returns at once and may be lost.

        `key`: a hint that still waits under the same key is enough.
        """

    @abc.abstractmethod
    def gather(self, topic: str, server: str | None, method: str, /,
               entries: Mapping[str, typing.Any]) -> None:
        """Hint at `method(ctx, entries=...)`, as `cast`.

        Where many such hints come, one message has the entries of several.
        """

    @abc.abstractmethod
    def serve(self, topic: str, server: str, endpoint: object) -> Server:
        """Let the public methods of `endpoint` be called, many at once."""

    @abc.abstractmethod
    def close(self) -> None:
        """Stop threads and connections; hints that wait are dropped."""


def calling_context() -> Context:
    """What travels beside the arguments: the id that logs are joined by."""
    current = context.get_current()
    return {'request_id': current.request_id if current
            else context.generate_request_id()}


def answer(endpoint: object, method: str, ctx: Context,
           args: dict[str, typing.Any]) -> dict[str, typing.Any]:
    """Run the method; {'result': ...} or {'error': to_dict()}.

    The text of an unforeseen error stays here, in the log.
    """
    context.RequestContext(request_id=ctx.get('request_id'), overwrite=True)
    try:
        return {'result': getattr(endpoint, method)(ctx, **args)}
    except exceptions.ZunLiteError as exc:
        LOG.debug('%s answers %s: %s', method, type(exc).__name__, exc)
        return {'error': exc.to_dict()}
    except Exception:
        LOG.exception('%s failed', method)
        return {'error': exceptions.ZunLiteError().to_dict()}


def opened(envelope: dict[str, typing.Any]) -> typing.Any:
    """The result in an envelope.

    :raises ZunLiteError: the error in it.
    """
    if 'error' in envelope:
        raise exceptions.from_dict(envelope['error'])
    return envelope['result']


def unanswered(topic: str, server: str | None) -> exceptions.Unavailable:
    """The error of a call that nobody answered."""
    who = f'Host {server}' if topic == COMPUTE_TOPIC else 'The conductor'
    return exceptions.Unavailable(
        f'{who} does not answer; try again later.')
