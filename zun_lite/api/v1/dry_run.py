"""What the live hosts say of a pod that is only being tried."""
import typing

from zun_lite import context
from zun_lite import policy
from zun_lite.lifecycle import backends

Values = dict[str, typing.Any]


def view(verdicts: typing.Iterable[backends.Verdict],
         caller: context.RequestContext) -> Values:
    """One verdict for each host, or for each driver where hosts are hidden.
    """
    show_host = policy.allowed('pod:get:host', caller)
    found: list[Values] = []
    for verdict in verdicts:
        shown: Values = {
            'driver': verdict.driver, 'accepted': verdict.accepted,
            'reason': verdict.reason,
            'fields': [{'path': f.path, 'message': f.message}
                       for f in verdict.fields]}
        if show_host:
            shown['host'] = verdict.host
        if shown not in found:
            found.append(shown)
    return {'accepted': any(v['accepted'] for v in found), 'verdicts': found}
