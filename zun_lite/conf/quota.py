"""[quota]: what a project may have where nothing else was said."""
from oslo_config import cfg

GROUP = cfg.OptGroup('quota', title='Quotas of projects')
OPTS = [
    cfg.IntOpt('containers', default=40, min=-1, help="""
Most containers of a project, those of pods and capsules included; -1 sets no
limit. Counts for projects that neither have a limit of their own nor get one
from the quota class default. Higher values let a project take more of hosts
and database.
"""),
    cfg.IntOpt('memory', default=51200, min=-1, help="""
Most MiB of memory that a project's containers may ask for together; -1 sets
no limit. Higher values let a project set more aside on hosts.
"""),
    cfg.IntOpt('cpu', default=20, min=-1, help="""
Most cores that a project's containers may ask for together; -1 sets no
limit. Higher values let a project set more aside on hosts.
"""),
    cfg.IntOpt('disk', default=100, min=-1, help="""
Most GiB of disk that a project's containers may ask for together; -1 sets no
limit. Higher values let a project ask for more.
"""),
]
