import datetime
import itertools
import typing
import unittest

from zun_lite import exceptions
from zun_lite.pod.states import Desired
from zun_lite.pod.states import Phase
from zun_lite.zun import actions
from zun_lite.zun import words

NOW = datetime.datetime(2026, 1, 5, 12, 0, 0)
EXITED = {'containerStatuses': [{'state': {'terminated': {
    'exitCode': 3, 'reason': 'Error', 'finishedAt': '2026-01-05T10:00:00Z'}}}]}
RUNS = {'containerStatuses': [{'state': {'running': {
    'startedAt': '2026-01-05T11:57:00Z'}}}]}


class Row(typing.NamedTuple):
    desired: Desired = Desired.RUNNING
    phase: Phase = Phase.RUNNING
    generation: int = 1
    observed_generation: int = 1


def state(seen=None, plain=None, **row):
    return words.state(Row(**row), seen or {}, plain or {}, NOW)


class Words(unittest.TestCase):

    def test_every_state_has_a_word(self):
        for desired, phase, generation, observed in itertools.product(
                Desired, Phase, (1, 2), (0, 1, 2)):
            found = state(desired=desired, phase=phase,
                          generation=generation,
                          observed_generation=min(observed, generation))
            self.assertIn(found.status, words.ALL)

    def test_what_was_seen(self):
        for phase, word in (
                (Phase.PENDING, 'Creating'), (Phase.RUNNING, 'Running'),
                (Phase.CREATED, 'Created'), (Phase.PAUSED, 'Paused'),
                (Phase.STOPPED, 'Stopped'), (Phase.SUCCEEDED, 'Stopped'),
                (Phase.FAILED, 'Stopped'), (Phase.UNKNOWN, 'Unknown')):
            with self.subTest(phase):
                self.assertEqual(word, state(phase=phase).status)

    def test_what_goes_on_is_a_task(self):
        going = {'generation': 3, 'observed_generation': 2}
        for desired, phase, word, task in (
                ('stopped', 'Running', 'Running', 'stopping'),
                ('running', 'Stopped', 'Stopped', 'starting'),
                ('paused', 'Running', 'Running', 'pausing'),
                ('running', 'Paused', 'Paused', 'unpausing'),
                ('absent', 'Stopped', 'Deleting', 'deleting')):
            with self.subTest(task):
                found = state(desired=Desired(desired), phase=Phase(phase),
                              **going)
                self.assertEqual((word, f'container_{task}'),
                                 (found.status, found.task_state))

    def test_reboot_and_rebuild_have_words_of_their_own(self):
        going = {'generation': 3, 'observed_generation': 2}
        self.assertEqual('Restarting', state(
            plain={'restarted': 3}, **going).status)
        self.assertEqual('Rebuilding', state(
            plain={'made': 3}, **going).status)
        self.assertEqual('Running', state(
            plain={'made': 2, 'restarted': 1}, generation=3,
            observed_generation=3).status)

    def test_a_second_making_that_waits_is_no_creation(self):
        self.assertEqual('Rebuilding', state(
            plain={'made': 2}, phase=Phase.PENDING, generation=2,
            observed_generation=2).status)

    def test_what_cannot_be_made_is_in_error_and_says_why(self):
        seen = {'containerStatuses': [{'state': {'waiting': {
            'reason': 'ErrImagePull', 'message': 'no such image'}}}]}
        found = state(seen, phase=Phase.PENDING)
        self.assertEqual(('Error', 'ErrImagePull: no such image'),
                         (found.status, found.status_reason))
        full = {'reason': 'Unschedulable', 'message': 'None of 2 hosts'}
        self.assertEqual('Error', state(full, phase=Phase.PENDING,
                                        observed_generation=0).status)

    def test_what_could_not_be_started_is_in_error(self):
        seen = {'containerStatuses': [{'state': {'terminated': {
            'reason': 'StartError', 'exitCode': 128}}}]}
        self.assertEqual('Error', state(seen, phase=Phase.FAILED).status)

    def test_details_are_worded_as_docker_does(self):
        self.assertEqual('Up 3 mins', state(RUNS).status_detail)
        self.assertEqual('Up 3 mins (paused)', state(
            RUNS, phase=Phase.PAUSED).status_detail)
        self.assertEqual('Exited(3) 2 hours ago ', state(
            EXITED, phase=Phase.FAILED).status_detail)
        self.assertEqual('Created', state(phase=Phase.CREATED).status_detail)

    def test_a_container_between_two_runs_restarts(self):
        seen = {'containerStatuses': [{'state': {'waiting': {
            'reason': 'CrashLoopBackOff'}}}]}
        self.assertEqual('Restarting', state(seen).status)


class Table(unittest.TestCase):
    """Zun's table of actions and statuses, row by row."""
    ORDER = ('Creating', 'Created', 'Running', 'Stopped', 'Paused', 'Error',
             'Unknown', 'Dead', 'Deleted', 'Deleting', 'Restarting',
             'Rebuilding')
    ROWS = {
        'start': '.x.x.x......',
        **dict.fromkeys(('stop', 'pause', 'kill', 'execute', 'attach',
                         'execute_resize', 'resize', 'top', 'stats'),
                        '..x.........'),
        'unpause': '....x.......',
        **dict.fromkeys(('reboot', 'rebuild'), '.xxx.x......'),
        'logs': '.xxxxxx.....',
        **dict.fromkeys(('get_archive', 'put_archive', 'update',
                         'resize_container', 'add_security_group',
                         'remove_security_group'), '.xxxx.......'),
        'commit': '..xxx.......',
        'delete': '.x.x.x.xx...',
        'delete_after_stop': '.xxx.x.xx...',
        'delete_force': 'xxxx.xxxxxxx',
        **dict.fromkeys(('rename', 'show', 'container_actions'), 'x' * 12)}

    def test_each_cell(self):
        for action, row in self.ROWS.items():
            for status, mark in zip(self.ORDER, row, strict=True):
                with self.subTest(f'{action} {status}'):
                    if mark == 'x':
                        actions.check(action, status, 'u')
                    else:
                        with self.assertRaises(exceptions.Conflict):
                            actions.check(action, status, 'u')

    def test_every_action_is_in_it(self):
        self.assertLessEqual(set(actions.ALLOWED), set(self.ROWS))
