import os
import subprocess
import sys
import tempfile
import unittest

PROGRAM = """
import sys
sys.argv = ['server', '--bind', 'nonsense', '-w', '4']
from wsgiref import util
from zun_lite.api import wsgi
environ = {'PATH_INFO': '/v1/pods', 'REMOTE_ADDR': '127.0.0.1'}
util.setup_testing_defaults(environ)
told = []
b''.join(wsgi.application(environ, lambda s, h, e=None: told.append(s)))
print(told[0])
"""


class Application(unittest.TestCase):
    """In a process of its own, as a server imports it."""

    def test_it_reads_its_file_and_not_the_servers_command_line(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, 'api.conf')
            with open(path, 'w') as file:
                file.write('[DEFAULT]\ntransport_url = local://\n'
                           '[api]\nauth_strategy = noauth\n[database]\n'
                           f'connection = sqlite:///{directory}/db\n')
            found = subprocess.run(
                [sys.executable, '-c', PROGRAM], capture_output=True,
                text=True, timeout=120,
                env=os.environ | {'ZUN_LITE_CONFIG_FILES': path})
        # There are no tables, and yet an answer.
        self.assertEqual('500 Internal Server Error',
                         found.stdout.splitlines()[-1], found.stderr)
