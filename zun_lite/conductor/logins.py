"""User names and passwords of registries, for the pods that pull from them.

A pod gets those of its project whose domain one of its images has, and no
others; where two have one domain, the one that its owner named, or else the
newer one.
"""
import functools
import json
import logging
from collections.abc import Sequence
from typing import Any

from zun_lite import db
from zun_lite import exceptions
from zun_lite.db import pods
from zun_lite.db import registries as db_registries
from zun_lite.db.registries import Credentials
from zun_lite.pod import registries
from zun_lite.pod import states

LOG = logging.getLogger(__name__)

Plain = dict[str, Any]


def add(rows: Sequence[pods.PodRow], wired: Sequence[Plain]) -> None:
    """Put them into the pods as they go to their host, in the same order."""
    asking = [(row, pod) for row, pod in zip(rows, wired, strict=True)
              if row.desired is not states.Desired.ABSENT]
    if not asking:
        return
    with db.reader() as session:
        known = db_registries.credentials(
            session, {row.project_id for row, _ in asking})
    opened = functools.cache(_opened)
    for row, pod in asking if known else ():
        found = {
            domain: login for domain, one in _chosen(row, pod, known).items()
            if (login := opened(one)) is not None}
        if found:
            pod.setdefault('supplies', {})['registries'] = found


def _chosen(row: pods.PodRow, pod: Plain,
            known: Sequence[Credentials]) -> dict[str, Credentials]:
    """By domain; `known` is sorted, the newest last."""
    named = (json.loads(row.document).get('registry_id')
             if row.document else None)
    spec = pod['spec']
    domains = {registries.domain_of(container['image']) for container in (
        *spec['containers'], *(spec.get('initContainers') or ()))}
    found: dict[str, Credentials] = {}
    for one in sorted(known, key=lambda one: one.uuid == named):
        domain = registries.canonical(one.domain)
        if one.project_id == row.project_id and domain in domains:
            found[domain] = one
    return found


def _opened(one: Credentials) -> dict[str, str] | None:
    try:
        return {'username': one.username or '', 'password': one.opened()}
    except exceptions.Unavailable as exc:
        LOG.error('The password of registry %s is withheld from pods: %s',
                  one.uuid, exc.message)
        return None
