"""A client and an agent, joined until one of them ends."""
import asyncio
import logging

import websockets.exceptions
from websockets.asyncio import client
from websockets.asyncio import connection as connections
from websockets.asyncio import server

from zun_lite import exceptions
from zun_lite.streams import quiet
from zun_lite.streams import sockets
from zun_lite.streams import tls
from zun_lite.streams import wire
from zun_lite.wsproxy import joining
from zun_lite.wsproxy import text

LOG = logging.getLogger(__name__)

OPEN_S = 30.0
CLOSE_S = 2.0
# What is held for who is slow to take it, at least; beside it each side's
# connection has a message or two on its way.
BUFFER = 2 * wire.SESSION_PIECE
# Codes of RFC 6455: the end, and an end that is a fault of the service.
NORMAL, FAULT = 1000, 1011
WEBSOCKETS_LOG = quiet.logger('zun_lite.wsproxy.websockets')


async def join(place: joining.Place) -> client.ClientConnection:
    """Open the session at its agent; it is the client's from here.

    :raises ZunLiteError: why the agent cannot open it.
    :raises Unavailable: the agent does not answer.
    """
    try:
        agent = await client.connect(
            place.url, ssl=tls.to_agents(place.url), proxy=None,
            compression=None, user_agent_header=None,
            additional_headers={'Authorization': wire.SCHEME + place.token},
            max_size=wire.MAX_MESSAGE, max_queue=1, write_limit=BUFFER,
            ping_interval=None, open_timeout=OPEN_S, close_timeout=CLOSE_S,
            logger=WEBSOCKETS_LOG)
    except websockets.exceptions.InvalidStatus as exc:
        if exc.response.status_code == 401:
            raise exceptions.Unauthorized(
                'There is no such session.') from exc
        raise _no_answer() from exc
    except (OSError, TimeoutError,
            websockets.exceptions.WebSocketException) as exc:
        raise _no_answer() from exc
    sockets.keep_alive(agent.transport.get_extra_info('socket'))
    try:
        async with asyncio.timeout(OPEN_S):
            wire.parsed(str(await agent.recv()))
    except BaseException as exc:
        agent.transport.abort()
        if isinstance(exc, TimeoutError | websockets.exceptions.
                      ConnectionClosed):
            raise _no_answer() from exc
        raise
    return agent


def _no_answer() -> exceptions.Unavailable:
    return exceptions.Unavailable(
        "The session's host does not answer; try again later.")


async def _inward(who: server.ServerConnection,
                  agent: client.ClientConnection) -> None:
    """Keystrokes; a text frame is as good as a binary one."""
    async for message in who:
        data = message.encode() if isinstance(message, str) else message
        for at in range(0, len(data), wire.PIECE):
            await agent.send(data[at:at + wire.PIECE])


async def _outward(who: server.ServerConnection,
                   agent: client.ClientConnection) -> int:
    """What the process writes, without the byte that says where."""
    cutters = {1: text.Cutter(), 2: text.Cutter()}
    code = FAULT
    async for message in agent:
        if isinstance(message, str):
            wire.parsed(message)
            code = NORMAL
            break
        data = cutters[message[0]].feed(message[1:])
        if data:
            await who.send(data)
    for cutter in cutters.values():
        if rest := cutter.rest():
            await who.send(rest)
    return code


async def carry(who: server.ServerConnection,
                agent: client.ClientConnection) -> None:
    """Pass both ways until one side ends; then both have ended.

    Each direction waits for its slower side, and nothing is held but what
    is just being passed on.
    """
    sockets.keep_alive(who.transport.get_extra_info('socket'))
    inward = asyncio.create_task(_inward(who, agent))
    outward = asyncio.create_task(_outward(who, agent))
    try:
        await asyncio.wait({inward, outward},
                           return_when=asyncio.FIRST_COMPLETED)
        if who.state is connections.State.OPEN:
            # Where the agent took no more input: it still has last words.
            await asyncio.wait({outward})
        code, why = await _ended(inward, outward)
    finally:
        agent.transport.abort()
    await _close(who, code, why)


async def _ended(inward: 'asyncio.Task[None]', outward: 'asyncio.Task[int]',
                 ) -> tuple[int, str]:
    """The code and reason to tell the client, should it still be there."""
    if not outward.done():
        outward.cancel()
    results = await asyncio.gather(outward, return_exceptions=True)
    inward.cancel()
    await asyncio.gather(inward, return_exceptions=True)
    match results[0]:
        case int() as code:
            return code, '' if code == NORMAL else 'The host is gone.'
        case exceptions.ZunLiteError() as error:
            return FAULT, error.message[:100]
        case websockets.exceptions.ConnectionClosed():
            return FAULT, 'The host is gone.'
        case asyncio.CancelledError():
            return NORMAL, ''
        case error:
            LOG.error('A session failed', exc_info=error)
            return FAULT, ''


async def _close(who: connections.Connection, code: int, why: str) -> None:
    try:
        async with asyncio.timeout(CLOSE_S):
            await who.close(code, why)
    except (TimeoutError, OSError):
        who.transport.abort()
