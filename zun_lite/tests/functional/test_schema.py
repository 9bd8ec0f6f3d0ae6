"""The OpenAPI document is held against what the service really answers."""
import os
import pathlib
import tempfile
import typing
import unittest

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import CHECKS

from zun_lite.api.auth import htpasswd
from zun_lite.tests.functional import stack

USER = 'tester'
# Of each operation and each way to make them.
EXAMPLES = int(os.environ.get('ZUN_LITE_TEST_EXAMPLES', '8'))
# Where more is asked of a value than a schema can say: what refers to each
# other in a pod, selectors, markers of what must be there, configured limits,
# values that must be base64.
MEANING = {'POST /v1/pods', 'GET /v1/pods', 'GET /v1/hosts',
           'PATCH /v1/pods/{pod}', 'POST /v1/pods/{pod}/exec',
           'GET /v1/pods/{pod}/logs',
           'GET /v1/configs', 'POST /v1/configs', 'PUT /v1/configs/{config}',
           'GET /v1/secrets', 'POST /v1/secrets', 'PUT /v1/secrets/{secret}'}
# Its limits are configured, and versions decide which fields there are.
ZUN = ('/v1/containers', '/v1/capsules', '/v1/images', '/v1/networks')
SETTINGS = hypothesis.settings(
    max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(hypothesis.HealthCheck))


@pytest.mark.timeout(900)        # a minute by itself, on an idle machine
# Hypothesis minds that others, as schemathesis and the service, use it, too.
@pytest.mark.filterwarnings('ignore:Do not use the .random. module')
class Schema(unittest.TestCase):
    """Valid and invalid requests of every operation, and every check."""

    def setUp(self) -> None:
        directory = self.enterContext(tempfile.TemporaryDirectory())
        password, line = htpasswd.generate(USER, 'default', ('admin',))
        path = pathlib.Path(directory, 'users')
        path.write_text(line)
        self.stack = stack.Stack(auth_strategy='http_basic',
                                 http_basic_auth_user_file=str(path))
        self.stack.start()
        self.addCleanup(self.stack.stop)
        self.schema = schemathesis.openapi.from_wsgi(
            '/v1/openapi.json', self.stack.app)
        refused = self.schema.config.checks.negative_data_rejection
        refused.expected_statuses = [*refused.expected_statuses, '413']
        client = self.stack.client.as_user(USER, password)
        self.credentials = (USER, password)
        made = client.post('/v1/pods', {
            'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web'},
            'spec': {'containers': [{'name': 'a', 'image': 'nginx'}]}})
        self.assertEqual(202, made.status)

    def explore(self, operation: typing.Any, mode: typing.Any) -> None:
        excluded = [CHECKS.get_one('positive_data_acceptance')] if (
            operation.label in MEANING
            or any(path in operation.label for path in ZUN)) else []

        @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
        @SETTINGS
        def each(case: typing.Any) -> None:
            case.call_and_validate(
                auth=self.credentials, excluded_checks=excluded)
        try:
            each()
        except hypothesis.errors.Unsatisfiable:
            # There is no way to ask for it wrongly.
            self.assertEqual(schemathesis.GenerationMode.NEGATIVE, mode)

    def each_operation(self, mode: typing.Any) -> None:
        operations = [o.ok() for o in self.schema.get_all_operations()]
        self.assertGreaterEqual(len(operations), 19)
        for operation in operations:
            with self.subTest(operation.label):
                self.explore(operation, mode)

    def test_valid_requests(self):
        self.each_operation(schemathesis.GenerationMode.POSITIVE)

    def test_invalid_requests(self):
        self.each_operation(schemathesis.GenerationMode.NEGATIVE)
