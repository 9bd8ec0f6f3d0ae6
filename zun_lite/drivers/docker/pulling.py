"""One pull of one image, and what its failure means."""
import re

import docker.errors
import requests
import urllib3

from zun_lite import exceptions
from zun_lite.drivers.docker import reference
from zun_lite.drivers.docker.client import Engine
from zun_lite.drivers.docker.client import explain
from zun_lite.pod.supplies import Login

_MEANINGS = (
    ('the disk of the engine is full', r'no space left|disk quota'),
    ('there is no such image, or access to it was refused',
     r'pull access denied'),
    ('access was refused, check the credentials',
     r'unauthorized|authentication required|denied|no basic auth'
     r'|incorrect username|forbidden'),
    ('there is no such image',
     r'manifest unknown|not found|name unknown|does not exist'
     r'|no matching manifest'),
    ('the registry limits the rate of pulls', r'toomanyrequests|rate limit'),
    ('the registry cannot be reached',
     r'connection refused|no such host|timeout|timed out|dial tcp|tls'
     r'|temporary failure|server misbehaving|EOF|no route'),
)


class PullFailed(Exception):
    """The text is for the pod's owner."""


class PullCutOff(PullFailed):
    """The engine went away, which says nothing about the image."""


def meaning(text: str) -> str:
    """The engine's text, after what it means where that is known."""
    for words, pattern in _MEANINGS:
        if re.search(pattern, text, re.IGNORECASE):
            return f'{words}: {text}'
    return text


def pull(engine: Engine, image: str, login: Login | None = None) -> None:
    """Fetch an image, however long it takes.

    The engine gets the login with this request, and does not keep it.

    :raises PullFailed:
    """
    repository, tag = reference.split(image)
    # None: what the machine's own configuration of docker says.
    auth = None if login is None else login.model_dump()
    try:
        for line in engine.api.pull(repository, tag=tag, stream=True,
                                    decode=True, auth_config=auth):
            if 'error' in line:
                raise PullFailed(meaning(str(line['error'])))
    except docker.errors.APIError as exc:
        raise PullFailed(meaning(explain(exc))) from exc
    except (exceptions.EngineUnavailable, docker.errors.DockerException,
            requests.exceptions.RequestException,
            urllib3.exceptions.HTTPError, OSError) as exc:
        raise PullCutOff(f'the pull was cut off: {exc}') from exc
