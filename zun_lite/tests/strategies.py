"""Hypothesis strategies: whole valid pods, and the parts they are made of.

`documents()` are pod manifests as a user would send them (plain dicts in
camelCase), valid in shape and in meaning; `manifests()` and `pods()` are the
same as objects.
"""
import json
import string
import typing

from hypothesis import strategies as st

from zun_lite.pod import affinity
from zun_lite.pod import linux
from zun_lite.pod import spec
from zun_lite.pod import states

Document = dict[str, typing.Any]

_LOWER = string.ascii_lowercase
_WORDS = string.ascii_letters + string.digits
INT32 = 2**31 - 1


def from_alphabet(alphabet: str, shortest: int,
                  longest: int) -> st.SearchStrategy[str]:
    return st.text(st.sampled_from(alphabet), min_size=shortest,
                   max_size=longest)


def text(longest: int = 20) -> st.SearchStrategy[str]:
    """Anything that a database can hold."""
    return st.text(st.characters(codec='utf-8', exclude_characters='\0'),
                   max_size=longest)


def dns_labels(longest: int = 63) -> st.SearchStrategy[str]:
    return st.builds(lambda head, body, tail: (head + body + tail)[:longest],
                     from_alphabet(_LOWER + string.digits, 1, 1),
                     from_alphabet(_LOWER + string.digits + '-', 0,
                                   longest - 2),
                     from_alphabet(_LOWER + string.digits, 1, 1))


def dns_subdomains() -> st.SearchStrategy[str]:
    return st.lists(dns_labels(20), min_size=1, max_size=4).map('.'.join)


def port_names() -> st.SearchStrategy[str]:
    return st.from_regex(r'\A[a-z](-?[a-z0-9]){0,6}\Z')


