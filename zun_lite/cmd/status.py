"""zun-lite-status: whether the services can be started with this code.

`zun-lite-status upgrade check` ends with 0 when all is well, 1 with a
warning, 2 with a failure.
"""
import sys

import sqlalchemy as sa
from oslo_db import exception as oslo_db
from oslo_policy import policy as oslo_policy
from oslo_upgradecheck import upgradecheck
from oslo_upgradecheck.upgradecheck import Code
from oslo_upgradecheck.upgradecheck import Result

from zun_lite import db
from zun_lite import exceptions
from zun_lite import policy
from zun_lite.api import auth
from zun_lite.conf import CONF
from zun_lite.db import claims
from zun_lite.db import migration
from zun_lite.rpc import oslo as rpc


def _no_application(environ: object, start_response: object) -> list[bytes]:
    return []


class Checks(upgradecheck.UpgradeCommands):
    """Each looks at one thing and changes nothing."""

    def database(self) -> Result:
        """The database answers and has the tables of this code."""
        try:
            db.configure()
            found = migration.current()
            if found == migration.head():
                return Result(Code.SUCCESS)
        except exceptions.ZunLiteError as e:
            return Result(Code.FAILURE, e.message)
        return Result(
            Code.FAILURE,
            f'The database is at revision {found or "none"}, and this code '
            f'wants {migration.head()}: run zun-lite-manage db sync.')

    def claims(self) -> Result:
        """Hosts have set aside what their pods ask for."""
        try:
            with db.reader() as session:
                wrong = claims.differences(session)
        except (exceptions.Unavailable, oslo_db.DBError,
                sa.exc.DatabaseError):
            return Result(Code.WARNING, 'The database cannot be read.')
        if not wrong:
            return Result(Code.SUCCESS)
        return Result(Code.WARNING, 'Claims differ from the pods: ' + ', '
                      .join(sorted(found.host for found in wrong)))

    def one_machine(self) -> Result:
        """A broker means several processes; SQLite bears one machine."""
        url = str(CONF.database.connection or '')
        if (url.startswith('sqlite')
                and not rpc.is_local(CONF)):
            return Result(
                Code.WARNING, 'SQLite serves the processes of one machine '
                'only; use MariaDB or PostgreSQL with a broker.')
        return Result(Code.SUCCESS)

    def authentication(self) -> Result:
        """The settings of [api] auth_strategy are complete."""
        try:
            auth.check_bind(CONF.api.host_ip)
            auth.wrap(_no_application, ())
        except exceptions.ZunLiteError as e:
            return Result(Code.FAILURE, e.message)
        return Result(Code.SUCCESS)

    def policies(self) -> Result:
        """The policy files can be read and name no unknown rules."""
        try:
            policy.reset()
            policy.enforcer().check_rules(raise_on_violation=True)
        except (oslo_policy.InvalidDefinitionError, OSError,
                ValueError) as e:
            return Result(Code.FAILURE, str(e))
        return Result(Code.SUCCESS)

    _upgrade_checks = (
        ('Database', database), ('Claims', claims),
        ('Database and transport', one_machine),
        ('Authentication', authentication), ('Policies', policies))


def main() -> int:
    return upgradecheck.main(CONF, 'zun_lite', Checks(), sys.argv[1:])
