"""The roles that every other rule is made of.

Keystone's default roles imply each other (admin, manager, member, reader), so
a rule names the least of them. Every rule but the admin ones is held to the
project the token is scoped to.
"""
from oslo_policy import policy

ADMIN = 'rule:context_is_admin'
READER = 'rule:project_reader'
MEMBER = 'rule:project_member'
PROJECT = ['project']

RULES = [
    policy.RuleDefault(
        'context_is_admin', 'role:admin',
        description='An administrator of the whole service.'),
    policy.RuleDefault(
        'project_reader',
        '(role:reader or role:member or role:admin)'
        ' and project_id:%(project_id)s',
        description='May read what belongs to the project.'),
    policy.RuleDefault(
        'project_member',
        '(role:member or role:admin) and project_id:%(project_id)s',
        description='May also change what belongs to the project.'),
]


def rule(name: str, check: str, description: str,
         *operations: str) -> policy.DocumentedRuleDefault:
    """A documented rule; an operation is written ``GET /v1/pods``."""
    parts = [operation.split(' ', 1) for operation in operations]
    return policy.DocumentedRuleDefault(
        name, check, description, scope_types=PROJECT,
        operations=[{'method': m, 'path': p} for m, p in parts])
