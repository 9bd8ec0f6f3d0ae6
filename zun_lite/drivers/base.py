"""The driver contract: what an engine must do so that pods can live on it.

A driver turns a `Pod` into objects of one engine and tells what it sees of
them. It keeps no state that a restart would lose: everything it needs to
adopt its pods is on the engine. It never sees a database row and never sends
a message; the compute agent's reconciler calls it and passes on what it saw.

The core is `PodDriver`. Every verb is idempotent and may be called again
after a crash at any point. Calls for different pods come from many threads
at once; calls for one pod never overlap. Verbs return quickly: what takes
long (an image pull, a back-off, an init container that runs for hours) is
begun, shown in the status, and continued by a later `ensure_pod`, which the
reconciler makes when `watch` says that the pod changed or when
`recheck_after_s` has passed.

Whatever else an engine can do is an optional group: a small ABC. The actions
that a driver offers are exactly the groups it implements, and the spec
fields are exactly those in `fields`; both together are its capabilities (see
`capabilities()`), which travel with the agent's heartbeat.

Every verb may raise `EngineUnavailable` when the engine does not answer;
the reconciler tries again with back-off and shows the reason.
"""
import abc
import dataclasses
import typing
from collections.abc import Iterator
from collections.abc import Mapping

from zun_lite.pod import host
from zun_lite.pod import states
from zun_lite.pod import status
from zun_lite.pod.spec import Pod


@dataclasses.dataclass(frozen=True, slots=True)
class Inventory:
    """What an engine has to give, for placement and for people."""
    cpu_millis: int
    memory_bytes: int
    labels: Mapping[str, str] = dataclasses.field(default_factory=dict)
    engine: str = ''                    # name and version: Docker 20.10.24
    architecture: str | None = None
    os_type: str | None = None          # linux
    os: str | None = None               # Debian GNU/Linux 12
    kernel_version: str | None = None
    nodes: host.NodeLabels | None = None    # of a cluster that places itself


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """Something about this pod changed on the engine; look again."""
    uuid: str


@dataclasses.dataclass(frozen=True, slots=True)
class Happened:
    """An event for the pod's owner to read."""
    uuid: str
    event: status.PodEvent


@dataclasses.dataclass(frozen=True, slots=True)
class Relist:
    """Changes may have been missed (the engine or its stream was away)."""


Observation = Changed | Happened | Relist


class PodDriver(abc.ABC):
    """Core verbs. `name` is the value of the label `zun-lite/driver`.

    The agent makes its driver with one argument, `host=<name>`: pods belong
    to that host, and those of another on the same engine are not touched.
    """
    name: typing.ClassVar[str]
    fields: typing.ClassVar[frozenset[str]]
    """Supported optional spec fields, as `pod.capabilities` names them."""

    @abc.abstractmethod
    def ensure_pod(self, pod: Pod) -> status.ObservedPod:
        """Bring the pod as near to running as can be done now.

        A pod that runs in this generation is left alone, apart from what is
        due: the next init container, a restart after its back-off, a
        container that failed its liveness probe, a deadline. Engine objects
        of another generation are removed first and made anew. A pod that
        ended in this generation stays ended.

        What goes wrong with the pod itself (no such image, a container that
        cannot be started) is not an exception but the status' reason.
        """

    @abc.abstractmethod
    def stop_pod(self, pod: Pod) -> status.ObservedPod | None:
        """End the containers gracefully: preStop, signal, then kill.

        Returns within `grace_period_s` and some seconds. What can be kept
        for reading (logs, exit codes) is kept. None: there is no such pod on
        the engine, or nothing of it is kept. Stopping twice is stopping once.
        """

    @abc.abstractmethod
    def delete_pod(self, uuid: str, *, grace_period_s: int) -> None:
        """End the pod gracefully and remove everything that belongs to it.

        Containers, sandbox, volumes, and the project's network where this
        was its last pod. An absent pod is success.
        """

    @abc.abstractmethod
    def pod_status(self, uuid: str) -> status.ObservedPod:
        """What the engine has of one pod; changes nothing.

        :raises PodNotFound: the engine has nothing of it.
        """

    @abc.abstractmethod
    def list_pods(self) -> list[status.ObservedPod]:
        """Everything on the engine that this agent's host owns.

        Also what is half made or half removed, so that a caller that does
        not want it can delete it. A constant number of engine calls.
        """

    @abc.abstractmethod
    def watch(self) -> Iterator[Observation]:
        """Observations as they happen, until `close`.

        Never raises and never ends by itself: when the engine goes away the
        iterator waits for it and then yields `Relist`. One watcher at a time.
        """

    @abc.abstractmethod
    def inventory(self) -> Inventory:
        """Capacity and description of the engine, asked for now."""

    def lacking(self) -> frozenset[str]:
        """Capabilities that the driver has code for and its engine, as it
        is now, has not: too old, or without some part. Never raises."""
        return frozenset()

    @abc.abstractmethod
    def close(self) -> None:
        """Stop threads and connections; pods go on. `watch` ends."""


