"""Zun's command line in real shells, and what became of each command."""
import json
import os
import pathlib
import re
import subprocess
import threading
import time
import typing

from zun_lite.tests.functional import pseudo_terminal

# The client tells its commands under these names.
GROUP = 'openstack.container.v1'
LIST = ('from importlib import metadata; print(*(e.name for e in '
        f'metadata.entry_points(group={GROUP!r})))')
TIMEOUT_S = 120
WORKS = 'works'
# Ways in which commands tell of a failure and exit with 0.
_FAILED = re.compile(r'\bfailed: (.*)')
_UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
_STATUS = re.compile(r' \(HTTP (\d{3})\).*')


class Results:
    """By command: `WORKS`, or what it said instead."""

    def __init__(self, commands: typing.Iterable[str]) -> None:
        self.commands = frozenset(commands)
        self._lock = threading.Lock()
        self.found: dict[str, str] = {}

    def note(self, line: str, result: str) -> None:
        """A failure is kept, whatever comes after it."""
        words = re.sub(r'^--\S+ \S+ ', '', line).split()
        name = next(' '.join(words[:n]) for n in range(len(words), 0, -1)
                    if ' '.join(words[:n]) in self.commands)
        with self._lock:
            if self.found.get(name, WORKS) == WORKS:
                self.found[name] = result


class Shell:
    """Of one user. `results` gets what becomes of each command."""

    def __init__(self, openstack: str, env: dict[str, str],
                 results: Results) -> None:
        path = f'{pathlib.Path(openstack).parent}:{os.environ["PATH"]}'
        self._env = env | {'PATH': path, 'PYTHONWARNINGS': 'ignore'}
        self._results = results

    def _ran(self, line: str) -> subprocess.CompletedProcess[str]:
        began = time.monotonic()
        done = subprocess.run(
            ['bash', '-c', f'exec openstack {line}'], env=self._env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.STDOUT, timeout=TIMEOUT_S)
        print(f'{time.monotonic() - began:5.1f} s: {line}')
        return done

    def __call__(self, line: str, shows: str = '') -> str | None:
        """What `openstack <line>` prints; None: it failed.

        `shows`: what must be in there.
        """
        done = self._ran(line)
        refused = _FAILED.search(done.stdout)
        if done.returncode or refused or shows not in done.stdout:
            said = refused[1] if refused else done.stdout
            self._results.note(line, _told(said, done.returncode))
            return None
        self._results.note(line, WORKS)
        return done.stdout

    def aside(self, line: str) -> str:
        """What a command prints that the table says nothing of."""
        return self._ran(line).stdout

    def broken(self, line: str, fault: str, why: str) -> bool:
        """A command that fails by itself, after it was answered; whether it
        did.

        `fault`: what it then prints; `why`: what the table tells of it.
        """
        done = self._ran(line)
        if fault in done.stdout:
            self._results.note(line, why)
            return True
        self.note(line, done.returncode, done.stdout)
        return False

    def json(self, line: str) -> typing.Any:
        """The same of a command that shows a table; {}: it failed."""
        found = self(f'{line} -f json')
        return {} if found is None else json.loads(found)

    def terminal(self, line: str) -> pseudo_terminal.PseudoTerminal:
        """The command at a terminal; its end must be noted."""
        return pseudo_terminal.PseudoTerminal(
            ['/bin/bash', '-c', f'exec openstack {line}'], self._env)

    def note(self, line: str, code: int, said: str = '') -> None:
        self._results.note(line, _told(said, code) if code else WORKS)


def _told(said: str, code: int) -> str:
    """The last line, without what is different each time."""
    lines = [line for line in said.splitlines() if line.strip()]
    last = lines[-1].strip() if lines else f'exits with {code}'
    return _STATUS.sub(r' (\1)', _UUID.sub('<uuid>', last))


def commands(openstack: str) -> list[str]:
    """Every command of Zun's client: 'appcontainer action list', ..."""
    python = pathlib.Path(openstack).parent / 'python'
    found = subprocess.run([python, '-c', LIST], check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    return sorted(name.replace('_', ' ') for name in found.split())


def page(found: dict[str, str]) -> str:
    """The table of them, as the user's guide has it."""
    rows = [f'   * - ``{name}``\n     - {result}\n'
            for name, result in sorted(found.items())]
    return ('.. Written by the tests of the commands.\n\n.. list-table::\n'
            '   :header-rows: 1\n   :widths: 45 55\n\n'
            '   * - ``openstack ...``\n     - Result\n' + ''.join(rows))
