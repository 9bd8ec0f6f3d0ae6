"""A service that runs until it is told to end, or ends by itself."""
import signal
import subprocess
import sys
import unittest

SCRIPT = '''
import signal, sys, threading
from zun_lite.cmd import process

ended = threading.Event()

class Service:
    def start(self):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        {start}
        print('started', flush=True)

    def stop(self):
        print('stopped', flush=True)

process.run(Service(), ended)
'''
LOADED = '''
import gc
from zun_lite.cmd import process

before = len(gc.get_objects())
process.loaded()
print(before, len(gc.get_objects()))
kept = [[] for _ in range(5000)]
found = gc.get_count()[0]
print(found)
'''
# Then the system gives it to the other thread.
NOT_TO_ME = 'signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})'


class TestLoaded(unittest.TestCase):
    def test_what_stays_is_not_looked_through_again(self):
        done = subprocess.run([sys.executable, '-c', LOADED], text=True,
                              capture_output=True, check=True, timeout=60)
        before, after, uncollected = map(int, done.stdout.split())
        self.assertLess(after, before / 100)
        self.assertGreater(uncollected, 4000)


class TestRun(unittest.TestCase):
    def begin(self, start: str) -> subprocess.Popen:
        process = subprocess.Popen(
            [sys.executable, '-c', SCRIPT.format(start=start)], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertEqual('started\n', process.stdout.readline())
        return process

    def end(self, process: subprocess.Popen) -> tuple[int, str]:
        """Its exit status, and what it still wrote."""
        status = process.wait(60)
        return status, process.stdout.read()

    def test_signals_end_it(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            process = self.begin('pass')
            process.send_signal(number)
            self.assertEqual((0, 'stopped\n'), self.end(process))

    def test_a_signal_that_another_thread_is_given(self):
        process = self.begin(NOT_TO_ME)
        process.send_signal(signal.SIGTERM)
        self.assertEqual((0, 'stopped\n'), self.end(process))

    def test_it_ends_by_itself(self):
        status, said = self.end(self.begin('ended.set()'))
        self.assertEqual(1, status)
        self.assertRegex(said, '^stopped\nerror: .* ended by itself')
