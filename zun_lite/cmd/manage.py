"""zun-lite-manage: what an operator does to the database by hand."""
import datetime
import typing

from oslo_config import cfg

from zun_lite import db
from zun_lite import exceptions
from zun_lite.cmd import process
from zun_lite.conf import CONF
from zun_lite.db import hosts
from zun_lite.db import migration
from zun_lite.db import purge
from zun_lite.lifecycle import configs
from zun_lite.lifecycle import injected
from zun_lite.lifecycle import registries
from zun_lite.lifecycle import services


def sync() -> None:
    """Bring the database's tables to what this code wants."""
    migration.upgrade(CONF.command.revision)
    version()


def version() -> None:
    """Print the revision of the database, and the one that is wanted."""
    print(f'database: {migration.current() or "empty"}')
    print(f'wanted:   {migration.head()}')


def purge_old() -> None:
    """Remove actions and events that are older than so many days."""
    days = CONF.command.older_than
    removed = purge.purge(db.now() - datetime.timedelta(days=days))
    for table, count in removed.items():
        print(f'{table}: {count} removed')


def list_hosts() -> None:
    """Print every host with what is claimed of it."""
    form = '{:<24} {:<12} {:<8} {:>9} {:>15} {:>15}  {}'
    print(form.format('NAME', 'DRIVER', 'STATE', 'PODS', 'CPU MILLIS',
                      'MEMORY MIB', 'HEARD FROM'))
    for host in _every_host():
        mib = 2**20
        print(form.format(
            host.name, host.driver, host.state,
            f'{host.pods_claimed}/{host.max_pods}',
            f'{host.cpu_millis_claimed}/{host.cpu_millis}',
            f'{host.memory_bytes_claimed // mib}/{host.memory_bytes // mib}',
            f'{host.heartbeat_at:%Y-%m-%dT%H:%M:%SZ}'))


def _every_host() -> typing.Iterator[hosts.HostRow]:
    marker = None
    with db.reader() as session:
        while page := hosts.list_page(session, marker=marker):
            yield from page
            marker = page[-1].uuid


def remove_host() -> None:
    """Forget a host that is gone for good and has no pods any more."""
    services.remove(CONF.command.host)
    print(f'host {CONF.command.host} is removed')


def reseal() -> None:
    """Encrypt every secret with the first key of [secrets]."""
    done = configs.reseal() + registries.reseal() + injected.reseal()
    print(f'{done} secrets are sealed with the first key')


def _days(text: str) -> int:
    days = int(text)
    if not 0 <= days <= 36500:
        raise ValueError
    return days


def _parsers(subparsers: typing.Any) -> None:
    def group(name: str, text: str) -> typing.Any:
        return subparsers.add_parser(name, help=text).add_subparsers(
            dest='action', required=True, metavar='ACTION')

    def action(parent: typing.Any, name: str,
               run: typing.Callable[[], None]) -> typing.Any:
        parser = parent.add_parser(name, help=run.__doc__)
        parser.set_defaults(run=run)
        return parser

    database = group('db', 'the tables and what has piled up in them')
    action(database, 'sync', sync).add_argument(
        'revision', nargs='?', default='head')
    action(database, 'version', version)
    action(database, 'purge', purge_old).add_argument(
        '--older-than', type=_days, metavar='DAYS', required=True)
    host = group('host', 'the hosts that pods are placed on')
    action(host, 'list', list_hosts)
    action(host, 'remove', remove_host).add_argument(
        'host', metavar='NAME')
    secret = group('secrets', 'what is encrypted at rest')
    action(secret, 'reseal', reseal)


COMMAND = cfg.SubCommandOpt('command', title='Commands', handler=_parsers)


def main() -> None:
    CONF.register_cli_opt(COMMAND)
    process.configure('zun-lite-manage')
    try:
        db.configure()
        CONF.command.run()
    except exceptions.ZunLiteError as e:
        process.fail(e.message)
