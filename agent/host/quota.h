/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_QUOTA_H
#define EVENKEEL_AGENT_HOST_QUOTA_H

#include <stdbool.h>
#include <stdint.h>

/* Limits on CPU time, in 1/1000 of a pCPU; 0: no limit. */

/* So much CPU time in each period, both in microseconds, as the kernel and libvirt count. Anything
 * that is not above 0 is no limit, and neither is what no host could reach. */
unsigned quota_permille(int64_t quota_us, int64_t period_us);
/* libvirt's scheduler parameters of one guest as they are told, by name and in any order; 0: not
 * told. Names: virDomainGetSchedulerParametersFlags() in libvirt's reference. */
struct quotas {
    int64_t vcpu_quota_us, vcpu_period_us; /* of each vCPU alone */
    int64_t guest_quota_us, guest_period_us;
};
void quotas_take(struct quotas *quotas, const char *name, uint64_t value);

/* The lesser of two limits. */
unsigned quota_least(unsigned a, unsigned b);

#endif
