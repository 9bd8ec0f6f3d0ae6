"""The contract's cases, grouped by what they are about."""
from zun_lite.tests.contract.cases.adoption import Adoption
from zun_lite.tests.contract.cases.affinity import Affinity
from zun_lite.tests.contract.cases.away import Away
from zun_lite.tests.contract.cases.copies import Copies
from zun_lite.tests.contract.cases.deadline import Deadline
from zun_lite.tests.contract.cases.dns import Dns
from zun_lite.tests.contract.cases.environment import Environment
from zun_lite.tests.contract.cases.execs import Execs
from zun_lite.tests.contract.cases.exits import Exits
from zun_lite.tests.contract.cases.follows import Follows
from zun_lite.tests.contract.cases.holding import Holding
from zun_lite.tests.contract.cases.image_labels import ImageLabels
from zun_lite.tests.contract.cases.images import Images
from zun_lite.tests.contract.cases.init import Init
from zun_lite.tests.contract.cases.joining import Joining
from zun_lite.tests.contract.cases.lifecycle import Lifecycle
from zun_lite.tests.contract.cases.limits import Limits
from zun_lite.tests.contract.cases.lists import Lists
from zun_lite.tests.contract.cases.lists import PlainLists
from zun_lite.tests.contract.cases.logs import Logs
from zun_lite.tests.contract.cases.messages import Messages
from zun_lite.tests.contract.cases.names import Names
from zun_lite.tests.contract.cases.own_fields import OwnFields
from zun_lite.tests.contract.cases.own_files import OwnFiles
from zun_lite.tests.contract.cases.plain import Plain
from zun_lite.tests.contract.cases.plain_adoption import PlainAdoption
from zun_lite.tests.contract.cases.plain_control import PlainControl
from zun_lite.tests.contract.cases.pod_security import PodSecurity
from zun_lite.tests.contract.cases.probe_targets import ProbeTargets
from zun_lite.tests.contract.cases.probes import Probes
from zun_lite.tests.contract.cases.reads import Reads
from zun_lite.tests.contract.cases.refused import Refused
from zun_lite.tests.contract.cases.restarts import Restarts
from zun_lite.tests.contract.cases.security import Security
from zun_lite.tests.contract.cases.sessions import Attaches
from zun_lite.tests.contract.cases.sessions import InteractiveExecs
from zun_lite.tests.contract.cases.sidecars import Sidecars
from zun_lite.tests.contract.cases.stopping import Stopping
from zun_lite.tests.contract.cases.sub_path import SubPath
from zun_lite.tests.contract.cases.supplied import Supplied
from zun_lite.tests.contract.cases.volumes import Volumes

ALL = (Adoption, Affinity, Attaches, Away, Copies, Deadline, Dns, Environment,
       Execs, Exits, Follows, Holding, ImageLabels, Images, Init,
       InteractiveExecs, Joining, Lifecycle, Limits, Lists, Logs, Messages,
       Names, OwnFields, OwnFiles, Plain, PlainAdoption, PlainControl,
       PlainLists, PodSecurity, ProbeTargets, Probes, Reads, Refused,
       Restarts, Security, Sidecars, Stopping, SubPath, Supplied, Volumes)
