# SPDX-License-Identifier: GPL-3.0-or-later
"""Clusters as Pacemaker's documents: families with a known truth, and documents that mean harm."""
import random
from xml.sax.saxutils import quoteattr

# What the engine makes of a resource without parameters: a start that was made so needs no restart.
NO_PARAMETERS = "f2317cad3d54cec5d7d7aa7d0bf35cf8"


class Cluster:
    """hosts: {name: (cpus, MiB)}; guests: {name: (cpus, MiB)}; home: {guest: host} of those that run."""

    def __init__(self, hosts, guests, home=None):
        self.hosts, self.guests, self.home = hosts, guests, dict(home or {})
        self.strategy, self.stickiness, self.constraints = "balanced", 100, []
        self.properties = {"stonith-enabled": "false"}
        self.node = {}  # host: XML inside of <node>
        self.others = {}  # resources that are no guests: {name: (XML inside of it, host)}
        self.lost = set()

    def document(self):
        lines = ['<cib crm_feature_set="3.16.1" validate-with="pacemaker-3.9" epoch="7" num_updates="3" '
                 'admin_epoch="0" have-quorum="1" dc-uuid="1">', "  <configuration>", "    <crm_config>",
                 '      <cluster_property_set id="options">']
        for name, value in {"placement-strategy": self.strategy, **self.properties}.items():
            lines.append(f'        <nvpair id="options-{name}" name="{name}" value="{value}"/>')
        lines += ["      </cluster_property_set>", "    </crm_config>", "    <nodes>"]
        for number, (name, (cpus, mib)) in enumerate(self.hosts.items(), 1):
            lines += [f'      <node id="{number}" uname={quoteattr(name)}>', f'        <utilization id="u-{number}">',
                      f'          <nvpair id="u-{number}-cpu" name="cpu" value="{cpus}"/>',
                      f'          <nvpair id="u-{number}-mem" name="hv_memory" value="{mib}"/>',
                      "        </utilization>"]
            if name in self.node:
                lines.append(f"        {self.node[name]}")
            lines.append("      </node>")
        lines += ["    </nodes>", "    <resources>"]
        for name, (cpus, mib) in self.guests.items():
            lines += [f'      <primitive id="{name}" class="ocf" provider="heartbeat" type="VirtualDomain">',
                      f'        <meta_attributes id="{name}-meta">',
                      f'          <nvpair id="{name}-migrate" name="allow-migrate" value="true"/>',
                      f'          <nvpair id="{name}-stick" name="resource-stickiness" value="{self.stickiness}"/>',
                      "        </meta_attributes>", f'        <utilization id="{name}-use">',
                      f'          <nvpair id="{name}-cpu" name="cpu" value="{cpus}"/>',
                      f'          <nvpair id="{name}-mem" name="hv_memory" value="{mib}"/>', "        </utilization>",
                      "      </primitive>"]
        lines += [f'      <primitive id="{name}" class="ocf" provider="heartbeat" type="IPaddr2">{inside}</primitive>'
                  for name, (inside, _) in self.others.items()]
        lines += ["    </resources>", "    <constraints>"]
        lines += [f"      {one}" for one in self.constraints]
        lines += ["    </constraints>", "  </configuration>", "  <status>"]
        for number, name in enumerate(self.hosts, 1):
            state = ('in_ccm="false" crmd="offline" join="down" expected="down"' if name in self.lost else
                     'in_ccm="true" crmd="online" join="member" expected="member"')
            lines += [f'    <node_state id="{number}" uname={quoteattr(name)} {state}>', f'      <lrm id="{number}">',
                      "        <lrm_resources>"]
            lines += [self.history(guest, call, name) for call, guest in enumerate(self.guests, 1)
                      if self.home.get(guest) == name]
            lines += [self.history(other, 1000 + call, name, "IPaddr2")
                      for call, (other, (_, host)) in enumerate(self.others.items()) if host == name]
            lines += ["        </lrm_resources>", "      </lrm>", "    </node_state>"]
        return "\n".join(lines + ["  </status>", "</cib>", ""])

    @staticmethod
    def history(guest, call, host, agent="VirtualDomain"):
        transition = "1:1:0:aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
        return (f'          <lrm_resource id="{guest}" class="ocf" provider="heartbeat" type="{agent}">'
                f'<lrm_rsc_op id="{guest}_last_0" operation_key="{guest}_start_0" operation="start" '
                f'crm_feature_set="3.16.1" transition-key="{transition}" transition-magic="0:0;{transition}" '
                f'call-id="{call}" rc-code="0" op-status="0" interval="0" on_node={quoteattr(host)} '
                f'op-digest="{NO_PARAMETERS}"/></lrm_resource>')


