"""What every command does first and last: configuration, log, signals."""
import contextlib
import gc
import logging
import os
import signal
import socket
import sys
import threading
import typing
from collections.abc import Callable
from importlib import metadata

from oslo_config import cfg
from oslo_log import log

from zun_lite import exceptions
from zun_lite.conf import CONF

LOG = logging.getLogger(__name__)

_BY_ITSELF = b'\0'          # no signal has this number

GARBAGE_AFTER = 10_000      # objects that were made and not freed


def configure(program: str,
              find_files: Callable[[], list[str]] | None = None) -> None:
    """Read options from the command line and files, and begin to log.

    `find_files` names the files to read where the command line names none;
    it may look at options of the command line. Without it they are in the
    usual places (/etc/zun_lite/zun_lite.conf and others).
    """
    log.register_options(CONF)
    log.set_defaults(default_log_levels=[
        *log.get_default_log_levels(), 'docker=INFO', 'alembic=WARNING'])
    try:
        if find_files is not None:
            _parse(program, [])
        _parse(program, find_files() if find_files else None)
    except cfg.Error as exc:
        fail(str(exc))
    log.setup(CONF, 'zun_lite')


def _parse(program: str, files: list[str] | None) -> None:
    CONF(sys.argv[1:], project='zun_lite', prog=program,
         default_config_files=files, version=metadata.version('zun_lite'))


def fail(message: str) -> typing.NoReturn:
    """End the process with a message for whoever started it."""
    print(f'error: {message}', file=sys.stderr)
    raise SystemExit(1)


def loaded() -> None:
    """Tell that from now on there is only work to do.

    A collection of garbage holds up every thread, and looked through all
    modules for hundreds of milliseconds. These stay, and what a request
    leaves is mostly freed without a collection.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER, *gc.get_threshold()[1:])


def exit_on_signals(ended: threading.Event) -> None:
    """Let SIGTERM, SIGINT or `ended` raise SystemExit in the main thread.

    For a WSGI server's loop, which takes that for the order to end.
    """
    def leave(_number: int, _frame: object) -> None:
        raise SystemExit(0)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)

    def watch() -> None:
        ended.wait()
        os.kill(os.getpid(), signal.SIGTERM)
    threading.Thread(target=watch, name='ended', daemon=True).start()


class Service(typing.Protocol):
    """What `run` runs."""

    def start(self) -> None: ...

    def stop(self) -> None: ...


def run(service: Service, ended: threading.Event | None = None) -> None:
    """Start, wait for SIGTERM or SIGINT, stop.

    A service that sets `ended` by itself has said why in the log; the exit
    status then tells the supervisor to look.
    """
    rings, bell = socket.socketpair()
    bell.setblocking(False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _heard)
    # The system may give a signal to any thread, and this one would not
    # notice as long as it waits for a lock.
    signal.set_wakeup_fd(bell.fileno())
    try:
        service.start()
    except exceptions.ZunLiteError as exc:
        fail(exc.message)
    loaded()
    if ended is not None:
        threading.Thread(target=_ring, args=(bell, ended), name='ended',
                         daemon=True).start()
    reason = rings.recv(1)
    LOG.info('stopping')
    service.stop()
    signal.set_wakeup_fd(-1)
    if reason == _BY_ITSELF:
        fail('the service ended by itself; its log says why')


def _heard(_number: int, _frame: object) -> None:
    """What is to be done is done by who waits for the bell."""


def _ring(bell: socket.socket, ended: threading.Event) -> None:
    ended.wait()
    with contextlib.suppress(OSError):      # a signal was faster
        bell.send(_BY_ITSELF)
