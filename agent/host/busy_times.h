/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_BUSY_TIMES_H
#define EVENKEEL_AGENT_HOST_BUSY_TIMES_H

#include <stdbool.h>

#include "planner/base/sample.h"

/* How long each pCPU of this machine was busy with anything, from one read of the kernel's
 * /proc/stat (proc(5)): user, nice, system, irq, softirq and steal. Time of guests is part of user
 * and nice already and is not added. The kernel counts in ticks, mostly of 10 ms.
 *
 * Fills in has_busy and busy_ns of the sample's pCPUs that the file names. 0, or a negative errno
 * where the file is not there or says nothing. */
int busy_times_read(const char *root, struct vcpu_sample *sample);
/* Whether one of libvirt's statistics of a pCPU, by name, is time in which it was busy: user, which
 * has the guests' time, and kernel, which has interrupts; virNodeGetCPUStats(). */
bool busy_times_is_busy(const char *field);

#endif
