"""`jisui serve`: answers HTTP until told to stop."""

from gateway.api.server import listen
from gateway.api.server import serve as serve_app
from gateway.logs import configure_logs
from gateway.memory import share_one_heap
from gateway.migrations import migrate
from gateway.processes.single import only_one
from gateway.processes.telling import tell
from gateway.settings import Settings
from gateway.wiring.doors import wire_app
from gateway.wiring.evidence import sign_log
from gateway.wiring.ground import open_ground
from gateway.wiring.in_force import note_start
from gateway.wiring.systems import open_systems
from gateway.wiring.verification import reroute_stranded


async def serve(settings: Settings) -> None:
    """Answer HTTP until told to stop; raise `PortBusy` before anything else is touched."""
    share_one_heap()
    configure_logs(settings.log_level)
    listening = listen(settings.listen.host, settings.listen.port)
    host, port = listening.getsockname()[:2]
    with listening, only_one(settings, "serve"):
        async with open_ground(settings) as ground, open_systems(ground) as systems:
            if settings.embedded:
                await migrate(ground.database)
            await sign_log(ground)  # or refuse a store that is not the log that was signed for
            await note_start(ground, "serve")
            await reroute_stranded(ground, systems)
            tell({"url": f"http://{host}:{port}"})
            await serve_app(wire_app(ground, systems), listening)
