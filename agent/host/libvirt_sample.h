/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_LIBVIRT_SAMPLE_H
#define EVENKEEL_AGENT_HOST_LIBVIRT_SAMPLE_H

#include "agent/base/log.h"
#include "agent/host/guest_table.h"
#include "agent/host/host_libvirt.h"
#include "planner/base/sample.h"

/* From libvirt's facts to samples. */
struct sampling {
    const char *uri;
    const char *const *match; /* globs; none: every guest */
    size_t n_match;
    bool read_only; /* connect without the right to change, and do not ask guests for statistics */
    struct log log;
    struct libvirt *libvirt; /* owned */
    struct guest_table guests;
};

/* Connects where there is no connection. A guest that fails is left out of the sample: it has
 * usually just ended. 0 or a negative errno as in agent/base/host.h. */
int sampling_vcpus(struct sampling *sampling, struct vcpu_sample *ret, struct err *err);
int sampling_memory(struct sampling *sampling, struct memory_sample *ret, struct err *err);
void sampling_done(struct sampling *sampling);

#endif
