# SPDX-License-Identifier: GPL-3.0-or-later
"""events.py BUILD: which changes of a running guest libvirt tells by an event, and by which."""

import sys
import time

import libvirt
from lab import Lab, names

KINDS = {name[len("VIR_DOMAIN_EVENT_ID_"):]: number for name, number in vars(libvirt).items()
         if name.startswith("VIR_DOMAIN_EVENT_ID_") and not name.endswith("_LAST")}
SETTLE_S = 5  # the guest has to let go of a device
LIVE, CONFIG = libvirt.VIR_DOMAIN_AFFECT_LIVE, libvirt.VIR_DOMAIN_AFFECT_CONFIG
NAMESPACE = "tag:evenkeel.dev,2026:guest"
DEVICE = "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>"


def changes(conn, domain):
    def policy(where):
        return lambda: domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_ELEMENT, "<guest/>", "evenkeel", NAMESPACE, where)

    def redefine():
        conn.defineXML(domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE).replace("</name>", "</name><title>lab</title>"))

    yield "define", redefine
    yield "metadata, live", policy(LIVE)
    yield "metadata, persistent", policy(CONFIG)
    yield "title, live", lambda: domain.setMetadata(libvirt.VIR_DOMAIN_METADATA_TITLE, "lab", None, None, LIVE)
    yield "vcpupin, live", lambda: domain.pinVcpuFlags(0, (True, False), LIVE)
    yield "vcpupin, persistent", lambda: domain.pinVcpuFlags(0, (True, False), CONFIG)
    yield "emulatorpin, live", lambda: domain.pinEmulator((True, False), LIVE)
    yield "emulatorpin, persistent", lambda: domain.pinEmulator((True, False), CONFIG)
    yield "iothreadadd, live", lambda: domain.addIOThread(1, LIVE)
    yield "iothreadpin, live", lambda: domain.pinIOThread(1, (True, False), LIVE)
    yield "iothreaddel, live", lambda: domain.delIOThread(1, LIVE)
    yield "setvcpus, persistent", lambda: domain.setVcpusFlags(1, CONFIG)
    yield "setmem, live", lambda: domain.setMemoryFlags(200 * 1024, LIVE)
    yield "setmem, persistent", lambda: domain.setMemoryFlags(200 * 1024, CONFIG)
    yield "setmaxmem, persistent", lambda: domain.setMemoryFlags(400 * 1024, CONFIG | libvirt.VIR_DOMAIN_MEM_MAXIMUM)
    yield "dommemstat --period, live", lambda: domain.setMemoryStatsPeriod(3, LIVE)
    yield "schedinfo vcpu_quota, live", lambda: domain.setSchedulerParametersFlags({"vcpu_quota": 50000}, LIVE)
    yield "schedinfo vcpu_quota, persistent", lambda: domain.setSchedulerParametersFlags({"vcpu_quota": 50000}, CONFIG)
    yield "memtune hard_limit, live", lambda: domain.setMemoryParameters({"hard_limit": 9000000}, LIVE)
    yield "memtune hard_limit, persistent", lambda: domain.setMemoryParameters({"hard_limit": 9000000}, CONFIG)
    yield "numatune, persistent", lambda: domain.setNumaParameters({"numa_nodeset": "0"}, CONFIG)
    yield "attach a device, live", lambda: domain.attachDeviceFlags(DEVICE, LIVE)
    yield "attach a device, persistent", lambda: domain.attachDeviceFlags(DEVICE, CONFIG)
    yield "detach a device, live", lambda: domain.detachDeviceFlags(DEVICE, LIVE)
    yield "suspend", domain.suspend
    yield "resume", domain.resume
    yield "undefine", domain.undefine
    yield "shut down", domain.destroy


def listen(conn, heard):
    for name, kind in KINDS.items():
        def on_event(_conn, _domain, *what, name=name):
            heard.append(f"{name} {what[0] if name in ('LIFECYCLE', 'TUNABLE') else ''}".strip())

        try:
            conn.domainEventRegisterAny(None, kind, on_event, None)
        except libvirt.libvirtError:
            pass


def main(build):
    del build
    with Lab() as lab:
        guest = lab.boot(names(1), max_mib=256, vcpus=2)[0]
        heard = []
        listen(lab.conn, heard)
        for name, change in changes(lab.conn, guest.domain):
            heard.clear()
            try:
                change()
            except libvirt.libvirtError as error:
                print(f"| {name} | cannot be tried here: {error} |", flush=True)
                continue
            time.sleep(SETTLE_S)
            print(f"| {name} | {', '.join(heard) or 'none'} |", flush=True)
        lab.guests.clear()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
