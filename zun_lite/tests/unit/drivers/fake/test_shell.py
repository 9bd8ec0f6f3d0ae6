"""The simulated shell does what this machine's sh does."""
import subprocess
import unittest

from zun_lite.drivers.fake import files
from zun_lite.drivers.fake import instance
from zun_lite.drivers.fake import loop
from zun_lite.drivers.fake import network
from zun_lite.drivers.fake import parser
from zun_lite.drivers.fake import shell
from zun_lite.pod import spec

SCRIPTS = r"""
echo a b   c
echo 'a  b' "c  d" e\ f
echo "a'b" 'c"d'
echo -n x; echo y
true && echo yes || echo no
false && echo yes || echo no
! true; echo $?
A=1; echo $A ${A} "$A" '$A'
A='x  y'; echo $A; echo "$A"
echo "[${NONE}]" [${NONE:-word}]
A=1 B=2; echo $A$B
A=1 env | grep ^A=
echo $((1 + 2)) $((7 - 10))
N=3; N=$((N + 1)); echo $N
echo $(echo inner $(echo deep))
echo "$(printf 'a\nb')" $(printf 'a\nb')
if true; then echo then; else echo else; fi
if false; then echo 1; elif true; then echo 2; else echo 3; fi
if [ 1 -lt 2 ] && [ a = a ]; then echo both; fi
test -z "" && echo empty; test -n x && echo full
[ ! -f /nonexistent ] && echo none
for i in 1 2 3; do echo $i; done
for i in $(seq 1 5); do if [ $i = 3 ]; then break; fi; echo $i; done
for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done
i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo $i; done
i=0; until [ $i -ge 2 ]; do i=$((i+1)); done; echo $i
printf 'a\nb\nc\n' | grep b
printf 'a\nb\nc\n' | head -n 2 | tail -n 1
printf 'a\nb\n' | while true; do echo once; break; done
(echo sub; exit 3); echo $?
A=1; (A=2; echo $A); echo $A
{ echo one; echo two; } | wc -l | grep -o 2
echo out; echo err >&2
echo gone > /dev/null; echo here
echo err 2>&1 >&2
sh -c 'exit 4'; echo $?
sh -c 'echo $1 $2' name x y
exit 7
(exit 2) || exit 5
true; exit
nonexistent-program 2>/dev/null; echo $?
trap 'echo bye' EXIT; echo hi
trap 'echo got' TERM; kill -TERM $$; echo after
sleep 0 & wait; echo waited
(exit 3) & wait $!; echo $?
# a comment
echo a#b # c
echo a;echo b
exec echo replaced; echo never
unset A; A=x; unset A; echo "[$A]"
export A=1; sh -c 'echo $A'
cd /; pwd
printf '%s-%s\n' a b
echo "a\"b" "c\$d"
echo a && echo b; false || echo c
printf 'a:b:c\n' | cut -d: -f2
""".strip().splitlines()

BROKEN = ('if true; then', 'echo "open', 'for', ')', 'echo $(', 'a && ')


class Simulated:
    """Runs scripts in a container of their own."""

    def __init__(self) -> None:
        self.loop = loop.Loop()

    def run(self, script: str) -> tuple[int, str, str]:
        root = files.Tree()
        root.mkdirs('/tmp')
        place = instance.Instance(
            self.loop, spec.Container(name='c', image='i'), 'c',
            network.PodNetwork(),
            files.View([files.Mount('/', root)]), 0, 0, [])
        place.siblings.append(place)
        out, err = bytearray(), bytearray()
        process = place.launch(('sh', '-c', script), shell.Streams(
            b'', out.extend, err.extend))
        with self.loop.lock:
            self.loop.changed.wait_for(
                lambda: process.exit_code is not None, 5)
        code = -1 if process.exit_code is None else process.exit_code
        return code, out.decode(), err.decode()


class TestShell(unittest.TestCase):
    def test_as_the_real_one(self):
        simulated = Simulated()
        for script in SCRIPTS:
            with self.subTest(script=script):
                real = subprocess.run(['sh', '-c', script], timeout=10,
                                      capture_output=True, text=True,
                                      stdin=subprocess.DEVNULL)
                self.assertEqual(
                    (real.returncode, real.stdout, real.stderr),
                    simulated.run(script))

    def test_files(self):
        code, out, _ = Simulated().run(
            'echo a > /tmp/x; echo b >> /tmp/x; cat < /tmp/x; '
            'mkdir -p /tmp/d/e; touch /tmp/d/f; ls /tmp/d; rm -r /tmp/d; '
            'test -d /tmp/d || echo gone')
        self.assertEqual((0, 'a\nb\ne\nf\ngone\n'), (code, out))

    def test_what_it_cannot_read_is_an_error(self):
        for script in BROKEN:
            with self.subTest(script=script):
                with self.assertRaises(parser.ShellSyntaxError):
                    parser.parse(script)
                code, _, err = Simulated().run(script)
                self.assertEqual(2, code)
                self.assertIn('syntax error', err)

    def test_a_process_that_kills_itself(self):
        simulated = Simulated()
        for signal, code in (('KILL', 137), ('TERM', 143)):
            self.assertEqual((code, 'a\n', ''), simulated.run(
                f'echo a; kill -{signal} $$; echo b'))
        self.assertEqual((0, 'on\n', ''), simulated.run('echo on'))

    def test_options_that_are_not_simulated_are_errors(self):
        code, _, err = Simulated().run('ls --colour /tmp')
        self.assertEqual(1, code)
        self.assertIn('not simulated', err)
