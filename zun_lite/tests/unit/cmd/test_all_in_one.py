"""What an all-in-one checks before it starts anything."""
import contextlib
import io
import pathlib
import socket
import tempfile
import unittest

from zun_lite.cmd import all_in_one


class TestListen(unittest.TestCase):
    def message(self, *args: object) -> str:
        """What is told when `listen` gives up."""
        told = io.StringIO()
        with contextlib.redirect_stderr(told):
            with self.assertRaises(SystemExit) as caught:
                all_in_one.listen(*args)
        self.assertEqual(1, caught.exception.code)
        return told.getvalue()

    def test_a_free_port(self):
        with all_in_one.listen('127.0.0.1', 0) as bound:
            with socket.create_connection(bound.getsockname()):
                pass

    def test_a_taken_port(self):
        with all_in_one.listen('127.0.0.1', 0) as bound:
            port = bound.getsockname()[1]
            self.assertEqual(
                f'error: cannot listen on 127.0.0.1:{port}: something '
                'listens there already; choose another with --port\n',
                self.message('127.0.0.1', port))

    def test_an_address_of_another_machine(self):
        self.assertIn('cannot listen on 192.0.2.77:9517',
                      self.message('192.0.2.77', 9517))


class TestClaim(unittest.TestCase):
    def test_only_one_at_a_time(self):
        with tempfile.TemporaryDirectory() as name:
            state = pathlib.Path(name, 'new', 'state')
            lock = all_in_one.claim(state)
            self.assertEqual(0o700, state.stat().st_mode & 0o777)
            told = io.StringIO()
            with contextlib.redirect_stderr(told):
                with self.assertRaises(SystemExit):
                    all_in_one.claim(state)
            self.assertIn('another zun-lite runs', told.getvalue())
            lock.close()
            all_in_one.claim(state).close()
