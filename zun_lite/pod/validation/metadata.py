"""Labels and annotations beyond their syntax.

Source: Kubernetes documentation, Labels and Selectors; Annotations.
"""
from collections.abc import Iterator
from collections.abc import Mapping

from zun_lite.exceptions import FieldError
from zun_lite.pod import paths
from zun_lite.pod.spec import Metadata

MAX_PREFIX = 253
MAX_ANNOTATIONS_BYTES = 256 * 1024


def faults(metadata: Metadata, at: str) -> Iterator[FieldError]:
    """Faults of a pod's metadata."""
    yield from key_faults(metadata.labels, f'{at}.labels')
    yield from key_faults(metadata.annotations, f'{at}.annotations')
    size = sum(len(key.encode()) + len(value.encode())
               for key, value in (metadata.annotations or {}).items())
    if size > MAX_ANNOTATIONS_BYTES:
        yield FieldError(f'{at}.annotations', 'must have at most '
                         f'{MAX_ANNOTATIONS_BYTES} bytes in all')


def key_faults(items: Mapping[str, str] | None,
               at: str) -> Iterator[FieldError]:
    """Faults of qualified names: [DNS subdomain/]name."""
    for key in items or ():
        yield from prefix_faults(key, paths.join(at, key))


def prefix_faults(key: str, at: str) -> Iterator[FieldError]:
    """A fault of one qualified name, at `at` itself."""
    if len(key.rpartition('/')[0]) > MAX_PREFIX:
        yield FieldError(at, 'the part before / must have at most '
                         f'{MAX_PREFIX} characters')
