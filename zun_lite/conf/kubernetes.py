"""Options of the Kubernetes driver."""
from oslo_config import cfg

GROUP = cfg.OptGroup('kubernetes', title='The Kubernetes driver')

OPTS = [
    cfg.StrOpt('kubeconfig', help="""
File that says where the cluster is and how to authenticate. Empty: the
environment (``KUBECONFIG``), else the service account of the pod that the
agent runs in.
"""),
    cfg.StrOpt('context', help="""
Context of that file. Empty: its current one.
"""),
    cfg.FloatOpt('api_timeout', default=30, min=1, help="""
Seconds to wait for an answer of the API server before it counts as gone.
Higher values bear with a busy cluster; lower ones notice a hanging one
sooner.
"""),
    cfg.IntOpt('api_connections', default=64, min=1, help="""
Connections to the API server that are kept open.
"""),
    cfg.StrOpt('pod_security', default='baseline',
               choices=('restricted', 'baseline', 'privileged'), help="""
Pod Security level that the projects' namespaces are labelled with; clusters
from 1.23 on hold pods to it. ``restricted`` refuses containers that may run
as root, escalate privileges or keep any capability; ``privileged`` is needed
where policy lets somebody run privileged containers, add capabilities beyond
the runtime's, or have probes ask another host.
"""),
    cfg.IntOpt('watch_timeout', default=300, min=5, help="""
Seconds after which a watch is begun anew. Lower values find a connection
that died unnoticed sooner; higher ones cost less.
"""),
    cfg.FloatOpt('removal_timeout', default=90, min=1, help="""
Seconds beyond its grace period that a pod's end is waited for before the pod
shows that it has not come. It goes on being asked for. Kubelets take up to a
minute for a pod that never ran.
"""),
    cfg.FloatOpt('retry_interval', default=5, min=0.1, help="""
Seconds before a pod that the cluster refused (a quota, a namespace that is
being removed) is offered again. Higher values spare the API server.
"""),
]
