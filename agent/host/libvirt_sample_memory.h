/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_LIBVIRT_SAMPLE_MEMORY_H
#define EVENKEEL_AGENT_HOST_LIBVIRT_SAMPLE_MEMORY_H

#include "agent/host/libvirt_sample.h"

/* Connects where there is no connection. A guest that fails is left out of the sample: it has
 * usually just ended. 0 or a negative errno as in agent/base/host.h. */
int sampling_memory(struct sampling *sampling, struct memory_sample *ret, struct err *err);

#endif
