"""[websocket_proxy]: interactive sessions for clients of the API."""
from oslo_config import cfg

GROUP = cfg.OptGroup('websocket_proxy', title='The WebSocket proxy')
OPTS = [
    cfg.HostAddressOpt('host', default='127.0.0.1', help="""
Address to listen on for clients' sessions.
"""),
    cfg.PortOpt('port', default=6784, help="""
Port to listen on. An all-in-one takes any that is free where this is not
set.
"""),
    cfg.StrOpt('base_url', help="""
Where clients reach the proxy (or the balancer before several), such as
wss://cloud.example:6784/; it begins every session's URL. Unset: made of
`host` and `port`.
"""),
    cfg.ListOpt('allowed_origins', default=[], help="""
Names of hosts whose web pages may open sessions, such as the dashboard's,
beside the host that base_url names. Programs that are not browsers send no
origin and need not be listed.
"""),
    cfg.IntOpt('sessions', default=500, min=1, help="""
Sessions at a time; further ones are refused (503). An idle one costs about
50 KB, one whose reader is slow 400 KB, and one that is sent large messages
by its client up to 3 MB.
"""),
    cfg.StrOpt('cert_file', help="""
Certificate to serve TLS with, PEM. Unset: no TLS, as behind a balancer that
has it.
"""),
    cfg.StrOpt('key_file', help="""
Key of cert_file, where that file does not hold it.
"""),
]
