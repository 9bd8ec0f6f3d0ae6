"""Files that are put into containers, when the keys of secrets change."""
import json

from zun_lite import db
from zun_lite.db import injected
from zun_lite.db import pods
from zun_lite.db import sealing


def reseal(batch: int = 100) -> int:
    """Encrypt them with the first key; how many pods have some."""
    done = last = 0
    while True:
        with db.writer() as session:
            found = injected.sealed(session, last, batch)
            for pod_id, extras in found:
                extras[injected.KEY] = sealing.reseal(extras[injected.KEY])
                pods.update(session, pod_id, extras=json.dumps(
                    extras, separators=(',', ':')))
        if not found:
            return done
        done, last = done + len(found), found[-1][0]
