"""The pods that are measured, and their creation and removal."""
import concurrent.futures
import threading
import time

from benchmark import load

IMAGE, SANDBOX = 'zun-lite/busybox:1', 'zun-lite/pause:1'
NOWHERE = {'zun-lite/host': 'nowhere'}       # accepted, never placed


def manifest(name: str, **spec: object) -> dict[str, object]:
    return {'apiVersion': 'v1', 'kind': 'Pod',
            'metadata': {'name': name, 'labels': {'bench': 'yes'}},
            'spec': {'terminationGracePeriodSeconds': 0, 'containers': [
                {'name': 'main', 'image': IMAGE,
                 'imagePullPolicy': 'IfNotPresent',
                 'command': ['sleep', '3600']}], **spec}}


BODY = ('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p%d",'
        '"labels":{"bench":"yes"}},"spec":{__SELECT__"containers":[{"name":'
        '"main","image":"zun-lite/busybox:1","command":["sleep","3600"]}]}}')


def body(placed: bool) -> str:
    return BODY.replace('__SELECT__', '' if placed else
                        '"nodeSelector":{"zun-lite/host":"nowhere"},')


def bad(rate: load.Rate) -> str:
    return f', {rate.bad} failed' if rate.bad else ''


def remove_all(client: load.Client) -> None:
    while items := client.request('GET', '/pods?limit=100')['items']:
        for pod in items:
            if 'deletionTimestamp' not in pod['metadata']:
                client.request('DELETE', f'/pods/{pod["metadata"]["uid"]}')
        time.sleep(0.1)


def create_many(url: str, headers: dict[str, str], count: int) -> set[str]:
    """The uids of pods that eight clients ask for at once."""
    own = threading.local()

    def begin() -> None:
        own.client = load.Client(url, headers)

    def create(number: int) -> str:
        return own.client.request('POST', '/pods', manifest(
            f'burst{number}'))['metadata']['uid']
    with concurrent.futures.ThreadPoolExecutor(8, initializer=begin) as pool:
        return set(pool.map(create, range(count)))
