"""Rules for pods."""
from zun_lite.policies import base

POD = '/v1/pods/{pod}'
CREATE = 'POST /v1/pods'

RULES = [
    base.rule('pod:list', base.READER, 'List pods.', 'GET /v1/pods'),
    base.rule('pod:get', base.READER, 'Show a pod.', f'GET {POD}'),
    base.rule('pod:create', base.MEMBER, 'Create a pod.', CREATE),
    base.rule('pod:update', base.MEMBER,
              'Change labels and annotations of a pod.', f'PATCH {POD}'),
    base.rule('pod:delete', base.MEMBER, 'Delete a pod.', f'DELETE {POD}'),
    base.rule('pod:start', base.MEMBER, 'Start a stopped or ended pod.',
              f'POST {POD}/start'),
    base.rule('pod:stop', base.MEMBER, 'Stop a pod.', f'POST {POD}/stop'),
    base.rule('pod:logs', base.READER, 'Read what a container wrote.',
              f'GET {POD}/logs'),
    base.rule('pod:top', base.READER, 'List the processes of a container.',
              f'GET {POD}/top'),
    base.rule('pod:stats', base.READER, 'Read the use of resources.',
              f'GET {POD}/stats'),
    base.rule('pod:exec', base.MEMBER, 'Run a command in a container.',
              f'POST {POD}/exec'),
    base.rule('pod:attach', base.MEMBER,
              "Join a container's own process, and size terminals.",
              f'POST {POD}/attach', f'POST {POD}/resize'),
    base.rule('pod:get_archive', base.MEMBER, 'Get files out of a container.',
              f'GET {POD}/archive'),
    base.rule('pod:put_archive', base.MEMBER, 'Put files into a container.',
              f'PUT {POD}/archive'),
    base.rule('pod:actions', base.READER, 'Read who did what to a pod.',
              f'GET {POD}/actions'),
    base.rule('pod:events', base.READER, 'Read what happened to a pod.',
              f'GET {POD}/events'),

    base.rule('pod:all_projects', base.ADMIN,
              'Reach pods of every project with ``all_projects=true``. Who '
              'has it and the rule of an action in a project of their own '
              'may do that action to pods of all.',
              'GET /v1/pods', f'GET {POD}', f'PATCH {POD}', f'DELETE {POD}',
              *(f'GET {POD}/{name}' for name in (
                  'logs', 'top', 'stats', 'actions', 'events', 'archive')),
              f'PUT {POD}/archive',
              *(f'POST {POD}/{name}' for name in (
                  'start', 'stop', 'exec', 'attach', 'resize'))),
    base.rule('pod:get:host', base.ADMIN,
              'See which host a pod is on, and filter by it.',
              'GET /v1/pods', f'GET {POD}'),
    base.rule('pod:delete:force', base.ADMIN,
              'Remove the record of a pod whose host is gone for good.',
              f'DELETE {POD}'),
    base.rule('pod:create:privileged', base.ADMIN,
              'Run a container with ``securityContext.privileged``.', CREATE),
    base.rule('pod:create:add_capabilities', base.ADMIN,
              'Give a container Linux capabilities beyond the default.',
              CREATE),
    base.rule('pod:create:allow_privilege_escalation', base.ADMIN,
              'Ask for ``allowPrivilegeEscalation`` in so many words.',
              CREATE),
    base.rule('pod:create:probe_host', base.ADMIN,
              'Let a probe ask another host than the pod. The host of the '
              'pod asks, and may reach what a pod may not.', CREATE),
    base.rule('pod:create:on_host', base.ADMIN,
              'Choose the host with the nodeSelector ``zun-lite/host``.',
              CREATE),
]
