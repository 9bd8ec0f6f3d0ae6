"""The programs of a simulated container: the small end of busybox.

Each is a generator `(shell, arguments, streams)` that returns an exit code.
An option that is not simulated is an error of the program, never ignored.
"""
import errno
import fnmatch
import posixpath
import re
import time
import typing
from collections.abc import Callable
from collections.abc import Generator

from zun_lite.drivers.fake import files

Steps = Generator[float | None, None, int]
Command = Callable[..., Steps]

TABLE: dict[str, Command] = {}


def program(*names: str) -> Callable[[Command], Command]:
    """Registers a generator function as a program."""
    def register(function: Command) -> Command:
        TABLE.update(dict.fromkeys(names, function))
        return function
    return register


def simple(*names: str) -> Callable[[Callable[..., int]], Command]:
    """Registers a plain function as a program that ends at once."""
    def register(function: Callable[..., int]) -> Command:
        def steps(*args: typing.Any) -> Steps:
            yield from ()
            return function(*args)
        return program(*names)(steps)
    return register


def options(args: tuple[str, ...], flags: str = '', valued: str = '',
            ) -> tuple[dict[str, str], list[str]]:
    """({letter: value or ''}, operands), as getopt would.

    :raises OSError: an option that is not simulated.
    """
    found: dict[str, str] = {}
    rest = list(args)
    while rest and rest[0].startswith('-') and rest[0] != '-':
        word = rest.pop(0)
        if word == '--':
            break
        for at, letter in enumerate(word[1:], 1):
            if letter in flags:
                found[letter] = ''
            elif letter in valued:
                found[letter] = word[at + 1:] or (rest.pop(0) if rest else '')
                break
            else:
                raise OSError(errno.EINVAL, 'option is not simulated', word)
    return found, rest


@simple('true', ':')
def true(shell, args, streams) -> int:
    return 0


@simple('false')
def false(shell, args, streams) -> int:
    return 1


@simple('echo')
def echo(shell, args, streams) -> int:
    end = b'\n'
    if args[:1] == ('-n',):
        args, end = args[1:], b''
    streams.out(' '.join(args).encode() + end)
    return 0


@simple('printf')
def printf(shell, args, streams) -> int:
    values = iter(args[1:])
    text = re.sub(r'%[sd]', lambda m: next(values, ''), args[0])
    streams.out(text.encode().decode('unicode_escape').encode(
        'latin-1'))
    return 0


@program('sleep')
def sleep(shell, args, streams) -> Steps:
    units = {'s': 1, 'm': 60, 'h': 3600, 'd': 86400}
    seconds = 0.0
    for arg in args:
        if arg in ('inf', 'infinity'):
            arg = '1000000d'
        unit = units.get(arg[-1:])
        try:
            seconds += float(arg[:-1] if unit else arg) * (unit or 1)
        except ValueError:
            streams.err(f'sleep: invalid number \'{arg}\'\n'.encode())
            return 1
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield end
    return 0


@program('yes')
def yes(shell, args, streams) -> Steps:
    while True:
        streams.out(b'y\n' * 512)
        yield time.monotonic() + 0.01


def _inputs(shell, names, streams) -> bytes:
    if not names:
        return streams.stdin
    return b''.join(streams.stdin if name == '-'
                    else shell.place.view.read(shell.path(name))
                    for name in names)


@program('cat')
def cat(shell, args, streams) -> Steps:
    code = 0
    live = None if args else streams.live
    while live is not None:
        live.reader = shell.process
        streams.out(live.take())
        if live.closed:
            return 0
        yield None
    for name in args or ('-',):
        try:
            streams.out(_inputs(shell, (name,), streams))
        except OSError as exc:
            streams.err(f"cat: can't open '{name}': "
                        f'{exc.strerror}\n'.encode())
            code = 1
    return code


def _lines(data: bytes) -> list[bytes]:
    return data.splitlines(keepends=True)


