"""`jisui work`: does what is due until told to stop."""

from gateway.leases import reclaim
from gateway.logs import configure_logs
from gateway.memory import settle_memory, share_one_heap
from gateway.migrations import migrate
from gateway.processes.single import only_one
from gateway.processes.telling import stop_signal, tell
from gateway.settings import Settings
from gateway.verification.query import QUERY, work_kind
from gateway.wiring.evidence import sign_log
from gateway.wiring.ground import Ground, open_ground
from gateway.wiring.in_force import note_start
from gateway.wiring.pushing import open_pushing
from gateway.wiring.systems import open_systems
from gateway.wiring.verification import reroute_stranded
from gateway.wiring.work import schedule_chores, wire_worker


async def work(settings: Settings) -> None:
    """Do what is due until told to stop."""
    share_one_heap()
    configure_logs(settings.log_level)
    stop = stop_signal()
    with only_one(settings, "work"):
        async with (
            open_ground(settings) as ground,
            open_systems(ground) as systems,
            open_pushing(ground) as pushing,
        ):
            if settings.embedded:
                await migrate(ground.database)
                await _take_over(ground)
            await sign_log(ground)  # or refuse a store that is not the log that was signed for
            await note_start(ground, "work")
            await reroute_stranded(ground, systems)
            await schedule_chores(ground, systems)
            tell({"working": True})
            worker = wire_worker(ground, systems, pushing)
            settle_memory()
            await worker.run(stop)
            await sign_log(ground)


async def _take_over(ground: Ground) -> None:
    # There is one worker at a time on this store, so whoever held a lease before us is dead; but
    # the process that answers HTTP asks single queries under leases of its own.
    async with ground.database.transaction() as connection:
        await reclaim(connection, ground.clock.now(), spare=work_kind(QUERY, ""))