@dataclasses.dataclass(frozen=True, slots=True)
class ExecResult:
    """Output of a command. `truncated`: more was written than is kept."""
    exit_code: int
    stdout: bytes
    stderr: bytes
    truncated: bool = False


class Logs(abc.ABC):
    @abc.abstractmethod
    def logs(self, uuid: str, container: str, *, tail: int | None = None,
             since: str | None = None, timestamps: bool = False,
             previous: bool = False, limit_bytes: int = 2**20) -> bytes:
        """What a container wrote, both streams in order.

        The newest `limit_bytes` of the last `tail` lines written after
        `since` (RFC 3339). `timestamps`: each line begins with its RFC 3339
        time and a space. `previous`: of the run before the last restart.

        :raises PodNotFound:
        :raises ContainerNotFound: none of that name; or, with `previous`,
            it has not been restarted; or it has not been made yet.
        """


class SplitLogs(Logs):
    @abc.abstractmethod
    def logs_of(self, uuid: str, container: str, stream: int, *,
                tail: int | None = None, since: str | None = None,
                timestamps: bool = False,
                limit_bytes: int = 2**20) -> bytes:
        """What `logs` returns, of one stream: STDOUT or STDERR.

        What has a terminal writes all to STDOUT.

        :raises PodNotFound:
        :raises ContainerNotFound: as for `logs`.
        """


class Exec(abc.ABC):
    @abc.abstractmethod
    def exec(self, uuid: str, container: str, command: tuple[str, ...], *,
             timeout_s: float, limit_bytes: int = 2**20) -> ExecResult:
        """Run a command in a running container and wait for its end.

        Of each of its two outputs the first `limit_bytes` are kept.

        :raises PodNotFound:
        :raises ContainerNotFound:
        :raises Conflict: the container does not run.
        :raises TimedOut: it did not end within `timeout_s`.
        """


class Top(abc.ABC):
    @abc.abstractmethod
    def top(self, uuid: str, container: str) -> dict[str, typing.Any]:
        """Processes: {'titles': [column, ...], 'processes': [[text, ...]]}.

        :raises PodNotFound:
        :raises ContainerNotFound:
        :raises Conflict: the container does not run.
        """


class Stats(abc.ABC):
    @abc.abstractmethod
    def stats(self, uuid: str) -> list[dict[str, typing.Any]]:
        """Use of resources, an entry for each running container.

        {'name', 'cpu_millis' (average since the last sample, or over about a
        second), 'memory_bytes', 'memory_limit_bytes' (None: no limit),
        'rx_bytes', 'tx_bytes' (of the whole pod), 'read_bytes',
        'write_bytes', 'pids'}; None beside what the engine measures.

        :raises PodNotFound:
        :raises Unavailable: nothing has been measured yet.
        """


class Stream(abc.ABC):
    """Bytes as they come, one reader at a time; must be closed."""

    @abc.abstractmethod
    def read(self) -> bytes:
        """Some bytes, as soon as there are any; b'' is the end.

        Takes no more from the engine than it returns, so a reader that is
        slow slows down the writer instead of filling memory.

        :raises EngineUnavailable: the engine went away.
        """

    @abc.abstractmethod
    def close(self) -> None:
        """Let go, from any thread; a `read` that waits ends. Idempotent."""

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[bytes]:
        while piece := self.read():
            yield piece


class Follow(Logs):
    @abc.abstractmethod
    def follow_logs(self, uuid: str, container: str, *,
                    tail: int | None = None, since: str | None = None,
                    timestamps: bool = False, follow: bool = True,
                    stream: int | None = None) -> Stream:
        """What `logs` returns, and then what is written, as it is written.

        Ends with the run of the container; a run that has ended is read to
        its end. A restart is another run. `follow` False: ends with what is
        there. `stream`: only what was written to STDOUT or STDERR; for
        drivers that have `SplitLogs`.

        :raises PodNotFound:
        :raises ContainerNotFound: as for `logs`.
        :raises NotSupported: the engine keeps both streams as one.
        """


