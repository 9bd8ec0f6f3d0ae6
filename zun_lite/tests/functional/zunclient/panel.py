"""The Horizon panel's way to the service, in the environment of its client.

Run by that environment's Python with ENDPOINT and TOKEN. Each line of input
is a call as JSON, [manager, method, [argument, ...], {name: argument}]; each
line of output is {"found": what came back} or {"error": text, "kind": class}.
"""
import json
import sys

from zunclient import api_versions
from zunclient.common import base
from zunclient.v1 import client


def connect(endpoint, token):
    """As zun-ui does: by 1.1 first, to ask for the newest version."""
    def made(version):
        return client.Client(endpoint_override=endpoint, auth_token=token,
                             username='panel', project_id=None,
                             api_version=version)
    first = made(api_versions.APIVersion('1.1'))
    return made(api_versions.discover_version(
        first, api_versions.APIVersion('1.latest')))


def plain(found):
    if isinstance(found, base.Resource):
        return found.to_dict()
    if isinstance(found, list | tuple):
        return [plain(item) for item in found
                if not hasattr(item, 'status_code')]
    return found.decode('latin-1') if isinstance(found, bytes) else found


def main():
    zun = connect(*sys.argv[1:])
    for line in sys.stdin:
        manager, method, arguments, named = json.loads(line)
        try:
            called = getattr(getattr(zun, manager), method)
            answer = {'found': plain(called(*arguments, **named))}
        except Exception as exc:
            answer = {'error': str(exc), 'kind': type(exc).__name__}
        print(json.dumps(answer), flush=True)


main()
