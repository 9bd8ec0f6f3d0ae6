"""The rows that a run found, and how they are shown."""
import dataclasses
import operator
import pathlib
import platform


@dataclasses.dataclass(frozen=True)
class Row:
    """`goal` is what we promise: '<= 100' or '>= 220', in `unit`."""
    what: str
    value: float
    unit: str
    goal: str = ''
    note: str = ''

    @property
    def met(self) -> bool | None:
        if not self.goal:
            return None
        compare, number = self.goal.split()
        return {'<=': operator.le, '>=': operator.ge}[compare](
            self.value, float(number))

    def cells(self) -> tuple[str, ...]:
        verdict = {None: '', True: 'yes', False: 'NO'}[self.met]
        return (self.what, f'{self.value:,.4g} {self.unit}',
                f'{self.goal} {self.unit}' if self.goal else '', verdict,
                self.note)


TITLES = ('what', 'measured', 'goal', 'met', 'note')


def rst(rows: list[Row]) -> str:
    """A simple reStructuredText table, which reads well as plain text."""
    cells = [TITLES, *(row.cells() for row in rows)]
    widths = [max(len(line[i]) for line in cells)
              for i in range(len(TITLES))]
    rule = '  '.join('=' * max(width, 3) for width in widths)
    lines = ['  '.join(c.ljust(w) for c, w in zip(line, widths, strict=True)
                       ).rstrip() for line in cells]
    return '\n'.join([rule, lines[0], rule, *lines[1:], rule])


def machine() -> str:
    """What it was measured on, in one line."""
    cpus = pathlib.Path('/proc/cpuinfo').read_text()
    model = next((line.partition(': ')[2] for line in cpus.splitlines()
                  if line.startswith('model name')), 'unknown CPU')
    memory = pathlib.Path('/proc/meminfo').read_text().split()[1]
    return (f'{cpus.count("processor	:")} x {model}, '
            f'{int(memory) / 2**20:.0f} GiB, Linux {platform.release()}, '
            f'Python {platform.python_version()}')
