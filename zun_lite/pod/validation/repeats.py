"""Names that must not come twice."""
from collections.abc import Iterable
from collections.abc import Iterator

from zun_lite.exceptions import FieldError


def faults(named: Iterable[tuple[str, str]],
           what: str) -> Iterator[FieldError]:
    """A fault for each (path, name) whose name came before."""
    first: dict[str, str] = {}
    for path, name in named:
        if name in first:
            yield FieldError(path, f'{what} {name!r} is used twice, first at '
                             f'{first[name]}')
        first.setdefault(name, path)
