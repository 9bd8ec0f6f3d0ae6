"""Pods as they are handed to their host, with what they refer to.

A host gets the values of exactly those configs and secrets that its pods
refer to, and the limits of their projects. A message stays within
`BUDGET_BYTES`, save for a single pod.
"""
import json
import logging
from collections.abc import Collection
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

from zun_lite import db
from zun_lite import exceptions
from zun_lite.conductor import logins
from zun_lite.db import assignments
from zun_lite.db import configs
from zun_lite.db import injected
from zun_lite.db import pods
from zun_lite.db import quotas
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
    limits = _limits({row.project_id for row in rows})
    wired = []
    for row in rows:
        pod = assignments.on_wire(row)
        if row.desired is not states.Desired.ABSENT:
            _fill(row, pod)
        pod['projectLimits'] = limits[row.project_id]
        if row.id in found:
            pod['supplies'] = found[row.id]
        wired.append(pod)
    logins.add(rows, wired)
    return wired


def _fill(row: pods.PodRow, pod: Plain) -> None:
    """What cannot be opened is left out; its host then waits for it."""
    try:
        injected.fill(row, pod)
    except exceptions.Unavailable as exc:
        LOG.error('The files of pod %s are withheld from it: %s', row.uuid,
                  exc.message)


def _limits(projects: Collection[str]) -> dict[str, Plain]:
    """As `limits.ProjectLimits`; a pod has one container at least."""
    def given(limit: int, unit: int) -> int | None:
        return None if limit < 0 else limit * unit
    with db.reader() as session:
        found = quotas.limits_of_all(session, projects)
    return {project: {
        'pods': given(asked.containers, 1),
        'cpuMillis': given(asked.cpu, quotas.UNITS.cpu_millis),
        'memoryBytes': given(asked.memory, quotas.UNITS.memory_bytes)}
        for project, asked in found.items()}


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
