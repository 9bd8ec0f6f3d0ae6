"""Rules for hosts."""
from zun_lite.policies import base

RULES = [
    base.rule('host:get_all', base.ADMIN, 'List hosts.', 'GET /v1/hosts'),
    base.rule('host:get', base.ADMIN, 'Show a host.', 'GET /v1/hosts/{host}'),
]
