"""The same containers made straight through the Docker API."""
import concurrent.futures
import typing
import uuid

import docker


class Raw:
    """Sandbox and one container joined to it, as a pod of one is made."""

    def __init__(self, image: str, sandbox_image: str) -> None:
        self._api = docker.from_env(timeout=120).api
        self._image, self._sandbox = image, sandbox_image
        self._network = f'bench-{uuid.uuid4().hex[:8]}'
        self._api.create_network(self._network, driver='bridge')

    def make(self) -> tuple[str, str]:
        """(sandbox id, container id), both running."""
        api = self._api
        sandbox = api.create_container(
            self._sandbox, host_config=api.create_host_config(
                network_mode=self._network, ipc_mode='shareable'))['Id']
        api.start(sandbox)
        joined = f'container:{sandbox}'
        container = api.create_container(
            self._image, ['sleep', '3600'],
            host_config=api.create_host_config(
                network_mode=joined, ipc_mode=joined))['Id']
        api.start(container)
        return sandbox, container

    def remove(self, made: tuple[str, str]) -> None:
        for one in reversed(made):
            self._api.remove_container(one, force=True, v=True)

    def burst(self, count: int, threads: int) -> list[tuple[str, str]]:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            return list(pool.map(lambda _: self.make(), range(count)))

    def remove_all(self, made: typing.Iterable[tuple[str, str]]) -> None:
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(self.remove, made))

    def close(self) -> None:
        self._api.remove_network(self._network)
        self._api.close()
