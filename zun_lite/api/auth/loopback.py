"""Addresses that only this machine can reach."""
import ipaddress

from zun_lite import exceptions


def is_loopback(host: str) -> bool:
    """Whether `host` is localhost or a loopback address."""
    if host == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host.strip('[]')).is_loopback
    except ValueError:
        return False


def require(host: str) -> None:
    """Refuse anything else.

    :raises Invalid:
    """
    if not is_loopback(host):
        raise exceptions.Invalid(
            f'[api] auth_strategy noauth serves this machine only; {host} '
            'is not a loopback address.')
