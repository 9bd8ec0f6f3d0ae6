"""Simulated programs about processes, users, the environment and the net."""
import posixpath
import time
import typing
import urllib.parse
from collections.abc import Generator

from zun_lite.drivers.fake import control
from zun_lite.drivers.fake import loop
from zun_lite.drivers.fake import parser
from zun_lite.drivers.fake.commands import Command
from zun_lite.drivers.fake.commands import options
from zun_lite.drivers.fake.commands import program
from zun_lite.drivers.fake.commands import simple
from zun_lite.drivers.fake.commands import TABLE

Steps = Generator[float | None, None, int]


def find(name: str) -> Command | None:
    """The program of that name; those of `commands` included."""
    return TABLE.get(name)


@program('sh', 'ash')
def sh(shell, args, streams) -> Steps:
    """A child shell; a program with its own process."""
    if args[:1] != ('-c',):
        opts, rest = options(args, flags='si')
        if not rest and streams.live is not None:
            return (yield from _typed(shell, streams))
        source = streams.stdin.decode() if not rest else (
            shell.place.view.read(shell.path(rest[0])).decode())
        arguments = tuple(rest[1:])
    else:
        source, arguments = args[1], tuple(args[3:])
    child = shell.child()
    child.arguments = arguments
    process = shell.place.spawn(child, child.script(source, streams),
                                'sh -c ' + source, shell.process)
    while process.exit_code is None:
        yield None
    return process.exit_code


def _typed(shell, streams) -> Steps:
    """A shell that runs what somebody types."""
    shell.process.traps['INT'] = ''
    while True:
        line = yield from _line(shell, streams)
        if not line:
            return shell.status
        try:
            yield from shell.run(parser.parse(line.decode()), streams)
        except control.Exit as end:
            return end.code
        except parser.ShellSyntaxError as exc:
            streams.err(f'sh: syntax error: {exc}\n'.encode())


def _line(shell, streams) -> Generator[float | None, None, bytes]:
    streams.live.reader = shell.process
    while (line := streams.live.line()) is None:
        yield None
    return line


@program('read')
def read(shell, args, streams) -> Steps:
    opts, names = options(args, flags='r')
    line = b''
    if streams.live is not None:
        line = yield from _line(shell, streams)
    shell.env[names[-1] if names else 'REPLY'] = line.decode().rstrip('\n')
    return int(not line)


@simple('stty')
def stty(shell, args, streams) -> int:
    live = streams.live
    if live is None or not live.tty:
        streams.err(b'stty: standard input: Not a tty\n')
        return 1
    if args == ('size',):
        streams.out(f'{live.height} {live.width}\n'.encode())
    return 0


@simple('tty')
def tty(shell, args, streams) -> int:
    found = streams.live is not None and streams.live.tty
    streams.out(b'/dev/pts/0\n' if found else b'not a tty\n')
    return int(not found)


@simple('exit')
def exit_(shell, args, streams) -> int:
    raise control.Exit(int(args[0]) & 255 if args else shell.status)


@simple('break')
def break_(shell, args, streams) -> int:
    raise control.Jump(again=False)


@simple('continue')
def continue_(shell, args, streams) -> int:
    raise control.Jump(again=True)


@program('exec')
def exec_(shell, args, streams) -> Steps:
    shell.process.traps.clear()
    raise control.Exit((yield from shell.command(args, streams)))


@simple('trap')
def trap(shell, args, streams) -> int:
    action, *names = args
    for name in names:
        name = name.removeprefix('SIG')
        numbers = {str(v): k for k, v in loop.SIGNALS.items()}
        name = numbers.get(name, 'EXIT' if name == '0' else name)
        if action == '-':
            shell.process.traps.pop(name, None)
        else:
            shell.process.traps[name] = action
    return 0


@program('wait')
def wait(shell, args, streams) -> Steps:
    """Ends early when a trapped signal comes, with 128 + its number."""
    waited = [j for j in shell.jobs if not args or str(j.pid) in args]
    while any(j.exit_code is None for j in waited):
        if shell.process.pending:
            return 128 + loop.SIGNALS[shell.process.pending[0]]
        yield None
    return waited[-1].exit_code if args and waited else 0


@simple('kill')
def kill(shell, args, streams) -> int:
    name = 'TERM'
    if args[0] == '-s':
        name, args = args[1], args[2:]
    elif args[0].startswith('-'):
        name, args = args[0][1:], args[1:]
    numbers = {str(v): k for k, v in loop.SIGNALS.items()}
    name = numbers.get(name, name.removeprefix('SIG'))
    code = 0
    for pid in args:
        target = shell.place.process_of(int(pid))
        if target is None:
            streams.err(f"kill: can't kill pid {pid}: "
                        'No such process\n'.encode())
            code = 1
        elif not (name == 'KILL' and target.immune):
            shell.place.loop.signal(target, name)
    return code


@simple('ps')
def ps(shell, args, streams) -> int:
    streams.out(b'PID   USER     TIME  COMMAND\n')
    for process in shell.place.processes():
        pid = shell.place.seen_pid(process)
        streams.out(f'{pid:5} root      0:00 {process.title}\n'.encode())
    return 0


