"""Rules for registries, as OpenStack Zun names them."""
from zun_lite.policies import base

LIST = '/v1/registries'
ONE = '/v1/registries/{registry}'

RULES = [
    base.rule('registry:get_all', base.READER, 'List registries.',
              f'GET {LIST}'),
    base.rule('registry:get_one', base.READER, 'Show a registry.',
              f'GET {ONE}'),
    base.rule('registry:create', base.MEMBER, 'Create a registry.',
              f'POST {LIST}'),
    base.rule('registry:update', base.MEMBER, 'Change a registry.',
              f'PATCH {ONE}'),
    base.rule('registry:delete', base.MEMBER, 'Delete a registry.',
              f'DELETE {ONE}'),
    base.rule('registry:get_all_all_projects', base.ADMIN,
              'List registries of every project, and reach them by name or '
              'UUID.', f'GET {LIST}', f'GET {ONE}', f'PATCH {ONE}',
              f'DELETE {ONE}'),
]
