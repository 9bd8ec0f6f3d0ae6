import threading
import time
import unittest

from zun_lite.rpc import hints


class Hints(unittest.TestCase):
    def make(self, pass_on, workers=1, limit=1000) -> hints.Hints:
        """`pass_on` gets what a hint says."""
        made = hints.Hints(
            'test', lambda hint: pass_on(hint.payload if hint.entries is None
                                         else hint.entries),
            workers=workers, limit=limit)
        self.addCleanup(made.stop)
        return made

    def test_in_order(self):
        seen, done = [], threading.Event()
        queue = self.make(lambda n: (seen.append(n), n == 9 and done.set()))
        for n in range(10):
            queue.put(n)
        self.assertTrue(done.wait(5))
        self.assertEqual(list(range(10)), seen)

    def test_one_that_waits_is_enough_but_one_that_runs_is_not(self):
        gate, begun, seen = threading.Event(), threading.Event(), []

        def slow(payload):
            begun.set()
            gate.wait(5)
            seen.append(payload)
        queue = self.make(slow)
        queue.put('running', key='pod')
        begun.wait(5)
        queue.put('waiting', key='pod')
        queue.put('more', key='pod')
        queue.put('other', key='other')
        gate.set()
        self.until(seen, 3)
        self.assertEqual(['running', 'waiting', 'other'], seen)

    def gathered(self, queue, *entries) -> None:
        for one in entries:
            queue.put('told', 'pods', one)

    def test_entries_are_gathered_while_they_wait(self):
        gate, begun, seen = threading.Event(), threading.Event(), []

        def slow(entries):
            begun.set()
            gate.wait(5)
            seen.append(entries)
        queue = self.make(slow)
        self.gathered(queue, {'a': 1})
        begun.wait(5)
        self.gathered(queue, {'b': 2}, {'a': 3}, {'c': 4})
        gate.set()
        self.until(seen, 2)
        self.assertEqual([{'a': 1}, {'b': 2, 'a': 3, 'c': 4}], seen)

    def until(self, seen, count) -> None:
        deadline = time.monotonic() + 5
        while len(seen) < count and time.monotonic() < deadline:
            time.sleep(0.001)

    def test_only_what_follows_closely_waits_for_company(self):
        seen: list[tuple[float, dict]] = []
        queue = self.make(
            lambda entries: seen.append((time.monotonic(), entries)))
        began = time.monotonic()
        self.gathered(queue, {'a': 1})
        self.until(seen, 1)
        self.gathered(queue, *({str(n): n} for n in range(50)))
        queue.put('other')              # does not wait with them
        self.until(seen, 3)
        self.assertEqual([{'a': 1}, 'other',
                          {str(n): n for n in range(50)}],
                         [told for _, told in seen])
        self.assertGreaterEqual(seen[2][0] - began, hints.GATHERING_S)
        self.gathered(queue, {'a': 1})      # waits longer, after so many
        self.until(seen, 4)
        self.assertGreater(seen[3][0] - seen[2][0], 2 * hints.GATHERING_S)

    def test_too_many_entries_are_dropped(self):
        gate, begun, seen = threading.Event(), threading.Event(), []

        def slow(entries):
            begun.set()
            gate.wait(5)
            seen.append(entries)
        queue = self.make(slow, limit=5)
        self.gathered(queue, {'a': 1})
        begun.wait(5)
        with self.assertLogs('zun_lite.rpc.hints', 'WARNING') as logged:
            self.gathered(queue, *({str(n): n} for n in range(50)))
        self.assertEqual(1, len(logged.records))
        gate.set()
        self.until(seen, 2)
        self.assertEqual({str(n): n for n in range(5)}, seen[1])

    def test_too_much_is_dropped_and_said_once(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        queue = self.make(lambda _n: gate.wait(5), limit=5)
        with self.assertLogs('zun_lite.rpc.hints', 'WARNING') as logged:
            for n in range(5000):
                queue.put(n)
        self.assertEqual(1, len(logged.records))
        self.assertLessEqual(len(queue._waiting), 5)

    def test_a_failure_costs_one_hint(self):
        seen = threading.Event()

        def fail(payload):
            if payload == 'bad':
                raise RuntimeError('no')
            seen.set()
        queue = self.make(fail)
        with self.assertLogs('zun_lite.rpc.hints', 'ERROR'):
            queue.put('bad')
            queue.put('good')
            self.assertTrue(seen.wait(5))

    def test_no_thread_before_the_first_hint_and_none_after_the_stop(self):
        before = threading.active_count()
        queue = self.make(lambda _n: None, workers=3)
        self.assertEqual(before, threading.active_count())
        for n in range(9):
            queue.put(n)
        self.assertEqual(before + 3, threading.active_count())
        queue.stop()
        self.assertEqual(before, threading.active_count())
        queue.put('late')
        self.assertEqual(before, threading.active_count())
