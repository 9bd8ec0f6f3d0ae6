"""Images of the simulated engine, and the registry they come from."""
import dataclasses
import fnmatch

from zun_lite.pod.supplies import Login


@dataclasses.dataclass(frozen=True, slots=True)
class Image:
    """`any_program`: what is not simulated is a program that runs for ever;
    otherwise only the simulated programs are in the image. `files`: what
    else is in it, by path."""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = (
        ('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:'
                 '/sbin:/bin'),)
    working_dir: str = '/'
    user: str = ''
    any_program: bool = True
    files: tuple[tuple[str, bytes], ...] = ()

    @property
    def uid(self) -> int | str:
        """A number where the image names one, or its user's name."""
        name = self.user.partition(':')[0] or '0'
        return int(name) if name.isdigit() else name


class Store:
    """`local`: what the engine holds. `registry`: what can be pulled; a
    name that no pattern in `missing` fits exists there, as itself.
    `logins`: what a pull must come with, by name."""

    def __init__(self) -> None:
        self.local: dict[str, Image] = {}
        self.registry: dict[str, Image] = {}
        self.logins: dict[str, Login] = {}
        self.missing: list[str] = ['*missing*', '*absent*', '*no-such*']

    def find_remote(self, name: str) -> Image | None:
        if name in self.registry:
            return self.registry[name]
        if any(fnmatch.fnmatch(name, pattern) for pattern in self.missing):
            return None
        return Image()

    @staticmethod
    def valid(name: str) -> bool:
        repository = name.rpartition('@')[0] or name
        return (repository == repository.lower() and ' ' not in name
                and not name.endswith(':') and '//' not in name)
