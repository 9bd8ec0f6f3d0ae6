"""Meaning across fields: what a document of the right shape may still get
wrong. Kubernetes' rules, and what both engines refuse.

One module a noun; each yields faults, and none stops at the first.
"""
from zun_lite.exceptions import FieldError
from zun_lite.pod.spec import PodManifest
from zun_lite.pod.validation import affinity
from zun_lite.pod.validation import containers
from zun_lite.pod.validation import dns
from zun_lite.pod.validation import metadata
from zun_lite.pod.validation import security
from zun_lite.pod.validation import volumes


def check(manifest: PodManifest) -> list[FieldError]:
    """Every fault in the meaning of a manifest, in the document's order."""
    return [*metadata.faults(manifest.metadata, 'metadata'),
            *containers.faults(manifest.spec, 'spec'),
            *security.pod_faults(manifest.spec, 'spec'),
            *dns.faults(manifest.spec, 'spec'),
            *volumes.faults(manifest.spec, 'spec'),
            *affinity.faults(manifest.spec, 'spec'),
            *metadata.key_faults(manifest.spec.node_selector,
                                 'spec.nodeSelector')]
