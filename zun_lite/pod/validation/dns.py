"""The resolver's configuration.

Source: Kubernetes documentation, DNS for Services and Pods.
"""
from collections.abc import Iterator

from zun_lite.exceptions import FieldError
from zun_lite.pod.spec import DnsConfig
from zun_lite.pod.spec import DnsPolicy
from zun_lite.pod.spec import PodSpec

MAX_SEARCH_CHARACTERS = 2048


def faults(spec: PodSpec, at: str) -> Iterator[FieldError]:
    """Faults of a pod's dnsPolicy and dnsConfig."""
    config = spec.dns_config or DnsConfig()
    if spec.dns_policy is DnsPolicy.NONE and not config.nameservers:
        yield FieldError(f'{at}.dnsConfig.nameservers', 'must have at least '
                         'one item with dnsPolicy None')
    if len(' '.join(config.searches or ())) > MAX_SEARCH_CHARACTERS:
        yield FieldError(f'{at}.dnsConfig.searches', 'must have at most '
                         f'{MAX_SEARCH_CHARACTERS} characters in all')
