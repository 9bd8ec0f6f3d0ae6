"""Rules for what the live drivers can do."""
from zun_lite.policies import base

RULES = [
    base.rule('capability:list', base.READER,
              'See what each kind of live host supports.',
              'GET /v1/capabilities'),
    base.rule('capability:list:hosts', base.ADMIN,
              'Also see the names of these hosts.', 'GET /v1/capabilities'),
]
