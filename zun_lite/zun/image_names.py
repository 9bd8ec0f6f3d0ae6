"""What Zun's clients call an image: repository and tag."""
import re

from zun_lite import exceptions
from zun_lite.exceptions import FieldError

LATEST = 'latest'

# Source: the grammar of references, CNCF distribution.
_PART = r'[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*'
_REPOSITORY = re.compile(rf'{_PART}(?:/{_PART})*')
_TAG = re.compile(r'\w[\w.-]{0,127}', re.ASCII)


def split(repo: str, tag: str | None = None) -> tuple[str, str]:
    """(repository, tag or digest) of what was given as one or as two.

    :raises Invalid: they tell two tags, or one of them nothing.
    """
    name, _, digest = repo.partition('@')
    last = name.rpartition('/')[2]
    own = digest or last.partition(':')[2]
    bare = name if not last.partition(':')[1] else name[:name.rindex(':')]
    if not bare or bare.endswith('/') or repo.endswith((':', '@')):
        raise exceptions.Invalid(fields=[FieldError(
            'repo', 'must be repository, repository:tag or '
                    'repository@digest')])
    if own and tag and own != tag:
        raise exceptions.Invalid(fields=[FieldError(
            'tag', f'is {tag}, and repo says {own}')])
    return bare, own or tag or LATEST


def check_new(repository: str, tag: str) -> None:
    """Whether an image of one's own can be called so.

    :raises Invalid: with what cannot be.
    """
    faults = []
    if not _REPOSITORY.fullmatch(repository):
        faults.append(FieldError(
            'repository', 'must be lower-case letters and digits, with '
            'single ".", "_" or "-" between them, in parts that a "/" '
            'separates; the tag is told apart'))
    if not _TAG.fullmatch(tag):
        faults.append(FieldError(
            'tag', 'must be up to 128 letters, digits, ".", "_" and "-"'))
    if faults:
        raise exceptions.Invalid('No image can be called so.',
                                 fields=faults)
