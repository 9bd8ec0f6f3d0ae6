"""Zun's table of what fits which status, and what comes of it.

Written from the description of Zun's API, not from our own table.
"""
import abc
import base64
import io
import tarfile
import typing
import uuid

from zun_lite.tests import neighbours

ABSENT = 'gone'
WAITS = 'trap "exit 0" TERM; sleep 3600 & wait'
NO_IMAGE = '127.0.0.1:1/no-such:1'

STATES = ('Created', 'Running', 'Stopped', 'Paused', 'Error')
STILL = frozenset({'Created', 'Running', 'Stopped', 'Paused'})
ENDED = frozenset({'Created', 'Stopped', 'Error'})


class Action(typing.NamedTuple):
    """`success`: the answer's status. `after`: by the status before; what
    is not named is left alone. `arguments`: in the query."""
    fits: frozenset[str]
    success: int = 202
    after: typing.Mapping[str, str] = {}
    method: str = 'POST'
    arguments: str = ''
    body: typing.Any = None


def _archive() -> str:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode='w') as archive:
        archive.addfile(tarfile.TarInfo('empty'))
    return base64.b64encode(packed.getvalue()).decode()


_RUNS = frozenset({'Running'})
ACTIONS: typing.Mapping[str, Action] = {
    'start': Action(ENDED, after={'Created': 'Running', 'Error': 'Error',
                                  'Stopped': 'Running'}),
    'stop': Action(_RUNS, after={'Running': 'Stopped'},
                   arguments='timeout=0'),
    'kill': Action(_RUNS, after={'Running': 'Stopped'}),
    'pause': Action(_RUNS, after={'Running': 'Paused'}),
    'unpause': Action(frozenset({'Paused'}), after={'Paused': 'Running'}),
    'reboot': Action(ENDED | _RUNS, arguments='timeout=0', after={
        'Created': 'Running', 'Running': 'Running', 'Stopped': 'Running',
        'Error': 'Error'}),
    'rebuild': Action(ENDED | _RUNS, after={
        'Created': 'Created', 'Running': 'Running', 'Stopped': 'Created',
        'Error': 'Error'}),
    'execute': Action(_RUNS, 200, arguments='command=true'),
    'attach': Action(_RUNS, 200, method='GET'),
    # Clients take 400 well: there is no session whose terminal it could be.
    'resize': Action(_RUNS, 400, arguments='w=80&h=24'),
    'execute_resize': Action(
        _RUNS, 400, arguments=f'w=80&h=24&exec_id={"0a" * 32}'),
    'top': Action(_RUNS, 200, method='GET'),
    'stats': Action(_RUNS, 200, method='GET'),
    'logs': Action(frozenset(STATES), 200, method='GET'),
    'get_archive': Action(STILL, 200, method='GET', arguments='path=/etc'),
    'put_archive': Action(STILL, 200, arguments='path=/etc',
                          body={'data': _archive()}),
    'resize_container': Action(STILL, arguments='memory=64'),
    'commit': Action(frozenset({'Running', 'Stopped', 'Paused'}),
                     arguments='repository=table'),
    'network_list': Action(frozenset(STATES), 200, method='GET'),
    'container_actions': Action(frozenset(STATES), 200, method='GET')}
DELETES: typing.Mapping[str, frozenset[str]] = {
    '': ENDED, 'stop=true': ENDED | _RUNS, 'force=true': ENDED | _RUNS}


