/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_CIB_H
#define EVENKEEL_AGENT_FLEET_CIB_H

#include <stddef.h>

#include "agent/fleet/cluster.h"

/* Pacemaker's cluster document, the CIB, as `cibadmin --query` prints it (2.0 to 3.0): configuration
 * and status. Guests are its ocf:heartbeat:VirtualDomain primitives; all other resources stay where
 * they are and take up what their utilization says.
 *
 * What rules out any plan, but not a look (no quorum, fencing that is due, a constraint that cannot be
 * evaluated), becomes a refusal with the constraint's id; what is only a preference, a note. Guests of a
 * rule about recurring dates, or of colocated sets that cannot be made into pairs, stay where they are. */

/* In memory it takes about twenty times as much. 32 hosts with 1,000 guests are 5 MiB. */
enum { CIB_MOST_BYTES = 64 << 20 };

/* now_s: Unix time, for rules about dates. 0 with a cluster for cluster_done(), -ENOMEM, or -EINVAL with a sentence: the text is no such
 * document, has a document type, or is beyond the limits above and of cluster.h. */
int cib_read(const char *text, size_t n, int64_t now_s, struct cluster *ret, struct err *err);

#endif
