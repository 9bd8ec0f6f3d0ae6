"""Rules for containers, as OpenStack Zun names them."""
from zun_lite.policies import base

PATH = '/v1/containers/{container}'
CREATE = 'POST /v1/containers'
GET = ('GET /v1/containers', f'GET {PATH}')
NOBODY = '!'
ACTIONS = {
    'start': 'Start a container.', 'stop': 'Stop a container.',
    'reboot': 'Restart a container.', 'pause': 'Freeze a container.',
    'unpause': 'Thaw a container.', 'kill': 'Send a signal to a container.',
    'rebuild': 'Make a container anew from its image.',
    'execute': 'Run a command in a container.',
    'execute_resize': "Set the size of a command's terminal.",
    'resize': "Set the size of a container's terminal.",
    'put_archive': 'Put files into a container.',
    'commit': 'Make an image of a container.',
    'rename': 'Rename a container.',
    'network_attach': 'Join a container to a network.',
    'network_detach': 'Take a container off a network.',
    'add_security_group': 'Hold a container to a security group.',
    'remove_security_group': 'Free it of a security group.',
    'resize_container': 'Give a container other amounts.'}
READS = ('logs', 'top', 'stats', 'container_actions',
         'container_actions/{request_id}', 'network_list', 'attach',
         'get_archive')

RULES = [
    base.rule('container:get_all', base.READER, 'List containers.',
              'GET /v1/containers'),
    base.rule('container:get_one', base.READER, 'Show a container.',
              f'GET {PATH}'),
    base.rule('container:create', base.MEMBER, 'Create a container.',
              CREATE),
    base.rule('container:update', base.MEMBER, 'Change a container.',
              f'PATCH {PATH}'),
    base.rule('container:delete', base.MEMBER, 'Delete a container.',
              f'DELETE {PATH}'),
    base.rule('container:logs', base.READER, 'Read what it wrote.',
              f'GET {PATH}/logs'),
    base.rule('container:top', base.READER, 'List its processes.',
              f'GET {PATH}/top'),
    base.rule('container:stats', base.READER, 'Read its use of resources.',
              f'GET {PATH}/stats'),
    base.rule('container:actions', base.READER,
              'Read who did what to a container.',
              f'GET {PATH}/container_actions',
              f'GET {PATH}/container_actions/{{request_id}}'),
    base.rule('container:network_list', base.READER,
              'List the networks of a container.',
              f'GET {PATH}/network_list'),
    base.rule('container:attach', base.MEMBER,
              "Join a container's own process.", f'GET {PATH}/attach'),
    base.rule('container:get_archive', base.MEMBER,
              'Get files out of a container.', f'GET {PATH}/get_archive'),
    *(base.rule(f'container:{name}', base.MEMBER, description,
                f'POST {PATH}/{name}')
      for name, description in ACTIONS.items()),

    base.rule('container:get_all_all_projects', base.ADMIN,
              'List containers of every project.', 'GET /v1/containers'),
    base.rule('container:get_one_all_projects', base.ADMIN,
              'Reach containers of every project by name or UUID. Who has '
              'it and the rule of an action in a project of their own may do '
              'that action to containers of all.',
              f'GET {PATH}', f'PATCH {PATH}',
              *(f'GET {PATH}/{name}' for name in READS),
              *(f'POST {PATH}/{name}' for name in ACTIONS)),
    base.rule('container:delete_all_projects', base.ADMIN,
              'Delete containers of every project.', f'DELETE {PATH}'),
    base.rule('container:delete_force', base.ADMIN,
              'Delete a container in nearly any state.', f'DELETE {PATH}'),
    base.rule('container:get_one:host', base.ADMIN,
              'See which host a container is on, and filter by it.', *GET),
    base.rule('container:get_one:image_pull_policy', base.ADMIN,
              'See when the image is pulled.', *GET),
    base.rule('container:get_one:privileged', base.ADMIN,
              'See whether a container is privileged.', *GET),
    base.rule('container:get_one:runtime', base.ADMIN,
              'See the runtime that was asked for.', *GET),
    base.rule('container:create:runtime', base.ADMIN,
              'Choose the runtime of a container.', CREATE),
    base.rule('container:create:privileged', NOBODY,
              'Run a privileged container; nobody may, by default.', CREATE),
    base.rule('container:create:requested_destination', base.ADMIN,
              'Choose the host of a container.', CREATE),
    base.rule('container:create:image_pull_policy', base.ADMIN,
              'Choose when the image is pulled.', CREATE),
]
