"""What the pods of a project may use together, for engines that can see to
it themselves."""
from zun_lite.pod.part import Document


class ProjectLimits(Document):
    """As the project's quota says; None: no limit.

    `cpu_millis`, `memory_bytes`: what containers ask for (requests).
    """
    pods: int | None = None
    cpu_millis: int | None = None
    memory_bytes: int | None = None
