"""Images of hosts in Zun's keys, and what became of them in ours."""
import typing

from zun_lite.api import links
from zun_lite.api import microversion
from zun_lite.db import images

Values = dict[str, typing.Any]


def image(row: images.ImageRow, base_url: str,
          version: microversion.Version) -> Values:
    found = {
        'uuid': row.uuid, 'links': links.of(base_url, 'images', row.uuid),
        'image_id': row.image_id, 'repo': row.repo, 'tag': row.tag,
        'size': None if row.size is None else str(row.size),
        'project_id': row.project_id, 'host': row.host}
    if version < microversion.PODS:
        return found
    return found | {'status': row.state.value, 'status_reason': row.reason}


def found(entry: Values) -> Values:
    """An image that an index knows."""
    return {'name': entry['name'], 'description': entry['description'],
            'metadata': {key: entry[key] for key in (
                'is_official', 'star_count')}}
