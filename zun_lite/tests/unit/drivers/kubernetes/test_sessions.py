"""Commands that are run to their end, with a scripted connection."""
import json
import time
import unittest

import websocket

from zun_lite import exceptions
from zun_lite.drivers.kubernetes import channels
from zun_lite.drivers.kubernetes import sessions

OUT, ERR, STATUS = b'\1', b'\2', b'\3'
POD = {'namespace': 'zun-p', 'name': 'pod'}


class Connection:
    """Receives what it is given; then it is cut, as by a server."""
    sock = None

    def __init__(self, *frames):
        self._frames = iter(frames)

    def settimeout(self, left_s):
        pass

    def recv_data(self):
        try:
            return websocket.ABNF.OPCODE_BINARY, next(self._frames)
        except StopIteration:
            raise websocket.WebSocketConnectionClosedException from None

    def send_close(self):
        pass

    def shutdown(self):
        pass


class Cluster:
    def __init__(self, connection):
        self._connection = connection

    def websocket(self, path, query):
        return self._connection


def status(code=None, message=''):
    """As a server ends a session; `code`: of the process, if any."""
    if code == 0:
        return STATUS + b'{"status": "Success"}'
    causes = [] if code is None else [
        {'reason': 'ExitCode', 'message': str(code)}]
    return STATUS + json.dumps({
        'status': 'Failure', 'message': message,
        'details': {'causes': causes}}).encode()


def execute(*frames, connection=None, timeout_s=5.0, limit_bytes=100):
    cluster = Cluster(connection or Connection(*frames))
    return sessions.execute(cluster, POD, 'main', ('it',), timeout_s,
                            limit_bytes)


class TestExecute(unittest.TestCase):
    def test_all_that_came_before_the_end(self):
        """However the frames fall together with the end."""
        found = execute(OUT, ERR, OUT + b'a', OUT + b'b', ERR + b'c',
                        OUT + b'd', status(0))
        self.assertEqual((0, b'abd', b'c', False),
                         (found.exit_code, found.stdout, found.stderr,
                          found.truncated))

    def test_limit_of_each(self):
        found = execute(OUT + b'abc', ERR + b'de', OUT + b'f', status(3),
                        limit_bytes=2)
        self.assertEqual((3, b'ab', b'de', True),
                         (found.exit_code, found.stdout, found.stderr,
                          found.truncated))

    def test_output_without_end(self):
        class Endless(Connection):
            def recv_data(self):
                return websocket.ABNF.OPCODE_BINARY, OUT + b'y'
        begin = time.monotonic()
        with self.assertRaises(exceptions.TimedOut):
            execute(connection=Endless(), timeout_s=0.1)
        self.assertLess(time.monotonic() - begin, 5)

    def test_silence(self):
        class Silent(Connection):
            def recv_data(self):
                raise websocket.WebSocketTimeoutException
        with self.assertRaises(exceptions.TimedOut):
            execute(connection=Silent())

    def test_not_started(self):
        """As newer runtimes tell it; older ones have a code of 126."""
        found = execute(status(message='OCI runtime exec failed: exec: "it": '
                               'executable file not found in $PATH'))
        self.assertEqual(channels.NOT_STARTED, found.exit_code)
        self.assertIn(b'not found', found.stderr)

    def test_not_running(self):
        for message in ('container not running (0123)',
                        'container is in CONTAINER_EXITED state',
                        'container is not created or running'):
            with self.subTest(message), self.assertRaisesRegex(
                    exceptions.Conflict, message[:16]):
                execute(status(message=message))

    def test_cut_before_the_end(self):
        with self.assertRaises(exceptions.Unavailable):
            execute(OUT + b'a')
