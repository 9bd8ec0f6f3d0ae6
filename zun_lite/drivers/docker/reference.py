"""Names of images: the grammar of distribution/reference.

Source: github.com/distribution/reference, reference.go (grammar in its
package comment).
"""
import re

_DOMAIN_PART = r'(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
_DOMAIN = (rf'(?:{_DOMAIN_PART}(?:\.{_DOMAIN_PART})*|\[[a-fA-F0-9:]+\])'
           r'(?::[0-9]+)?')
_PART = r'[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*'
_REFERENCE = re.compile(
    rf'(?P<name>(?:{_DOMAIN}/)?{_PART}(?:/{_PART})*)'
    r'(?::(?P<tag>\w[\w.-]{0,127}))?'
    r'(?:@(?P<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*'
    r':[0-9a-fA-F]{32,}))?', re.ASCII)


def split(image: str) -> tuple[str, str]:
    """(repository, tag or digest); the tag is `latest` unless given.

    :raises ValueError: not a reference.
    """
    found = _REFERENCE.fullmatch(image)
    if found is None:
        raise ValueError(
            f"couldn't parse image name {image!r}: invalid reference format")
    return found['name'], found['digest'] or found['tag'] or 'latest'
