/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_ONE_PICTURE_H
#define EVENKEEL_AGENT_ONE_PICTURE_H

#include "agent/fleet/cluster.h"
#include "agent/one/document.h"
#include "agent/one/job.h"

/* A document in the planner's words. Memory and CPU as oned hands them out are hard: MiB and hundredths of a
 * CPU. Names are "NAME (ID)", as names alone are nobody's own.
 *
 * Optimising, the guests are the VMs that take room on a host of the document, and balance is of what they
 * really use. Placing, they are those that are asked about, none of them is anywhere yet, and balance is of
 * what is handed out: so a VM that has to leave its host keeps its room there until it has left.
 *
 * What a host has handed out to VMs that the document does not tell of is one more guest that stays, as is
 * in placing whatever runs there. */
struct one_picture {
    struct cluster cluster; /* hosts are those of the document, in its order */
    int *vm_of;             /* [n_guests] of the document, or -1: what else runs on its home */
    int *guest_of;          /* [n_vms] or -1 */
};

/* 0, -ENOMEM, or -EINVAL with a sentence. The document must outlive it. */
int one_picture_new(const struct one_document *document, enum one_job job, struct one_picture *ret,
                    struct err *err);
void one_picture_done(struct one_picture *picture);

/* VM groups (group_rules.c): roles and rules become sets of guests that are together or apart, and hosts that
 * may not be used. 0, -ENOMEM, or -EINVAL with a sentence. */
int one_group_rules(const struct one_document *document, struct one_picture *picture,
                    struct err *err);

#endif
