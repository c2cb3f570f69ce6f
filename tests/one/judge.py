# SPDX-License-Identifier: GPL-3.0-or-later
"""What evenkeel-one answers, counted again from the document by somebody who knows the engine's ways."""
import base64
import re
import subprocess
import xml.etree.ElementTree as tree


class Document:
    """A document as the judge reads it: sizes in KiB and hundredths of a CPU."""

    def __init__(self, text):
        root = tree.fromstring(text)
        number = lambda of, path, usual=0: float(of.findtext(path) or usual)
        self.host, self.vm, self.wanted, self.sets = {}, {}, {}, []
        for host in root.iterfind("HOST_POOL/HOST"):
            share = host.find("HOST_SHARE")
            self.host[int(host.findtext("ID"))] = {
                "cpu": number(share, "MAX_CPU"), "kib": number(share, "MAX_MEM"), "total": number(share, "TOTAL_CPU"),
                "used_cpu": number(share, "CPU_USAGE"), "used_kib": number(share, "MEM_USAGE")}
        groups = {}
        for vm in root.iterfind("VM_POOL/VM"):
            records = vm.findall("HISTORY_RECORDS/HISTORY")
            last = max(records, key=lambda one: int(one.findtext("SEQ"))) if records else None
            self.vm[int(vm.findtext("ID"))] = {
                "state": int(vm.findtext("STATE")), "cpu": number(vm, "TEMPLATE/CPU") * 100,
                "kib": number(vm, "TEMPLATE/MEMORY") * 1024, "load": number(vm, "MONITORING/CPU"),
                "host": int(last.findtext("HID")) if last is not None else None,
                "store": int(last.findtext("DS_ID")) if last is not None else None}
            group = vm.findtext("TEMPLATE/VMGROUP/VMGROUP_ID")
            if group:
                groups.setdefault(int(group), []).append(int(vm.findtext("ID")))
        for vm in root.iterfind("REQUIREMENTS/VM"):
            self.wanted[int(vm.findtext("ID"))] = {int(one.text) for one in vm.iterfind("HOSTS/ID")}
        for group in root.iterfind("VM_GROUP_POOL/VM_GROUP"):
            if group.findtext("ROLES/ROLE/POLICY") == "ANTI_AFFINED":
                self.sets.append(groups.get(int(group.findtext("ID")), []))
        cluster = root.find("CLUSTER_POOL/CLUSTER")
        self.cluster = int(cluster.findtext("ID")) if cluster is not None else -1

    def home(self):
        return {vm: one["host"] for vm, one in self.vm.items()}

    def shares(self, at):
        """Percent of each host's CPU that the VMs of the document use there."""
        load = dict.fromkeys(self.host, 0.0)
        for vm, host in at.items():
            if host in load:
                load[host] += self.vm[vm]["load"]
        return {host: 100 * load[host] / self.host[host]["total"] for host in load}

    def fair(self):
        return (100 * sum(vm["load"] for vm in self.vm.values() if vm["host"] in self.host) /
                sum(host["total"] for host in self.host.values()))

    def deviation(self, at):
        fair = self.fair()
        return max(abs(share - fair) for share in self.shares(at).values())

    def prices(self, at):
        return sum(1 + int(self.vm[vm]["kib"]) // 1048576 for vm, host in at.items() if host != self.vm[vm]["host"])

    def overfull(self, actions, kind="none"):
        """Steps at which a host holds more than it may, with every action begun and none of the moves done."""
        used = {host: [one["used_cpu"], one["used_kib"]] for host, one in self.host.items()}
        bad = 0
        for action in actions:
            vm, host = self.vm[action["vm"]], self.host[action["host"]]
            used[action["host"]][0] += vm["cpu"]
            used[action["host"]][1] += vm["kib"]
            bad += used[action["host"]][0] > host["cpu"] + 1e-6 or used[action["host"]][1] > host["kib"] + 1e-6
            if kind == "left" and vm["host"] in used:  # as if each were done before the next begins
                used[vm["host"]][0] -= vm["cpu"]
                used[vm["host"]][1] -= vm["kib"]
        return bad


def actions_of(answer):
    root = tree.fromstring(answer)
    return [{"vm": int(one.findtext("VM_ID")), "what": one.findtext("OPERATION"), "host": int(one.findtext("HOST_ID")),
             "store": int(one.findtext("DS_ID"))} for one in root.iterfind("ACTION")]


def after(document, actions):
    at = document.home()
    at.update({one["vm"]: one["host"] for one in actions})
    return at


def faults(document, answer, per_host, per_cluster):
    """Sentences about what is wrong with an answer."""
    said, comes, seen = [], {}, set()
    actions = actions_of(answer)
    plan = int(tree.fromstring(answer).findtext("ID"))
    if plan != document.cluster:
        said.append(f"plan {plan} of cluster {document.cluster}")
    for one in actions:
        vm = document.vm.get(one["vm"])
        if vm is None or one["vm"] in seen:
            said.append(f"VM {one['vm']} is unknown, or has two actions")
            continue
        seen.add(one["vm"])
        runs = vm["state"] != 1
        if (one["what"] == "migrate") != runs or one["what"] not in ("migrate", "deploy"):
            said.append(f"VM {one['vm']} in state {vm['state']}: {one['what']}")
        if one["host"] not in document.wanted.get(one["vm"], ()) or one["host"] == vm["host"]:
            said.append(f"VM {one['vm']} may not go to host {one['host']}")
        if runs and one["store"] != vm["store"]:
            said.append(f"VM {one['vm']} changes its datastore")
        if runs:
            comes[one["host"]] = comes.get(one["host"], 0) + 1
    if max(comes.values(), default=0) > per_host or sum(comes.values()) > per_cluster:
        said.append(f"more actions than the engine's limits: {comes}")
    if document.overfull(actions):
        said.append("a host is overfull before all are done")
    at = after(document, actions)
    for one in document.sets:
        hosts = [at[vm] for vm in one if at.get(vm) is not None]
        begun = [document.vm[vm]["host"] for vm in one if document.vm[vm]["host"] is not None]
        if len(set(hosts)) < len(hosts) and len(set(begun)) == len(begun):
            said.append(f"VMs {one} are apart no more")
    return said


def moved(text, seen, actions):
    """The document once the actions are done: where VMs are, and what hosts have handed out."""
    for one in actions:
        vm = seen.vm[one["vm"]]
        old = (f"<HISTORY><OID>{one['vm']}</OID><SEQ>0</SEQ><HOSTNAME>h{vm['host']:04}</HOSTNAME>"
               f"<HID>{vm['host']}</HID>")
        if old not in text:
            raise SystemExit(f"no history of VM {one['vm']}")
        text = text.replace(old, old.replace(f"h{vm['host']:04}", f"h{one['host']:04}").replace(
            f"<HID>{vm['host']}</HID>", f"<HID>{one['host']}</HID>"))
        for host, sign in ((vm["host"], -1), (one["host"], 1)):
            seen.host[host]["used_cpu"] += sign * vm["cpu"]
            seen.host[host]["used_kib"] += sign * vm["kib"]
    parts = text.split("<HOST_SHARE>")
    for k, host in enumerate(sorted(seen.host)):
        rest = parts[k + 1][parts[k + 1].index("<TOTAL_MEM>"):]
        used = seen.host[host]
        parts[k + 1] = (f"<MEM_USAGE>{used['used_kib']:.0f}</MEM_USAGE><CPU_USAGE>{used['used_cpu']:.0f}</CPU_USAGE>"
                        f"{rest}")
    return "<HOST_SHARE>".join(parts)


def run(program, command, text, *options):
    """(exit status, answer, what was said)."""
    done = subprocess.run([program, command, *options], input=base64.b64encode(text), capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def told(said, what):
    """A number of the line about the plan's value."""
    found = re.search(what + r" ([0-9.]+)", said)
    return float(found.group(1)) if found else None
