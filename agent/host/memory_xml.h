/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_MEMORY_XML_H
#define EVENKEEL_AGENT_HOST_MEMORY_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "planner/base/sample.h"

/* What a definition says about a guest's memory, beside its size. */
struct memory_definition {
    enum memory_lock lock; /* why the balloon must not be used; MEMORY_LOCK_UNTOLD: it may be */
    /* libvirt counts memory devices in a guest's sizes, and takes and checks the targets of its
     * balloon without them. DIMMs are the exception: a balloon governs them like other memory. */
    uint64_t plugged_kib; /* plugged virtio-mem: part of the current size */
    uint64_t devices_kib; /* all of virtio-mem, NVDIMMs and the like: part of the maximum */
    bool has_virtio_mem;  /* what is plugged of it may change at any time */
    uint64_t limit_kib;   /* most that its process may hold before it is killed; 0: no limit */
};

struct _xmlXPathContext; /* libxml's */
/* Of a live definition; of another one, which does not tell what is plugged, virtio-mem is a
 * lock. */
void memory_xml_read(struct _xmlXPathContext *context, struct memory_definition *ret);
/* libvirt's sizes in the planner's terms: a maximum that the guest can reach by its balloon alone.
 * A guest whose sizes contradict its definition is locked. */
void memory_xml_correct(const struct memory_definition *definition, struct memory_reading *reading);

/* Bytes of a unit as libvirt spells them (its page on domain XML, "memory"); KiB without one (NULL). */
double memory_xml_unit_bytes(const char *unit);

#endif
