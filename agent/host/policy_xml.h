/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_POLICY_XML_H
#define EVENKEEL_AGENT_HOST_POLICY_XML_H

#include <stdbool.h>

#include "planner/base/sample.h"

struct _xmlNode; /* NOLINT(bugprone-reserved-identifier): libxml's name */

/* Whether that is the namespace below, and whether an element of <metadata> is in it. */
bool policy_is_namespace(const char *uri);
bool policy_is_ours(const struct _xmlNode *node);

/* What is said about vCPUs. */
struct vcpu_policy {
    bool excluded;             /* do not touch at all: it is work that is not ours */
    unsigned reserve_permille; /* of a pCPU, as in planner/base/sample.h */
};

/* What is wrong with the part about memory, or about vCPUs, stands beside it, or "". Such a guest
 * is excluded there: its owner wanted something, and nobody knows what. */
struct guest_policy {
    struct memory_policy memory;
    struct vcpu_policy vcpu;
    char memory_error[160], vcpu_error[160];
};

/* The element that a guest's definition may carry in <metadata>:
 *
 *   <evenkeel:guest xmlns:evenkeel="tag:evenkeel.dev,2026:guest">
 *     <evenkeel:memory floor="512" ceiling="2048" weight="200" unit="MiB"/>
 *     <evenkeel:vcpu reserve="50"/>
 *   </evenkeel:guest>
 *
 * Attributes of <memory>, all optional: floor, ceiling, size (whole numbers; size holds the guest
 * at exactly that), unit of those (KiB, MiB or GiB; MiB where it is left out), weight (1..10000),
 * managed (yes, no). Of <vcpu>: managed, reserve (0..100, percent of a pCPU for each vCPU).
 * Anything else is an error, so that a misspelt word does not silently mean nothing; an element of
 * another name is one in both parts. */
void policy_parse(const struct _xmlNode *guest, struct guest_policy *ret);

#endif