class Output(typing.NamedTuple):
    """A piece of what a session writes. A terminal is all STDOUT."""
    stream: int
    data: bytes


STDOUT, STDERR = 1, 2


class Session(abc.ABC):
    """A conversation with a process: one reader, one writer, any closer.

    Bytes arrive as they were written. `tty`: it has a terminal, which echoes
    and translates as terminals do.
    """
    tty: bool

    @abc.abstractmethod
    def read(self) -> Output | None:
        """The next output, as soon as there is any; None is the end.

        Reads no further ahead than it returns, as `Stream.read`.

        :raises EngineUnavailable: the engine went away.
        """

    @abc.abstractmethod
    def write(self, data: bytes) -> None:
        """Input for the process; waits while it takes none.

        Where the process has no (open) standard input, or the session has
        ended, it is dropped.

        :raises EngineUnavailable: the engine went away.
        """

    @abc.abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Tell the terminal its size in characters; nothing without one.

        :raises EngineUnavailable: the engine went away.
        """

    @abc.abstractmethod
    def exit_code(self) -> int | None:
        """After the end: the process' exit code; None: it is not known, or
        the process has not ended."""

    @abc.abstractmethod
    def close(self) -> None:
        """End the session, from any thread; a `read` that waits ends.

        A command that still runs is hung up on, as far as the engine can;
        a container's own process goes on. Idempotent.
        """

    def __enter__(self) -> typing.Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Attach(abc.ABC):
    @abc.abstractmethod
    def attach(self, uuid: str, container: str) -> Session:
        """Join a container's own process: what it writes from now on.

        Input reaches it where the container has `stdin`. `tty` is the
        container's. Any number may be attached.

        :raises PodNotFound:
        :raises ContainerNotFound:
        :raises Conflict: the container does not run.
        """


class ExecInteractive(Exec):
    @abc.abstractmethod
    def open_exec(self, uuid: str, container: str, command: tuple[str, ...],
                  *, tty: bool) -> Session:
        """Begin a command in a running container and converse with it.

        A command that cannot be started ends with 126 or 127; what it says
        of that is output.

        :raises PodNotFound:
        :raises ContainerNotFound:
        :raises Conflict: the container does not run.
        """


class Archive(Stream):
    """A tar archive as it is being made, and what it is of."""
    info: 'FileInfo'


@dataclasses.dataclass(frozen=True, slots=True)
class FileInfo:
    """A file as an archive describes it. `mode`: POSIX's st_mode."""
    name: str
    size: int
    mode: int
    mtime: str                          # RFC 3339
    link_target: str = ''


class Copy(abc.ABC):
    """Files in and out, as tar archives of any size.

    An engine may need the container to run; then what does not is a
    Conflict.
    """

    @abc.abstractmethod
    def get_archive(self, uuid: str, container: str, path: str) -> Archive:
        """The file or directory at an absolute path.

        The names in the archive begin with the last part of `path`.

        :raises PodNotFound:
        :raises ContainerNotFound:
        :raises NotFound: nothing is at `path`.
        :raises Conflict: the container cannot be read from now.
        """

    @abc.abstractmethod
    def put_archive(self, uuid: str, container: str, path: str,
                    data: Iterator[bytes]) -> None:
        """Unpack an archive into the existing directory at `path`.

        Takes from `data` as it unpacks, and raises what that raises. What
        was unpacked before a failure stays.

        :raises PodNotFound:
        :raises ContainerNotFound:
        :raises NotFound: nothing is at `path`.
        :raises Invalid: `path` is no directory, or `data` no tar archive.
        :raises Conflict: the container cannot be written to.
        """


class Prepare(abc.ABC):
    @abc.abstractmethod
    def prepare_pod(self, pod: Pod) -> status.ObservedPod:
        """Bring the pod as near to being started as can be, and no nearer.

        As `ensure_pod`; the phase is Created once nothing is left to do. An
        engine without this has nothing of a pod that was never started.

        Who has this has plain containers (`Pod.plain`): stopped and started
        they keep their files, all of `Plain` is honoured, and only `made`
        makes them anew.
        """


