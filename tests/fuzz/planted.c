/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Faults, one for each harness, put between the program and itself by the linker (--wrap): what a
 * harness must not let pass. Each is built with its own function wrapped and no other, so the real
 * ones are weak. */
#include "agent/base/option_values.h"
#include "agent/host/guest_xml.h"
#include "agent/host/policy_xml.h"

#define WEAK __attribute__((weak))
bool WEAK __real_guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                                          const struct cpuset *online, struct cpuset *ret);
bool __wrap_guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                                     const struct cpuset *online, struct cpuset *ret);
int WEAK __real_policy_parse(const xmlNode *guest, struct memory_policy *ret, struct err *err);
int __wrap_policy_parse(const xmlNode *guest, struct memory_policy *ret, struct err *err);
int WEAK __real_option_interval(const char *text, double *ret_s, struct err *err);
int __wrap_option_interval(const char *text, double *ret_s, struct err *err);

/* A vCPU with a list of its own may also run on a pCPU that is not there. */
bool __wrap_guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                                     const struct cpuset *online, struct cpuset *ret)
{
    bool is_known = __real_guest_definition_allowed(definition, vcpu, online, ret);

    if (!cpuset_is_equal(ret, online))
        cpuset_add(ret, 77);
    return is_known;
}

/* The largest weight is one too large. */
int __wrap_policy_parse(const xmlNode *guest, struct memory_policy *ret, struct err *err)
{
    int r = __real_policy_parse(guest, ret, err);

    ret->weight += ret->has_weight && ret->weight == 10000;
    return r;
}

/* No interval is too long. */
int __wrap_option_interval(const char *text, double *ret_s, struct err *err)
{
    int r = __real_option_interval(text, ret_s, err);

    if (r >= 0 && *ret_s > 1)
        *ret_s *= 1e6;
    return r;
}
