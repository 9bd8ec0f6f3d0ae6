"""What breaks Zun's clients first: each trap has tests that bear its number.

``test_trap_11_binary_is_selected`` stands for number 11 wherever it is, as
some need an engine, a socket or a database.
"""
import ast
import collections
import pathlib
import re
import unittest

from zun_lite import tests

TRAPS = {
    1: 'doubled and trailing slashes',
    2: 'arguments of actions in the query or in the body',
    3: 'the text None stands for what is not given',
    4: 'the version is echoed in every answer',
    5: 'an error has errors[0].title',
    6: 'no null for maps and lists',
    7: 'types of memory, cpu and MaximumRetryCount',
    8: 'statuses are exact words',
    9: 'an action is found by the request id, and ends',
    10: 'attach and logs answer one bare string',
    11: 'the WebSocket selects the sub-protocol binary',
    12: 'one registry is wrapped, lists are not',
    13: 'paths that begin behind /v1',
    14: 'the versions are open to everyone',
    15: 'keys that only administrators see',
    16: 'which success each action answers',
    17: 'the name, labels and limits on Docker',
    18: 'deleting a network of Neutron when tests end',
    19: 'an empty source is a new volume',
    20: 'the old versions that Heat speaks',
    21: 'frames end between characters',
    22: 'a size that comes too early or late is 200 or 400'}


def named() -> dict[int, list[str]]:
    """The tests of each number."""
    found = collections.defaultdict(list)
    for path in pathlib.Path(tests.__path__[0]).rglob('*.py'):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and (
                    match := re.match(r'test_trap_(\d+)_', node.name)):
                found[int(match[1])].append(f'{path.name} {node.name}')
    return found


class TestTraps(unittest.TestCase):
    def test_each_has_a_test(self):
        self.assertEqual(set(TRAPS), set(named()))
