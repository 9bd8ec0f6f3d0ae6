"""[conductor]: placement, intake of observations, and sweeps."""
from oslo_config import cfg

GROUP = cfg.OptGroup('conductor', title='Conductor')

OPTS = [
    cfg.StrOpt('name', sample_default='<hostname>', help="""
Name under which this conductor listens; by default the machine's. Conductors
of the same name share what arrives there, which is harmless.
"""),
    cfg.FloatOpt('sweep_interval', default=10.0, min=0.1, help="""
Seconds between sweeps: looks at every pod that is not placed or whose host
has not yet confirmed its newest change, and at every host's last heartbeat.
A lost message delays a change by at most about this long. Higher values cost
the database less; sweeps are cheap while nothing is left undone.
"""),
    cfg.FloatOpt('recast_after', default=2.0, min=0.0, help="""
Seconds that a pod's change is left to the message that announced it before a
sweep announces it again. Higher values save messages in bursts.
"""),
    cfg.FloatOpt('silent_after', default=45.0, min=1.0, help="""
Seconds without a heartbeat after which a host counts as silent: it gets no
pods, and those it has become Unknown. They stay bound to it and are never run
elsewhere. Must be several times the agents' heartbeat interval. Higher values
tolerate longer interruptions; lower ones show dead hosts sooner.
"""),
    cfg.IntOpt('page_size', default=100, min=1, max=1000, help="""
Pods that a sweep reads at a time. Higher values need fewer queries and more
memory.
"""),
]
