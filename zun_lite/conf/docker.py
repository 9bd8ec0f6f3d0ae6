"""Options of the Docker driver."""
from oslo_config import cfg

GROUP = cfg.OptGroup('docker', title='The Docker driver')

OPTS = [
    cfg.StrOpt('url', help="""
Where the engine listens, such as ``unix:///var/run/docker.sock`` or
``tcp://127.0.0.1:2376``. Empty: the environment (``DOCKER_HOST``,
``DOCKER_TLS_VERIFY``, ``DOCKER_CERT_PATH``), or the local socket. Probes by
HTTP and TCP go to the pods' own addresses, so an engine on another machine
needs its bridges routed from here.
"""),
    cfg.StrOpt('host_ip', help="""
Address of this host that pods are told as ``status.hostIP``. Empty: the one
that its default route uses.
"""),
    cfg.IntOpt('api_timeout', default=30, min=1, help="""
Seconds to wait for an answer of the engine before it counts as gone. Higher
values bear with a busy engine; lower ones notice a hanging one sooner. Time
that a container is given to stop is added where it applies.
"""),
    cfg.IntOpt('api_connections', default=64, min=1, help="""
Connections to the engine that are kept open. More calls at once than this
open and close connections of their own.
"""),
    cfg.StrOpt('sandbox_image', default='registry.k8s.io/pause:3.9', help="""
Image of the container that holds a pod's namespaces. It must wait for ever
and end at SIGTERM or SIGKILL.
"""),
    cfg.StrOpt('project_network_pool', default='10.208.0.0/12', help="""
Addresses that the projects' networks are carved from. It must not overlap
anything the pods need to reach.
"""),
    cfg.IntOpt('project_network_prefix', default=24, min=8, max=29, help="""
Length of the prefix of each project's network. A higher value fits more
projects on a host and fewer pods in each: 24 allows 253 pods of a project.
"""),
    cfg.FloatOpt('restart_backoff_base', default=10, min=0.01, help="""
Seconds to wait before the second restart of a container; doubled for each
further one. Higher values spare the host, lower ones retry sooner.
"""),
    cfg.FloatOpt('restart_backoff_cap', default=300, min=0.01, help="""
Longest wait in seconds before a container is restarted. A container that ran
for twice as long is forgiven its past.
"""),
    cfg.FloatOpt('retry_backoff_base', default=10, min=0.01, help="""
Seconds before a failed image pull or a container that could not be made is
tried again; doubled each time.
"""),
    cfg.FloatOpt('retry_backoff_cap', default=300, min=0.01, help="""
Longest wait in seconds before such a retry. Higher values spare the
registry; lower ones notice sooner that the cause was mended.
"""),
    cfg.IntOpt('pull_workers', default=4, min=1, help="""
Images pulled at the same time. More finish a mixed burst sooner and compete
for bandwidth and disk.
"""),
    cfg.IntOpt('probe_workers', default=16, min=1, help="""
Probes carried out at the same time. Raise it when many probes take long, or
they will be late.
"""),
    cfg.FloatOpt('volume_check_interval', default=60, min=0.1, help="""
Seconds between measurements of volumes that have a sizeLimit on disk. The
engine reads every volume for it: lower values evict sooner and cost more
disk reads. Nothing is measured while no pod has such a limit.
"""),
    cfg.StrOpt('log_max_size', default='10m', help="""
Size at which a container's log file is rotated. Higher values keep more
lines and use more disk.
"""),
    cfg.IntOpt('log_max_files', default=3, min=1, help="""
Log files kept for each container; each can reach ``log_max_size``.
"""),
]
