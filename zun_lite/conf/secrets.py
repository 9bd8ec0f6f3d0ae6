"""Options of secrets at rest."""
from oslo_config import cfg

GROUP = cfg.OptGroup('secrets', title='Secrets at rest')

OPTS = [
    cfg.ListOpt('encryption_keys', default=[], secret=True, help="""
Fernet keys, each 32 random bytes in URL-safe base64. The first one encrypts;
all of them decrypt, so that keys can be changed: append a new one on every
host, then put it in front, run ``zun-lite-manage secrets reseal``, and then
remove the old one. The api and the conductor need the same keys; compute
agents need none. Without any key, there or in ``key_file``, secrets and files
for containers are refused.
"""),
    cfg.StrOpt('key_file', help="""
File with such keys, one a line, in the same order. It is used where
``encryption_keys`` is empty, and must be readable by its owner alone.
"""),
]