@simple('pidof')
def pidof(shell, args, streams) -> int:
    found = [str(shell.place.seen_pid(p)) for p in shell.place.processes()
             if posixpath.basename(p.title.split(' ')[0]) == args[0]]
    streams.out((' '.join(found) + '\n').encode() if found else b'')
    return int(not found)


@program('timeout')
def timeout(shell, args, streams) -> Steps:
    child = shell.child()
    process = shell.place.spawn(child, child.main(args[1:], streams),
                                ' '.join(args[1:]), shell.process)
    end = time.monotonic() + float(args[0])
    while process.exit_code is None and time.monotonic() < end:
        yield end
    shell.place.loop.kill(process, 143)
    return process.exit_code


# Environment and users

@program('env')
def env(shell, args, streams) -> Steps:
    if args and '=' not in args[0]:
        return (yield from shell.command(args, streams))
    return printenv_(shell, (), streams)


def printenv_(shell, names: typing.Sequence[str], streams) -> int:
    for name in names:
        if name not in shell.env:
            return 1
        streams.out(f'{shell.env[name]}\n'.encode())
    if not names:
        streams.out(''.join(f'{k}={v}\n' for k, v in shell.env.items()
                            if k != '!').encode())
    return 0


@simple('printenv')
def printenv(shell, args, streams) -> int:
    return printenv_(shell, args, streams)


@simple('export', 'local', 'readonly')
def export(shell, args, streams) -> int:
    for word in args:
        name, given, value = word.partition('=')
        if given:
            shell.env[name] = value
    return 0


@simple('unset')
def unset(shell, args, streams) -> int:
    for name in args:
        shell.env.pop(name, None)
    return 0


@simple('cd')
def cd(shell, args, streams) -> int:
    path = shell.path(args[0] if args else '/')
    if not shell.place.view.is_dir(path):
        streams.err(f"sh: cd: can't cd to {path}\n".encode())
        return 1
    shell.cwd = path
    return 0


@simple('pwd')
def pwd(shell, args, streams) -> int:
    streams.out(f'{shell.cwd}\n'.encode())
    return 0


@simple('id')
def id_(shell, args, streams) -> int:
    uid, gid = shell.place.uid, shell.place.gid
    groups = ' '.join(map(str, (gid, *shell.place.groups)))
    shown = {'-u': f'{uid}', '-g': f'{gid}', '-G': groups}
    streams.out((shown.get(args[0] if args else '',
                           f'uid={uid} gid={gid} groups={groups}')
                 + '\n').encode())
    return 0


@simple('whoami')
def whoami(shell, args, streams) -> int:
    if shell.place.uid:
        streams.err(f'whoami: unknown uid {shell.place.uid}\n'.encode())
        return 1
    streams.out(b'root\n')
    return 0


# Network

@program('httpd')
def httpd(shell, args, streams) -> Steps:
    """Serves files in the foreground (-f) on a port."""
    opts, _ = options(args, flags='fv', valued='ph')
    port = int(opts.get('p', '80').rpartition(':')[2])
    home, view = opts.get('h', shell.cwd), shell.place.view

    def answer(path: str) -> tuple[int, bytes]:
        full = posixpath.normpath(home + '/' + path)
        if view.is_dir(full):
            full = posixpath.join(full, 'index.html')
        if not view.exists(full):
            return 404, b''
        return 200, view.read(full)
    if not shell.place.network.listen(port, answer):
        streams.err(b'httpd: bind: Address already in use\n')
        return 1
    try:
        while True:
            yield None
    finally:
        shell.place.network.listeners.pop(port, None)


@program('nc')
def nc(shell, args, streams) -> Steps:
    """A listener that accepts, or a check that a port answers."""
    opts, rest = options(args, flags='lkz', valued='pwe')
    if 'l' not in opts:
        reached = shell.place.network.reach(rest[0], int(rest[1]))
        return int(reached is None)
    port = int(opts['p'])
    if not shell.place.network.listen(port, lambda path: (200, b'')):
        streams.err(b'nc: bind: Address already in use\n')
        return 1
    try:
        while True:
            yield None
    finally:
        shell.place.network.listeners.pop(port, None)


@program('wget')
def wget(shell, args, streams) -> Steps:
    opts, rest = options(args, flags='q', valued='OT')
    url = rest[0] if '//' in rest[0] else 'http://' + rest[0]
    parts = urllib.parse.urlsplit(url)
    yield time.monotonic() + 0.001
    answer = shell.place.network.reach(parts.hostname or '',
                                       parts.port or 80)
    if answer is None:
        streams.err(f"wget: can't connect to remote host "
                    f'({parts.hostname}): Connection refused\n'.encode())
        return 1
    status, body = answer(parts.path or '/')
    if status >= 400:
        streams.err(f'wget: server returned error: HTTP/1.1 '
                    f'{status}\n'.encode())
        return 1
    target = opts.get('O', '-')
    (streams.out if target == '-' else shell.write_to(target, '>'))(body)
    return 0
