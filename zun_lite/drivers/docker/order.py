"""In which order the containers of a pod are ended: pure."""
from collections.abc import Mapping
from collections.abc import Sequence

from zun_lite.drivers.docker.seen import Run
from zun_lite.pod.spec import Pod


def before(runs: Sequence[Run], pod: Pod | None) -> Mapping[str, list[str]]:
    """By the id of each run, the ids of those that are to end before it.

    A sidecar outlives what was started after it; all others end side by
    side. `pod` None: nobody knows which are sidecars.
    """
    last = [c.name for c in reversed(pod.spec.sidecars)] if pod else []
    turns = {run.id: last.index(run.name) + 1 if run.name in last else 0
             for run in runs}
    return {run_id: [other for other, its in turns.items() if its < turn]
            for run_id, turn in turns.items()}
