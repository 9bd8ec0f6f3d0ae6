"""Networks in Zun's keys, and their subnet."""
import typing

from zun_lite.api import microversion
from zun_lite.db import networks
from zun_lite.pod import networks as pod_networks


def network(row: networks.NetworkRow,
            version: microversion.Version) -> dict[str, typing.Any]:
    found = {
        'uuid': row.uuid, 'name': row.name, 'project_id': row.project_id,
        'user_id': row.user_id, 'neutron_net_id': None,
        'network_id': pod_networks.engine_name(row.uuid)}
    return found if version < microversion.PODS else found | {
        'cidr': row.cidr}