class Pause(abc.ABC):
    @abc.abstractmethod
    def pause_pod(self, pod: Pod) -> status.ObservedPod:
        """Freeze the processes of a pod that runs; `ensure_pod` thaws them.

        The phase is then Paused. A pod that does not run is left as it is,
        and a pod that is frozen stays so. Stopping and deleting it thaws.

        :raises PodNotFound: the engine has nothing of it.
        """


class Signal(abc.ABC):
    @abc.abstractmethod
    def signal(self, uuid: str, container: str, signal: str) -> None:
        """Send a signal to a container's first process.

        `signal`: its POSIX name with SIG in front, SIGTERM.

        :raises PodNotFound:
        :raises ContainerNotFound:
        :raises Conflict: the container does not run.
        """


class Update(abc.ABC):
    @abc.abstractmethod
    def update(self, uuid: str, container: str, *, cpu_millis: int | None,
               memory_bytes: int | None) -> None:
        """Change what a container that is made gets, while it goes on.

        `cpu_millis` is its share (a request), `memory_bytes` its limit;
        None leaves what there is. A container that is made anew gets what
        its spec says.

        :raises PodNotFound:
        :raises ContainerNotFound: also: it is not made yet.
        :raises Conflict: the engine refuses, as where it uses more.
        """


@dataclasses.dataclass(frozen=True, slots=True)
class HeldImage:
    """An image that an engine holds. `size` in bytes."""
    id: str                             # sha256:...
    size: int


class Images(abc.ABC):
    """The images that an engine holds, whether a pod needs them or not."""

    @abc.abstractmethod
    def pull_image(self, image: str) -> HeldImage:
        """Fetch an image, however long it takes; holding it is success.

        :raises Invalid: it cannot be had; the message says why.
        """

    @abc.abstractmethod
    def remove_image(self, image: str) -> None:
        """Let go of a name; what no name leads to goes. Absent is success.

        :raises Conflict: containers use it.
        """

    @abc.abstractmethod
    def search_images(self, term: str) -> list[dict[str, typing.Any]]:
        """What the engine's index of images finds, the best first.

        {'name', 'description', 'is_official', 'star_count'}

        :raises Unavailable: the index does not answer.
        """


class Commit(abc.ABC):
    @abc.abstractmethod
    def commit(self, uuid: str, container: str, repository: str,
               tag: str) -> str:
        """Make an image of a container's files as they are now; its id.

        On the engine alone, as `repository:tag`; one that had the name loses
        it. Volumes are not part of it. A container that runs is frozen
        meanwhile. Takes as long as it takes.

        :raises PodNotFound:
        :raises ContainerNotFound: also: it is not made yet.
        :raises Invalid: an image cannot be called so.
        :raises Conflict: the container cannot be read from now, or the
            engine failed over it.
        """


class Networks(abc.ABC):
    """Networks that projects make: the one subnet, kept apart from others.

    A pod that is made joins exactly those that its `plain.networks` names;
    None: its project's own. A network is made with the first pod that joins
    it on the engine, and removed with the last.
    """

    @abc.abstractmethod
    def join_networks(self, pod: Pod) -> None:
        """Bring what is made of a pod onto the networks it is to be on now,
        and off all others, while it goes on.

        What is not made yet joins them when it is.

        :raises Conflict: an address or a subnet is taken.
        """


GROUPS: Mapping[states.Action, type] = {
    states.Action.LOGS: Logs, states.Action.SPLIT_LOGS: SplitLogs,
    states.Action.FOLLOW: Follow,
    states.Action.EXEC: Exec,
    states.Action.EXEC_INTERACTIVE: ExecInteractive,
    states.Action.ATTACH: Attach, states.Action.COPY: Copy,
    states.Action.TOP: Top, states.Action.STATS: Stats,
    states.Action.PREPARE: Prepare,
    states.Action.PAUSE: Pause, states.Action.SIGNAL: Signal,
    states.Action.RESIZE: Update, states.Action.COMMIT: Commit,
    states.Action.IMAGES: Images, states.Action.NETWORKS: Networks}


def capabilities(driver: PodDriver) -> frozenset[str]:
    """What a driver can do: `action:<name>` for groups, `spec.…` for fields.

    Derived from what it implements, less what its engine lacks now, so it
    cannot promise what it does not have.
    """
    actions = {f'action:{action}' for action, group in GROUPS.items()
               if isinstance(driver, group)}
    return (frozenset(actions) | driver.fields) - driver.lacking()
