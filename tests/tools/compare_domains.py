#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds what the agent makes of domain XML against a reading that shares nothing with it.

    compare_domains.py DOMAIN_FACTS FOLDER

Every definition below FOLDER, for example the tests/ of libvirt's source, is read twice. Prints how
many there are and each difference; status 1 when there is one, 77 (skipped) without definitions."""

import os
import subprocess
import sys
import xml.etree.ElementTree as tree

LARGEST_PCPU = 8191
UNLIMITED_KIB = 1 << 44
LOCKS = {"none": 0, "locked": 1, "huge": 2, "device": 3, "disk": 4, "encrypted": 5, "uncounted": 6}
UNITS = {"b": 1, "bytes": 1}
for power, letter in enumerate("kmgtpe", 1):
    UNITS[letter] = UNITS[letter + "ib"] = 1024**power
    UNITS[letter + "b"] = 1000**power


def kib(element):
    """A size in KiB, or None."""
    try:
        value = float((element.text or "").strip())
    except ValueError:
        return None
    size = value * UNITS.get(element.get("unit", "KiB").lower(), 1) / 1024
    return int(size) if 0 <= size <= UNLIMITED_KIB else None


def pcpus(text):
    """A list like 0-3,^2 as a set, "strange" where it is none."""
    members = set()
    try:
        for part in text.replace(" ", "").split(","):
            if part.startswith("^"):
                members.discard(int(part[1:]))
            else:
                first, _, last = part.partition("-")
                if int(first) > int(last or first):
                    return "strange"
                members |= set(range(int(first), int(last or first) + 1))
    except ValueError:
        return "strange"
    return {p for p in members if p <= LARGEST_PCPU}


def argument_lock(value):
    words = (
        ("device", ("vfio-", "iommufd", "vhost-vdpa")),
        ("disk", ("nvme://", "driver=nvme,", '"namespace":')),
        ("locked", ("mem-lock=on", "mem-lock=yes", "mem-lock=true", "mlock=on")),
        ("huge", ("hugepages", "hugetlb")),
        ("encrypted", ("sev-guest", "sev-snp-guest", "tdx-guest", "pef-guest", "s390-pv-guest",
                       "confidential-guest-support")),
    )
    return next((lock for lock, texts in words if any(t in value for t in texts)), None)


def lock_of(domain, virtio_mem_is_told):
    devices = domain.find("devices")
    devices = devices if devices is not None else tree.Element("devices")
    backing = domain.find("memoryBacking")
    if domain.find("launchSecurity") is not None:
        return "encrypted"
    if backing is not None and backing.find("locked") is not None:
        return "locked"
    if (backing is not None and backing.find("hugepages") is not None) or \
            devices.find("memory/source/pagesize") is not None:
        return "huge"
    if any(h.get("type") in ("pci", "mdev") for h in devices.findall("hostdev")):
        return "device"
    for interface in devices.findall("interface"):
        types = {interface.get("type")} | {a.get("type") for a in interface.findall("actual")}
        if types & {"hostdev", "vdpa"}:
            return "device"
    if any(e.get("type") in ("nvme", "vhostvdpa") for d in devices.findall("disk") for e in d.iter()):
        return "disk"
    for line in domain:
        if line.tag.rpartition("}")[2] == "commandline":
            for argument in line:
                lock = argument_lock(argument.get("value", "")) \
                    if argument.tag.rpartition("}")[2] == "arg" else None
                if lock:
                    return lock
    return "none" if virtio_mem_is_told else "uncounted"


def memory_of(domain):
    """plugged, devices, limit, whether virtio-mem is told."""
    plugged = devices = 0
    told = True
    for memory in domain.findall("devices/memory"):
        if memory.get("model", "dimm") == "dimm":
            continue
        devices += kib(memory.find("target/size")) or 0
        if memory.get("model") == "virtio-mem":
            current, requested = memory.find("target/current"), memory.find("target/requested")
            told = told and current is not None and (requested is None or
                                                     kib(current) == kib(requested))
            plugged += kib(current) or 0 if current is not None else 0
    limits = [kib(e) for e in domain.findall("memtune/hard_limit") +
              domain.findall("memtune/swap_hard_limit")]
    return plugged, devices, min((l for l in limits if l), default=0), told


def facts_of(path):
    """The same facts as domain_facts tells, or None where the file is no domain."""
    try:
        domain = tree.parse(path).getroot()
    except (tree.ParseError, UnicodeDecodeError, ValueError, LookupError):
        return None
    if domain.tag != "domain":
        return None
    balloon = domain.find("devices/memballoon")
    plugged, devices, limit, told = memory_of(domain)
    facts = {"balloon": str(int(balloon is not None and balloon.get("model") != "none")),
             "lock": str(LOCKS[lock_of(domain, told)]),
             "plugged": str(plugged), "devices": str(devices), "limit": str(limit)}
    vcpu = domain.find("vcpu")
    facts["cpuset"] = pcpus(vcpu.get("cpuset")) if vcpu is not None and vcpu.get("cpuset") else None
    for pin in domain.findall("cputune/vcpupin"):
        if pin.get("vcpu") and pin.get("cpuset") is not None:
            facts["vcpu" + str(int(pin.get("vcpu")))] = pcpus(pin.get("cpuset"))
    return facts


def told_of(line):
    words = line.split("\t")[1:]
    told = dict(word.split("=", 1) for word in words)
    if "error" in told:
        return None
    for name, text in told.items():
        if name.startswith(("cpuset", "vcpu")):
            told[name] = None if text == "none" else "strange" if text == "strange" else \
                pcpus(text) if text else set()
    return told


def main():
    program, folder = sys.argv[1:3]
    paths = sorted({os.path.realpath(os.path.join(where, name)) for where, _, names in os.walk(folder)
                    for name in names if name.endswith(".xml")})
    lines = subprocess.run([program], input="".join(path + "\n" for path in paths), capture_output=True, text=True,
                           errors="surrogateescape", check=True).stdout.splitlines()
    domains = different = 0
    counts = {}
    for path, line in zip(paths, lines, strict=True):
        ours, told = facts_of(path), told_of(line)
        domains += ours is not None
        if ours and told:
            lock = next(name for name, number in LOCKS.items() if str(number) == told["lock"])
            for key in ("lock " + lock, "cpuset" if told["cpuset"] else None,
                        "limit" if told["limit"] != "0" else None,
                        "devices" if told["devices"] != "0" else None,
                        "vcpupin" if any(k.startswith("vcpu") for k in told) else None):
                counts[key] = counts.get(key, 0) + 1
        if ours != told:
            different += 1
            print(f"{path}\n  here {ours}\n  told {told}")
    print(f"{len(paths)} files, {domains} definitions, {different} read differently")
    print(", ".join(f"{n} {key}" for key, n in sorted(counts.items(), key=str) if key))
    return 77 if not domains else different > 0


if __name__ == "__main__":
    sys.exit(main())
