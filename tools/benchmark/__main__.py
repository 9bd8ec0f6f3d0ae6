"""Measures zun_lite and prints a table; see tools/bench."""
import argparse
import importlib
import sys
import time

from benchmark import table
from benchmark.table import Row

SECTIONS = {'docker': 'all_in_one', 'api': 'deployment',
            'containers': 'containers', 'kubernetes': 'cluster',
            'streams': 'streams'}


def main() -> None:
    parser = argparse.ArgumentParser(prog='bench', description=__doc__)
    parser.add_argument('section', nargs='+', choices=SECTIONS)
    rows: list[Row] = []
    for name in parser.parse_args().section:
        print(f'==> {name}', file=sys.stderr)
        rows += importlib.import_module(f'benchmark.{SECTIONS[name]}').rows()
    print(f'{table.machine()}, {time.strftime("%Y-%m-%d")}\n')
    print(table.rst(rows))


if __name__ == '__main__':
    main()
