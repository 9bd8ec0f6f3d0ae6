"""[networks]: the networks that projects make."""
from oslo_config import cfg

GROUP = cfg.OptGroup('networks', title='Networks of projects')
OPTS = [
    cfg.StrOpt('pool', default='10.224.0.0/12', help="""
Addresses that networks made through /v1/networks are carved from, the same
on every host. It must overlap neither [docker] project_network_pool nor
anything that containers need to reach.
"""),
    cfg.IntOpt('prefix', default=24, min=16, max=29, help="""
Length of the prefix of a network that is made without a subnet of its own.
A higher value fits more networks into the pool and fewer containers in each.
"""),
    cfg.IntOpt('max_per_project', default=20, min=0, help="""
Most networks that a project may have. Each is a bridge on every host that
has a container on it; higher values cost hosts that many more.
"""),
]
