"""Files in and out."""
import io
import stat
import tarfile
import typing
from collections.abc import Iterator

from zun_lite import exceptions
from zun_lite.drivers import base
from zun_lite.pod import states
from zun_lite.tests.contract import harness


def tar(**files: bytes | None) -> bytes:
    """An archive; names use __ for /, None is a directory."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode='w') as made:
        for name, data in files.items():
            info = tarfile.TarInfo(name.replace('__', '/'))
            info.mode = 0o644
            if data is None:
                info.type, info.mode = tarfile.DIRTYPE, 0o755
            info.size = len(data or b'')
            made.addfile(info, io.BytesIO(data or b''))
    return buffer.getvalue()


def content(archive: bytes) -> dict[str, bytes | None]:
    """Regular files with their bytes; everything else None."""
    with tarfile.open(fileobj=io.BytesIO(archive), mode='r:') as found:
        return {m.name: found.extractfile(m).read() if m.isreg() else None
                for m in found}


class Copies(harness.Case):
    def setUp(self) -> None:
        super().setUp()
        self.needs(states.Action.COPY)

    @property
    def copy(self) -> base.Copy:
        return typing.cast(base.Copy, self.driver)

    def ready(self, script: str = 'true'):
        pod = self.start(self.sh(f'{script}; echo made; sleep 3600'))
        self.wait_logs(pod, 'made')
        self.wait_ready(pod)
        return pod

    def get(self, pod, path: str) -> dict[str, bytes | None]:
        with self.copy.get_archive(pod.uuid, 'main', path) as archive:
            return content(b''.join(archive))

    def put(self, pod, path: str, data: bytes, piece: int = 7000) -> None:
        self.copy.put_archive(pod.uuid, 'main', path, iter(
            [data[at:at + piece] for at in range(0, len(data), piece)]))

    def test_a_file(self):
        """The names in the archive begin with the last part of the path."""
        pod = self.ready('echo hi > /tmp/file')
        self.assertEqual({'file': b'hi\n'}, self.get(pod, '/tmp/file'))

    def test_what_it_is(self):
        pod = self.ready('echo hi > /tmp/file; mkdir /tmp/dir')
        with self.copy.get_archive(pod.uuid, 'main', '/tmp/file') as found:
            self.assertEqual(('file', 3, True), (
                found.info.name, found.info.size,
                stat.S_ISREG(found.info.mode)))
            self.assertRegex(found.info.mtime, r'^20\d\d-\d\d-\d\dT.*Z$')
        with self.copy.get_archive(pod.uuid, 'main', '/tmp/dir') as found:
            self.assertTrue(stat.S_ISDIR(found.info.mode))

    def test_a_directory(self):
        pod = self.ready('mkdir -p /tmp/d/e; echo a > /tmp/d/a; '
                         'echo b > /tmp/d/e/b')
        for path in ('/tmp/d', '/tmp/d/', '/tmp/../tmp/d'):
            self.assertEqual(
                {'d': None, 'd/a': b'a\n', 'd/e': None, 'd/e/b': b'b\n'},
                self.get(pod, path), path)

    def test_strange_names(self):
        pod = self.ready("mkdir '/tmp/-x $(id)'; echo y > '/tmp/-x $(id)/é'")
        self.assertEqual({'-x $(id)': None, '-x $(id)/é': b'y\n'},
                         self.get(pod, '/tmp/-x $(id)'))

    def test_nothing_there(self):
        """get_archive raises NotFound: nothing is at the path."""
        pod = self.ready()
        for path in ('/no/such', '/tmp/none'):
            with self.assertRaises(exceptions.NotFound) as raised:
                self.get(pod, path)
            self.assertIn(path, raised.exception.message)
        with self.assertRaises(exceptions.NotFound):
            self.put(pod, '/no/such', tar(x=b''))

    def test_put(self):
        pod = self.ready()
        self.put(pod, '/tmp', tar(one=b'1\n', d=None, d__two=b'\0\xff' * 9))
        self.assertEqual('1\n', self.exec_sh(pod, 'cat /tmp/one'))
        self.assertEqual({'two': b'\0\xff' * 9}, self.get(pod, '/tmp/d/two'))

    def test_there_and_back(self):
        data = bytes(range(256)) * 4096
        pod = self.ready()
        self.put(pod, '/tmp', tar(large=data), piece=100_000)
        self.assertEqual({'large': data}, self.get(pod, '/tmp/large'))

    def test_put_replaces_files(self):
        pod = self.ready('echo old > /tmp/one')
        self.put(pod, '/tmp', tar(one=b'new\n'))
        self.assertEqual('new\n', self.exec_sh(pod, 'cat /tmp/one'))

    def test_put_where_no_directory_is(self):
        """put_archive raises Invalid: the path is no directory."""
        pod = self.ready('echo x > /tmp/file')
        with self.assertRaises(exceptions.Invalid) as raised:
            self.put(pod, '/tmp/file', tar(x=b''))
        self.assertEqual(['path'],
                         [f.path for f in raised.exception.fields])

    def test_put_no_archive(self):
        """put_archive raises Invalid: data is no tar archive."""
        with self.assertRaises(exceptions.Invalid):
            self.put(self.ready(), '/tmp', b'this is no archive ' * 4000)

    def test_put_that_breaks_off(self):
        """What was unpacked before a failure stays; the failure is told."""
        pod = self.ready()

        def pieces() -> Iterator[bytes]:
            yield tar(one=b'1' * 20_000)[:15_000]
            raise ConnectionResetError('the sender is gone')
        with self.assertRaises(ConnectionResetError):
            self.copy.put_archive(pod.uuid, 'main', '/tmp', pieces())
        self.put(pod, '/tmp', tar(one=b'whole\n'))
        self.assertEqual('whole\n', self.exec_sh(pod, 'cat /tmp/one'))

    def test_get_that_is_given_up(self):
        pod = self.ready('dd if=/dev/zero of=/tmp/large bs=1M count=8')
        archive = self.copy.get_archive(pod.uuid, 'main', '/tmp/large')
        self.assertTrue(archive.read())
        archive.close()
        archive.close()
        self.assertEqual('up\n', self.exec_sh(pod, 'echo up'))

    def test_in_volumes(self):
        for volume in ({}, {'medium': 'Memory'}):
            pod = self.start(
                self.sleeper(volumeMounts=[{'name': 'v',
                                            'mountPath': '/v'}]),
                volumes=[{'name': 'v', 'emptyDir': volume}])
            self.wait_ready(pod)
            self.put(pod, '/v', tar(x=b'in\n'))
            self.assertEqual('in\n', self.exec_sh(pod, 'cat /v/x'))
            self.assertEqual({'x': b'in\n'}, self.get(pod, '/v/x'))

    def test_a_root_that_is_read_only(self):
        """put_archive raises Conflict: it cannot be written to."""
        pod = self.start(self.sleeper(
            securityContext={'readOnlyRootFilesystem': True}))
        self.wait_ready(pod)
        with self.assertRaises(exceptions.Conflict):
            self.put(pod, '/etc', tar(x=b'x'))

    def test_what_has_ended(self):
        """Works, or is a Conflict: an engine may need it to run."""
        pod = self.start(self.sh('echo kept > /tmp/x'),
                         restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        try:
            self.assertEqual({'x': b'kept\n'}, self.get(pod, '/tmp/x'))
        except exceptions.Conflict as exc:
            self.assertIn('run', exc.message)

    def test_what_does_not_exist(self):
        pod = self.ready()
        with self.assertRaises(exceptions.ContainerNotFound):
            self.copy.get_archive(pod.uuid, 'nobody', '/')
        with self.assertRaises(exceptions.ContainerNotFound):
            self.copy.put_archive(pod.uuid, 'nobody', '/tmp', iter(()))
        absent = self.make(self.sleeper())
        with self.assertRaises(exceptions.PodNotFound):
            self.copy.get_archive(absent.uuid, 'main', '/')
