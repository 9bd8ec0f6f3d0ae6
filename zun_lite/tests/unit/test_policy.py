import os
import tempfile
import unittest

import yaml

from zun_lite import context
from zun_lite import exceptions
from zun_lite import policies
from zun_lite import policy
from zun_lite.conf import CONF


def caller(*roles: str, **more) -> context.RequestContext:
    return context.RequestContext(user_id='ann', project_id='alpha',
                                  roles=list(roles), **more)


class PolicyTest(unittest.TestCase):

    def setUp(self):
        handle, self.path = tempfile.mkstemp(suffix='.yaml')
        os.close(handle)
        self.addCleanup(os.unlink, self.path)
        CONF([], project='zun_lite', default_config_files=[])
        policy.reset()
        policy.enforcer()
        CONF.set_override('policy_file', self.path, 'oslo_policy')
        self.addCleanup(policy.reset)
        self.addCleanup(CONF.clear_override, 'policy_file', 'oslo_policy')
        policy.reset()

    def write(self, rules):
        with open(self.path, 'w') as file:
            yaml.safe_dump(rules, file)


class Defaults(PolicyTest):

    def test_each_role_may_what_the_lesser_ones_may(self):
        for rule, least in (('pod:get', 'reader'), ('pod:create', 'member'),
                            ('host:get_all', 'admin')):
            roles = ('reader', 'member', 'admin')
            self.assertEqual(
                [roles.index(role) >= roles.index(least) for role in roles],
                [policy.allowed(rule, caller(role)) for role in roles], rule)

    def test_no_role_is_nothing(self):
        for rule in policies.list_rules():
            self.assertFalse(policy.allowed(rule.name, caller()), rule.name)

    def test_a_refusal_names_the_rule(self):
        with self.assertRaisesRegex(exceptions.Forbidden, 'host:get_all'):
            policy.enforce('host:get_all', caller('member'))

    def test_an_unknown_rule_is_a_mistake_of_ours(self):
        with self.assertRaises(KeyError):
            policy.allowed('pod:nonsense', caller('admin'))

    def test_every_rule_says_what_it_is_for(self):
        for rule in policies.list_rules():
            self.assertTrue(rule.description, rule.name)


class Files(PolicyTest):

    def test_an_operator_may_decide_otherwise(self):
        self.write({'host:get_all': 'role:auditor',
                    'pod:create': 'user_id:bob'})
        self.assertTrue(policy.allowed('host:get_all', caller('auditor')))
        self.assertFalse(policy.allowed('host:get_all', caller('admin')))
        self.assertFalse(policy.allowed('pod:create', caller('member')))

    def test_an_edited_file_counts_soon(self):
        self.assertFalse(policy.allowed('host:get_all', caller('member')))
        self.write({'host:get_all': '@'})
        self.assertFalse(policy.allowed('host:get_all', caller('member')))
        policy._checked_at -= policy.RECHECK_S
        self.assertTrue(policy.allowed('host:get_all', caller('member')))

    def test_a_file_that_breaks_changes_nothing(self):
        self.write({'host:get_all': 'role:auditor'})
        self.assertTrue(policy.allowed('host:get_all', caller('auditor')))
        with open(self.path, 'w') as file:
            file.write('host:list: "@\n  - [')
        policy._checked_at -= policy.RECHECK_S
        with self.assertLogs('zun_lite.policy', 'ERROR'):
            self.assertTrue(policy.allowed('host:get_all', caller('auditor')))
        self.assertFalse(policy.allowed('host:get_all', caller('member')))

    def test_answers_are_not_mixed_up(self):
        self.write({'pod:get': 'user_id:ann or project_id:beta'})
        bob = context.RequestContext(user_id='bob', project_id='alpha')
        beta = context.RequestContext(user_id='bob', project_id='beta')
        self.assertEqual([True, False, True], [
            policy.allowed('pod:get', c) for c in (caller(), bob, beta)])
