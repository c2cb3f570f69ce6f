# SPDX-License-Identifier: GPL-3.0-or-later
"""calls.py BUILD [GUESTS]: how long libvirt's calls take over its socket, with real guests that are idle.

The fastest tenth, in microseconds: what else the machine does is not libvirtd's doing. tests/faults/standin.c takes as long for each."""

import math
import statistics
import sys
import time

import libvirt
from lab import Lab, names

N, FEW = 300, 2
VCPUS = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_VCPU | libvirt.VIR_DOMAIN_STATS_CPU_TOTAL
BALLOONS = libvirt.VIR_DOMAIN_STATS_STATE | libvirt.VIR_DOMAIN_STATS_BALLOON
FLAGS = libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_ACTIVE | libvirt.VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT


def time_us(call):
    """NaN: this machine's libvirtd cannot tell."""
    took = []
    for _ in range(N):
        began = time.perf_counter()
        try:
            call()
        except libvirt.libvirtError:
            return math.nan
        took.append(time.perf_counter() - began)
    return 1e6 * statistics.quantiles(took, n=10)[0]


def bulk(conn):
    return {name: time_us(lambda group=group: conn.getAllDomainStats(group, FLAGS))
            for name, group in (("bulk, vCPUs", VCPUS), ("bulk, balloons", BALLOONS))}


def alone(conn, domain):
    return {
        "pCPU map": time_us(conn.getCPUMap),
        "look a guest up": time_us(lambda: conn.lookupByUUID(domain.UUID())),
        "is it persistent": time_us(domain.isPersistent),
        "live definition": time_us(lambda: domain.XMLDesc(0)),
        "persistent definition": time_us(lambda: domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE)),
        "vCPUs of a guest": time_us(domain.vcpus),
        "scheduler parameters": time_us(lambda: domain.schedulerParametersFlags(libvirt.VIR_DOMAIN_AFFECT_LIVE)),
        "memory of a guest": time_us(domain.memoryStats),
        "memory of the host": time_us(lambda: conn.getMemoryStats(libvirt.VIR_NODE_MEMORY_STATS_ALL_CELLS)),
        "state of the monitor": time_us(domain.controlInfo),
        "job": time_us(domain.jobInfo),
    }


def main(build, guests=8):
    del build
    with Lab() as lab:
        lab.boot(names(FEW), max_mib=128)
        few = bulk(lab.conn)
        lab.boot(names(int(guests))[FEW:], max_mib=128)
        many = bulk(lab.conn)
        for name, us in few.items():
            print(f"{name}: {us / FEW:.0f} for each of {FEW} guests, {many[name] / int(guests):.0f} for each of {guests}")
        for name, us in alone(lab.conn, lab.guests[0].domain).items():
            print(f"{name}: {us:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
