"""[compute]: the agent beside one container engine."""
import socket

from oslo_config import cfg

GROUP = cfg.OptGroup('compute', title='The compute agent')
OPTS = [
    cfg.StrOpt('host', default=socket.gethostname(),
               sample_default='the name of the machine', help="""
Name under which this agent and its engine are known. It must be unique and
must stay the same: pods are bound to it. A second agent with the same name
takes the first one's place, which then ends.
"""),
    cfg.StrOpt('driver', default='docker', help="""
Entry point in the namespace zun_lite.drivers that drives the engine.
"""),
    cfg.DictOpt('labels', default={}, help="""
Labels of this host beside those that the driver finds, as key:value pairs. A
pod's nodeSelector can ask for them.
"""),
    cfg.IntOpt('max_pods', default=250, min=1, help="""
Most pods that are placed on this host. Higher values let more in, at the
price of the engine's and the agent's memory.
"""),
    cfg.IntOpt('workers', default=16, min=1, help="""
Pods that are looked at or started side by side. A thread each, started when
needed. Higher values start a large burst sooner as long as the engine keeps
up; most engines gain nothing from more.
"""),
    cfg.IntOpt('stop_workers', default=64, min=1, help="""
Pods that are stopped, deleted or replaced side by side, apart from
`workers`: such a thread mostly waits for a pod's grace period. Higher values
end many pods at a time sooner; each busy one costs some memory.
"""),
    cfg.IntOpt('image_workers', default=2, min=1, help="""
Images that are fetched or removed side by side at an administrator's
request, apart from those that pods need. More finish a long list sooner and
compete with the pods' pulls.
"""),
    cfg.FloatOpt('retry_initial', default=1.0, min=0.01, help="""
Seconds before the engine is asked again about a pod after an error. Doubled
with every further one. Higher values spare an engine in trouble.
"""),
    cfg.FloatOpt('retry_max', default=60.0, min=0.1, help="""
Most seconds between two attempts after errors, for pods as for messages to
the conductor. Higher values mean less load in an outage and a later recovery
where nothing tells that it is over.
"""),
    cfg.IntOpt('resync_interval', default=60, min=1, help="""
Seconds between full comparisons of desired pods with the engine's. Lost
messages and changes that no event told delay a pod by at most this long.
Lower values cost more engine calls and database reads.
"""),
    cfg.FloatOpt('heartbeat_interval', default=10.0, min=0.1, help="""
Seconds between signs of life with inventory and capabilities. It must be
well below [conductor] silent_after. Lower values show a lost
engine sooner and cost a call each.
"""),
    cfg.FloatOpt('engine_timeout', default=15.0, min=0.1, help="""
Seconds in which the engine must tell its inventory to count as there. Higher
values are more patient with a busy engine; together with heartbeat_interval
it must stay below [conductor] silent_after.
"""),
    cfg.IntOpt('event_limit', default=2000, min=1, help="""
Events kept while they cannot be handed over. Beyond it the oldest are
dropped, normal ones first. Higher values keep more of a long outage's story,
at about 1 KiB each.
"""),
    cfg.IntOpt('reads', default=16, min=1, help="""
Logs, top and stats served side by side; as many again may wait a little,
further ones are refused (503). Higher values cost threads and engine calls.
"""),
    cfg.IntOpt('execs', default=16, min=1, help="""
Commands run side by side in pods at their owners' request, apart from
`reads`. Higher values let more long commands run; each keeps a thread of the
RPC server, whose number should be higher than both together.
"""),
    cfg.IntOpt('read_limit', default=2**20, min=1024, help="""
Most bytes of logs, or of each output stream of a command, in one answer,
whatever was asked for. Higher values cost memory here and on the bus; one
below the API's ``max_output_bytes`` cuts logs of containers, too.
"""),
    cfg.FloatOpt('exec_timeout_max', default=300.0, min=1.0, help="""
Most seconds that a command may run at its owner's request, whatever was
asked for. Higher values let commands keep their threads longer.
"""),
    cfg.HostAddressOpt('stream_host', default='127.0.0.1', help="""
Address for streams (followed logs, attach, interactive exec, archives), to
which the API and its WebSocket proxies connect. The default is right where
they run on this machine.
"""),
    cfg.PortOpt('stream_port', default=0, help="""
Port for streams. 0: any that is free; whoever needs to know it is told with
each stream. Set it where a firewall stands between.
"""),
    cfg.StrOpt('stream_url', help="""
Where the API reaches stream_port, such as wss://node1.example:9518/. Unset:
made of stream_host (or, where that means every address, `host`) and the port.
"""),
    cfg.StrOpt('stream_cert_file', help="""
Certificate of this agent for streams, PEM. Unset: they are not encrypted,
which is only good enough on one machine or a network of its own.
"""),
    cfg.StrOpt('stream_key_file', help="""
Key of stream_cert_file, where that file does not hold it.
"""),
    cfg.StrOpt('stream_client_ca_file', help="""
Authorities, PEM. Set: whoever opens a stream must also show a certificate of
theirs ([api] stream_cert_file).
"""),
    cfg.IntOpt('stream_token_ttl', default=60, min=1, help="""
Seconds in which a stream must be opened after it was asked for. Higher values
give people more time between asking for a session and joining it, and
whoever finds such an address, too.
"""),
    cfg.IntOpt('stream_sessions', default=200, min=1, help="""
Streams open at a time; further ones are refused. Higher values cost up to
three threads and some 300 KB each.
"""),
]
