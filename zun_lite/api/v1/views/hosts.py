"""Hosts in Zun's keys and ours."""
import json
import typing

from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.api.v1.views import pods as pod_views
from zun_lite.db import hosts

MIB = 2**20
Values = dict[str, typing.Any]


def host(row: hosts.HostRow, containers: int, base_url: str,
         version: microversion.Version) -> Values:
    """Plain values of a host whose pods have so many containers."""
    inventory = json.loads(row.inventory)
    found = _zuns(row, inventory, containers, base_url)
    if version < microversion.PODS:
        return found
    return found | {
        'driver': row.driver, 'engine': inventory.get('engine', ''),
        'engine_error': row.engine_error, 'state': str(row.state),
        'heartbeat_at': pod_views.timestamp(row.heartbeat_at),
        'max_pods': row.max_pods, 'total_pods': row.pods_claimed,
        'capabilities': sorted(json.loads(row.capabilities))}


def _zuns(row: hosts.HostRow, inventory: Values, containers: int,
          base_url: str) -> Values:
    return {
        'uuid': row.uuid, 'hostname': row.name,
        'links': links.of(base_url, 'hosts', row.uuid),
        'mem_total': row.memory_bytes // MIB,
        'mem_used': row.memory_bytes_claimed // MIB,
        'cpus': row.cpu_millis // 1000,
        'cpu_used': row.cpu_millis_claimed / 1000,
        # Placement does not count disk.
        'disk_total': 0, 'disk_used': 0, 'disk_quota_supported': False,
        'enable_cpu_pinning': False, 'total_containers': containers,
        'architecture': inventory.get('architecture'),
        'os_type': inventory.get('os_type'), 'os': inventory.get('os'),
        'kernel_version': inventory.get('kernel_version'),
        'labels': json.loads(row.labels), 'runtimes': []}
