"""Who asks: the identity, scope and request id that travel with a request."""
import re
import typing

from oslo_context import context

REQUEST_ID = re.compile(r'req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')


class RequestContext(context.RequestContext):
    """An authenticated request; oslo.log reads it from the thread.

    `request_id` is ours and unique; `global_request_id` is the caller's, so
    that one id can be followed through several services. The token is not
    kept: nothing behind the API needs it.
    `all_projects`: the caller asked to see beyond the own project, and
    policy allowed it.
    """

    def __init__(self, *, all_projects: bool = False,
                 **kwargs: typing.Any) -> None:
        super().__init__(**kwargs)
        self.all_projects = all_projects

    @property
    def project_filter(self) -> str | None:
        """The project that queries are held to; None: every project."""
        return None if self.all_projects else self.project_id

    def to_policy_values(self) -> dict[str, typing.Any]:
        """What policy rules may refer to; hashable values."""
        return {'user_id': self.user_id, 'project_id': self.project_id,
                'domain_id': self.domain_id, 'roles': tuple(self.roles),
                'system_scope': self.system_scope}

    def to_rpc(self) -> dict[str, str | None]:
        """Plain values for a message: ids only, no roles and no token."""
        return {'request_id': self.request_id, 'user_id': self.user_id,
                'project_id': self.project_id,
                'global_request_id': self.global_request_id}


def from_rpc(values: dict[str, str | None]) -> RequestContext:
    """The context `to_rpc` described, set for this thread's log lines."""
    return RequestContext(
        request_id=values.get('request_id'), user_id=values.get('user_id'),
        project_id=values.get('project_id'),
        global_request_id=values.get('global_request_id'))


def valid_request_id(text: str) -> bool:
    """Whether a caller's request id is safe to log and store."""
    return REQUEST_ID.fullmatch(text) is not None
