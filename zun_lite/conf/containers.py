"""[containers]: what /v1/containers asks for where a request does not say."""
from oslo_config import cfg

GROUP = cfg.OptGroup('containers', title='Containers and capsules')
OPTS = [
    cfg.FloatOpt('default_cpu', default=1.0, min=0.0, help="""
Cores of a container that asks for none; 0 sets none aside. Higher values let
fewer containers share a host.
"""),
    cfg.FloatOpt('minimum_cpu', default=0.1, min=0.0, help="""
Least cores a container may ask for. Higher values keep hosts from being
filled with containers that get next to nothing.
"""),
    cfg.FloatOpt('maximum_cpu', default=16.0, min=0.0, help="""
Most cores a container may ask for. Higher values let one container fill a
larger host.
"""),
    cfg.IntOpt('default_memory', default=512, min=0, help="""
MiB of a container that asks for no memory; 0 leaves it unlimited. Higher
values let fewer containers share a host.
"""),
    cfg.IntOpt('minimum_memory', default=4, min=4, help="""
Least MiB a container may ask for. Higher values keep containers from being
killed as soon as they begin.
"""),
    cfg.IntOpt('maximum_memory', default=8192, min=4, help="""
Most MiB a container may ask for. Higher values let one container fill a
larger host.
"""),
    cfg.IntOpt('default_disk', default=10, min=0, help="""
GiB of a container that asks for no disk. They count against the quota;
engines do not enforce them. Higher values use a quota up sooner.
"""),
    cfg.IntOpt('minimum_disk', default=1, min=0, help="""
Least GiB of disk a container may ask for. Higher values use quotas up
sooner.
"""),
    cfg.IntOpt('maximum_disk', default=160, min=1, help="""
Most GiB of disk a container may ask for. Higher values let one container
use more of its project's quota.
"""),
    cfg.FloatOpt('execute_timeout', default=15.0, min=0.1, help="""
Seconds that an execute without `interactive` may take; then it fails with
409. Higher values let longer commands end, and keep a thread of the API and
one of the agent waiting for each.
"""),
    cfg.StrOpt('default_availability_zone', default='nova', help="""
Availability zone of hosts that have no label zun-lite/availability-zone.
"""),
]
