"""Rules for the images that hosts hold, as OpenStack Zun names them."""
from zun_lite.policies import base

IMAGE = '/v1/images/{image}'

RULES = [
    base.rule('image:get_all', base.ADMIN, 'List the images of hosts.',
              'GET /v1/images'),
    base.rule('image:get_one', base.ADMIN, 'Show an image of a host.',
              f'GET {IMAGE}'),
    base.rule('image:pull', base.ADMIN, 'Have a host fetch an image.',
              'POST /v1/images'),
    base.rule('image:delete', base.ADMIN, 'Have a host remove an image.',
              f'DELETE {IMAGE}'),
    base.rule('image:search', base.READER,
              "Search the index of a host's engine for images.",
              f'GET {IMAGE}/search'),
]
