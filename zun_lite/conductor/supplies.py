"""Pods as they are handed to their host, with what they refer to.

A host gets the values of exactly those configs and secrets that its pods
refer to. A message stays within `BUDGET_BYTES`, save for a single pod.
"""
import json
import logging
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conductor import logins
from zun_lite.db import assignments
from zun_lite.db import configs
from zun_lite.db import pods
from zun_lite.pod import states
from zun_lite.pod.configs import Kind

LOG = logging.getLogger(__name__)

BUDGET_BYTES = 4 * 2**20

Plain = dict[str, Any]

_WORDS = ('"configMap', '"secret')      # in every spec that refers to one


def on_wire(rows: Sequence[pods.PodRow]) -> list[Plain]:
    """The pods as `spec.Pod` in JSON values, in the same order."""
    asking = [row.id for row in rows
              if row.desired is not states.Desired.ABSENT
              and any(word in row.spec for word in _WORDS)]
    found = _supplies(asking) if asking else {}
    wired = []
    for row in rows:
        pod = assignments.on_wire(row)
        if row.id in found:
            pod['supplies'] = found[row.id]
        wired.append(pod)
    logins.add(rows, wired)
    return wired


def _supplies(ids: Sequence[int]) -> dict[int, Plain]:
    with db.reader() as session:
        supplied = configs.supplies(session, ids)
    found: dict[int, Plain] = {
        pod_id: {'configs': {}, 'secrets': {}} for pod_id in ids}
    for one in supplied:
        kind = 'secrets' if one.kind is Kind.SECRET else 'configs'
        try:
            found[one.pod_id][kind][one.name] = one.entries()
        except exceptions.Unavailable as exc:
            LOG.error('%s %s is withheld from its pods: %s', one.kind,
                      one.uuid, exc.message)
    return found


def messages(wired: Sequence[Plain]) -> Iterator[list[Plain]]:
    """Cut into lists that each fit a message."""
    held: list[Plain] = []
    size = 0
    for pod in wired:
        weight = (len(json.dumps(pod['supplies']))
                  if 'supplies' in pod else 0)
        if held and size + weight > BUDGET_BYTES:
            yield held
            held, size = [], 0
        held.append(pod)
        size += weight
    if held:
        yield held
