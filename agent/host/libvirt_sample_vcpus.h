/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_LIBVIRT_SAMPLE_VCPUS_H
#define EVENKEEL_AGENT_HOST_LIBVIRT_SAMPLE_VCPUS_H

#include "agent/host/libvirt_sample.h"

/* One sample of vCPUs and pCPUs, as sampling_memory(). What it costs beside one bulk call: a call for the
 * vCPUs of some guests (vcpu_facts.h); definitions and scheduler parameters that are due (guest_table.h);
 * and busy times, one read of a file on this machine, elsewhere a call for each pCPU, of at most
 * SAMPLING_MAX_BUSY_CALLS at a time: larger hosts are asked in turn. */
enum { SAMPLING_MAX_BUSY_CALLS = 64 };
int sampling_vcpus(struct sampling *sampling, struct vcpu_sample *ret, struct err *err);

#endif
