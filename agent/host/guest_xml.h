/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_GUEST_XML_H
#define EVENKEEL_AGENT_HOST_GUEST_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/sample.h"

/* What a guest's definition (libvirt's domain XML) says that statistics do not. */

struct vcpu_limit {
    unsigned vcpu;
    struct cpuset allowed;
};

struct guest_definition {
    bool has_balloon; /* a memballoon device whose model is not "none" */
    /* Memory that a balloon must not or cannot give back: locked, in huge pages, or mapped for a
     * device (assigned PCI or mediated device, SR-IOV or vDPA interface, NVMe disk). */
    bool locked;
    bool has_cpuset; /* <vcpu cpuset='...'>: where vCPUs without a <vcpupin> may run */
    struct cpuset cpuset;
    struct vcpu_limit *limits; /* <vcpupin>, owned */
    size_t n_limits;
    unsigned stats_period_s; /* how often the balloon reports; 0: never */
    bool has_policy;         /* there is an element of ours in <metadata> */
    struct memory_policy policy;
    char policy_error[160]; /* what is wrong with it, or empty */
};

/* 0, -ENOMEM, or -EINVAL with a sentence when the text is no domain XML. A policy that breaks its
 * rules is no reason to fail: the guest comes back excluded, because its owner wanted something and
 * nobody knows what, and policy_error says what is wrong. */
int guest_xml_parse(const char *xml, struct guest_definition *ret, struct err *err);
void guest_definition_done(struct guest_definition *definition);

/* The definition of a running guest, of which libvirt has two. The constraint on vCPUs is the
 * persistent one's: live pins are ours to change, whoever made them, and a transient guest (nothing
 * persistent: all zero) is not constrained at all. Devices are those of the live one, and so is the
 * policy, unless only the persistent one has any: an edited definition counts without a restart. */
void guest_definition_merge(struct guest_definition *live, struct guest_definition *persistent,
                            struct guest_definition *ret); /* empties both */

/* Where the definition lets a vCPU run, as far as pCPUs are online. */
void guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                              const struct cpuset *online, struct cpuset *ret);

#endif
