"""Rules for capsules, as OpenStack Zun names them."""
from zun_lite.policies import base

PATH = '/v1/capsules/{capsule}'
LIST, CREATE = 'GET /v1/capsules', 'POST /v1/capsules'

RULES = [
    base.rule('capsule:get_all', base.READER, 'List capsules.', LIST),
    base.rule('capsule:get', base.READER, 'Show a capsule.', f'GET {PATH}'),
    base.rule('capsule:create', base.MEMBER, 'Create a capsule.', CREATE),
    base.rule('capsule:delete', base.MEMBER, 'Delete a capsule.',
              f'DELETE {PATH}'),

    base.rule('capsule:get_all_all_projects', base.ADMIN,
              'List capsules of every project.', LIST),
    base.rule('capsule:get_one_all_projects', base.ADMIN,
              'Reach capsules of every project by name or UUID.',
              f'GET {PATH}'),
    base.rule('capsule:delete_all_projects', base.ADMIN,
              'Delete capsules of every project.', f'DELETE {PATH}'),
    base.rule('capsule:get:host', base.ADMIN,
              'See which host a capsule is on.', LIST, f'GET {PATH}'),
]
