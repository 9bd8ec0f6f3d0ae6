import collections
import random
import threading
import time
import unittest

from zun_lite.compute import queue
from zun_lite.tests.unit.compute.stub import wait_for


class QueueCase(unittest.TestCase):
    def make(self, handle, slow=lambda key: False, workers=2, slow_workers=1,
             initial_s=0.02):
        made = queue.KeyedQueue(
            handle, slow, workers=workers, slow_workers=slow_workers,
            backoff=queue.Backoff(initial_s, 0.1))
        self.addCleanup(made.stop, 2)
        return made


class TestKeyedQueue(QueueCase):
    def test_a_burst_for_one_key_is_handled_at_most_twice_more(self):
        handled, gate = [], threading.Event()

        def handle(key):
            handled.append(key)
            gate.wait(5)
        work = self.make(handle)
        work.add('a')
        wait_for(lambda: handled)
        for _ in range(100):
            work.add('a')
        gate.set()
        wait_for(work.idle)
        self.assertEqual(['a', 'a'], handled)

    def test_no_thread_until_there_is_work_and_none_beyond_the_limit(self):
        before = threading.active_count()
        gate = threading.Event()
        work = self.make(lambda key: gate.wait(5) and None, workers=3)
        self.assertEqual(before, threading.active_count())
        work.add('a')
        self.assertEqual(before + 1, threading.active_count())
        for key in 'bcdefgh':
            work.add(key)
        self.assertEqual(before + 3, threading.active_count())
        gate.set()
        wait_for(work.idle)

    def test_idle_threads_end_and_new_ones_come(self):
        self.addCleanup(setattr, queue, 'IDLE_S', queue.IDLE_S)
        queue.IDLE_S = 0.02
        handled = []
        work = self.make(handled.append)
        for round in range(1, 4):
            work.add('a')
            wait_for(lambda n=round: len(handled) == n)
            wait_for(lambda: not any(t.name == 'reconcile'
                                     for t in threading.enumerate()))

    def test_failures_back_off_and_a_success_ends_it(self):
        times = []

        def handle(key):
            times.append(time.monotonic())
            if len(times) < 4:
                raise ValueError
        work = self.make(handle)
        work.add('a')
        wait_for(lambda: len(times) == 4)
        gaps = [b - a for a, b in zip(times, times[1:], strict=False)]
        self.assertGreater(gaps[1], 0.03)
        self.assertGreater(gaps[2], 0.06)
        time.sleep(0.15)
        self.assertEqual(4, len(times))

    def test_a_nudge_does_not_break_a_back_off_but_add_does(self):
        count = collections.Counter()

        def handle(key):
            count[key] += 1
            raise ValueError
        work = self.make(handle, initial_s=60)
        work.add('a')
        wait_for(lambda: count['a'] == 1 and work.idle())
        work.nudge('a')
        time.sleep(0.03)
        self.assertEqual(1, count['a'])
        work.add('a')
        wait_for(lambda: count['a'] == 2)

    def test_a_nudge_during_a_failure_waits_and_an_add_does_not(self):
        for mark, expected in (('nudge', 1), ('add', 2)):
            count, gate = [], threading.Event()

            def handle(key, count=count, gate=gate):
                count.append(key)
                gate.wait(5)
                raise ValueError
            work = self.make(handle, initial_s=60)
            work.add('a')
            wait_for(lambda count=count: count)
            getattr(work, mark)('a')
            gate.set()
            wait_for(work.idle)
            time.sleep(0.03)
            self.assertEqual(expected, len(count), mark)

    def test_timers(self):
        order = []
        work = self.make(lambda key: order.append(key))
        for key, delay in (('late', 0.09), ('soon', 0.03), ('mid', 0.06),
                           ('late', 0.12)):
            work.add_after(key, delay)
        wait_for(lambda: len(order) == 3)
        self.assertEqual(['soon', 'mid', 'late'], order)

    def test_a_timer_that_is_moved_often_keeps_the_heap_small(self):
        work = self.make(lambda key: None)
        for _ in range(5000):
            work.add_after('a', 1000)
        self.assertLess(len(work._heap), 200)

    def test_the_slow_lane_does_not_hold_up_the_other(self):
        gate, handled = threading.Event(), []

        def handle(key):
            if key.startswith('slow'):
                gate.wait(5)
            handled.append(key)
        work = self.make(handle, lambda key: key.startswith('slow'))
        for number in range(5):
            work.add(f'slow{number}')
        work.add('quick')
        wait_for(lambda: handled == ['quick'])
        gate.set()
        wait_for(lambda: len(handled) == 6)

    def test_stop_does_not_wait_for_ever(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        work = self.make(lambda key: gate.wait(5) and None)
        work.add('a')
        wait_for(lambda: work._busy)
        begin = time.monotonic()
        self.assertFalse(work.stop(0.1))
        self.assertLess(time.monotonic() - begin, 4)

    def test_nothing_is_lost_and_nothing_overlaps_under_load(self):
        wanted = {f'k{n}': 0 for n in range(20)}
        done, busy = dict(wanted), collections.Counter()
        overlaps = []

        def handle(key):
            busy[key] += 1
            if busy[key] > 1:
                overlaps.append(key)
            number = wanted[key]
            time.sleep(random.random() / 2000)
            done[key] = number
            busy[key] -= 1
            if random.random() < 0.1:
                raise ValueError
            return random.choice((None, None, 0.01))
        work = self.make(handle, lambda key: key < 'k15', workers=4,
                         slow_workers=4)

        def feed():
            for _ in range(500):
                key = random.choice(list(wanted))
                wanted[key] += 1
                random.choice((work.add, work.nudge))(key)
        feeder = threading.Thread(target=feed)
        feeder.start()
        feeder.join()
        for key in wanted:
            work.add(key)
        wait_for(lambda: done == wanted)
        self.assertEqual([], overlaps)


class TestBackoff(unittest.TestCase):
    def test_doubles_up_to_the_limit(self):
        delays = [queue.Backoff(1, 60).delay_s(n) for n in (1, 2, 3, 9, 5000)]
        for delay, expected in zip(delays, (1, 2, 4, 60, 60), strict=True):
            self.assertAlmostEqual(expected, delay, delta=expected * 0.11)
