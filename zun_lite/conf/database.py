"""[database]: oslo.db's own options, with defaults that fit this service."""
from oslo_config import cfg
from oslo_db import options

GROUP = cfg.OptGroup('database', title='Database')

# The very objects that oslo.db registers, so that both agree.
OPTS: list[cfg.Opt] = options.database_opts

# As many as [api] threads: what is beyond the pool is opened for one request
# and closed after it, which costs more than most requests. None is opened
# before it is needed.
cfg.set_defaults(OPTS, max_pool_size=32, max_overflow=50, pool_timeout=10)
