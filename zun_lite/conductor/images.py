"""Telling hosts again of images that they have not answered to."""
import collections
import datetime

from zun_lite import db
from zun_lite import rpc
from zun_lite.conf import CONF
from zun_lite.db import commits
from zun_lite.db import images
from zun_lite.lifecycle import images as lifecycle
from zun_lite.pod.states import ImageState


class Announcement:
    """Makes up for hints that were lost, and for agents that were."""

    def __init__(self, compute: rpc.ComputeClient) -> None:
        self._compute = compute

    def sweep(self) -> None:
        """Tell the live hosts; an agent that is at it does nothing more."""
        before = db.now() - datetime.timedelta(
            seconds=CONF.conductor.recast_after)
        after, size = 0, CONF.conductor.page_size
        while True:
            with db.reader() as session:
                page = images.waiting(session, before, after, size)
                made_of = commits.containers(session, [
                    row.uuid for row in page
                    if row.state is ImageState.COMMITTING])
            self._tell(page, made_of)
            if len(page) < size:
                return
            after = page[-1].id

    def _tell(self, page: list[images.ImageRow],
              made_of: dict[str, str]) -> None:
        by_host = collections.defaultdict(list)
        for row in page:
            by_host[row.host].append(
                lifecycle.on_wire(row, made_of.get(row.uuid)))
        for host, waiting in by_host.items():
            self._compute.sync_images(host, waiting)
