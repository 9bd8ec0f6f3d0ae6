"""[rpc]: how the processes talk; the broker's own options are oslo's."""
from oslo_config import cfg

GROUP = cfg.OptGroup('rpc', title='Messages between the processes')

OPTS = [
    cfg.FloatOpt('call_timeout', default=10.0, min=0.1, help="""
Seconds to wait for the answer to a call. When they have passed the caller
gets "does not answer" (503 where a user waits). Higher values ride out slow
hosts, at the price of users and agents waiting longer on dead ones.
"""),
    cfg.IntOpt('workers', default=48, min=1, help="""
Threads that serve calls, for each endpoint, when all runs in one process
(transport_url = local://). With a broker oslo.messaging's
executor_thread_pool_size decides. More threads let more reads (logs, exec)
run side by side; each is started when it is first needed and costs some
memory from then on. Fewer than [compute] reads and execs together let long
commands keep short reads waiting.
"""),
    cfg.IntOpt('call_limit', default=64, min=1, help="""
Calls that this process may have waiting on the broker at once. Further ones
wait for room within their timeout. Higher values let more users read logs
from slow hosts at a time; each call costs a thread while it waits.
"""),
    cfg.IntOpt('hint_workers', default=2, min=1, help="""
Threads that carry hints ("this pod changed"): for each endpoint when all
runs in one process, for the whole process when a broker is used. More of
them pass on a burst sooner as long as the database or broker keeps up.
"""),
    cfg.IntOpt('hint_limit', default=10000, min=1, help="""
Hints kept while they cannot be passed on (a broker that is away). Beyond it
new ones are dropped, which only delays a change until the next sweep. Higher
values cost memory in a long outage.
"""),
]
