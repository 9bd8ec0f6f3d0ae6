"""Hosts as Zun's services."""
import json
import typing

from zun_lite.api.v1.views import container_actions
from zun_lite.conf import CONF
from zun_lite.db import hosts
from zun_lite.zun import translation

BINARY = 'zun-compute'        # the only kind that there is a record of


def zone(row: hosts.HostRow) -> str:
    """The availability zone that placement finds the host in."""
    found: str = json.loads(row.labels).get(
        translation.ZONE, CONF.containers.default_availability_zone)
    return found


def service(row: hosts.HostRow) -> dict[str, typing.Any]:
    seen = container_actions.timestamp(row.heartbeat_at)
    return {
        'id': row.id, 'host': row.name, 'binary': BINARY,
        'availability_zone': zone(row), 'disabled': row.disabled,
        'disabled_reason': row.disabled_reason,
        'forced_down': row.forced_down, 'state': 'up' if row.up else 'down',
        'report_count': row.report_count, 'last_seen_up': seen,
        'created_at': container_actions.timestamp(row.created_at),
        'updated_at': seen}
