"""The store. `with db.reader() as session:` and `with db.writer() ...`."""
from zun_lite.db.engine import configure
from zun_lite.db.engine import connection
from zun_lite.db.engine import dispose
from zun_lite.db.engine import now
from zun_lite.db.engine import reader
from zun_lite.db.engine import Reading
from zun_lite.db.engine import retry
from zun_lite.db.engine import writer

__all__ = ['Reading', 'configure', 'connection', 'dispose', 'now', 'reader',
           'retry', 'writer']
