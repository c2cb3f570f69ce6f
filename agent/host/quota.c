/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/quota.h"

#include <string.h>

/* More than 8192 pCPUs: libvirt tells "none" as the largest number that the kernel could take. */
static const int64_t max_permille = INT64_C(10000) * 1000;

unsigned quota_permille(int64_t quota_us, int64_t period_us)
{
    int64_t permille;

    if (quota_us <= 0 || period_us <= 0 || quota_us / period_us >= max_permille / 1000)
        return 0;
    permille = (int64_t)((double)quota_us * 1000 / (double)period_us);
    return permille < 1 ? 1 : (unsigned)permille;
}

void quotas_take(struct quotas *quotas, const char *name, uint64_t value)
{
    int64_t number = value > INT64_MAX ? -1 : (int64_t)value; /* -1 is libvirt's word for none */

    if (strcmp(name, "vcpu_quota") == 0)
        quotas->vcpu_quota_us = number;
    else if (strcmp(name, "vcpu_period") == 0)
        quotas->vcpu_period_us = number;
    else if (strcmp(name, "global_quota") == 0)
        quotas->guest_quota_us = number;
    else if (strcmp(name, "global_period") == 0)
        quotas->guest_period_us = number;
}

unsigned quota_least(unsigned a, unsigned b)
{
    return !a || (b && b < a) ? b : a;
}
