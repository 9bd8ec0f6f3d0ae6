"""Zun's table: every action in every status, its answer and its effect.

The marks are those of the wire contract's table. What no container of this
service shows (Dead, Deleted) is in the pure table's test (`zun/test_words`).
That the effect reaches an engine is shown by `functional/container_table`,
with a simulated one and on Docker.
"""
import base64
import json
import typing

from zun_lite import db
from zun_lite.db import actions
from zun_lite.db import pods
from zun_lite.tests.unit.api import samples
from zun_lite.zun import networks

ORDER = ('Creating', 'Created', 'Running', 'Stopped', 'Paused', 'Error',
         'Unknown', 'Deleting', 'Restarting', 'Rebuilding')
SINCE = '2026-01-05T09:12:44Z'
EXEC_ID = '0a' * 32
OWN = networks.default('default')
ARCHIVE = {'data': base64.b64encode(bytes(1024)).decode()}
ANSWERS = {
    'logs': b'', 'top': {'titles': [], 'processes': []}, 'signal': None,
    'stats': [{'name': 'main', 'cpu_millis': 1, 'memory_bytes': 1,
               'memory_limit_bytes': None, 'rx_bytes': 0, 'tx_bytes': 0,
               'read_bytes': 0, 'write_bytes': 0, 'pids': 1}],
    'open_stream': {'url': 'ws://127.0.0.1:1/', 'token': 'T', 'ttl': 60,
                    'session': EXEC_ID},
    'exec': {'exit_code': 0, 'stdout': b'', 'stderr': b'',
             'truncated': False},
    'resize_stream': None, 'sync_images': None, 'update': None}


def _seen(**state: typing.Any) -> str:
    return json.dumps({'containerStatuses': [{
        'name': 'main', 'image': 'nginx', 'state': state}]})


RUNS = _seen(running={'startedAt': SINCE})
ENDED = _seen(terminated={'exitCode': 0, 'finishedAt': SINCE})
STUCK = _seen(waiting={'reason': 'ErrImagePull', 'message': 'no such'})

# What a container is stored as that shows each status; `plain` is merged.
ROWS: typing.Mapping[str, dict[str, typing.Any]] = {
    'Creating': {'phase': 'Pending', 'observed_generation': 0},
    'Created': {'phase': 'Created', 'desired': 'created'},
    'Running': {'status': RUNS},
    'Stopped': {'phase': 'Stopped', 'desired': 'stopped', 'status': ENDED},
    'Paused': {'phase': 'Paused', 'desired': 'paused', 'status': RUNS},
    'Error': {'phase': 'Pending', 'status': STUCK},
    'Unknown': {'phase': 'Unknown'},
    'Deleting': {'desired': 'absent', 'generation': 2, 'status': RUNS},
    'Restarting': {'generation': 2, 'status': RUNS,
                   'plain': {'restarted': 2}},
    'Rebuilding': {'generation': 2, 'status': RUNS, 'plain': {'made': 2}}}


class Effect(typing.NamedTuple):
    """What a request leaves behind at once.

    `recorded`: the newest action. `desired`: of the pod, in a new
    generation; None: nothing else is wanted. `shown`: (status, task); a
    status None is the one before.
    """
    recorded: str | None = None
    desired: str | None = None
    shown: tuple[str | None, str | None] | None = None


class Action(typing.NamedTuple):
    """`fits`: a mark for each status in `ORDER`."""
    fits: str
    success: int
    effect: Effect
    method: str = 'POST'
    rest: str | None = None           # of the path; None: the action's name
    body: typing.Any = None
    version: str = '1.40'


ALL, STILL, ONLY_RUNS = 'x' * 10, '.xxxx.....', '..x.......'
DELETED = Effect('delete', 'absent', ('Deleting', 'container_deleting'))


def _task(recorded: str, desired: str, task: str,
          status: str | None = None) -> Effect:
    return Effect(recorded, desired, (status, f'container_{task}'))


