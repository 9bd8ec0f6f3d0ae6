"""How the simulated engine misbehaves; change it at any time."""
import dataclasses


@dataclasses.dataclass
class Faults:
    """Delays in seconds, and failures by container or image name.

    `away`: nothing answers; everything that runs goes on. `pull`, `create`
    and `start` map an image (`pull`) or a container's name to the message
    it fails with until the entry is removed.
    """
    away: bool = False
    call_s: float = 0.0             # every verb
    pull_s: float = 0.0
    start_s: float = 0.0            # from created to running
    pull: dict[str, str] = dataclasses.field(default_factory=dict)
    create: dict[str, str] = dataclasses.field(default_factory=dict)
    start: dict[str, str] = dataclasses.field(default_factory=dict)
