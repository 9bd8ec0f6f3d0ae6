"""Rules for services and zones, as OpenStack Zun names them."""
from zun_lite.policies import base

SERVICES = '/v1/services'

RULES = [
    base.rule('zun-service:get_all', base.ADMIN, 'List services.',
              f'GET {SERVICES}'),
    base.rule('zun-service:enable', base.ADMIN,
              'Let a host get new pods again.', f'PUT {SERVICES}/enable'),
    base.rule('zun-service:disable', base.ADMIN,
              'Keep new pods from a host.', f'PUT {SERVICES}/disable'),
    base.rule('zun-service:force_down', base.ADMIN,
              'Say that a host is gone, or that it is not.',
              f'PUT {SERVICES}/force_down'),
    base.rule('zun-service:delete', base.ADMIN,
              'Remove the record of a host.', f'DELETE {SERVICES}'),
    base.rule('availability_zones:get_all', base.READER,
              'List availability zones.', 'GET /v1/availability_zones'),
]
