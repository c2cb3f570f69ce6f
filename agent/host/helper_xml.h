/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_HELPER_XML_H
#define EVENKEEL_AGENT_HOST_HELPER_XML_H

#include <stdbool.h>
#include <stddef.h>

#include "planner/base/cpuset.h"

/* What a definition says about a guest's threads that are no vCPUs: its emulator and its I/O threads. */
struct helper_definition {
    unsigned iothread; /* 0: the emulator */
    bool is_pinned;    /* <emulatorpin>, <iothreadpin> */
    bool is_owners;    /* its owner decided on it, or nobody knows what was decided */
    struct cpuset pcpus;
};
struct helper_definitions {
    struct helper_definition *list; /* by number, the emulator first */
    size_t n;
};

struct _xmlXPathContext; /* libxml's */
/* Of one definition, in which whatever is pinned is its owner's. 0 or -ENOMEM. */
int helper_xml_read(struct _xmlXPathContext *context, struct helper_definitions *ret);
void helpers_done(struct helper_definitions *helpers);
/* A deep copy. 0 or -ENOMEM. */
int helpers_copy(const struct helper_definitions *from, struct helper_definitions *ret);
/* What the owner decided is what the other definition says; threads that it does not have were added
 * since, by nobody's decision. */
void helpers_take_owner(struct helper_definitions *helpers, const struct helper_definitions *from);
/* One that we pinned is not its owner's, whatever a definition made since shows. */
void helpers_disown(struct helper_definitions *helpers, unsigned iothread);
/* Where one of them was pinned since. */
void helpers_note(struct helper_definitions *helpers, unsigned iothread, const struct cpuset *mask);

#endif
