"""What a run of the suite shows of capabilities, for the table of support.

Where ZUN_LITE_TEST_EVIDENCE names a directory, each process adds lines of
JSON to a file of its own there: of each driver what it declares, and of each
case (or part of one, in `subTest`) what it needed and how it ended.
"""
import dataclasses
import json
import os
import pathlib
import typing
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator

from zun_lite.drivers import base
from zun_lite.pod import capabilities

DIRECTORY = 'ZUN_LITE_TEST_EVIDENCE'
PASSED, FAILED, REFUSED = 'passed', 'failed', 'refused'

Record = dict[str, typing.Any]


@dataclasses.dataclass
class Part:
    """The capabilities that a case needs; `lacking`: those not declared."""
    case: str
    used: set[str] = dataclasses.field(default_factory=set)
    lacking: set[str] = dataclasses.field(default_factory=set)

    def need(self, names: Iterable[str], held: Collection[str]) -> None:
        found = set(names)
        self.used |= found
        self.lacking |= found.difference(held)


def tell(driver: base.PodDriver, part: Part, result: str) -> None:
    """Add to the evidence, where it is gathered."""
    directory = os.environ.get(DIRECTORY)
    if not directory or not part.used:
        return
    record = {'driver': driver.name, 'case': part.case, 'result': result,
              'used': sorted(part.used), 'lacking': sorted(part.lacking),
              'declared': sorted(base.capabilities(driver))}
    path = pathlib.Path(directory) / f'{driver.name}-{os.getpid()}.jsonl'
    with path.open('a') as file:
        file.write(json.dumps(record) + '\n')


class Evidence:
    """What was shown of one driver."""

    def __init__(self, records: Iterable[Record]) -> None:
        last = {record['case']: record for record in records}
        self._records = list(last.values())     # of what was run again
        self.declared = {name for record in self._records
                         for name in record['declared']}
        self.shown = {name for record in self._records
                      if record['result'] == PASSED and not record['lacking']
                      for name in record['used']}
        self.works = {name for name, results in self._tried().items()
                      if results == {PASSED}}

    def _tried(self) -> dict[str, set[str]]:
        """How cases ended for which an undeclared field was let through."""
        found: dict[str, set[str]] = {}
        for record in self._records:
            for name in record['lacking']:
                if record['result'] != REFUSED:
                    found.setdefault(name, set()).add(record['result'])
        return found

    def faults(self) -> Iterator[str]:
        """Where what is declared and what was shown do not agree."""
        for name in sorted(self.declared - self.shown):
            yield f'{name} is declared, and no case shows it'
        for name in sorted(self.works):
            yield f'{name} is not declared, and works'
        fields = capabilities.ALL - self.declared
        for name in sorted(fields.difference(self._tried())):
            yield f'{name} is not declared, and no case tries it'
        for record in self._records:
            if record['result'] == FAILED and not record['lacking']:
                yield f'{record["case"]} fails'


def read(directory: pathlib.Path) -> dict[str, Evidence]:
    """By the driver's name."""
    found: dict[str, list[Record]] = {}
    for path in sorted(directory.glob('*.jsonl'),
                       key=lambda path: path.stat().st_mtime):
        for line in path.read_text().splitlines():
            record = json.loads(line)
            found.setdefault(record['driver'], []).append(record)
    return {driver: Evidence(records) for driver, records in found.items()}
