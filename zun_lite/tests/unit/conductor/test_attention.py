"""Hints that come while others are attended to."""
import threading
import unittest

from zun_lite import exceptions
from zun_lite.conductor import attention


class TestAttention(unittest.TestCase):

    def setUp(self) -> None:
        self.attended: list[attention.Hints] = []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.attention = attention.Attention(self._attend)

    def _attend(self, hints: attention.Hints) -> None:
        self.attended.append(hints)
        self.begun.set()
        self.assertTrue(self.go_on.wait(10))
        if 'bad' in hints:
            raise exceptions.Unavailable()
        if 'worse' in hints:
            raise ValueError

    def begin(self, uuid: str) -> threading.Thread:
        """Somebody's thread attends until `go_on`."""
        thread = threading.Thread(
            target=self.attention.turn_to, args=[{uuid: 'r0'}])
        thread.start()
        self.assertTrue(self.begun.wait(10))
        return thread

    def test_alone_it_is_done_at_once(self):
        self.go_on.set()
        self.attention.turn_to({'a': 'r1'})
        self.assertEqual([{'a': 'r1'}], self.attended)

    def test_what_comes_meanwhile_is_attended_to_together(self):
        thread = self.begin('a')
        for uuid, request in (('b', 'r1'), ('a', 'r2'), ('b', 'r3')):
            self.attention.turn_to({uuid: request})
        self.assertEqual(1, len(self.attended))
        self.assertTrue(self.attention.is_due('b'))
        self.go_on.set()
        thread.join()
        self.assertFalse(self.attention.is_due('b'))
        self.assertEqual([{'a': 'r0'}, {'b': 'r3', 'a': 'r2'}],
                         self.attended)

    def test_a_batch_is_bounded(self):
        thread = self.begin('a')
        for n in range(2 * attention.BATCH + 1):
            self.attention.turn_to({str(n): None})
        self.go_on.set()
        thread.join()
        self.assertEqual([1, attention.BATCH, attention.BATCH, 1],
                         list(map(len, self.attended)))

    def test_a_failure_ends_nothing(self):
        self.go_on.set()
        for uuid, level in (('bad', 'WARNING'), ('worse', 'ERROR')):
            with self.assertLogs('zun_lite.conductor', level) as logs:
                self.attention.turn_to({uuid: None})
            self.assertIn('sweep', logs.output[0])
        self.attention.turn_to({'a': None})
        self.assertEqual({'a': None}, self.attended[-1])

    def test_a_fault_of_one_keeps_no_other_waiting(self):
        self.go_on.set()
        with self.assertLogs('zun_lite.conductor', 'ERROR') as logs:
            self.attention.now({'a': 'r1', 'worse': 'r2', 'b': 'r3'})
        self.assertEqual([{'a': 'r1'}, {'worse': 'r2'}, {'b': 'r3'}],
                         self.attended[1:])
        self.assertEqual(1, len(logs.output))
        self.assertIn('worse', logs.output[0])
