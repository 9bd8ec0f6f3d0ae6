"""The files of a simulated container: root, volumes, /proc, /sys, /etc."""
import dataclasses
import posixpath
import time
from collections.abc import Iterable
from collections.abc import Mapping

from zun_lite.drivers.fake import files
from zun_lite.drivers.fake import messages
from zun_lite.pod import spec
from zun_lite.pod import supply

# Bit numbers, from linux/capability.h.
NAMES = '''
    CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID
    SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW
    IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
    SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD
    LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
    WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
    '''.split()  # noqa: SIM905
NAMESERVERS, SEARCHES = ('192.0.2.1',), ('fake.example',)   # the host's
SHARED_MEMORY = '/dev/shm'          # noqa: S108  it is the container's
DEFAULT = frozenset('''
    CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP
    SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE
    '''.split())  # noqa: SIM905


def bounding_set(context: spec.SecurityContext | None) -> int:
    """The bits of CapBnd in /proc/self/status."""
    held, asked = set(DEFAULT), None
    if context is not None:
        asked = context.capabilities
        if context.privileged:
            return sum(1 << bit for bit in range(len(NAMES)))
    add, drop = (asked and asked.add) or (), (asked and asked.drop) or ()
    if 'ALL' in drop:
        held.clear()
    if 'ALL' in add:
        held |= set(NAMES)
    held |= set(add)
    held -= set(drop) - set(add)
    return sum(1 << NAMES.index(n) for n in held if n in NAMES)


def status_file(context: spec.SecurityContext | None, uid: int) -> bytes:
    bits = bounding_set(context)
    sealed = context is not None and (
        context.allow_privilege_escalation is False)
    held = 0 if uid else bits
    return (f'Uid:\t{uid}\t{uid}\t{uid}\t{uid}\n'
            f'CapPrm:\t{held:016x}\nCapEff:\t{held:016x}\n'
            f'CapBnd:\t{bits:016x}\nNoNewPrivs:\t{int(sealed)}\n').encode()


def cgroup(limits: spec.ResourceList, requests: spec.ResourceList,
           ) -> dict[str, bytes]:
    """cgroup v2's files of the container."""
    memory = limits.memory_bytes
    millis = limits.cpu_millis
    shares = max(2, (requests.cpu_millis or 0) * 1024 // 1000)
    weight = 1 + ((shares - 2) * 9999) // 262142
    quota = 'max' if millis is None else str(max(1000, millis * 100))
    return {
        '/memory.max': f'{memory or "max"}\n'.encode(),
        '/cpu.max': f'{quota} 100000\n'.encode(),
        '/cpu.weight': f'{weight}\n'.encode()}


def hosts(hostname: str, address: str,
          aliases: Iterable[spec.HostAlias]) -> bytes:
    lines = ['127.0.0.1\tlocalhost', f'{address}\t{hostname}']
    lines += [f'{alias.ip}\t' + '\t'.join(alias.hostnames or ())
              for alias in aliases]
    return ('\n'.join(lines) + '\n').encode()


def resolv_conf(pod: spec.PodSpec) -> bytes:
    """What the host asks, where the policy does not leave that out, and
    what the pod adds."""
    asked = pod.dns_config or spec.DnsConfig()
    alone = pod.dns_policy is spec.DnsPolicy.NONE
    servers = [*(() if alone else NAMESERVERS), *(asked.nameservers or ())]
    searches = [*(() if alone else SEARCHES), *(asked.searches or ())]
    options = [one.name if one.value is None else f'{one.name}:{one.value}'
               for one in asked.options or ()]
    lines = [f'nameserver {server}' for server in servers]
    lines += [f'{word} {" ".join(values)}' for word, values in (
        ('search', searches), ('options', options)) if values]
    return '\n'.join([*lines, '']).encode()


def new(content: Iterable[tuple[str, bytes]] = ()) -> files.Tree:
    """The root of a container that has not run, with what its image holds."""
    root = files.Tree()
    for name in ('bin', 'etc', 'tmp', 'var', 'root', 'dev', 'home'):
        root.mkdirs(f'/{name}')
    root.put('/dev/null', b'')
    for path, data in content:
        root.put(path, data)
    return root


def view(container: spec.Container, pod: spec.PodSpec, *, hostname: str,
         address: str, uid: int, namespaces: Mapping[str, str],
         volumes: Mapping[str, files.Tree], shm: files.Tree,
         root: files.Tree) -> files.View:
    """What one run of `container` sees."""
    context = container.security_context
    root.put('/etc/hostname', f'{hostname}\n'.encode())
    root.put('/etc/passwd', b'root:x:0:0:root:/root:/bin/sh\n')
    sealed = bool(context and context.read_only_root_filesystem)
    supplied = {v.name for v in pod.volumes or () if supply.is_supplied(v)}
    mounts = [files.Mount('/', root, sealed, open_to_all=False),
              files.Mount(SHARED_MEMORY, shm)]
    for mount in container.volume_mounts or ():
        mounts.append(_mount(mount, volumes[mount.name],
                             mount.name in supplied))
    proc, sys = files.Tree('proc'), files.Tree('sysfs')
    proc.put('/self/status', lambda: status_file(context, uid))
    proc.put('/uptime', lambda: f'{time.monotonic():.2f} 0.00\n'.encode())
    proc.put('/mounts', lambda: mounts_file(mounts))
    for name, link in namespaces.items():
        proc.put(f'/self/ns/{name}', b'')
        proc.files[f'/self/ns/{name}'] = files.File(link=link)
    for name, content in cgroup(container.limits,
                                container.requests).items():
        sys.put('/fs/cgroup' + name, content)
    root.put('/etc/resolv.conf', resolv_conf(pod))
    root.put('/etc/hosts', hosts(hostname, address, pod.host_aliases or ()))
    mounts += messages.mounts(container, root)
    mounts += [files.Mount('/proc', proc, True), files.Mount('/sys', sys,
                                                             True)]
    return files.View(mounts)


def _mount(mount: spec.VolumeMount, tree: files.Tree,
           supplied: bool) -> files.Mount:
    """A part of what is supplied stays as it is now."""
    part = posixpath.normpath(f'/{mount.sub_path or ""}').rstrip('/')
    if part and supplied:
        tree = dataclasses.replace(tree, files={**tree.files})
    if part:
        tree.mkdirs(part)
    return files.Mount(mount.mount_path.rstrip('/'), tree,
                       bool(mount.read_only) or supplied, part=part)


def mounts_file(mounts: Iterable[files.Mount]) -> bytes:
    lines = []
    for mount in mounts:
        options = 'ro' if mount.read_only else 'rw'
        if mount.tree.kind == 'tmpfs' and mount.tree.capacity:
            options += f',size={mount.tree.capacity // 1024}k'
        lines.append(f'{mount.tree.kind} {mount.path} {mount.tree.kind} '
                     f'{options} 0 0\n')
    return ''.join(lines).encode()
