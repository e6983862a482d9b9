"""A synchronous standby of a PostgreSQL for tests: a failover is real, and so is what it loses."""

from shared.testing.postgres import Postgres


class Standby(Postgres):
    """A copy of a server that follows it. While it is stopped, no commit of the server returns."""

    def __init__(self, primary: Postgres) -> None:
        self._primary = primary
        super().__init__()
        primary.execute("ALTER SYSTEM SET synchronous_standby_names='*'")
        primary.execute("SELECT pg_reload_conf()")
        self.wait_until_synchronous()

    def _create_cluster(self) -> None:
        source = f"--dbname={self._primary.url()}"
        self._run("pg_basebackup", source, "--write-recovery-conf", "--checkpoint=fast", "--no-sync")

    def wait_until_synchronous(self) -> None:
        """Wait until the server asks this standby before it returns from a commit."""
        self._primary.wait_for("SELECT 1 FROM pg_stat_replication WHERE sync_state='sync'")

    def promote(self) -> None:
        """Take over: become a server of its own with what has arrived here."""
        self._run("pg_ctl", "promote", "--wait")
