"""What users of Zun's command line do, command by command.

Each story is a user's; stories go on side by side. A command that fails does
not end its story: what it says is what the table tells of it.
"""
import pathlib
import uuid

from zun_lite.tests import neighbours
from zun_lite.tests.contract.engines import local_registry
from zun_lite.tests.functional.zunclient import index
from zun_lite.tests.functional.zunclient import service
from zun_lite.tests.functional.zunclient import shell

# Ends at once when it is asked to.
PROCESS = ("sh -c 'trap \"exit 0\" TERM; echo begun; "
           "while :; do sleep 0.2; done'")
# From 1.15 on there are no security groups in the API.
OLD = '--os-container-api-version 1.14'
# What the client does with good answers, on every Python 3; with this
# release of openstackclient's library.
UNPRINTED = ('Answered; the client itself then fails to print it, with '
             'Python 2\'s ``print``')
UNFORMATTED = ('Answered; the client itself then fails to format it, with '
               'osc-lib of today')
NEUTRON = ('Of Neutron only: the client asks it, and there is none in this '
           'catalogue')
SMALL = '--cpu 0.1 --memory 32'
TEMPLATE = """\
kind: capsule
metadata: {{name: shop, labels: {{app: shop}}}}
spec:
  containers:
  - {{name: web, image: "{image}", args: [sh, -c, "echo open; sleep 1000"]}}
  - {{name: side, image: "{image}", command: [sleep, "1000"]}}
"""
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: job}}
spec:
  restartPolicy: Never
  containers:
  - {{name: main, image: "{image}", command: ["true"]}}
