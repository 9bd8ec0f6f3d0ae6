"""The part of the shell language that the simulated containers speak.

Lists (; & && || newline), pipelines, `!`, ( ), { }, if, while, until, for,
redirections (> >> < n>&m), quotes, $X ${X} ${X:-word} $? $$ $! $(..), $((..)).
Anything else is a syntax error, never ignored.
"""
import dataclasses
import re
import typing

KEYWORDS = frozenset({'if', 'then', 'elif', 'else', 'fi', 'while', 'until',
                      'for', 'in', 'do', 'done', '{', '}', '!'})
OPERATORS = ('&&', '||', ';', '&', '|', '(', ')', '\n')
_REDIRECT = re.compile(r'(\d?)(>>|>&|>|<)')
_VARIABLE = re.compile(r'\$(?:(\w+|[?$!#@*])|\{(\w+|[?$!#])(?::-([^}]*))?\})')


class ShellSyntaxError(Exception):
    pass


class Part(typing.NamedTuple):
    """kind: text, var, command or sum. `quoted`: no splitting into fields."""
    kind: str
    value: str
    quoted: bool
    default: str = ''


Word = tuple[Part, ...]


class Redirect(typing.NamedTuple):
    fd: int
    mode: str                  # > >> < >&
    target: Word


class Token(typing.NamedTuple):
    kind: str                  # op, word or redirect
    text: str                  # the operator; a plain word's text, or ''
    word: Word = ()
    redirect: tuple[int, str] = (1, '')


@dataclasses.dataclass(frozen=True)
class Simple:
    assigns: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclasses.dataclass(frozen=True)
class Compound:
    """kind: pipe, not, and, or, list, background, group, subshell, if,
    while, until. `for` has its variable and words too."""
    kind: str
    nodes: tuple['Node', ...]
    redirects: tuple[Redirect, ...] = ()
    name: str = ''
    words: tuple[Word, ...] = ()


Node = Simple | Compound


def parse(source: str) -> Node:
    """:raises ShellSyntaxError:"""
    return _Parser(list(_tokens(source))).whole()


def _tokens(source: str) -> typing.Iterator[Token]:
    at = 0
    while at < len(source):
        if source[at] in ' \t':
            at += 1
        elif source.startswith('\\\n', at):
            at += 2
        elif source[at] == '#':
            end = source.find('\n', at)
            at = len(source) if end < 0 else end
        elif found := _REDIRECT.match(source, at):
            fd, mode = found.groups()
            default = 0 if mode == '<' else 1
            yield Token('redirect', mode, (),
                        (int(fd) if fd else default, mode))
            at = found.end()
        elif op := next((o for o in OPERATORS if source.startswith(o, at)),
                        None):
            yield Token('op', op)
            at += len(op)
        else:
            start = at
            word, at = _word(source, at)
            plain = source[start:at]
            yield Token('word', plain, word)


def _word(source: str, at: int) -> tuple[Word, int]:
    parts: list[Part] = []
    while at < len(source) and source[at] not in ' \t\n;&|()<>':
        char = source[at]
        if char == "'":
            end = _find(source, "'", at + 1)
            parts.append(Part('text', source[at + 1:end], True))
            at = end + 1
        elif char == '"':
            at = _double(source, at + 1, parts)
        elif char == '\\':
            parts.append(Part('text', source[at + 1:at + 2], True))
            at += 2
        elif char == '$':
            at = _dollar(source, at, parts, quoted=False)
        else:
            parts.append(Part('text', char, False))
            at += 1
    return tuple(parts), at


def _double(source: str, at: int, parts: list[Part]) -> int:
    parts.append(Part('text', '', True))
    while True:
        if at >= len(source):
            raise ShellSyntaxError('unterminated quoted string')
        char = source[at]
        if char == '"':
            return at + 1
        if char == '\\' and source[at + 1:at + 2] in ('"', '$', '\\', '`'):
            parts.append(Part('text', source[at + 1], True))
            at += 2
        elif char == '$':
            at = _dollar(source, at, parts, quoted=True)
        else:
            parts.append(Part('text', char, True))
            at += 1


def _dollar(source: str, at: int, parts: list[Part], quoted: bool) -> int:
    if source.startswith('$((', at):
        end = _find(source, '))', at)
        parts.append(Part('sum', source[at + 3:end], quoted))
        return end + 2
    if source.startswith('$(', at):
        end = _closing(source, at + 2)
        parts.append(Part('command', source[at + 2:end], quoted))
        return end + 1
    found = _VARIABLE.match(source, at)
    if found is None:
        parts.append(Part('text', '$', quoted))
        return at + 1
    parts.append(Part('var', found[1] or found[2], quoted, found[3] or ''))
    return found.end()


def _find(source: str, what: str, at: int) -> int:
    end = source.find(what, at)
    if end < 0:
        raise ShellSyntaxError(f'{what} expected')
    return end


def _closing(source: str, at: int) -> int:
    """Where the parenthesis that opened before `at` closes."""
    depth, quote = 1, ''
    for index in range(at, len(source)):
        char = source[index]
        if quote:
            quote = '' if char == quote else quote
        elif char in '\'"':
            quote = char
        elif char in '()':
            depth += 1 if char == '(' else -1
            if not depth:
                return index
    raise ShellSyntaxError(') expected')


