"""One run of one container: its files, processes and output."""
import collections
import dataclasses
import itertools
import posixpath
import time
import typing

from zun_lite.drivers import base
from zun_lite.drivers.fake import files
from zun_lite.drivers.fake import network
from zun_lite.drivers.fake import processes
from zun_lite.drivers.fake import shell
from zun_lite.drivers.fake import terminal
from zun_lite.drivers.fake.loop import Loop
from zun_lite.drivers.fake.loop import Process
from zun_lite.drivers.fake.loop import Steps
from zun_lite.pod import spec

_IDS = itertools.count(1)
LOG_LINES = 20_000              # older ones are dropped


class Line(typing.NamedTuple):
    """A line of output, and when it began."""
    at: float
    text: bytearray
    stream: int


class Log:
    def __init__(self) -> None:
        self.lines: collections.deque[Line] = (
            collections.deque(maxlen=LOG_LINES))

    def write(self, data: bytes, stream: int = base.STDOUT) -> None:
        for text in data.splitlines(keepends=True):
            last = self.lines[-1] if self.lines else None
            if last and last.stream == stream and (
                    not last.text.endswith(b'\n')):
                last.text.extend(text)
            else:
                self.lines.append(Line(time.time(), bytearray(text), stream))


class StartError(Exception):
    """The program cannot be started."""


@dataclasses.dataclass(eq=False)
class Instance:
    """`siblings`: every instance of the pod when the PID namespace is
    shared, else just this one."""
    loop: Loop
    container: spec.Container
    hostname: str
    network: network.PodNetwork
    view: files.View
    uid: int
    gid: int
    siblings: list['Instance']
    groups: tuple[int, ...] = ()
    any_program: bool = True
    shared_pids: bool = False
    id: str = ''
    log: Log = dataclasses.field(default_factory=Log)
    main: Process | None = None
    running: list[Process] = dataclasses.field(default_factory=list)
    started_at: float = 0.0
    finished_at: float | None = None
    exit_code: int | None = None
    oom_killed: bool = False
    start_error: str | None = None
    env: dict[str, str] = dataclasses.field(default_factory=dict)
    cwd: str = '/'
    on_exit: typing.Callable[[], None] = lambda: None
    stdin: terminal.Input | None = None
    listeners: list[terminal.Listener] = dataclasses.field(
        default_factory=list)

    def __post_init__(self) -> None:
        self.id = f'{next(_IDS):064x}'

    def start(self, argv: tuple[str, ...]) -> None:
        """:raises StartError: no such program or directory."""
        name = posixpath.basename(argv[0]) if argv else ''
        if argv and processes.find(name) is None and not self.any_program:
            raise StartError(f'exec: "{argv[0]}": executable file not found '
                             'in $PATH')
        self.started_at = time.time()
        if self.container.stdin:
            self.stdin = terminal.Input(self.loop, tty=self.terminal)
        self.main = self.launch(argv, shell.Streams(
            b'', lambda data: self._wrote(base.STDOUT, data),
            lambda data: self._wrote(base.STDERR, data), self.stdin),
            immune=not self.shared_pids)
        if self.stdin is not None:
            self.stdin.reader = self.main
        self.main.on_exit = self._main_ended

    def _wrote(self, stream: int, data: bytes) -> None:
        if self.terminal:
            data, stream = terminal.cooked(data), base.STDOUT
        self.log.write(data, stream)
        for listener in [*self.listeners]:
            listener(stream, data)
        self.loop.changed.notify_all()

    def launch(self, argv: tuple[str, ...], streams: shell.Streams, *,
               immune: bool = False) -> Process:
        """A process of its own in this container."""
        runner = shell.Shell(self, dict(self.env), self.cwd, self.uid)
        name = posixpath.basename(argv[0]) if argv else ''
        if name in ('sh', 'ash') and argv[1:2] == ('-c',):
            runner.arguments = argv[4:]
            steps = runner.script(argv[2] if len(argv) > 2 else '', streams)
        elif processes.find(name) is None and self.any_program and immune:
            return self._server(' '.join(argv))
        else:
            steps = runner.main(argv, streams)
        return self.spawn(runner, steps, ' '.join(argv), immune=immune)

    def _server(self, title: str) -> Process:
        """A program that runs until it is asked to end."""
        def steps() -> Steps:
            while not process.pending:
                yield None
            return 0
        process = self.loop.spawn(steps(), title)
        process.traps = {'TERM': 'exit', 'INT': 'exit', 'QUIT': 'exit'}
        self.running.append(process)
        return process

    def spawn(self, runner: shell.Shell, steps: Steps, title: str,
              parent: Process | None = None, *,
              immune: bool = False) -> Process:
        process = self.loop.spawn(steps, title, immune=immune, parent=parent)
        runner.process = process
        self.running = [p for p in self.running if p.exit_code is None]
        self.running.append(process)
        return process

    def _main_ended(self, process: Process) -> None:
        self.exit_code = process.exit_code
        self.finished_at = time.time()
        for other in self.running:
            if other is not process:
                self.loop.kill(other, 137)
        self.on_exit()

    def signal(self, name: str) -> None:
        """To the main process, from outside."""
        if self.main is not None:
            self.loop.signal(self.main, name)

    @property
    def alive(self) -> bool:
        return self.main is not None and self.exit_code is None

    def exhaust_memory(self, process: Process) -> Steps:
        """What a program meets that asks for memory without end."""
        if self.container.limits.memory is None:
            while True:
                yield None
        if process is self.main:
            self.oom_killed = True
        self.loop.kill(process, 137)
        yield None
        return 137

    # What programs see

    @property
    def terminal(self) -> bool:
        return bool(self.container.tty)

    def processes(self) -> list[Process]:
        return [p for i in self.siblings for p in i.running
                if p.exit_code is None]

    def seen_pid(self, process: Process) -> int:
        if process is self.main and not self.shared_pids:
            return 1
        return process.pid

    def process_of(self, pid: int) -> Process | None:
        return next((p for p in self.processes()
                     if self.seen_pid(p) == pid), None)
