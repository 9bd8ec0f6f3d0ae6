"""Zun's table through the API, with a simulated engine."""
import json
import unittest

from zun_lite.tests.functional import container_table
from zun_lite.tests.functional import stack

VERSION = {'OpenStack-API-Version': 'container 1.40'}


class TestTable(container_table.TableCase, unittest.TestCase):
    image = 'zun-lite/busybox:1'

    @classmethod
    def setUpClass(cls):
        cls.service = stack.Stack()
        cls.service.start()
        cls.addClassCleanup(cls.service.stop)
        cls.service.engine.images.missing.append(container_table.NO_IMAGE)

    def ask(self, method, path, body=None):
        answer = self.service.client(method, f'/v1{path}', body,
                                     headers=VERSION)
        return answer.status, json.loads(answer.body or b'null')