class Containers(abc.ABC):
    """Mix into a TestCase; `ask` sends a request to the service."""
    image: str

    @abc.abstractmethod
    def ask(self, method: str, path: str, body: typing.Any = None,
            ) -> tuple[int, typing.Any]:
        """(status, JSON body); the path begins behind /v1."""

    def container(self, status: str, **asked: typing.Any) -> str:
        """A new container in that status; its UUID."""
        asked = {'image': self.image, 'interactive': True,
                 'command': ['sh', '-c', WAITS], 'cpu': 0.1,
                 'memory': 32, 'disk': 1} | asked
        if status == 'Error':
            asked['image'] = NO_IMAGE
        run = '' if status == 'Created' else '?run=true'
        code, made = self.ask('POST', f'/containers{run}', asked)
        self.assertEqual(202, code, made)
        self.addCleanup(self.remove, made['uuid'])
        first = {'Created': 'Created', 'Error': 'Error'}.get(
            status, 'Running')
        self.wait(made['uuid'], first)
        before = {'Stopped': 'stop?timeout=0', 'Paused': 'pause'}
        if status in before:
            self.ask('POST', f'/containers/{made["uuid"]}/{before[status]}')
            self.wait(made['uuid'], status)
        return made['uuid']

    def status(self, ident: str) -> tuple[str, str | None]:
        """(status, task)"""
        code, found = self.ask('GET', f'/containers/{ident}')
        if code == 404:
            return ABSENT, None
        return found['status'], found['task_state']

    def wait(self, ident: str, status: str) -> None:
        neighbours.wait_for(
            f'{ident} {status}; it is {self.status(ident)}',
            lambda: self.status(ident) == (status, None))

    def remove(self, ident: str) -> None:
        """In whatever state it is."""
        if self.status(ident)[0] == 'Paused':
            self.ask('POST', f'/containers/{ident}/unpause')
            self.wait(ident, 'Running')
        code, answer = self.ask('DELETE', f'/containers/{ident}?force=true')
        self.assertIn(code, (204, 404), answer)
        neighbours.wait_for('its end',
                            lambda: self.status(ident)[0] == ABSENT)


class TableCase(Containers):
    """The table, line by line; not a TestCase yet."""

    def test_what_fits_created(self) -> None:
        self.check_all('Created')

    def test_what_fits_running(self) -> None:
        self.check_all('Running')

    def test_what_fits_stopped(self) -> None:
        self.check_all('Stopped')

    def test_what_fits_paused(self) -> None:
        self.check_all('Paused')

    def test_what_fits_error(self) -> None:
        self.check_all('Error')

    def check_all(self, status: str) -> None:
        """Each action: its answer, and what comes of it."""
        kept = self.container(status)
        for name, action in ACTIONS.items():
            changes = status in action.after
            ident = self.container(status) if changes else kept
            with self.subTest(status=status, action=name):
                self.check(ident, status, name, action)
            if changes:
                self.remove(ident)
        self.remove(kept)

    def check(self, ident: str, status: str, name: str,
              action: Action) -> None:
        code, answer = self.ask(
            action.method, f'/containers/{ident}/{name}?{action.arguments}',
            action.body)
        if status not in action.fits:
            self.assertEqual(409, code, answer)
            self.assertIn(status, answer['errors'][0]['detail'])
            self.wait(ident, status)
            return
        self.assertEqual(action.success, code, answer)
        self.wait(ident, action.after.get(status, status))

    def test_deletes(self) -> None:
        for status in STATES:
            ident = self.container(status)
            for arguments, fits in DELETES.items():
                with self.subTest(status=status, arguments=arguments):
                    if status in fits:
                        ident = self.delete(ident, arguments, status)
                    else:
                        code, answer = self.ask(
                            'DELETE', f'/containers/{ident}?{arguments}')
                        self.assertEqual(409, code, answer)
                        self.wait(ident, status)
            self.remove(ident)

    def delete(self, ident: str, arguments: str, status: str) -> str:
        """Delete it; another one in that status."""
        code, answer = self.ask('DELETE', f'/containers/{ident}?{arguments}')
        self.assertEqual(204, code, answer)
        neighbours.wait_for('its end',
                            lambda: self.status(ident)[0] == ABSENT)
        return self.container(status)

    def test_a_name_nobody_has(self) -> None:
        for name, action in ACTIONS.items():
            code, _ = self.ask(action.method, f'/containers/{uuid.uuid4()}'
                               f'/{name}?{action.arguments}', action.body)
            self.assertEqual(404, code, name)
