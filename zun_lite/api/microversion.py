"""Microversions: what the header asks for and what it gets.

1.1 to 1.40 mean what they mean in OpenStack Zun. Ours:

1.41  pods, hosts with drivers and state, capabilities, openapi.json
"""
import functools
import re
import typing

from zun_lite import exceptions

SERVICE = 'container'
HEADER = 'OpenStack-API-Version'
ENVIRON = 'HTTP_OPENSTACK_API_VERSION'
_NUMBER = re.compile(r'^([1-9]\d{0,3})\.(0|[1-9]\d{0,3})$', re.ASCII)


class Version(typing.NamedTuple):
    """Compares as numbers do: 1.9 < 1.41."""
    major: int
    minor: int

    def __str__(self) -> str:
        return f'{self.major}.{self.minor}'


MIN = Version(1, 1)
PODS = Version(1, 41)
MAX = Version(1, 41)


class OutOfRange(exceptions.NotAcceptable):
    """A version that this service does not speak (any more, or yet)."""
    code = 'zun_lite.microversion.unsupported'


@functools.lru_cache(maxsize=256)
def parse(header: str) -> Version:
    """The version that a header asks for: ``container 1.41`` or ``latest``.

    Several services may share a header, separated by commas.

    :raises NotAcceptable: not for this service, or not a version.
    :raises OutOfRange:
    """
    asked = [words[1] for words in map(str.split, header.split(','))
             if len(words) == 2 and words[0].lower() == SERVICE]
    if len(asked) != 1:
        raise exceptions.NotAcceptable(
            f'{HEADER} must be "{SERVICE} X.Y" or "{SERVICE} latest".')
    if asked[0].lower() == 'latest':
        return MAX
    number = _NUMBER.fullmatch(asked[0])
    if number is None:
        raise exceptions.NotAcceptable(
            f'{HEADER}: {asked[0][:16]} is not a version such as {MAX}.')
    version = Version(int(number[1]), int(number[2]))
    if not MIN <= version <= MAX:
        raise OutOfRange(
            f'Version {version} is not supported; the range is {MIN} to '
            f'{MAX}.')
    return version


def effective(header: str | None, born: Version,
              last: Version | None = None) -> Version:
    """The version to serve of something that exists since `born`.

    Without a header it is the first one it exists in, so that what Zun
    had behaves as 1.1 and what came later can be used without a header.

    :raises NotAcceptable: as for `parse`, or asked for before it was born.
    """
    version = born if header is None else parse(header)
    if last is not None and version > last:
        raise exceptions.NotAcceptable(
            f'This exists up to version {last}; {version} was asked for.')
    if version < born:
        raise exceptions.NotAcceptable(
            f'This exists from version {born} on; {version} was asked for.')
    return version


def headers(version: Version | None) -> list[tuple[str, str]]:
    """What every versioned answer says of itself."""
    told = [] if version is None else [(HEADER, f'{SERVICE} {version}')]
    return [*told, *_RANGE]


_RANGE = [('OpenStack-API-Minimum-Version', f'{SERVICE} {MIN}'),
          ('OpenStack-API-Maximum-Version', f'{SERVICE} {MAX}'),
          ('Vary', HEADER)]
