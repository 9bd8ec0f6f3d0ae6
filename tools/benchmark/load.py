"""Load on an HTTP service: wrk for rates, a polling client for waits."""
import http.client
import json
import pathlib
import re
import subprocess
import tempfile
import time
import typing
import urllib.parse

UNITS = {'us': 0.001, 'ms': 1.0, 's': 1000.0, 'm': 60_000.0}


class Rate(typing.NamedTuple):
    """What wrk measured: requests per second, latencies in milliseconds."""
    per_s: float
    p50_ms: float
    p99_ms: float
    bad: int


def wrk(url: str, headers: dict[str, str], *, clients: int,
        seconds: int = 8, body: str | None = None,
        content_type: str = 'application/json') -> Rate:
    """Closed loop of `clients` connections; a POST where there is a body.

    `%d` in the body becomes a number that no other request has.
    """
    with tempfile.TemporaryDirectory() as scratch:
        script = pathlib.Path(scratch, 'load.lua')
        script.write_text(_lua(headers, body, content_type))
        done = subprocess.run(
            ['wrk', f'-t{min(clients, 2)}', f'-c{clients}', f'-d{seconds}s',
             '--latency', '--timeout', '30s', '-s', str(script), url],
            capture_output=True, text=True, check=True)
    return _parsed(done.stdout)


def _lua(headers: dict[str, str], body: str | None,
         content_type: str) -> str:
    lines = [f'wrk.headers[{json.dumps(k)}] = {json.dumps(v)}'
             for k, v in headers.items()]
    if body is not None:
        lines += ['wrk.method = "POST"',
                  f'wrk.headers["Content-Type"] = "{content_type}"',
                  'math.randomseed(os.time())',
                  f'local body = [==[{body}]==]',
                  'request = function()',
                  '  local one = body:gsub("%%d", math.random(1, 2^31 - 2))',
                  '  return wrk.format(nil, nil, nil, one)',
                  'end']
    return '\n'.join(lines)


def _parsed(text: str) -> Rate:
    def latency(percent: int) -> float:
        found = re.search(rf'\b{percent}%\s+([\d.]+)(us|ms|s|m)\b', text)
        assert found, text
        return float(found[1]) * UNITS[found[2]]
    rate = re.search(r'Requests/sec:\s+([\d.]+)', text)
    assert rate, text
    bad = re.search(r'Non-2xx or 3xx responses: (\d+)', text)
    lost = re.findall(r'(?:connect|read|write|timeout) (\d+)', text)
    return Rate(float(rate[1]), latency(50), latency(99),
                (int(bad[1]) if bad else 0) + sum(map(int, lost)))


class Client:
    """One kept-alive connection to the service."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        split = urllib.parse.urlsplit(url)
        assert split.hostname
        self._connection = http.client.HTTPConnection(
            split.hostname, split.port, timeout=60)
        self._base = split.path
        self._headers = headers

    def request(self, method: str, path: str,
                body: dict[str, typing.Any] | None = None) -> typing.Any:
        """The decoded answer; an error status raises with its body."""
        self._connection.request(
            method, self._base + path,
            None if body is None else json.dumps(body),
            self._headers | {'Content-Type': 'application/json'})
        answer = self._connection.getresponse()
        data = answer.read()
        if answer.status >= 400:
            raise LookupError(f'{method} {path}: {answer.status} {data!r}')
        return json.loads(data) if data else None

    def wait_phase(self, uid: str, phase: str, timeout_s: float = 120,
                   every_s: float = 0.02) -> None:
        """Poll one pod until it is in `phase`.

        Asking every few milliseconds would take from the engine a good part
        of a processor, which shows in the times measured.
        """
        end = time.monotonic() + timeout_s
        while True:
            pod = self.request('GET', f'/pods/{uid}')
            if pod['status']['phase'] == phase:
                return
            if time.monotonic() > end:
                raise TimeoutError(f'{uid} is {pod["status"]}')
            time.sleep(every_s)

    def wait_gone(self, uids: typing.Iterable[str]) -> None:
        for uid in uids:
            while True:
                try:
                    self.request('GET', f'/pods/{uid}')
                except LookupError:
                    break
                time.sleep(0.05)
