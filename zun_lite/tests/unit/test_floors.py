"""The tree is the architecture: imports go down only, parts stay small."""
import ast
import importlib.util
import pathlib
import re
import statistics
import subprocess
import sys
import tomllib
import typing
import unittest

import zun_lite

ROOT = pathlib.Path(zun_lite.__file__).parent
TREE = ROOT.parent

# Lowest first; names on one floor do not import each other.
FLOORS = [('exceptions', 'pod'), ('zun',), ('conf', 'policies'), ('policy',),
          ('context',), ('db', 'rpc', 'drivers', 'streams'), ('scheduler',),
          ('lifecycle',), ('api', 'conductor', 'compute', 'wsproxy'), ('cmd',)]
TOGETHER = {('exceptions', 'pod')}    # the pod's faults are field errors
NEVER = {'api': {'conductor', 'compute', 'drivers'},
         'drivers': {'db', 'rpc'}, 'compute': {'db'}}
NOT_LOADED = ('eventlet', 'kubernetes', 'gunicorn')

# Run by the Python of others' programs, in environments of their own.
GUESTS = {'zun_lite.tests.functional.zunclient.panel',
          'zun_lite.tests.functional.tempest.results',
          'zun_lite.tests.functional.heat.api'}
# Distribution names where they differ from the module's.
DISTRIBUTIONS = {'yaml': 'pyyaml', 'websocket': 'websocket-client',
                 'pydantic_core': 'pydantic'}


class Module(typing.NamedTuple):
    name: str
    path: pathlib.Path
    tree: ast.Module

    @property
    def part(self) -> str:
        """pod for zun_lite.pod.spec; '' for zun_lite itself."""
        return (self.name.split('.') + [''])[1]


def modules(tests: bool = False) -> list[Module]:
    found = []
    for path in sorted(ROOT.rglob('*.py')):
        where = path.relative_to(ROOT)
        if (where.parts[0] == 'tests') is not tests:
            continue
        name = '.'.join(['zun_lite', *where.with_suffix('').parts])
        found.append(Module(name.removesuffix('.__init__'), path,
                            ast.parse(path.read_text(), str(path))))
    return found


