"""A pod as a v1.Pod document: the stored JSON texts, joined.

Nothing is parsed and nothing serialised again, so a list costs little more
than its bytes.
"""
import datetime
import json
import typing
from collections.abc import Sequence

from zun_lite.api.v1.views.joined import extended
from zun_lite.api.v1.views.joined import quote
from zun_lite.db import shapes


def timestamp(at: datetime.datetime) -> str:
    """RFC 3339 from naive UTC: 2026-01-31T12:00:00Z."""
    return at.isoformat(timespec='seconds')[:19] + 'Z'


def text(row: shapes.Pod, base_url: str, show_host: bool) -> str:
    """The document. `base_url` ends without a slash, quoted for JSON.

    `show_host`: tell which host it is on.
    """
    host = quote(row.host) if row.host and show_host else None
    deleted = (f',"deletionTimestamp":"{timestamp(row.deleted_at)}"'
               if row.deleted_at else '')
    spec = extended(row.spec, f'"nodeName":{host}') if host else row.spec
    seen = (f'"observedGeneration":{row.observed_generation},'
            f'"desired":"{row.desired}"')
    if host:
        seen += f',"host":{host}'
    # Names and UUIDs are of letters that JSON needs not quote.
    return (
        '{"apiVersion":"v1","kind":"Pod","metadata":{'
        f'"name":"{row.name}","uid":"{row.uuid}",'
        f'"namespace":{quote(row.project_id)},'
        f'"labels":{row.labels or "{}"},'
        f'"annotations":{row.annotations or "{}"},'
        f'"generation":{row.generation},'
        f'"creationTimestamp":"{timestamp(row.created_at)}"{deleted}}},'
        f'"spec":{spec},"status":{extended(row.status, seen)},'
        f'"links":[{{"rel":"self","href":"{base_url}/v1/pods/{row.uuid}"}},'
        f'{{"rel":"bookmark","href":"{base_url}/pods/{row.uuid}"}}]}}')


def document(row: shapes.Pod, base_url: str, show_host: bool) -> bytes:
    """One pod."""
    return text(row, json.dumps(base_url)[1:-1], show_host).encode()


def page(rows: Sequence[shapes.Pod], base_url: str, show_host: bool,
         marker: str | None, next_url: str | None) -> bytes:
    """A PodList. `marker` and `next_url` None: it is the last page."""
    base = json.dumps(base_url)[1:-1]
    items = ','.join([text(row, base, show_host) for row in rows])
    metadata: dict[str, typing.Any] = (
        {} if marker is None else {'continue': marker})
    return (f'{{"apiVersion":"v1","kind":"PodList",'
            f'"metadata":{json.dumps(metadata)},"items":[{items}],'
            f'"next":{json.dumps(next_url)}}}').encode()
