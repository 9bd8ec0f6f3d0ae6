"""Runs what `parser` understands as steps of a simulated process."""
import posixpath
import re
import time
import typing
from collections.abc import Callable
from collections.abc import Generator

from zun_lite.drivers.fake import control
from zun_lite.drivers.fake import loop
from zun_lite.drivers.fake import parser
from zun_lite.drivers.fake import processes
from zun_lite.drivers.fake import terminal

Steps = Generator[float | None, None, int]
Write = Callable[[bytes], None]


class Streams(typing.NamedTuple):
    """`live`: input that is typed while the process runs."""
    stdin: bytes
    out: Write
    err: Write
    live: terminal.Input | None = None


class Shell:
    """One shell. `place` is the container: what commands see of the world.

    Commands are found in `processes.find`; each gets the shell, its arguments
    and its streams, and yields moments to wait for, as processes do.
    """

    def __init__(self, place: typing.Any, env: dict[str, str], cwd: str,
                 uid: int):
        self.place, self.env, self.cwd, self.uid = place, env, cwd, uid
        self.status = 0
        self.process: loop.Process = None        # type: ignore[assignment]
        self.jobs: list[loop.Process] = []
        self.arguments: tuple[str, ...] = ()

    def child(self) -> 'Shell':
        """A shell that begins where this one is."""
        return Shell(self.place, dict(self.env), self.cwd, self.uid)

    def path(self, path: str) -> str:
        return posixpath.normpath(posixpath.join(self.cwd, path)).replace(
            '//', '/')

    def write_to(self, path: str, mode: str) -> Write:
        where = self.path(path)
        view = self.place.view
        if mode == '>':
            view.write(where, b'', self.uid, append=False)
        else:
            view.write(where, b'', self.uid, append=True)
        return lambda data: view.write(where, data, self.uid, append=True)

    def main(self, argv: tuple[str, ...], streams: Streams) -> Steps:
        """A process that runs one command line and ends with its code."""
        try:
            return (yield from self.command(argv, streams))
        except control.Exit as end:
            return end.code

    def script(self, source: str, streams: Streams) -> Steps:
        """`sh -c source`, in this same process."""
        try:
            node = parser.parse(source)
        except parser.ShellSyntaxError as exc:
            streams.err(f'sh: syntax error: {exc}\n'.encode())
            return 2
        try:
            yield from self.run(node, streams)
        except control.Exit as end:
            self.status = end.code
        if (trap := self.process.traps.pop('EXIT', None)):
            code = self.status
            yield from self.run(parser.parse(trap), streams)
            return code
        return self.status

    # Commands

    def run(self, node: parser.Node, streams: Streams) -> Steps:
        if isinstance(node, parser.Simple):
            self.status = yield from self.simple(node, streams)
        else:
            if node.redirects:
                streams = self.redirect(node.redirects, streams)
            kind = getattr(self, '_' + node.kind.replace('for', 'for_each'))
            self.status = yield from kind(node, streams)
        yield from self.deliver(streams)
        return self.status

    def deliver(self, streams: Streams) -> Steps:
        """Run the traps of signals that came meanwhile."""
        if self.process.exit_code is not None:
            raise loop.Killed()
        while self.process.pending:
            name = self.process.pending.popleft()
            code = self.status
            action = self.process.traps.get(name)
            if action:
                yield from self.run(parser.parse(action), streams)
                self.status = code
        return self.status

    def simple(self, node: parser.Simple, streams: Streams) -> Steps:
        argv: list[str] = []
        for word in node.words:
            argv += yield from self.expand(word, streams)
        values = {}
        for name, word in node.assigns:
            values[name] = ' '.join(
                (yield from self.expand(word, streams, split=False)))
        try:
            streams = self.redirect(node.redirects, streams)
        except OSError as exc:
            streams.err(f'sh: can\'t open {exc.filename}: '
                        f'{exc.strerror}\n'.encode())
            return 1
        if not argv:
            self.env.update(values)
            return self.status if values else 0
        before = dict(self.env)
        self.env.update(values)
        try:
            return (yield from self.command(tuple(argv), streams))
        finally:
            if values:
                self.env = before

    def command(self, argv: tuple[str, ...], streams: Streams) -> Steps:
        name = posixpath.basename(argv[0])
        found = processes.find(name)
        if found is None:
            streams.err(f'sh: {argv[0]}: not found\n'.encode())
            return 127
        try:
            return (yield from found(self, argv[1:], streams))
        except OSError as exc:
            streams.err(f'{name}: {exc.filename}: {exc.strerror}\n'.encode())
            return 1

    def redirect(self, redirects: typing.Iterable[parser.Redirect],
                 streams: Streams) -> Streams:
        for fd, mode, word in redirects:
            target = ''.join(self._text(part) for part in word)
            if mode == '<':
                streams = streams._replace(
                    stdin=self.place.view.read(self.path(target)),
                    live=None)
                continue
            if mode == '>&':
                write = streams.err if target == '2' else streams.out
            else:
                write = self.write_to(target, mode)
            streams = (streams._replace(err=write) if fd == 2
                       else streams._replace(out=write))
        return streams

    # Compounds

    def _list(self, node: parser.Compound, streams: Streams) -> Steps:
        self.status = 0 if not node.nodes else self.status
        for child in node.nodes:
            yield from self.run(child, streams)
        return self.status

    _group = _list

    def _subshell(self, node: parser.Compound, streams: Streams) -> Steps:
        env, cwd = dict(self.env), self.cwd
        try:
            return (yield from self._list(node, streams))
        except control.Exit as end:
            return end.code
        finally:
            self.env, self.cwd = env, cwd

    def _not(self, node: parser.Compound, streams: Streams) -> Steps:
        return int(not (yield from self.run(node.nodes[0], streams)))

    def _and(self, node: parser.Compound, streams: Streams) -> Steps:
        code = yield from self.run(node.nodes[0], streams)
        return code or (yield from self.run(node.nodes[1], streams))

    def _or(self, node: parser.Compound, streams: Streams) -> Steps:
        code = yield from self.run(node.nodes[0], streams)
        return code and (yield from self.run(node.nodes[1], streams))

    def _if(self, node: parser.Compound, streams: Streams) -> Steps:
        condition, then, otherwise = node.nodes
        code = yield from self.run(condition, streams)
        return (yield from self.run(otherwise if code else then, streams))

    def _while(self, node: parser.Compound, streams: Streams) -> Steps:
        condition, body = node.nodes
        code = 0
        while (not (yield from self.run(condition, streams))) == (
                node.kind == 'while'):
            try:
                code = yield from self.run(body, streams)
            except control.Jump as jump:
                if not jump.again:
                    break
            yield time.monotonic() + 0.001       # never starve the others
        return code

    _until = _while

    def _for_each(self, node: parser.Compound, streams: Streams) -> Steps:
        code = 0
        for word in node.words:
            for value in (yield from self.expand(word, streams)):
                self.env[node.name] = value
                try:
                    code = yield from self.run(node.nodes[0], streams)
                except control.Jump as jump:
                    if not jump.again:
                        return 0
        return code

    def _pipe(self, node: parser.Compound, streams: Streams) -> Steps:
        """One after the other: what each writes is the next one's input."""
        stdin = streams.stdin
        for child in node.nodes[:-1]:
            buffer = bytearray()
            yield from self.run(child, Streams(stdin, buffer.extend,
                                               streams.err))
            stdin = bytes(buffer)
        return (yield from self.run(node.nodes[-1],
                                    streams._replace(stdin=stdin,
                                                     live=None)))

    def _background(self, node: parser.Compound, streams: Streams) -> Steps:
        child = self.child()
        job = self.place.spawn(
            child, child.job(node.nodes[0], streams), 'sh', self.process)
        self.jobs.append(job)
        self.env['!'] = str(job.pid)
        yield from ()
        return 0

    def job(self, node: parser.Node, streams: Streams) -> Steps:
        try:
            return (yield from self.run(node, streams))
        except control.Exit as end:
            return end.code

    # Words

    def expand(self, word: parser.Word, streams: Streams,
               split: bool = True) -> Generator[float | None, None,
                                                list[str]]:
        fields, text, seen = [], '', False
        for part in word:
            if part.kind == 'command':
                value = yield from self._substitute(part.value, streams)
            else:
                value = self._text(part)
            if part.quoted or part.kind == 'text' or not split:
                text, seen = text + value, True
                continue
            pieces = re.split(r'\s+', value)
            text, seen = text + pieces[0], seen or bool(pieces[0])
            for piece in pieces[1:]:
                if seen:
                    fields.append(text)
                text, seen = piece, bool(piece)
        return [*fields, text] if seen or not split else fields

    def _substitute(self, source: str, streams: Streams,
                    ) -> Generator[float | None, None, str]:
        buffer = bytearray()
        inner = self.child()
        inner.process, inner.status = self.process, self.status
        try:
            yield from inner.run(parser.parse(source), streams._replace(
                out=buffer.extend))
        except control.Exit as end:
            inner.status = end.code
        self.status = inner.status
        return buffer.decode(errors='replace').rstrip('\n')

    def _text(self, part: parser.Part) -> str:
        if part.kind == 'text':
            return part.value
        if part.kind == 'sum':
            return str(self._sum(part.value))
        special = {'?': str(self.status), '#': str(len(self.arguments)),
                   '$': str(self.place.seen_pid(self.process)),
                   '@': ' '.join(self.arguments),
                   '*': ' '.join(self.arguments)}
        if part.value in special:
            return special[part.value]
        if part.value.isdigit():
            index = int(part.value)
            return ('sh', *self.arguments, *[''] * 9)[min(index, 9)]
        return self.env.get(part.value) or part.default

    def _sum(self, expression: str) -> int:
        text = re.sub(r'\$?([A-Za-z_]\w*)',
                      lambda m: self.env.get(m[1]) or '0', expression)
        total = 0
        for sign, number in re.findall(r'([-+]?)\s*(\d+)', text):
            total += -int(number) if sign == '-' else int(number)
        return total