def imports(module: Module, running: bool = False) -> set[str]:
    """Every module it imports, anywhere in the file, by its full name.

    `running`: without those that only type checkers see.
    """
    found = set()
    hidden = [id(child) for node in ast.walk(module.tree)
              if isinstance(node, ast.If)
              and ast.unparse(node.test).endswith('TYPE_CHECKING')
              for child in ast.walk(node)] if running else []
    for node in ast.walk(module.tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{module.name}: a relative import'
            found |= {_target(node.module or '', a.name) for a in node.names}
    return found


def _target(package: str, name: str) -> str:
    """`from package import name`: the module that is meant."""
    if not package.startswith('zun_lite'):
        return package
    path = TREE / package.replace('.', '/') / name
    if path.is_dir() or path.with_suffix('.py').exists():
        return f'{package}.{name}'
    return package


def ours(names: set[str]) -> set[str]:
    return {n for n in names if n.split('.')[0] == 'zun_lite'}


def floor(part: str) -> int:
    for number, names in enumerate(FLOORS):
        if part in names:
            return number
    raise AssertionError(f'zun_lite/{part} stands on no floor')


def functions(module: Module) -> list[tuple[str, int]]:
    """(module:name, lines) of each."""
    return [(f'{module.name}:{node.name}',
             (node.end_lineno or node.lineno) - node.lineno + 1)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


class TestFloors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.modules = [m for m in modules() if m.part]
        cls.graph = {m.name: ours(imports(m)) for m in cls.modules}

    def edges(self):
        for module in self.modules:
            for name in self.graph[module.name]:
                part = (name.split('.') + [''])[1]
                if part and part != module.part:
                    yield module.name, module.part, name, part

    def test_imports_go_down_only(self):
        for name, part, target, below in self.edges():
            with self.subTest(f'{name} -> {target}'):
                if (below, part) in TOGETHER:
                    continue
                self.assertLess(floor(below), floor(part))

    def test_what_never_meets(self):
        for name, part, target, below in self.edges():
            with self.subTest(f'{name} -> {target}'):
                self.assertNotIn(below, NEVER.get(part, ()))

    def test_nothing_below_the_agent_reaches_the_database(self):
        seen: set[str] = set()
        todo = [m.name for m in self.modules if m.part == 'compute']
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += self.graph.get(name, ())
        self.assertEqual([], [n for n in seen
                              if n.startswith('zun_lite.db')])

    def test_tests_are_not_imported(self):
        for name, names in self.graph.items():
            with self.subTest(name):
                self.assertEqual([], [n for n in names
                                      if n.startswith('zun_lite.tests')])

    def test_no_module_imports_itself_in_a_circle(self):
        graph = {m.name: ours(imports(m, running=True))
                 for m in self.modules}
        done: set[str] = set()

        def visit(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                self.fail(' -> '.join((*path[path.index(name):], name)))
            if name not in done:
                for target in graph.get(name, ()):
                    # A package's front re-exports its own modules.
                    if not name.startswith(target + '.'):
                        visit(target, (*path, name))
                done.add(name)
        for name in graph:
            visit(name, ())

    def test_no_utils(self):
        for module in self.modules:
            self.assertNotIn(module.path.stem,
                             ('utils', 'consts', 'constants', 'helpers',
                              'misc'), module.name)


class TestSizes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.modules = modules()

    def test_files(self):
        sizes = {m.name: len(m.path.read_text().splitlines())
                 for m in self.modules}
        written = [n for n in sizes.values() if n]
        self.assertLessEqual(statistics.median(written), 110)
        self.assertEqual({}, {k: n for k, n in sizes.items() if n > 600})

    def test_test_files(self):
        sizes = {m.name: len(m.path.read_text().splitlines())
                 for m in modules(tests=True)}
        self.assertEqual({}, {k: n for k, n in sizes.items() if n > 600})

    def test_functions(self):
        found = [f for m in self.modules for f in functions(m)]
        sizes = sorted(n for _, n in found)
        self.assertLessEqual(statistics.median(sizes), 10)
        self.assertLessEqual(statistics.quantiles(sizes, n=10)[-1], 32)
        self.assertEqual([], [f for f in found if f[1] > 80])

    def test_exception_classes(self):
        module = next(m for m in self.modules
                      if m.name == 'zun_lite.exceptions')
        count = sum(isinstance(n, ast.ClassDef) for n in module.tree.body)
        self.assertLessEqual(count, 22)


class TestDependencies(unittest.TestCase):
    def declared(self, *files: str) -> set[str]:
        text = '\n'.join((TREE / file).read_text() for file in (
            'requirements.txt', 'setup.cfg', *files))
        return {name.lower().replace('_', '-').replace('.', '-')
                for name in re.findall(r'^\s*([A-Za-z0-9_.-]+)[\[>=]', text,
                                       re.M)}

    def test_what_is_imported_is_required(self):
        self.check(modules(), self.declared())

    def test_what_tests_import_is_required(self):
        self.check([m for m in modules(tests=True) if m.name not in GUESTS],
                   self.declared('test-requirements.txt'))

    def check(self, found: list[Module], declared: set[str]) -> None:
        for module in found:
            for name in imports(module) - ours(imports(module)):
                top = name.split('.')[0]
                if top in sys.stdlib_module_names or top == 'zun_lite':
                    continue
                wanted = DISTRIBUTIONS.get(top, top).replace('_', '-')
                with self.subTest(f'{module.name} imports {name}'):
                    self.assertIn(wanted, declared)

    def test_versions_are_bounded_below(self):
        for line in (TREE / 'requirements.txt').read_text().splitlines():
            if line and not line.startswith('#'):
                with self.subTest(line):
                    self.assertRegex(line, r'>=\d')

    def test_entry_points_exist(self):
        text = (TREE / 'setup.cfg').read_text()
        for module, name in re.findall(r'= (zun_lite[\w.]*):(\w+)', text):
            with self.subTest(f'{module}:{name}'):
                self.assertIsNotNone(importlib.util.find_spec(module))
                loaded = importlib.import_module(module)
                self.assertTrue(callable(getattr(loaded, name)))

    def test_the_settings_files_are_well_formed(self):
        settings = tomllib.loads((TREE / 'pyproject.toml').read_text())
        self.assertEqual('pbr.build',
                         settings['build-system']['build-backend'])


class TestLoaded(unittest.TestCase):
    """What a running process has imported."""

    def loaded(self, statement: str) -> set[str]:
        """Names of modules; those that are blocked have no module."""
        done = subprocess.run(
            [sys.executable, '-c', f'{statement}\nimport sys\n'
             'print(*(k for k, m in sys.modules.items() if m))'],
            capture_output=True, text=True, timeout=60, check=True)
        return set(done.stdout.split())

    def check(self, statement: str) -> None:
        loaded = self.loaded(statement)
        for name in NOT_LOADED:
            with self.subTest(name):
                self.assertNotIn(name, loaded)

    def test_all_in_one(self):
        self.check('from zun_lite.cmd import all_in_one as a\n'
                   'import zun_lite.api.app, zun_lite.lifecycle\n'
                   'import zun_lite.compute.service\n'
                   'import zun_lite.conductor.service\n'
                   'import zun_lite.drivers.docker.driver')

    def test_api(self):
        self.check('import zun_lite.api.wsgi, zun_lite.api.auth.keystone\n'
                   'import zun_lite.rpc.oslo\n'
                   'import oslo_messaging._drivers.impl_rabbit')

    def test_conductor(self):
        self.check('import zun_lite.cmd.conductor, zun_lite.rpc.oslo')

    def test_compute(self):
        self.check('import zun_lite.cmd.compute, zun_lite.rpc.oslo')
        self.assertFalse(any(
            name.startswith(('zun_lite.db', 'sqlalchemy'))
            for name in self.loaded('import zun_lite.cmd.compute')))
