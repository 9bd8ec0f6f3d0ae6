"""Images of the suite on a Docker Engine, made where they are missing."""
import io
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Mapping

import docker
import docker.errors

TEST_IMAGE = os.environ.get('ZUN_LITE_TEST_IMAGE', 'zun-lite/busybox:1')
SANDBOX_IMAGE = os.environ.get('ZUN_LITE_SANDBOX_IMAGE', 'zun-lite/pause:1')
ENTRY_IMAGE = 'zun-lite/contract-entry:1'
NAMED_USER_IMAGE = 'zun-lite/contract-nobody:1'

_TOOL = pathlib.Path(__file__).parents[4] / 'tools' / 'images'
_BUILDS = {
    ENTRY_IMAGE: f"""
FROM {TEST_IMAGE}
RUN mkdir -p /srv && echo hidden > /srv/of-the-image
ENV COLOUR=blue
WORKDIR /srv
USER 1234
ENTRYPOINT ["echo", "entry"]
CMD ["default"]
""",
    NAMED_USER_IMAGE: f"""
FROM {TEST_IMAGE}
USER nobody
""",
}


def unlimited() -> bool:
    """Whether this machine's root has all of the kernel's capabilities;
    some virtual machines and containers hold some back."""
    last = pathlib.Path('/proc/sys/kernel/cap_last_cap').read_text()
    status = pathlib.Path('/proc/self/status').read_text()
    held = re.search(r'CapBnd:\s*(\w+)', status)
    return held is not None and int(held[1], 16) == 2**(int(last) + 1) - 1


def _present(client: docker.DockerClient, name: str) -> bool:
    try:
        client.images.get(name)
    except docker.errors.ImageNotFound:
        return False
    return True


def ensure(client: docker.DockerClient, url: str | None = None) -> None:
    """`url`: where the engine is; None: DOCKER_HOST says so.

    :raises RuntimeError: an image is missing and cannot be made.
    """
    names = (TEST_IMAGE, SANDBOX_IMAGE)
    if not all(_present(client, name) for name in names):
        if _TOOL.exists():
            subprocess.run(
                [sys.executable, str(_TOOL)], check=True,
                stdin=subprocess.DEVNULL,
                env=os.environ | ({'DOCKER_HOST': url} if url else {}))
        missing = [name for name in names if not _present(client, name)]
        if missing:
            raise RuntimeError(f'missing on the engine: {missing}')
    for name, dockerfile in _BUILDS.items():
        if not _present(client, name):
            _build(client, name, dockerfile)


def label(client: docker.DockerClient, name: str,
          labels: Mapping[str, str]) -> None:
    """Make the test image another time, with these labels."""
    lines = [f"LABEL {key}='{value}'\n" for key, value in labels.items()]
    _build(client, name, f'FROM {TEST_IMAGE}\n{"".join(lines)}')


def _build(client: docker.DockerClient, name: str, dockerfile: str) -> None:
    client.images.build(fileobj=io.BytesIO(dockerfile.encode()), tag=name,
                        network_mode='none', rm=True)
