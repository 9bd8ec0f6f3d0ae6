"""What is due for a plain container: pure, and one step at a time.

Every step may be cut off and is then found due again: the record is written
after what it tells of, and before a start.
"""
import enum

from zun_lite.drivers.docker.plain.seen import SeenPlain
from zun_lite.pod import plain as plain_module
from zun_lite.pod.spec import Pod


class Step(enum.Enum):
    """BEGIN   write a record that leads to what will be made
    REMOVE  what is there is not what is asked for
    MAKE    a container from its image, and the record of it
    END     gracefully, to be started again
    NOTE    write that this generation is acted on
    CLEAR   remove records that are not the newest
    THAW    let its processes go on
    START   as the record says that it was not started yet
    """
    BEGIN = 'begin'
    REMOVE = 'remove'
    MAKE = 'make'
    END = 'end'
    NOTE = 'note'
    CLEAR = 'clear'
    THAW = 'thaw'
    START = 'start'


def plan(pod: Pod, seen: SeenPlain | None, *, start: bool,
         refused: bool = False) -> Step | None:
    """The next step towards a container that runs; None: nothing is due.

    `start` False: towards one that is made. `refused`: the engine would not
    start it in this generation.
    """
    asked = pod.plain or plain_module.Plain()
    if seen is None:
        return Step.BEGIN
    before = _to_be_there(pod, seen, asked)
    if before is not None or seen.run is None:
        return before
    if len(seen.records) > 1:
        return Step.CLEAR
    if not start:
        return None
    if seen.paused:
        return Step.THAW
    if seen.run.running or seen.was_started or refused:
        return None
    return Step.START


def _to_be_there(pod: Pod, seen: SeenPlain,
                 asked: plain_module.Plain) -> Step | None:
    """A step before the container is there as it should be, and noted."""
    if seen.run is None:
        again = seen.generation < pod.generation or asked.heal
        return Step.MAKE if again else None
    if not seen.made or seen.generation < asked.made:
        return Step.REMOVE
    if seen.generation >= pod.generation:
        return None
    if seen.generation < asked.restarted and seen.run.running:
        return Step.END
    return Step.NOTE
