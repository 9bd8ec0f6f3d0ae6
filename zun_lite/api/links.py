"""Absolute addresses in answers."""
import typing

from zun_lite.conf import CONF

# Of Zun's versions, which 1.1 to 1.40 are; what is ours is in openapi.json.
GUIDE = 'https://docs.openstack.org/api-ref/application-container/'

Environ = dict[str, typing.Any]


def base(environ: Environ) -> str:
    """What every link begins with: scheme, host, where we are mounted."""
    if CONF.api.public_endpoint:
        return CONF.api.public_endpoint.rstrip('/')
    host = environ.get('HTTP_HOST')
    if not host:
        host = f'{environ["SERVER_NAME"]}:{environ["SERVER_PORT"]}'
    return (f'{environ["wsgi.url_scheme"]}://{host}'
            f'{environ.get("SCRIPT_NAME", "")}')


def of(base_url: str, collection: str, ident: str) -> list[dict[str, str]]:
    """The two links of a resource."""
    return [{'rel': 'self', 'href': f'{base_url}/v1/{collection}/{ident}'},
            {'rel': 'bookmark', 'href': f'{base_url}/{collection}/{ident}'}]
