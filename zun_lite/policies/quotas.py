"""Rules for quotas, as OpenStack Zun names them."""
from zun_lite.policies import base

PROJECT = '/v1/quotas/{project}'
CLASS = '/v1/quota_classes/{quota_class}'
# Their target is the project whose quota it is.
OWNER = f'{base.ADMIN} or {base.READER}'

RULES = [
    base.rule('quota:get', OWNER, 'Show the quota of a project.',
              f'GET {PROJECT}'),
    base.rule('quota:get_default', OWNER,
              'Show what a project has without limits of its own.',
              f'GET {PROJECT}/defaults'),
    base.rule('quota:update', base.ADMIN, 'Set limits of a project.',
              f'PUT {PROJECT}'),
    base.rule('quota:delete', base.ADMIN, 'Drop the limits of a project.',
              f'DELETE {PROJECT}'),
    base.rule('quota_class:get', base.ADMIN, 'Show a quota class.',
              f'GET {CLASS}'),
    base.rule('quota_class:update', base.ADMIN,
              'Set limits of a quota class.', f'PUT {CLASS}'),
]
