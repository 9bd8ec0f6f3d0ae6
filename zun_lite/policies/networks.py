"""Rules for the networks of projects."""
from zun_lite.policies import base

NETWORK = '/v1/networks/{network}'

RULES = [
    base.rule('network:get_all', base.READER, 'List networks.',
              'GET /v1/networks'),
    base.rule('network:get_one', base.READER, 'Show a network.',
              f'GET {NETWORK}'),
    base.rule('network:create', base.MEMBER, 'Make a network.',
              'POST /v1/networks'),
    base.rule('network:delete', base.MEMBER, 'Delete a network.',
              f'DELETE {NETWORK}'),
    base.rule('network:all_projects', base.ADMIN,
              'Reach networks of every project by UUID, and list them with '
              '``all_projects=true``.',
              'GET /v1/networks', f'GET {NETWORK}', f'DELETE {NETWORK}'),
]
