"""Networks that projects make, on the simulated engine."""
from zun_lite.drivers import base
from zun_lite.drivers.fake import engine as engines
from zun_lite.pod import spec


class Joining(base.Networks):
    engine: engines.Engine

    def join_networks(self, pod: spec.Pod) -> None:
        self.engine.answer()
        with self.engine.loop.lock:
            found = self.engine.pods.get(pod.uuid)
            if found is not None and found.network.places:
                found.join(pod)
