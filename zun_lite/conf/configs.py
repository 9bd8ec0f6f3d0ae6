"""Options of configs and secrets."""
from oslo_config import cfg

GROUP = cfg.OptGroup('configs', title='Configs and secrets of projects')

OPTS = [
    cfg.IntOpt('max_per_project', default=500, min=0, help="""
Most configs and secrets together that a project may have. A higher value lets
projects take more of the database.
"""),
    cfg.IntOpt('max_bytes_per_project', default=32 * 2**20, min=0, help="""
Most bytes that all entries of a project's configs and secrets may have. A
single one has at most 1 MiB.
"""),
]
