"""Which registry an image comes from. Pure.

Source: github.com/distribution/reference, normalize.go: what stands before
the first slash is a host if it has a dot or a colon, or is localhost.
"""
DOCKER_HUB = 'docker.io'
_ALIASES = {'index.docker.io': DOCKER_HUB, 'registry-1.docker.io': DOCKER_HUB}

# A host name or address, and perhaps a port.
DOMAIN = (r'^([a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)'
          r'(\.[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?)*(:[0-9]{1,5})?$')


def canonical(domain: str) -> str:
    """As domains are compared."""
    found = domain.lower()
    return _ALIASES.get(found, found)


def _split(image: str) -> tuple[str | None, str]:
    first, slash, rest = image.partition('/')
    if slash and ('.' in first or ':' in first or first == 'localhost'):
        return first, rest
    return None, image


def domain_of(image: str) -> str:
    """The registry that an image's name leads to."""
    domain, _ = _split(image)
    return canonical(domain or DOCKER_HUB)


def qualified(image: str, domain: str) -> str:
    """The name of an image in this registry; one that names a registry
    already keeps it."""
    named, _ = _split(image)
    return image if named else f'{domain}/{image}'
