"""/v1/capabilities: what each kind of live host can do."""
import typing

from zun_lite import context
from zun_lite import db
from zun_lite import policy
from zun_lite.api.operations import operation
from zun_lite.api.request import Request
from zun_lite.api.response import Response
from zun_lite.api.v1.schemas import hosts as schemas
from zun_lite.db import hosts
from zun_lite.pod import capabilities

ACTION = capabilities.action('')     # type: ignore[arg-type]


class Capabilities:
    @operation('GET', '/v1/capabilities', 'What live hosts support',
               rule='capability:list',
               answers={200: schemas.CapabilityList})
    def list(self, req: Request, resp: Response) -> Response:
        with db.reader() as session:
            live = hosts.live(session)
        return resp.values({'capabilities': view(live, req.caller)})


def view(live: typing.Iterable[typing.Any],
         caller: context.RequestContext) -> list[dict[str, typing.Any]]:
    """One entry for all hosts that have the same driver and abilities."""
    kinds: dict[tuple[str, frozenset[str]], list[str]] = {}
    for host in live:
        key = (host.driver, frozenset(host.capabilities))
        kinds.setdefault(key, []).append(host.name)
    show = policy.allowed('capability:list:hosts', caller)
    return [_kind(driver, able, sorted(names), show) for (driver, able), names
            in sorted(kinds.items(), key=lambda k: (k[0][0], k[1]))]


def _kind(driver: str, able: frozenset[str], names: list[str],
          show: bool) -> dict[str, typing.Any]:
    found: dict[str, typing.Any] = {
        'driver': driver, 'hostCount': len(names),
        'actions': sorted(name.removeprefix(ACTION) for name in able
                          if name.startswith(ACTION)),
        'fields': sorted(n for n in able if not n.startswith(ACTION))}
    return found | {'hosts': names} if show else found
