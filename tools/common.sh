# Sourced by the scripts beside it: saying, installing, starting, stopping.
# Nothing here ends a process that the caller did not start and record.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Compiled modules are worth their place: every start is seconds faster.
unset PYTHONDONTWRITEBYTECODE
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/zun-lite

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# as_root COMMAND...: as root, through sudo where we are not.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else die "root is needed for: $* (be root, or install sudo)"
    fi
}

# apt_ensure COMMAND=PACKAGE...: install the packages whose command (or file,
# where it begins with /) is missing. Their system services are not started:
# whoever needs a service starts a private one.
apt_ensure() {
    local item what missing=() PATH=$PATH:/usr/sbin:/sbin
    for item in "$@"; do
        what=${item%%=*}
        case $what in
            /*) [ -e "$what" ] ;;
            *) command -v "$what" >/dev/null ;;
        esac || missing+=("${item#*=}")
    done
    [ ${#missing[@]} = 0 ] && return 0
    command -v apt-get >/dev/null ||
        die "missing: ${missing[*]} (no apt-get here; install them yourself)"
    say "installing with apt: ${missing[*]}"
    _without_service_starts _apt_install "${missing[@]}"
}

_apt_install() {
    local log
    log=$(mktemp)
    if ! patiently "$log" _apt_get install "$@"; then
        say 'once more, with fresh package lists'
        patiently "$log" _apt_get update || true
        patiently "$log" _apt_get install "$@" ||
            die "apt could not install: $* (see $log)"
    fi
    rm -f "$log"
}

_apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -y \
        --no-install-recommends "$@"
}

# Debian's way to install a daemon without having it started.
_without_service_starts() {
    local policy=/usr/sbin/policy-rc.d status=0
    [ -e $policy ] && { "$@"; return; }
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
    ("$@") || status=$?
    as_root rm -f $policy
    return $status
}

# find_python: print a Python of 3.11 or newer that can make environments.
find_python() {
    local python
    for python in ${PYTHON:-} python3 /usr/bin/python3 python3.13 python3.12 \
            python3.11; do
        if "$python" -c 'import sys, venv, ensurepip
sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$python"
            return 0
        fi
    done
    return 1
}

# What apt_ensure must be told where no Python will do. (A file that is never
# there: neither package shows by a file of its own what is missing.)
python_wanted() {
    find_python >/dev/null || echo /-=python3 /-=python3-venv
}

# The same for a busybox that needs no libraries.
busybox_wanted() {
    local found
    found=$(command -v busybox) && ! grep -q /ld-linux "$found" ||
        echo /-=busybox-static
}

# patiently LOG COMMAND...: a dot every second; LOG's end where it fails.
patiently() {
    local log=$1 status=0 pid n=0
    shift
    "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        sleep 0.2
        n=$((n + 1))
        [ $((n % 5)) != 0 ] || printf . >&2
    done
    [ $n -lt 5 ] || echo >&2
    wait $pid || status=$?
    [ $status = 0 ] || tail -n 20 "$log" >&2
    return $status
}

# make_venv DIR REQUIREMENTS...: an environment with these files' packages
# and zun_lite itself, made anew only when one of them changed.
make_venv() {
    local venv=$1 want python mark
    shift
    python=$(find_python) || die 'Python 3.11 or newer is needed'
    mark=$venv/.made-from-$(printf %s "$*" | tr ' /' '__')
    want=$( (cd "$TOP" && cat "$@" setup.cfg pyproject.toml
             echo "$TOP"; "$python" -V) | sha256sum)
    if [ -x "$venv/bin/python" ] &&
            [ "$(cat "$mark" 2>/dev/null)" = "$want" ]; then
        return 0
    fi
    say "installing Python packages into $venv"
    [ -x "$venv/bin/pip" ] || "$python" -m venv --clear "$venv"
    # pbr asks git for the version; an export of the tree has none.
    git -C "$TOP" rev-parse HEAD >/dev/null 2>&1 ||
        export PBR_VERSION=${PBR_VERSION:-0.0.1}
    patiently "$venv/pip.log" _pip_install "$venv" "$@" ||
        die "pip could not install the packages of $*; see $venv/pip.log"
    printf '%s' "$want" >"$mark"
}

# What is used is compiled at its first import, which is sooner done. The
# second step builds with what the first one installed, not in isolation:
# that takes seconds, and old versions of pip forget their settings in it.
_pip_install() {
    local venv=$1 file files=()
    shift
    for file in "$@"; do files+=(-r "$TOP/$file"); done
    set -- "$venv/bin/pip" install -q --disable-pip-version-check --no-compile
    "$@" 'setuptools>=70.1' "${files[@]}" &&
        "$@" --no-build-isolation --no-deps -e "$TOP"
}

# index_venv NAME VERSION PACKAGE...: an environment with these packages of
# the Python package index, which is kept in the user's cache for the next
# time; prints where it is.
index_venv() {
    local name=$1 version=$2 python venv
    shift 2
    python=$(find_python) || die 'no Python of 3.11 or newer'
    venv=$CACHE/$name-$version-$("$python" -c \
        'import sys; print("py%d.%d" % sys.version_info[:2])')
    if [ ! -e "$venv/complete" ]; then
        say "installing $name $version into $venv"
        rm -rf "$venv"
        "$python" -m venv "$venv"
        patiently "$venv/log" "$venv/bin/pip" install -q \
            --disable-pip-version-check --no-compile "$@" ||
            die "pip could not install $* (see $venv/log)"
        touch "$venv/complete"
    fi
    echo "$venv"
}

# free_port: a port on loopback that nothing listens on, below the range
# from which the kernel takes ports for outgoing connections.
free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
    done
    echo $port
}

answers() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# wait_for SECONDS WHAT COMMAND...
wait_for() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt $end ] || { say "$what: no answer in time"; return 1; }
        sleep 0.2
    done
}

# start PIDFILE LOG COMMAND...: in the background, in a session of its own.
start() {
    local pidfile=$1 log=$2
    shift 2
    setsid "$@" </dev/null >>"$log" 2>&1 &
    echo $! >"$pidfile"
}

# running PIDFILE MARK: whether the recorded process lives and is still the
# one that was recorded (MARK is part of its command line).
running() {
    local pid
    pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] &&
        tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$2"
}

# stop PIDFILE MARK [SECONDS]: end the recorded process, and only that one.
stop() {
    local pid end=$((SECONDS + ${3:-20}))
    if running "$1" "$2"; then
        pid=$(cat "$1")
        as_owner "$pid" kill -TERM "$pid"
        while running "$1" "$2" && [ $SECONDS -lt $end ]; do sleep 0.1; done
        ! running "$1" "$2" || as_owner "$pid" kill -KILL "$pid"
    fi
    rm -f "$1"
}

as_owner() {
    local pid=$1
    shift
    if [ -O "/proc/$pid" ]; then "$@"; else as_root "$@"; fi
}
