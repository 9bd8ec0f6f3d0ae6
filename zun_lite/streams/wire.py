"""What a stream's messages mean.

Data are binary messages. All else are text: JSON objects with a `type`.

opened  the agent's first message: {'tty'?, 'info'?: of an archive}
end     nothing more comes: {'exit_code'?}; also what ends an upload
error   as `exceptions.to_dict` writes it, first or last: {'error'}

What a session writes begins with a byte that says where: 1 output, 2 error
output. Everything else, and what is sent to the agent, is data as it is.
"""
import json
import typing

from zun_lite import exceptions

Message = dict[str, typing.Any]

PIECE = 256 * 1024          # largest message of data
SESSION_PIECE = 32 * 1024   # of sessions' output: a proxy holds many of them
MAX_MESSAGE = 2**20
SCHEME = 'Bearer '


def opened(**more: typing.Any) -> str:
    return json.dumps({'type': 'opened', **more})


def end(exit_code: int | None = None) -> str:
    return json.dumps({'type': 'end', 'exit_code': exit_code})


def failed(error: Exception) -> str:
    """The text of what is not one of our errors stays here."""
    if not isinstance(error, exceptions.ZunLiteError):
        error = exceptions.ZunLiteError()
    return json.dumps({'type': 'error', 'error': error.to_dict()})


def parsed(text: str) -> Message:
    """:raises ZunLiteError: the error that the message tells."""
    message: Message = json.loads(text)
    if message['type'] == 'error':
        raise exceptions.from_dict(message['error'])
    return message
