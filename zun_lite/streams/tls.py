"""TLS of the agents' port, where it is configured."""
import ssl

from zun_lite import exceptions
from zun_lite.conf import CONF


def for_agent() -> ssl.SSLContext | None:
    """The context to serve with; None: without TLS.

    :raises Invalid: the files cannot be used.
    """
    return server('[compute] stream', CONF.compute.stream_cert_file,
                  CONF.compute.stream_key_file,
                  CONF.compute.stream_client_ca_file)


def server(what: str, cert: str | None, key: str | None,
           client_ca: str | None = None) -> ssl.SSLContext | None:
    """:raises Invalid: the files cannot be used."""
    if not cert:
        return None
    try:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH,
                                             cafile=client_ca or None)
        context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as exc:
        raise exceptions.Invalid(
            f'{what}: the certificate or key cannot be used: {exc}') from exc
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def to_agents(url: str) -> ssl.SSLContext | None:
    """The context to reach an agent with; None: without TLS.

    :raises Unavailable: the files cannot be used.
    """
    if not url.startswith('wss:'):
        return None
    try:
        context = ssl.create_default_context(
            cafile=CONF.api.stream_ca_file or None)
        if CONF.api.stream_cert_file:
            context.load_cert_chain(CONF.api.stream_cert_file,
                                    CONF.api.stream_key_file)
    except (OSError, ssl.SSLError) as exc:
        raise exceptions.Unavailable(
            f'[api] stream_*_file cannot be used: {exc}') from exc
    return context