"""


class Story:
    """`directory`: a place for files."""
    user = 'alpha'

    def __init__(self, of: service.Service, openstack: str,
                 results: shell.Results, directory: pathlib.Path) -> None:
        self.directory = directory
        self.service, self.client = of, of.client(self.user)
        self.run = shell.Shell(openstack, of.openrc(self.user), results)

    def tell(self) -> None:
        raise NotImplementedError

    def wait(self, path: str, status: str) -> None:
        """Until `path` has this status; 404: it is gone."""
        def reached() -> bool:
            found = self.client('GET', path)
            return (str(found.status_code) == status
                    or found.json().get('status') == status)
        try:
            neighbours.wait_for(f'{path} is {status}', reached)
        except AssertionError as exc:
            raise AssertionError(
                f'{exc}\n{self.client("GET", path).text}') from None

    def then(self, line: str, path: str, status: str) -> None:
        """A command, and what comes of it, if it is not refused."""
        if self.run(line) is not None:
            self.wait(path, status)


class Container(Story):
    """From its making to its end."""

    def tell(self) -> None:
        run, name = self.run, '/containers/life'
        run(f'appcontainer create --name life {SMALL} --label a=b '
            f'--environment C=d --restart no --auto-heal {neighbours.IMAGE} '
            f'{PROCESS}', 'life')
        self.wait(name, 'Created')
        run('appcontainer list', 'life')
        run('appcontainer show life', "{'a': 'b'}")
        self.then('appcontainer start life', name, 'Running')
        neighbours.wait_for('it writes', lambda: self.client.get(
            f'{name}/logs'))
        run('appcontainer logs --timestamps --tail 1 life', 'begun')
        # Refused where an engine keeps both streams as one.
        said = run.aside('appcontainer logs --stdout life')
        assert 'begun' in said or 'support split_logs' in said, said  # noqa: S101
        run('appcontainer exec life echo out of it', 'out of it')
        if run.broken('appcontainer top life', 'unsupported operand',
                      UNPRINTED):
            assert 'sleep' in str(self.client.get(f'{name}/top'))  # noqa: S101
        run('appcontainer stats life', 'MEM LIMIT(MiB)')
        run('appcontainer set --name lively life', 'lively')
        run('appcontainer set --name life lively', 'life')
        run('appcontainer set --memory 48 life', '48')
        self._copies()
        self._networks()
        self.then('appcontainer pause life', name, 'Paused')
        self.then('appcontainer unpause life', name, 'Running')
        self.then('appcontainer restart --timeout 1 life', name, 'Running')
        run('appcontainer commit life team/life:1', 'has been accepted')
        self.wait(name, 'Running')
        self.then('appcontainer rebuild life', name, 'Running')
        self.then('appcontainer kill life', name, 'Stopped')
        self.then('appcontainer start life', name, 'Running')
        self.then('appcontainer stop --timeout 1 life', name, 'Stopped')
        actions = run.json('appcontainer action list life')
        if actions:
            last = actions[-1]['request_id']
            run(f'appcontainer action show life {last}', 'create')
        run('appcontainer delete --wait life')
        self.wait(name, '404')

    def _copies(self) -> None:
        note = self.directory / 'note'
        note.write_bytes(b'kept \xe2\x82\xac\n')
        back = self.directory / 'back'
        back.mkdir(exist_ok=True)
        self.run(f'appcontainer cp {note} life:/tmp')
        told = self.run(f'appcontainer cp life:/tmp/note {back}')
        if told is not None and (
                (back / 'note').read_bytes() != note.read_bytes()):
            self.run.note('appcontainer cp', 1, 'brings something else back')

    def _networks(self) -> None:
        run = self.run
        run.broken('appcontainer network list life', 'Invalid formatter',
                   UNFORMATTED)
        self._joined(1)
        self.client('POST', '/networks', status=200, json={'name': 'back'})
        for verb, count in (('attach', 2), ('detach', 1)):
            if run(f'appcontainer network {verb} --network back life',
                   'accepted') is not None:
                self._joined(count)
        self.client('DELETE', '/networks/back', status=204)
        run(f'{OLD} appcontainer add security group life web')
        run(f'{OLD} appcontainer remove security group life web')
        for line in ('add floating ip life 192.0.2.1',
                     'remove floating ip 192.0.2.1'):
            run.broken(f'appcontainer {line}', 'endpoint for network service',
                       NEUTRON)

    def _joined(self, count: int) -> None:
        """Until the container is on so many networks."""
        neighbours.wait_for(f'on {count} networks', lambda: len(
            self.client.get('/containers/life/network_list')['networks'])
            == count)


class Terminals(Story):
    """The commands that converse."""

    def tell(self) -> None:
        name = '/containers/talk'
        self._talk(f'appcontainer run --interactive --name talk {SMALL} '
                   f'{neighbours.IMAGE} sh')
        self.wait(name, 'Stopped')
        self.then('appcontainer start talk', name, 'Running')
        self._talk('appcontainer exec --interactive talk sh')
        self._talk('appcontainer attach talk')
        self.wait(name, 'Stopped')
        self.run('appcontainer delete talk')
        self.wait(name, '404')

    def _talk(self, line: str) -> None:
        terminal = self.run.terminal(line)
        try:
            terminal.read('press Enter')
            terminal.say('\r')
            terminal.read('# ')
            terminal.say('expr 40 + 2\r')
            terminal.read('\r\n42\r\n')
            terminal.say('exit\r')
            self.run.note(line, terminal.status())
        except (AssertionError, OSError) as exc:
            self.run.note(line, 1, str(exc))
        finally:
            terminal.close()


class Capsule(Story):
    """In both forms; its members are reached like containers."""

    def tell(self) -> None:
        run, name = self.run, '/capsules/shop'
        for file, text in (('shop', TEMPLATE), ('job', POD)):
            path = self.directory / f'{file}.yaml'
            path.write_text(text.format(image=neighbours.IMAGE))
            run(f'capsule create --file {path}', file)
        self.wait(name, 'Running')
        self.wait('/capsules/job', 'Stopped')
        run('capsule list', 'shop')
        run('capsule show shop', 'capsule-shop-web')
        web, side = (member['uuid']
                     for member in self.client.get(name)['containers'])
        run(f'appcontainer show {web}', 'capsule-shop-web')
        run(f'appcontainer logs {web}', 'open')
        run(f'appcontainer exec {side} hostname', 'zun-')
        run(f'appcontainer stats {side}', 'capsule-shop-side')
        run('capsule delete shop job', 'has been accepted')
        self.wait(name, '404')
        self.wait('/capsules/job', '404')


class Operator(Story):
    """Hosts, images, quotas and registries."""
    user = 'admin'

    def tell(self) -> None:
        run, host = self.run, self.service.host
        run('appcontainer host list', host)
        run(f'appcontainer host show {host}', host)
        run('appcontainer availability zone list', 'nova')
        run('appcontainer service list', host)
        self._images(host)
        self._quotas()
        self._registries()

    def _images(self, host: str) -> None:
        run = self.run
        with neighbours.engine() as engine:
            registry = local_registry.LocalRegistry(
                engine, neighbours.IMAGE)
            try:
                name = registry.published()
                image = run.json(f'appcontainer image pull {name} {host}')
                ident = image.get('uuid', uuid.uuid4())
                neighbours.wait_for('it is pulled', lambda: any(
                    found['uuid'] == ident and found['image_id']
                    for found in self.client.get('/images')['images']))
                run('appcontainer image list', name.rpartition(':')[0])
                run(f'appcontainer image show {ident}', 'sha256')
                run(f'appcontainer image delete {ident}',
                    'has been accepted')
            finally:
                registry.close()
        with index.Index() as found:
            run('appcontainer image search --image-driver docker '
                f'{found.address}/busybox', 'library/busybox')

    def _quotas(self) -> None:
        run = self.run
        project = self.service.keystone.env['users']['beta']['project_id']
        run(f'appcontainer quota get --usages {project}', 'containers')
        run(f'appcontainer quota default {project}', 'containers')
        run(f'appcontainer quota update --containers 7 {project}', '7')
        run(f'appcontainer quota delete {project}', 'has been accepted')
        run('appcontainer quota class get default', 'containers')
        run('appcontainer quota class update --containers 40 default', '40')

    def _registries(self) -> None:
        run = self.run
        run('appcontainer registry create --name ours --domain '
            'registry.example.org --username me --password mine', 'ours')
        run('appcontainer registry list', 'registry.example.org')
        run('appcontainer registry show ours', 'registry.example.org')
        run('appcontainer registry update --name theirs ours', 'theirs')
        run('appcontainer registry delete theirs', 'has been accepted')


class Services(Story):
    """What keeps others from working: told last, by itself."""
    user = 'admin'

    def tell(self) -> None:
        at = f'{self.service.host} zun-compute'
        self.run('appcontainer service disable --reason rest '
                 f'{at}', 'rest')
        self.run(f'appcontainer service enable {at}', 'False')
        self.run(f'appcontainer service forcedown {at}', 'True')
        self.run(f'appcontainer service forcedown --unset {at}', 'False')
        self.run(f'appcontainer service forcedown {at}', 'True')
        self.run(f'appcontainer service delete {at}', 'has been accepted')
