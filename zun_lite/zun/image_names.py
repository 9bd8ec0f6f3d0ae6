"""What Zun's clients call an image: repository and tag."""
from zun_lite import exceptions
from zun_lite.exceptions import FieldError

LATEST = 'latest'


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