def _ask(rest: str, success: int = 200, fits: str = ONLY_RUNS,
         recorded: str | None = None, **more: typing.Any) -> Action:
    """What changes no state: it asks the host, or the record."""
    return Action(fits, success, Effect(recorded), rest=rest, **more)


def _get(rest: str, **more: typing.Any) -> Action:
    return _ask(rest, method='GET', **more)


ACTIONS: typing.Mapping[str, Action] = {
    'start': Action('.x.x.x....', 202, _task('start', 'running',
                                             'starting')),
    'stop': Action(ONLY_RUNS, 202, _task('stop', 'stopped', 'stopping')),
    'kill': Action(ONLY_RUNS, 202, _task('kill', 'stopped', 'stopping')),
    'pause': Action(ONLY_RUNS, 202, _task('pause', 'paused', 'pausing')),
    'unpause': Action('....x.....', 202, _task('unpause', 'running',
                                               'unpausing')),
    'reboot': Action('.xxx.x....', 202, _task(
        'reboot', 'running', 'rebooting', 'Restarting')),
    'rebuild': Action('.xxx.x....', 202, _task(
        'rebuild', 'created', 'rebuilding', 'Rebuilding')),
    'delete': Action('.x.x.x.x..', 204, DELETED, 'DELETE', ''),
    'delete, stop': Action('.xxx.x.x..', 204, DELETED, 'DELETE',
                           '?stop=true'),
    'delete, force': Action('xxxx.xxxxx', 204, DELETED, 'DELETE',
                            '?force=true'),
    # One that is being deleted joins and leaves nothing any more.
    'network_attach': Action('xxxxxxx.xx', 200, Effect(
        'network_attach', 'as before'), rest='network_attach?network=back'),
    'network_detach': Action('xxxxxxx.xx', 202, Effect(
        'network_detach', 'as before'),
        rest=f'network_detach?network={OWN}'),
    'update': Action(STILL, 200, Effect('update'), 'PATCH', '',
                     {'name': 'new'}),
    'resize_container': _ask('resize_container?memory=64', 202, STILL,
                             'resize_container'),
    'rename': _ask('rename?name=new', 200, ALL, 'rename', version='1.13'),
    # Without Neutron what fits is refused for another reason.
    'add_security_group': _ask('add_security_group?name=a', 400, STILL,
                               version='1.14'),
    'remove_security_group': _ask('remove_security_group?name=a', 400,
                                  STILL, version='1.14'),
    'kill, HUP': _ask('kill?signal=HUP', 202, recorded='kill'),
    'execute': _ask('execute?command=ls', recorded='exec'),
    'execute, later': _ask('execute?command=ls&run=false',
                           recorded='exec_interactive'),
    'execute_resize': _ask(f'execute_resize?exec_id={EXEC_ID}&w=9&h=9'),
    'attach': _get('attach', recorded='attach'),
    'resize': _ask('resize?w=9&h=9'),
    'top': _get('top'), 'stats': _get('stats'),
    'logs': _get('logs', fits='.xxxxxx...'),
    # The host of these tests serves no streams.
    'get_archive': _get('get_archive?path=/x', success=503, fits=STILL),
    'put_archive': _ask('put_archive?path=/x', 503, STILL, 'copy',
                        body=ARCHIVE),
    'commit': _ask('commit?repository=mine', 202, '..xxx.....', 'commit'),
    'show': _get('', fits=ALL),
    'network_list': _get('network_list', fits=ALL),
    'container_actions': _get('container_actions', fits=ALL)}