def _count(args: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    if args and re.fullmatch(r'-\d+', args[0]):
        args = ('-n', args[0][1:], *args[1:])
    return options(args, flags='fq', valued='nc')


@simple('head')
def head(shell, args, streams) -> int:
    opts, names = _count(args)
    data = _inputs(shell, names, streams)
    if 'c' in opts:
        streams.out(data[:int(opts['c'])])
    else:
        streams.out(b''.join(_lines(data)[:int(opts.get('n', 10))]))
    return 0


@program('tail')
def tail(shell, args, streams) -> Steps:
    opts, names = _count(args)
    if names == ['/dev/zero']:          # keeps a line that never ends
        yield time.monotonic() + 0.05
        return (yield from shell.place.exhaust_memory(shell.process))
    data = _inputs(shell, names, streams)
    streams.out(b''.join(_lines(data)[-int(opts.get('n', 10)):]))
    while 'f' in opts:
        yield None
    return 0


@simple('wc')
def wc(shell, args, streams) -> int:
    opts, names = options(args, flags='lcw')
    data = _inputs(shell, names, streams)
    counts = {'l': data.count(b'\n'), 'w': len(data.split()), 'c': len(data)}
    shown = [str(counts[k]) for k in 'lwc' if k in opts or not opts]
    streams.out((' '.join(shown + names) + '\n').encode())
    return 0


@simple('grep')
def grep(shell, args, streams) -> int:
    opts, rest = options(args, flags='qcviEowF')
    if 'F' in opts:
        rest[0] = re.escape(rest[0])
    pattern = re.compile(rest[0], re.IGNORECASE if 'i' in opts else 0)
    lines = _inputs(shell, rest[1:], streams).decode().splitlines()
    found = [line for line in lines
             if bool(pattern.search(line)) != ('v' in opts)]
    if 'c' in opts:
        streams.out(f'{len(found)}\n'.encode())
    elif 'o' in opts:
        streams.out(''.join(f'{m[0]}\n' for line in found
                            for m in pattern.finditer(line)).encode())
    elif 'q' not in opts:
        streams.out(''.join(f'{line}\n' for line in found).encode())
    return int(not found)


@simple('cut')
def cut(shell, args, streams) -> int:
    opts, names = options(args, valued='df')
    index = int(opts['f']) - 1
    for line in _inputs(shell, names, streams).decode().splitlines():
        fields = line.split(opts.get('d', '\t'))
        streams.out((''.join(fields[index:index + 1]) + '\n').encode())
    return 0


@simple('seq')
def seq(shell, args, streams) -> int:
    first, last = (1, args[0]) if len(args) == 1 else args
    for number in range(int(first), int(last) + 1):
        streams.out(f'{number}\n'.encode())
    return 0


@simple('date')
def date(shell, args, streams) -> int:
    form = args[0][1:] if args else '%a %b %e %H:%M:%S UTC %Y'
    now = time.time()
    form = form.replace('%s', str(int(now)))
    streams.out((time.strftime(form, time.gmtime(now)) + '\n').encode())
    return 0


@simple('uname')
def uname(shell, args, streams) -> int:
    shown = {'-n': shell.place.hostname, '-s': 'Linux', '-m': 'x86_64',
             '-r': '6.1.0-fake'}
    streams.out((shown.get(args[0] if args else '-s', 'Linux')
                 + '\n').encode())
    return 0


@simple('hostname')
def hostname(shell, args, streams) -> int:
    options(args)
    streams.out(f'{shell.place.hostname}\n'.encode())
    return 0


# Files

@simple('touch')
def touch(shell, args, streams) -> int:
    for name in args:
        shell.place.view.write(shell.path(name), b'', shell.uid, append=True)
    return 0


@simple('tee')
def tee(shell, args, streams) -> int:
    for name in args:
        shell.place.view.write(shell.path(name), streams.stdin, shell.uid,
                               append=False)
    streams.out(streams.stdin)
    return 0


@simple('mkdir')
def mkdir(shell, args, streams) -> int:
    opts, names = options(args, flags='p')
    view = shell.place.view
    for name in names:
        path = shell.path(name)
        parts: list[str] = []
        while 'p' in opts and path != '/' and not view.exists(path):
            parts.insert(0, path)
            path = posixpath.dirname(path)
        for part in parts or ([] if 'p' in opts else [path]):
            view.mkdir(part, shell.uid)
    return 0


@simple('rm')
def rm(shell, args, streams) -> int:
    opts, names = options(args, flags='rf')
    for name in names:
        if 'f' in opts and not shell.place.view.exists(shell.path(name)):
            continue
        shell.place.view.remove(shell.path(name), shell.uid)
    return 0


@simple('mv', 'cp')
def cp(shell, args, streams) -> int:
    source, target = args
    view = shell.place.view
    view.write(shell.path(target), view.read(shell.path(source)), shell.uid,
               append=False)
    return 0


@simple('ls')
def ls(shell, args, streams) -> int:
    opts, names = options(args, flags='a1A')
    for name in names or ['.']:
        path = shell.path(name)
        if shell.place.view.is_dir(path):
            shown = list(shell.place.view.names(path))
        else:
            shell.place.view.file(path)
            shown = [name]
        streams.out(''.join(f'{n}\n' for n in shown).encode())
    return 0


@simple('stat')
def stat(shell, args, streams) -> int:
    opts, names = options(args, flags='L', valued='c')
    view = shell.place.view
    tell = {'%a': lambda path: f'{view.file(path).mode:o}',
            '%g': lambda path: str(view.group(path))}.get(opts.get('c', ''))
    if tell is None:
        raise OSError(errno.EINVAL, 'format is not simulated', 'stat')
    for name in names:
        streams.out(f'{tell(shell.path(name))}\n'.encode())
    return 0


@simple('readlink')
def readlink(shell, args, streams) -> int:
    opts, names = options(args, flags='f')
    link = shell.place.view.file(shell.path(names[0])).link
    if link is None:
        return 1
    streams.out(f'{link}\n'.encode())
    return 0


@simple('dd')
def dd(shell, args, streams) -> int:
    given = dict(arg.split('=', 1) for arg in args)
    sizes = {'k': 2**10, 'K': 2**10, 'M': 2**20, 'G': 2**30}
    block = given.get('bs', '512')
    size = int(block.rstrip('kKMG')) * sizes.get(block[-1], 1)
    data = bytes(size * int(given['count']))
    if given.get('if') not in ('/dev/zero', None):
        raise files.error(errno.ENOENT, given['if'])
    if 'of' in given:
        shell.place.view.write(shell.path(given['of']), data, shell.uid,
                               append=False)
    else:
        streams.out(data)
    return 0


@simple('mount')
def mount(shell, args, streams) -> int:
    for line in shell.place.view.read('/proc/mounts').decode().splitlines():
        what, where, kind, opts = line.split()[:4]
        streams.out(f'{what} on {where} type {kind} ({opts})\n'.encode())
    return 0


@simple('test', '[')
def test(shell, args, streams) -> int:
    words = [a for a in args if a != ']'] if args[-1:] == (']',) else [*args]
    negate = words[:1] == ['!']
    return int(_test(shell, words[negate:]) == negate)


def _test(shell, words: list[str]) -> bool:
    view = shell.place.view
    match words:
        case []:
            return False
        case [word]:
            return bool(word)
        case ['-n', word]:
            return bool(word)
        case ['-z', word]:
            return not word
        case ['-t', '0' | '1' | '2']:
            return shell.place.terminal
        case ['-e' | '-r', name]:
            return view.exists(shell.path(name))
        case ['-f', name]:
            path = shell.path(name)
            return view.exists(path) and not view.is_dir(path)
        case ['-d', name]:
            return view.is_dir(shell.path(name))
        case ['-s', name]:
            path = shell.path(name)
            return view.exists(path) and bool(view.read(path))
        case [left, '=' | '==', right]:
            return left == right
        case [left, '!=', right]:
            return left != right
        case [left, operator, right]:
            numbers = int(left), int(right)
            return {'-eq': numbers[0] == numbers[1],
                    '-ne': numbers[0] != numbers[1],
                    '-lt': numbers[0] < numbers[1],
                    '-le': numbers[0] <= numbers[1],
                    '-gt': numbers[0] > numbers[1],
                    '-ge': numbers[0] >= numbers[1]}[operator]
    raise OSError(errno.EINVAL, 'condition is not simulated', ' '.join(words))


@simple('find')
def find(shell, args, streams) -> int:
    """find DIR [-name PATTERN]"""
    pattern = args[2] if args[1:2] == ('-name',) else '*'
    pending = [shell.path(args[0])]
    while pending:
        path = pending.pop(0)
        if fnmatch.fnmatch(posixpath.basename(path), pattern):
            streams.out(f'{path}\n'.encode())
        if shell.place.view.is_dir(path):
            pending += [posixpath.join(path, name)
                        for name in shell.place.view.names(path)]
    return 0
