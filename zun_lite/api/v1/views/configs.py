"""Configs and secrets as v1.ConfigMap and v1.Secret documents."""
import json
import typing

from zun_lite.api.v1.views import pods
from zun_lite.db import configs
from zun_lite.pod.configs import Kind

Values = dict[str, typing.Any]

KINDS = {Kind.CONFIG: 'ConfigMap', Kind.SECRET: 'Secret'}
OPAQUE = 'Opaque'


def document(row: configs.ConfigRow,
             content: configs.Content | None = None) -> Values:
    """`content` None: without the values."""
    found: Values = {
        'apiVersion': 'v1', 'kind': KINDS[row.kind], 'metadata': {
            'name': row.name, 'uid': row.uuid, 'namespace': row.project_id,
            'labels': json.loads(row.labels or '{}'),
            'annotations': json.loads(row.annotations or '{}'),
            'generation': row.generation,
            'creationTimestamp': pods.timestamp(row.created_at)}}
    if row.kind is Kind.SECRET:
        found['type'] = row.type or OPAQUE
    return found | (content or {})
