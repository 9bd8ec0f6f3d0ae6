"""How requests in Zun's way are read: who, which version, which scope."""
import re
import signal as signals
import typing

from zun_lite import exceptions
from zun_lite import policy
from zun_lite.api import microversion
from zun_lite.api import request
from zun_lite.exceptions import FieldError
from zun_lite.pod import documents
from zun_lite.pod import tree

NOT_GIVEN = 'None'       # what clients make of Python's None in a query
V = microversion.Version


def arguments(req: request.Request, model: type[request.Model],
              ) -> request.Model:
    """Query and JSON body, as one set of arguments.

    Clients send either; a JSON body that is no object counts as none.

    :raises Invalid: with every fault's path.
    """
    text = req.text_body().strip()
    body = None
    if text not in (b'', b'null'):
        body = documents.load(text, request.JSON)
    return merged(req, body if isinstance(body, dict) else {}, model)


def merged(req: request.Request, body: dict[str, typing.Any],
           model: type[request.Model]) -> request.Model:
    """The query, and a body's members, as one set of arguments.

    Of what both give, the query's counts; the body's must be right, too.

    :raises Invalid: with every fault's path.
    """
    query, faults = request.query_values(req.environ.get('QUERY_STRING', ''))
    given = {name: value for name, value in query.items()
             if value != NOT_GIVEN}
    faults += tree.faults(given)
    message = 'The request is invalid.'
    read = request.validated(body | given, model, faults, message)
    if body.keys() & given.keys():
        request.validated(given | body, model, [], message)
    return read


def reach(req: request.Request, rule: str) -> None:
    """Let those who may look into every project find theirs there too."""
    req.caller.all_projects = policy.allowed(rule, req.caller)


def gate(req: request.Request, given: typing.Iterable[str],
         since: typing.Mapping[str, int]) -> None:
    """Refuse what is newer than the version that was asked for.

    `since`: 1.`x` of each field.

    :raises Invalid:
    """
    new = [FieldError(name, f'exists from version 1.{since[name]} on; '
                      f'{req.version} was asked for')
           for name in given if req.version < V(1, since.get(name, 1))]
    if new:
        raise exceptions.Invalid('A field is newer than the version.',
                                 fields=new)


def void(resp: typing.Any, status: int) -> typing.Any:
    """What Zun answers where there is nothing to say."""
    return resp.document(b'null', status)


def signal(text: str | None) -> str:
    """SIGTERM for SIGTERM, term and 15; SIGKILL for nothing.

    :raises Invalid: there is no such signal.
    """
    name = (text or 'SIGKILL').upper()
    if re.fullmatch(r'\d{1,2}', name):
        known = {int(s): s.name for s in signals.Signals}
        name = known.get(int(name), name)
    elif not name.startswith('SIG'):
        name = f'SIG{name}'
    if name not in signals.Signals.__members__:
        raise exceptions.Invalid(fields=[FieldError(
            'signal', 'must be the name or number of a POSIX signal')])
    return name