def manual():
    """Of Pacemaker Explained, "Limitations": all three fit, and the engine alone starts two of them."""
    hosts = {"node1": (2, 2048), "node2": (4, 4096)}
    guests = {"small": (1, 1024), "medium": (2, 2048), "large": (3, 3072)}
    return Cluster(hosts, guests)


def beside(*constraints, inside="", rooms=(8192, 8192, 8192)):
    """v1 and v2 on a, v3 on b; an address that v1 has to be with is on a, too, and so is another one."""
    cluster = Cluster({host: (16, mib) for host, mib in zip("abc", rooms)}, {f"v{k}": (1, 2048) for k in (1, 2, 3)},
                      {"v1": "a", "v2": "a", "v3": "b"})
    cluster.others = {"ip": (inside, "a"), "ip2": ("", "a")}
    cluster.constraints = [f'<rsc_colocation id="k{k}" rsc="{one[0]}" with-rsc="{one[1]}" score="INFINITY"/>'
                           if len(one) == 2 else
                           f'<rsc_location id="l{k}" rsc="{one[0]}" node="{one[1]}" score="{one[2]}"/>'
                           for k, one in enumerate((("v1", "ip"), *constraints))]
    return cluster


def packed(fill, seed, n_hosts=8, run=False):
    """Hosts cut into guests, so that a complete packing exists; all are stopped, or run as they were cut."""
    draw = random.Random(f"pack{fill}-{seed}")
    hosts = {f"n{p + 1}": (64, 65536) for p in range(n_hosts)}
    cut = []
    for host in hosts:
        cpus, mib = 64 * fill // 100, 65536 * fill // 100 // 512 * 512
        while cpus >= 1 and mib >= 512:
            size = (draw.choice([1, 2, 4, 8, 16]), draw.choice([1, 2, 4, 8, 16, 24]) * 1024)
            if size[0] > cpus or size[1] > mib:
                cut.append((min(size[0], cpus), min(size[1], mib), host))
                break
            cut.append((*size, host))
            cpus, mib = cpus - size[0], mib - size[1]
    draw.shuffle(cut)
    guests = {f"v{k:03}": one[:2] for k, one in enumerate(cut)}
    return Cluster(hosts, guests, {f"v{k:03}": one[2] for k, one in enumerate(cut)} if run else None)


def drifted(seed, n_hosts=4, per_host=5):
    """Guests that run anywhere with room: uneven, with anti-colocations and guests bound to half of the hosts."""
    draw = random.Random(f"drift-{seed}")
    hosts = {f"n{p + 1}": (32, 65536) for p in range(n_hosts)}
    names, guests, home = list(hosts), {}, {}
    room = {host: [32, 65536] for host in hosts}
    for k in range(n_hosts * per_host):
        size = (draw.choice([1, 2, 4, 8]), draw.choice([1, 2, 4, 8]) * 1024)
        fits = [host for host in names[:-1] if room[host][0] >= size[0] and room[host][1] >= size[1]]
        if not fits:
            continue
        host = draw.choice(fits[:2])
        guests[f"v{k:03}"], home[f"v{k:03}"] = size, host
        room[host][0] -= size[0]
        room[host][1] -= size[1]
    cluster = Cluster(hosts, guests, home)
    apart = [(a, b) for a in guests for b in guests if a < b and home[a] != home[b]]
    for k, (a, b) in enumerate(draw.sample(apart, min(3, len(apart)))):
        cluster.constraints.append(f'<rsc_colocation id="apart-{k}" rsc="{a}" with-rsc="{b}" score="-INFINITY"/>')
    beside = [(a, b) for a in guests for b in guests if a < b and home[a] == home[b]]
    for k, (a, b) in enumerate(draw.sample(beside, min(2, len(beside)))):
        score = ("INFINITY", "30")[k]
        cluster.constraints.append(f'<rsc_colocation id="with-{k}" rsc="{a}" with-rsc="{b}" score="{score}"/>')
    bound = draw.choice(list(guests))
    cluster.constraints.append(
        f'<rsc_location id="not-last" rsc="{bound}" node="{names[-1]}" score="-INFINITY"/>')
    cluster.constraints.append(
        f'<rsc_location id="ours-to-keep" rsc="{bound}"><rule id="r" score="10"><expression id="e" '
        f'attribute="#uname" operation="eq" value="{home[bound]}"/></rule></rsc_location>')
    cluster.constraints.append('<rsc_order id="order" first="v000" then="v001" kind="Optional"/>')
    return cluster
