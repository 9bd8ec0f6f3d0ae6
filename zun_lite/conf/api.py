"""[api]: the REST service."""
from oslo_config import cfg

GROUP = cfg.OptGroup('api', title='The REST service')

OPTS = [
    cfg.HostAddressOpt('host_ip', default='127.0.0.1', help="""
Address the service listens on, where it is started by its own command. Under
gunicorn or another WSGI server that server decides.
"""),
    cfg.PortOpt('port', default=9517, help="""
Port the service listens on, where it is started by its own command.
"""),
    cfg.IntOpt('workers', default=2, min=1, help="""
Processes that serve requests, where the service is started as zun-lite-api.
More use more cores; each costs some 70 MB and its own database connections.
"""),
    cfg.IntOpt('threads', default=32, min=1, help="""
Requests that each process serves at once, where the service is started by
its own command. More threads let more slow reads (logs, exec) wait side by
side without keeping everyone else waiting; each holds up to one database
connection and some memory.
"""),
    cfg.StrOpt('auth_strategy', default='keystone',
               choices=[
                   ('keystone', 'Tokens of OpenStack Identity'),
                   ('http_basic', 'Users of a local file'),
                   ('noauth', 'Everyone is an administrator; tests only')],
               help="""
How callers prove who they are. noauth refuses to listen on anything but a
loopback address and to answer anyone else.
"""),
    cfg.StrOpt('http_basic_auth_user_file',
               default='/etc/zun_lite/htpasswd', help="""
Users of auth_strategy http_basic, one a line: NAME:BCRYPT:PROJECT:ROLE,ROLE.
The first two fields are what `htpasswd -nbB` prints; without the others the
project is http_basic_project and the role is member. A changed file counts
at once.
"""),
    cfg.StrOpt('http_basic_project', default='default', help="""
Project of users whose line in http_basic_auth_user_file names none.
"""),
    cfg.IntOpt('http_basic_cache_time', default=60, min=0, help="""
Seconds for which a password that was right is not hashed again. 0 hashes for
every request, which costs as much as the password's bcrypt cost factor says
(50 ms and more at common ones). A changed user file ends it at once.
"""),
    cfg.URIOpt('public_endpoint', schemes=['http', 'https'], help="""
Base of the links in answers, such as https://cloud.example/container. Unset:
what the request was sent to. Set it behind a proxy that hides that.
"""),
    cfg.IntOpt('max_body_bytes', default=2**20, min=1024, help="""
Largest request body; a larger one is refused unread (413). Higher values let
larger pod documents in, at the price of memory and time to check them.
"""),
    cfg.IntOpt('max_limit', default=1000, min=1, help="""
Most items in one page of a list; also the page size where none is asked for.
Higher values cost memory and time per request.
"""),
    cfg.IntOpt('max_output_bytes', default=2**20, min=1024, help="""
Most bytes of logs, of which the newest are kept (longer logs of containers
are streamed), or of each output stream of an exec, of which the first are
kept, in one answer. Higher values cost memory here, on the bus and on the
host.
"""),
    cfg.IntOpt('max_exec_timeout', default=60, min=1, help="""
Longest time in seconds that an exec may ask for. A request that waits keeps
a thread of the API and one of the compute agent, so higher values let fewer
callers block the others.
"""),
    cfg.IntOpt('max_streams', default=8, min=1, help="""
Followed logs and archives that each process passes on side by side, beside
the requests that `threads` are for; further ones are refused (503). Higher
values cost a thread and about 1 MB each.
"""),
    cfg.IntOpt('max_archive_bytes', default=10 * 2**30, min=1024, help="""
Largest archive that may be put into a container. It is not held in memory
whatever its size. zun-lite keeps it in a temporary file (see TMPDIR) until
it is complete; there the default is 1 GiB.
"""),
    cfg.StrOpt('stream_ca_file', help="""
Authorities of the agents' certificates for streams ([compute]
stream_cert_file), PEM. Unset: those of the system.
"""),
    cfg.StrOpt('stream_cert_file', help="""
Certificate to show to agents that ask for one ([compute]
stream_client_ca_file), PEM.
"""),
    cfg.StrOpt('stream_key_file', help="""
Key of stream_cert_file, where that file does not hold it.
"""),
]