def quantities() -> st.SearchStrategy[str]:
    """Every spelling of a quantity."""
    digits = from_alphabet(string.digits, 1, 8)
    number = st.one_of(
        digits, digits.map('{}.'.format), digits.map('.{}'.format),
        st.tuples(digits, digits).map('.'.join))
    suffix = st.sampled_from(
        ['', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E',
         'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'e0', 'e3', 'E-2', 'e+12'])
    sign = st.sampled_from(['', '+'])
    return st.tuples(sign, number, suffix).map(''.join)


def label_values() -> st.SearchStrategy[str]:
    return st.one_of(st.just(''), st.from_regex(
        r'\A[A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?\Z'))


def label_keys() -> st.SearchStrategy[str]:
    name = st.from_regex(r'\A[A-Za-z0-9]([-A-Za-z0-9_.]{0,20}[A-Za-z0-9])?\Z')
    return st.one_of(name, st.tuples(dns_subdomains(), name).map('/'.join))


def labels() -> st.SearchStrategy[dict[str, str]]:
    return st.dictionaries(label_keys(), label_values(), max_size=4)


def images() -> st.SearchStrategy[str]:
    return st.builds(
        lambda registry, path, tag, digest: registry + path + tag + digest,
        st.sampled_from(['', 'registry.example.org/', 'localhost:5000/',
                         '[::1]:5000/']),
        st.sampled_from(['busybox', 'team/app', 'a__b/c-d.e']),
        st.sampled_from(['', ':1.2', ':latest', ':local']),
        st.sampled_from(['', '@sha256:' + 'a1' * 32]))


def optional(**fields: st.SearchStrategy[typing.Any],
             ) -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries({}, optional=fields)


def _amounts(draw: st.DrawFn, smallest: int, unit: str) -> Document:
    """Requests and limits of one resource, the former not above."""
    limit = draw(st.integers(smallest, 10**6))
    request = draw(st.integers(0, limit))
    return draw(st.sampled_from([
        {}, {'limits': f'{limit}{unit}'}, {'requests': f'{request}{unit}'},
        {'limits': f'{limit}{unit}', 'requests': f'{request}{unit}'}]))


@st.composite
def resources(draw: st.DrawFn) -> Document:
    found: Document = {}
    for name, smallest, unit in (('cpu', 10, 'm'), ('memory', 6, 'Mi')):
        for kind, amount in _amounts(draw, smallest, unit).items():
            found.setdefault(kind, {})[name] = amount
    return found


def exec_actions() -> st.SearchStrategy[Document]:
    return st.lists(text(), min_size=1, max_size=3).filter(
        lambda words: words[0] != '').map(lambda words: {'command': words})


@st.composite
def probes(draw: st.DrawFn, names: list[str], *,
           readiness: bool = False) -> Document:
    """A probe; `names`: of the container's ports."""
    port = st.one_of(st.integers(1, 65535),
                     *([st.sampled_from(names)] if names else []))
    host = {'host': st.sampled_from(['127.0.0.1', 'db.example.org', '::1'])}
    handler = draw(st.one_of(
        exec_actions().map(lambda e: {'exec': e}),
        st.fixed_dictionaries({'port': port}, optional={
            **host, 'path': st.just('/healthz?full=1'),
            'scheme': st.sampled_from(['HTTP', 'HTTPS']),
            'httpHeaders': st.just([{'name': 'X-Probe', 'value': 'é 1'}])}
        ).map(lambda h: {'httpGet': h}),
        st.fixed_dictionaries({'port': port}, optional=host).map(
            lambda t: {'tcpSocket': t})))
    count = st.integers(1, INT32)
    return handler | draw(optional(
        initialDelaySeconds=st.integers(0, INT32), periodSeconds=count,
        timeoutSeconds=count, failureThreshold=count,
        successThreshold=count if readiness else st.just(1)))


def security_contexts() -> st.SearchStrategy[Document]:
    names = st.lists(st.sampled_from(sorted(linux.CAPABILITIES)), max_size=3)
    return optional(
        runAsUser=st.integers(1, INT32), runAsGroup=st.integers(0, INT32),
        runAsNonRoot=st.booleans(), readOnlyRootFilesystem=st.booleans(),
        privileged=st.booleans(), allowPrivilegeEscalation=st.just(True),
        capabilities=optional(add=names, drop=names))


def _ports(names: list[str]) -> st.SearchStrategy[list[Document]]:
    port = st.fixed_dictionaries(
        {'containerPort': st.integers(1, 65535)},
        optional={'protocol': st.sampled_from(['TCP', 'UDP', 'SCTP'])})
    return st.lists(port, min_size=len(names), max_size=len(names) + 2).map(
        lambda ports: [p | ({'name': names[i]} if i < len(names) else {})
                       for i, p in enumerate(ports)])


def _mounts(volumes: list[str]) -> st.SearchStrategy[list[Document]]:
    if not volumes:
        return st.just([])
    mount = st.fixed_dictionaries(
        {'name': st.sampled_from(volumes),
         'mountPath': dns_labels(8).map('/mnt/{}'.format)},
        optional={'readOnly': st.booleans()})
    return st.lists(mount, max_size=3, unique_by=lambda m: m['mountPath'])


@st.composite
def containers(draw: st.DrawFn, name: str, volumes: list[str], *,
               init: bool = False) -> Document:
    """A container of a pod that has `volumes`; of init ones, any kind."""
    sidecar = init and draw(st.booleans())
    names = draw(st.lists(port_names(), unique=True, max_size=2))
    env = st.fixed_dictionaries(
        {'name': st.from_regex(r'\A[A-Z_][A-Z0-9_.]{0,10}\Z')},
        optional={'value': text()})
    words = st.lists(text(), max_size=3)
    fields: dict[str, st.SearchStrategy[typing.Any]] = {
        'command': words.filter(lambda w: not w or w[0] != ''),
        'args': words, 'workingDir': st.just('/srv/data dir'),
        'env': st.lists(env, max_size=3), 'resources': resources(),
        'volumeMounts': _mounts(volumes), 'tty': st.booleans(),
        'stdin': st.booleans(), 'securityContext': security_contexts(),
        'imagePullPolicy': st.sampled_from(
            ['Always', 'IfNotPresent', 'Never'])}
    if sidecar or not init:
        hook = exec_actions().map(lambda e: {'exec': e})
        fields |= {'livenessProbe': probes(names),
                   'readinessProbe': probes(names, readiness=True),
                   'startupProbe': probes(names),
                   'lifecycle': optional(postStart=hook, preStop=hook)}
    found = {'name': name, 'image': draw(images())}
    if sidecar:
        found['restartPolicy'] = 'Always'
    if names:
        found['ports'] = draw(_ports(names))
    return found | draw(optional(**fields))


@st.composite
def pod_specs(draw: st.DrawFn) -> Document:
    volumes = draw(st.lists(dns_labels(10), unique=True, max_size=2))
    names = draw(st.lists(dns_labels(10), unique=True, min_size=1,
                          max_size=4))
    mains = draw(st.integers(1, len(names)))
    found: Document = {'containers': [
        draw(containers(name, volumes)) for name in names[:mains]]}
    if names[mains:]:
        found['initContainers'] = [draw(containers(n, volumes, init=True))
                                   for n in names[mains:]]
    if volumes:
        source = optional(medium=st.sampled_from(['', 'Memory']),
                          sizeLimit=st.sampled_from(['1', '64Mi', '1e9']))
        found['volumes'] = [{'name': n, 'emptyDir': draw(source)}
                            for n in volumes]
    return found | draw(_pod_fields())


def label_selectors() -> st.SearchStrategy[Document]:
    values = st.lists(label_values(), min_size=1, max_size=3)
    requirement = st.one_of(
        st.fixed_dictionaries({
            'key': label_keys(), 'values': values,
            'operator': st.sampled_from(['In', 'NotIn'])}),
        st.fixed_dictionaries({
            'key': label_keys(),
            'operator': st.sampled_from(['Exists', 'DoesNotExist'])}))
    return optional(matchLabels=labels(), matchExpressions=st.lists(
        requirement, max_size=2))


_TOPOLOGIES = st.sampled_from([affinity.HOSTNAME, affinity.ZONE])


def affinities() -> st.SearchStrategy[Document]:
    term = st.fixed_dictionaries(
        {'topologyKey': _TOPOLOGIES},
        optional={'labelSelector': label_selectors()})
    wish = st.fixed_dictionaries({'weight': st.integers(1, 100),
                                  'podAffinityTerm': term})
    kind = optional(
        requiredDuringSchedulingIgnoredDuringExecution=st.lists(
            term, max_size=2),
        preferredDuringSchedulingIgnoredDuringExecution=st.lists(
            wish, max_size=2))
    return optional(podAffinity=kind, podAntiAffinity=kind)


def spreads() -> st.SearchStrategy[list[Document]]:
    spread = st.fixed_dictionaries(
        {'maxSkew': st.integers(1, INT32), 'topologyKey': _TOPOLOGIES,
         'whenUnsatisfiable': st.sampled_from(['DoNotSchedule',
                                               'ScheduleAnyway'])},
        optional={'labelSelector': label_selectors()})
    return st.lists(spread, max_size=2, unique_by=lambda s: (
        s['topologyKey'], s['whenUnsatisfiable']))


def _pod_fields() -> st.SearchStrategy[Document]:
    alias = st.fixed_dictionaries(
        {'ip': st.ip_addresses().map(str).filter(lambda a: '%' not in a)},
        optional={'hostnames': st.lists(dns_subdomains(), max_size=2)})
    return optional(
        restartPolicy=st.sampled_from(['Always', 'OnFailure', 'Never']),
        terminationGracePeriodSeconds=st.integers(0, INT32),
        activeDeadlineSeconds=st.integers(1, INT32), hostname=dns_labels(),
        hostAliases=st.lists(alias, max_size=2),
        shareProcessNamespace=st.booleans(), nodeSelector=labels(),
        affinity=affinities(), topologySpreadConstraints=spreads())


def documents() -> st.SearchStrategy[Document]:
    """Valid pod manifests as plain values."""
    metadata = st.fixed_dictionaries(
        {'name': dns_subdomains()},
        optional={'labels': labels(),
                  'annotations': st.dictionaries(label_keys(), text(),
                                                 max_size=3)})
    return st.fixed_dictionaries(
        {'apiVersion': st.just('v1'), 'kind': st.just('Pod'),
         'metadata': metadata, 'spec': pod_specs()})


def manifests() -> st.SearchStrategy[spec.PodManifest]:
    return documents().map(lambda d: spec.PodManifest.model_validate_json(
        json.dumps(d)))


@st.composite
def pods(draw: st.DrawFn) -> spec.Pod:
    """Stored pods, as drivers get them."""
    manifest = draw(manifests())
    return spec.Pod(
        uuid=str(draw(st.uuids())), project_id=draw(st.uuids()).hex,
        generation=draw(st.integers(1, 5)),
        desired=draw(st.sampled_from(states.Desired)),
        metadata=manifest.metadata, spec=manifest.spec,
        container_uuids={c.name: str(draw(st.uuids()))
                         for c in manifest.spec.all_containers})
