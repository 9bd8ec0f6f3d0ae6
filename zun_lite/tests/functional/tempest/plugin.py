"""Zun's tempest plugin, run as its users run it, and what it finds."""
import json
import pathlib
import re
import subprocess

from zun_lite.tests.functional.zunclient import service

RESULTS = pathlib.Path(__file__).parent / 'results.py'
TIMEOUT_S = 600
PASSES = 'passes'
# Where an environment keeps what is installed in it.
WHERE = ('import pathlib, zun_tempest_plugin as plugin; '
         'print(pathlib.Path(plugin.__file__).parents[1])')
# Beside Keystone there is no other service in the catalogue.
CONF = """\
[DEFAULT]
log_file = {directory}/tempest.log
[oslo_concurrency]
lock_path = {directory}
[auth]
admin_username = admin
admin_password = {password}
admin_project_name = admin
admin_domain_name = Default
[identity]
uri_v3 = {auth_url}
region = {own_region}
[service_available]
zun = true
neutron = false
glance = false
cinder = false
nova = false
swift = false
[container_service]
min_microversion = {version}
cirros_image = {image}
nginx_image = {image}
ubuntu_image = {image}
"""
# Without groups, so that tests of one class run side by side.
RUNNER = """\
[DEFAULT]
test_path = {packages}/zun_tempest_plugin/tests/tempest/api
top_dir = {packages}
"""
_ABSENT = re.compile(r'EndpointNotFound.*?^Service: ([\w-]+),', re.S | re.M)
# Before one test asks Neutron for a security group, it wants its name.
_GROUP = 'len(secgroups)'
_NAMES = {'network': 'Neutron', 'image': 'Glance', 'block-storage': 'Cinder'}
# What tests say that the settings keep from running.
_SKIPS = {'microversion range': 'for other microversions',
          'requires glance': 'needs Glance',
          'public network': 'needs Neutron'}


class Plugin:
    """`tempest`: the path of that command; `image`: runs on by itself."""

    def __init__(self, tempest: str, of: service.Service, image: str,
                 directory: pathlib.Path) -> None:
        self._bin = pathlib.Path(tempest).parent
        self._keystone = of.keystone.env
        self._region, self._image = of.region, image
        self._directory = directory
        self._packages = subprocess.run(
            [self._bin / 'python', '-c', WHERE], check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip()

    def run(self, version: str, tests: str,
            side_by_side: int) -> dict[str, str]:
        """What became of each test by its name, asking for this microversion.

        `tests`: which ones, as a regular expression.
        """
        directory = self._directory / version
        directory.mkdir()
        (directory / 'tempest.conf').write_text(CONF.format(
            directory=directory, own_region=self._region,
            image=self._image, version=version, **self._keystone))
        (directory / 'stestr.conf').write_text(
            RUNNER.format(packages=self._packages))
        stream = subprocess.run(
            [self._bin / 'stestr', '--config', directory / 'stestr.conf',
             'run', '--subunit', '--concurrency', str(side_by_side),
             tests], cwd=directory, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, timeout=TIMEOUT_S, env={
                'PATH': f'{self._bin}:/usr/bin:/bin', 'HOME': str(directory),
                'TEMPEST_CONFIG_DIR': str(directory),
                'PYTHONWARNINGS': 'ignore'}).stdout
        found = subprocess.run([self._bin / 'python', RESULTS], check=True,
                               input=stream, stdout=subprocess.PIPE).stdout
        return {_name(test): told(test, *result)
                for test, result in json.loads(found).items()}


def _name(test: str) -> str:
    """Without its class and the mark behind it."""
    return test.partition('[')[0].rpartition('.')[2]


def told(test: str, status: str, texts: dict[str, str]) -> str:
    """In the table's words. Prints what failed without a reason."""
    if status == 'success':
        return PASSES
    if status == 'skip':
        reason = texts['reason'].strip()
        return next((words for part, words in _SKIPS.items()
                     if part in reason), f'skipped by the plugin: {reason}')
    failures = [text for name, text in texts.items()
                if name.startswith('traceback')]
    absent = {_absent(text) for text in failures}
    if failures and None not in absent:
        return f'needs {" and ".join(sorted(map(str, absent)))}'
    print(test, *texts.values(), sep='\n')
    last = [line for text in failures for line in text.splitlines()
            if line.strip()]
    return f'fails: {last[-1].strip() if last else status}'


def _absent(failure: str) -> str | None:
    """The service that a test looked for and did not find, and only that."""
    if _GROUP in failure:
        return 'Neutron'
    found = _ABSENT.search(failure)
    return _NAMES.get(found[1], found[1]) if found else None


def page(columns: dict[str, dict[str, str]]) -> str:
    """The table, as the user's guide has it: by heading, what was found."""
    head = ''.join(f'     - {name}\n' for name in columns)
    rows = ''
    for test in sorted({test for found in columns.values()
                        for test in found}):
        cells = ''.join(f'     - {found[test]}\n' if test in found
                        else '     -\n' for found in columns.values())
        rows += f'   * - ``{test}``\n{cells}'
    return ('.. Written by the test of the plugin.\n\n.. list-table::\n'
            '   :header-rows: 1\n   :widths: 44 28 28\n\n'
            f'   * - Test\n{head}{rows}')
