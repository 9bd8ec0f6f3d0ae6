"""What follows of a spec."""
import json
import unittest

from zun_lite.pod import spec


def container(name: str, cpu: int, **fields) -> dict:
    return {'name': name, 'image': 'x', **fields,
            'resources': {'requests': {'cpu': f'{cpu}m'}}}


class TestRequested(unittest.TestCase):
    """What placement sets aside is what is used when most is."""

    def cpu(self, init: list[dict], *main: int) -> int:
        return spec.PodSpec.model_validate_json(json.dumps({
            'initContainers': init, 'containers': [
                container(f'main{n}', cpu) for n, cpu in enumerate(main)],
        })).requested[0]

    def test_init_containers_come_before(self):
        self.assertEqual(30, self.cpu([], 10, 20))
        self.assertEqual(30, self.cpu([container('a', 25)], 10, 20))
        self.assertEqual(40, self.cpu(
            [container('a', 40), container('b', 35)], 10, 20))

    def test_sidecars_go_on_beside(self):
        side = container('side', 5, restartPolicy='Always')
        for expected, init in ((35, [side]),
                               (35, [container('a', 32), side]),
                               (45, [side, container('a', 40)]),
                               (40, [container('a', 40), side])):
            with self.subTest(expected):
                self.assertEqual(expected, self.cpu(init, 10, 20))