_ASSIGN = re.compile(r'^([A-Za-z_]\w*)=')


class _Parser:
    def __init__(self, tokens: list[Token]):
        self.tokens, self.at = tokens, 0

    def whole(self) -> Node:
        node = self.list_(())
        if self.at < len(self.tokens):
            raise ShellSyntaxError(
                f'unexpected {self.tokens[self.at].text!r}')
        return node

    def peek(self, *texts: str) -> bool:
        return (self.at < len(self.tokens)
                and self.tokens[self.at].text in texts
                and self.tokens[self.at].kind != 'redirect')

    def expect(self, text: str) -> None:
        if not self.peek(text):
            raise ShellSyntaxError(f'{text!r} expected')
        self.at += 1

    def list_(self, ends: tuple[str, ...]) -> Node:
        nodes: list[Node] = []
        while True:
            while self.peek(';', '\n'):
                self.at += 1
            if self.at >= len(self.tokens) or self.peek(')', *ends):
                return Compound('list', tuple(nodes))
            node = self.and_or()
            if self.peek('&'):
                self.at += 1
                node = Compound('background', (node,))
            elif not (self.at >= len(self.tokens)
                      or self.peek(';', '\n', ')', *ends)):
                raise ShellSyntaxError(
                    f'unexpected {self.tokens[self.at].text!r}')
            nodes.append(node)

    def and_or(self) -> Node:
        node = self.pipeline()
        while self.peek('&&', '||'):
            kind = 'and' if self.peek('&&') else 'or'
            self.at += 1
            while self.peek('\n'):
                self.at += 1
            node = Compound(kind, (node, self.pipeline()))
        return node

    def pipeline(self) -> Node:
        if self.peek('!'):
            self.at += 1
            return Compound('not', (self.pipeline(),))
        nodes = [self.command()]
        while self.peek('|'):
            self.at += 1
            nodes.append(self.command())
        return nodes[0] if len(nodes) == 1 else Compound('pipe', tuple(nodes))

    def command(self) -> Node:
        for opening, parse_it in (('if', self.if_), ('while', self.loop),
                                  ('until', self.loop), ('for', self.for_),
                                  ('(', self.group), ('{', self.group)):
            if self.peek(opening):
                node = parse_it()
                return dataclasses.replace(node, redirects=self.redirects())
        return self.simple()

    def if_(self) -> Compound:
        self.at += 1
        condition = self.list_(('then',))
        self.expect('then')
        then = self.list_(('elif', 'else', 'fi'))
        if self.peek('elif'):
            return Compound('if', (condition, then, self.if_()))
        if self.peek('else'):
            self.at += 1
            otherwise = self.list_(('fi',))
        else:
            otherwise = Compound('list', ())
        self.expect('fi')
        return Compound('if', (condition, then, otherwise))

    def loop(self) -> Compound:
        kind = self.tokens[self.at].text
        self.at += 1
        condition = self.list_(('do',))
        return Compound(kind, (condition, self.body()))

    def body(self) -> Node:
        self.expect('do')
        body = self.list_(('done',))
        self.expect('done')
        return body

    def for_(self) -> Compound:
        self.at += 1
        self.word()
        name = self.tokens[self.at - 1].text
        self.expect('in')
        words = []
        while self.at < len(self.tokens) and not self.peek(';', '\n'):
            words.append(self.word())
        self.at += 1
        return Compound('for', (self.body(),), (), name, tuple(words))

    def group(self) -> Compound:
        brace = self.peek('{')
        self.at += 1
        end = '}' if brace else ')'
        node = self.list_((end,))
        self.expect(end)
        return Compound('group' if brace else 'subshell', (node,))

    def word(self) -> Word:
        if (self.at >= len(self.tokens)
                or self.tokens[self.at].kind != 'word'):
            raise ShellSyntaxError('word expected')
        self.at += 1
        return self.tokens[self.at - 1].word

    def redirects(self) -> tuple[Redirect, ...]:
        found = []
        while (self.at < len(self.tokens)
               and self.tokens[self.at].kind == 'redirect'):
            fd, mode = self.tokens[self.at].redirect
            self.at += 1
            found.append(Redirect(fd, mode, self.word()))
        return tuple(found)

    def simple(self) -> Simple:
        assigns: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while self.at < len(self.tokens) and not self.peek(*OPERATORS):
            token = self.tokens[self.at]
            if token.kind == 'redirect':
                redirects += self.redirects()
                continue
            self.at += 1
            found = None if words else _ASSIGN.match(token.text)
            if found:
                assigns.append((found[1], _drop(token.word, found.end())))
            else:
                words.append(token.word)
        if not (assigns or words or redirects):
            raise ShellSyntaxError('command expected')
        return Simple(tuple(assigns), tuple(words), tuple(redirects))


def _drop(word: Word, count: int) -> Word:
    """Without `NAME=`, whose letters are one part each."""
    return word[count:]
