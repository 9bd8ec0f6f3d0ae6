"""What is declared and what a run of the suite showed must agree."""
import json
import os
import pathlib
import tempfile
import typing
import unittest
import unittest.mock

from zun_lite.drivers import fake
from zun_lite.pod import capabilities
from zun_lite.tests.contract import evidence

A, B, YOUNG = sorted(capabilities.ALL)[:3]
DECLARED = sorted(capabilities.ALL - {YOUNG})


def record(case: str, result: str, *used: str,
           lacking: tuple[str, ...] = ()) -> evidence.Record:
    return {'driver': 'd', 'case': case, 'result': result,
            'used': [*used, *lacking], 'lacking': list(lacking),
            'declared': DECLARED}


HONEST = [record('all', evidence.PASSED, *DECLARED),
          record('young', evidence.FAILED, A, lacking=(YOUNG,))]


def faults(*records: evidence.Record) -> list[str]:
    return list(evidence.Evidence(records).faults())


class TestFaults(unittest.TestCase):
    def test_what_agrees(self):
        self.assertEqual([], faults(*HONEST))

    def test_declared_and_fails(self):
        self.assertEqual(['a fails'], faults(
            *HONEST, record('a', evidence.FAILED, A)))

    def test_declared_and_never_passes(self):
        rest = [name for name in DECLARED if name != A]
        self.assertEqual(
            [f'{A} is declared, and no case shows it'],
            faults(record('all', evidence.PASSED, *rest), HONEST[1]))

    def test_undeclared_and_works(self):
        self.assertEqual(
            [f'{YOUNG} is not declared, and works'],
            faults(HONEST[0], record('young', evidence.PASSED, A,
                                     lacking=(YOUNG,))))

    def test_one_case_of_several_passes_without_it(self):
        """As `within the limit nothing happens` does without a limit."""
        self.assertEqual([], faults(*HONEST, record(
            'idle', evidence.PASSED, lacking=(YOUNG,))))

    def test_undeclared_and_never_tried(self):
        for more in ([], [record('action', evidence.REFUSED,
                                 lacking=(YOUNG,))]):
            self.assertEqual(
                [f'{YOUNG} is not declared, and no case tries it'],
                faults(HONEST[0], *more))

    def test_what_was_let_through_shows_nothing_else(self):
        """A pod that an engine only half honours is no evidence."""
        self.assertIn(
            f'{A} is declared, and no case shows it',
            faults(record('all', evidence.PASSED, *(
                name for name in DECLARED if name != A)),
                record('a', evidence.PASSED, A, lacking=(YOUNG,))))

    def test_a_second_run_counts(self):
        self.assertEqual([], faults(
            *HONEST, record('a', evidence.FAILED, A),
            record('a', evidence.PASSED, A)))


class TestGathering(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.driver = fake.FakeDriver()
        self.addCleanup(self.driver.close)

    def gathered(self, part: evidence.Part, **env: str) -> typing.Any:
        with unittest.mock.patch.dict(os.environ, env):
            evidence.tell(self.driver, part, evidence.PASSED)
        return evidence.read(self.folder)

    def test_what_was_told_is_read(self):
        part = evidence.Part('case')
        part.need([A], {A})
        found = self.gathered(part, ZUN_LITE_TEST_EVIDENCE=str(self.folder))
        self.assertEqual({A}, found['fake'].shown)
        self.assertLessEqual(self.driver.fields, found['fake'].declared)

    def test_only_where_it_is_asked_for(self):
        part = evidence.Part('case', {A})
        self.assertEqual({}, self.gathered(part, ZUN_LITE_TEST_EVIDENCE=''))

    def test_a_line_of_json_for_each_case(self):
        self.gathered(evidence.Part('one', {A}),
                      ZUN_LITE_TEST_EVIDENCE=str(self.folder))
        self.gathered(evidence.Part('two', {A}),
                      ZUN_LITE_TEST_EVIDENCE=str(self.folder))
        path, = self.folder.iterdir()
        self.assertEqual(['one', 'two'], [
            json.loads(line)['case'] for line in
            path.read_text().splitlines()])