AGAIN = Effect(None, None, ('Deleting', 'container_deleting'))
OTHERWISE: typing.Mapping[tuple[str, str], Effect] = {
    # One that ran is started again.
    ('rebuild', 'Running'): _task('rebuild', 'running', 'rebuilding',
                                  'Rebuilding'),
    # What is wrong shows until it is not.
    **{(name, 'Error'): Effect(name, desired, ('Error', None))
       for name, desired in (('start', 'running'), ('reboot', 'running'),
                             ('rebuild', 'created'))},
    # Asking twice is asking once.
    **{(name, 'Deleting'): AGAIN
       for name in ('delete', 'delete, stop', 'delete, force')}}


class Table(samples.ApiTest):

    def setUp(self) -> None:
        super().setUp()
        self.host('one', capabilities=samples.EVERYTHING, max_pods=1000)
        self.compute.answers = dict(ANSWERS)
        self.assertEqual(200, self.api.post(
            '/v1/networks', {'name': 'back'}).status)

    def test_each_cell(self) -> None:
        for name, action in ACTIONS.items():
            for status, mark in zip(ORDER, action.fits, strict=True):
                with self.subTest(action=name, status=status):
                    before = self.make(status)
                    answer = self.ask(before, name, action)
                    if mark == 'x':
                        self.assertEqual(action.success, answer.status,
                                         answer.body)
                        self.check(before, status, OTHERWISE.get(
                            (name, status), action.effect))
                    else:
                        self.check_refused(before, status, answer)

    def make(self, status: str) -> pods.PodRow:
        """A container that shows this status."""
        columns = dict(ROWS[status])
        plain = columns.pop('plain', {})
        row = self.container(host='one', given={'interactive': True},
                             **columns)
        extras = json.loads(row.extras)
        extras['plain'] |= plain
        with db.writer() as session:
            pods.update(session, row.id, extras=json.dumps(extras))
        self.assertEqual(status, self.shown(row)[0])
        self.bell.rung.clear()
        return self.stored(row)

    def ask(self, row: pods.PodRow, name: str,
            action: Action) -> typing.Any:
        rest = name if action.rest is None else action.rest
        slash = '' if rest[:1] in ('', '?') else '/'
        return self.api(
            action.method, f'/v1/containers/{row.uuid}{slash}{rest}',
            action.body, headers={
                'OpenStack-API-Version': f'container {action.version}'})

    def shown(self, row: pods.PodRow) -> tuple[str, str | None]:
        """(status, task)"""
        found = self.api.get(f'/v1/containers/{row.uuid}').json
        return found['status'], found['task_state']

    def stored(self, row: pods.PodRow) -> pods.PodRow:
        with db.reader() as session:
            return pods.get_row(session, row.uuid)

    def recorded(self, row: pods.PodRow) -> list[str]:
        """The names of its actions, the newest first."""
        with db.reader() as session:
            return [found.action for found in actions.list_page(
                session, None, row.uuid)]

    def check(self, before: pods.PodRow, status: str,
              effect: Effect) -> None:
        after = self.stored(before)
        self.assertEqual(effect.recorded, next(
            iter(self.recorded(before)), None))
        if effect.desired is None:
            self.assertEqual((before.desired, before.generation),
                             (after.desired, after.generation))
            shown = effect.shown or (status, None)
            self.assertEqual(shown[0], self.shown(before)[0])
            return
        desired = (before.desired if effect.desired == 'as before'
                   else effect.desired)
        self.assertEqual((desired, before.generation + 1),
                         (after.desired, after.generation))
        self.assertEqual([before.uuid], self.bell.rung)
        if effect.shown:
            word, task = effect.shown
            self.assertEqual((word or status, task), self.shown(before))

    def check_refused(self, before: pods.PodRow, status: str,
                      answer: typing.Any) -> None:
        """409 that says why; nothing is changed, recorded or asked for."""
        self.assertEqual(409, answer.status, answer.body)
        self.assertRegex(answer.error['detail'].lower(),
                         f'{status.lower()}|being deleted')
        self.assertEqual(before, self.stored(before))
        self.assertEqual(([], []), (self.recorded(before), self.bell.rung))
