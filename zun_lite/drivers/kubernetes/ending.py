"""The end of a Kubernetes pod: asked for, then waited for.

A pod is never removed by force (a grace period of 0), as the server would
forget it while its containers still run. Whether it has gone is told by the
watch, or by asking where there is no watch that can be trusted.
"""
import time

from zun_lite import exceptions
from zun_lite.drivers.kubernetes import names
from zun_lite.drivers.kubernetes.client import Cluster
from zun_lite.drivers.kubernetes.client import Json
from zun_lite.drivers.kubernetes.client import Refused
from zun_lite.drivers.kubernetes.known import Known

_ASK_S, _CHECK_S = 0.3, 5.0     # between questions: no watch, a good watch
_LEAST_GRACE_S = 1


class Ending:
    """`margin_s`: beyond the grace period, for the cluster to tell."""

    def __init__(self, cluster: Cluster, known: Known,
                 margin_s: float) -> None:
        self._cluster, self._known = cluster, known
        self._margin_s = margin_s

    def request(self, known: Json, grace_period_s: int) -> None:
        """Ask for the end of this very pod, not of one made since."""
        body = {'gracePeriodSeconds': max(_LEAST_GRACE_S, grace_period_s),
                'preconditions': {'uid': known['uid']}}
        try:
            self._cluster.call('DELETE', names.pods_path(
                known['namespace'], known['name']), body)
        except Refused as refused:
            if refused.status not in (404, 409):
                raise

    def complete(self, known: Json, grace_period_s: int) -> Json:
        """End it and wait; what was last seen of it.

        :raises TimedOut: the cluster has not removed it yet.
        :raises EngineUnavailable: the server does not answer.
        """
        deadline = time.monotonic() + grace_period_s + self._margin_s
        self._known.expect_end(known)
        self.request(known, grace_period_s)
        while time.monotonic() < deadline:
            last = self._known.wait_gone(
                known, _CHECK_S if self._known.fresh else _ASK_S)
            if last is not None:
                return last
            self._ask(known)
        raise exceptions.TimedOut(
            'The cluster has not removed the pod yet; its node may not '
            'answer.')

    def _ask(self, known: Json) -> None:
        found = self._cluster.find(names.pods_path(
            known['namespace'], known['name']))
        if found is None or found['metadata']['uid'] != known['uid']:
            self._known.forget(known)
        else:
            self._known.put(found)
