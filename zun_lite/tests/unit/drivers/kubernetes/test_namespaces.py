"""When a project's namespace goes, against a scripted API server."""
import threading
import types
import unittest

from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes import namespaces

POD = types.SimpleNamespace(project_id='p', project_limits=None)
NAME = names.namespace('p')


class Cluster:
    """Answers; `during` is called before each request is answered."""

    def __init__(self):
        self.asked, self.items = [], {}
        self.during = lambda method, path: None

    def call(self, method, path, body=None, query=None, **more):
        self.asked.append((method, path))
        self.during(method, path)
        return {'items': self.items.get(path.rpartition('/')[2], [])}

    def find(self, path):
        return {'metadata': {'labels': {names.MANAGED: names.MANAGER}}}


class TestRemoval(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster()
        self.namespaces = namespaces.Namespaces(self.cluster, 'h', 'baseline')

    def deleted(self):
        return ('DELETE', f'/api/v1/namespaces/{NAME}') in self.cluster.asked

    def test_an_empty_one_goes(self):
        self.namespaces.remove_if_empty(NAME)
        self.assertTrue(self.deleted())

    def test_one_that_holds_something_stays(self):
        """A pod, or what an operator has put there."""
        for kind in ('pods', 'resourcequotas', 'limitranges'):
            self.cluster.items = {kind: [{}]}
            self.namespaces.remove_if_empty(NAME)
            self.assertFalse(self.deleted(), kind)

    def test_one_that_is_used_stays(self):
        with self.namespaces.use(POD):
            self.namespaces.remove_if_empty(NAME)
            self.assertFalse(self.deleted())

    def test_who_comes_meanwhile_waits_and_makes_it_anew(self):
        """Whichever request they come during."""
        used, threads = threading.Event(), []

        def use():
            with self.namespaces.use(POD):
                used.set()

        def during(method, path):
            if (method, path) == step:
                threads.append(threading.Thread(target=use))
                threads[0].start()
                self.assertFalse(used.wait(0.1))
        for step in (('GET', names.pods_path(NAME)),
                     ('DELETE', f'/api/v1/namespaces/{NAME}')):
            with self.subTest(step):
                used.clear()
                threads.clear()
                self.cluster.asked.clear()
                self.cluster.during = during
                self.namespaces.remove_if_empty(NAME)
                threads[0].join(5)
                self.assertTrue(used.is_set())
                asked = self.cluster.asked
                self.assertLess(
                    asked.index(('DELETE', f'/api/v1/namespaces/{NAME}')),
                    asked.index(('POST', '/api/v1/namespaces')))
