/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_GUEST_XML_H
#define EVENKEEL_AGENT_HOST_GUEST_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "agent/host/helper_xml.h"
#include "agent/host/memory_xml.h"
#include "agent/host/numa_xml.h"
#include "agent/host/policy_xml.h"
#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/sample.h"

/* What a guest's definition (libvirt's domain XML) says that statistics do not. */

/* is_strange: the list cannot be read, and nobody knows what its owner wanted. */
struct vcpu_limit {
    unsigned vcpu;
    bool is_strange;
    struct cpuset allowed;
};

struct guest_definition {
    bool has_balloon; /* a memballoon device whose model is not "none" */
    bool locked;      /* the balloon must not be used; memory.lock says why */
    struct memory_definition memory;
    struct numa_definition numa; /* of the live definition */
    bool has_cpuset;             /* <vcpu cpuset='...'>: where vCPUs without a <vcpupin> may run */
    bool has_strange_cpuset;
    struct cpuset cpuset;
    struct helper_definitions helpers; /* owned */
    struct vcpu_limit *limits;         /* <vcpupin>, owned */
    size_t n_limits;
    bool is_transient;                                  /* there is no persistent definition */
    unsigned vcpu_quota_permille, guest_quota_permille; /* <cputune>, of the live definition */
    char partition[256];     /* <resource>: in which control group it was started, or empty */
    unsigned stats_period_s; /* how often the balloon reports; 0: never */
    bool has_policy;         /* there is an element of ours in <metadata> */
    struct guest_policy policy;
};

/* 0, -ENOMEM, or -EINVAL with a sentence when the text is no domain XML. A policy that breaks its
 * rules is no reason to fail: the guest comes back excluded, because its owner wanted something and
 * nobody knows what, and the policy says what is wrong. */
int guest_xml_parse(const char *xml, struct guest_definition *ret, struct err *err);
void guest_definition_done(struct guest_definition *definition);

/* The definition of a running guest, of which libvirt has two. persistent is NULL for a transient
 * guest. Of each vCPU's <vcpupin> the persistent one binds: pins show in the live one, ours among
 * them. A transient guest has only the live one. Pins do not change <vcpu cpuset>, so the live one
 * binds, and the persistent one where the live definition has none. Other threads are where the live
 * definition pins them; that they are pinned is their owner's wish where the persistent one does. Quotas and devices are those of
 * the live definition, and so is the policy, unless only the persistent one has any: an edited
 * definition counts without a restart. Empties both. */
void guest_definition_merge(struct guest_definition *live, struct guest_definition *persistent,
                            struct guest_definition *ret);

/* A transient guest's only definition shows pins made since it was first read: what it said of
 * <vcpupin> then goes on to bind, and so does which other threads it pinned. Takes that over from the
 * earlier reading. */
void guest_definition_keep_limits(struct guest_definition *definition,
                                  struct guest_definition *earlier);

/* What its owner wanted of a vCPU, where the definition shows a pin instead. 0 or -ENOMEM. */
int guest_definition_bind(struct guest_definition *definition, unsigned vcpu,
                          const struct cpuset *allowed);

/* Where the definition lets a vCPU run, of the pCPUs that are online. False: its limits cannot be
 * read, and *ret is what they would be without. */
bool guest_definition_allowed(const struct guest_definition *definition, unsigned vcpu,
                              const struct cpuset *online, struct cpuset *ret);

#endif
