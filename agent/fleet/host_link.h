/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_FLEET_HOST_LINK_H
#define EVENKEEL_AGENT_FLEET_HOST_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "planner/base/err.h"
#include "planner/base/sample.h"

/* One host's libvirt by a read-only connection, asked in a thread that is left behind when a call
 * hangs. */

struct seen_guest {
    char name[GUEST_NAME_SIZE];
    char uuid[GUEST_UUID_SIZE];
    bool has_cpu_time;
    uint64_t cpu_time_ns;
    uint64_t maximum_kib;  /* of its definition; of the first look only */
    uint64_t floor_kib;    /* likewise: never less than this, by its metadata; 0: nothing is said */
    bool is_running;       /* not paused, starting, migrating */
    bool is_transient;     /* of the first look */
    const char *why_stays; /* of the first look; NULL: it may migrate */
    bool has_job;          /* likewise: a migration, a snapshot, a backup, a copy of a disk */
};
/* What one look has seen; guests by UUID. */
struct seen_host {
    uint64_t at_ns;
    size_t n_pcpus;         /* of the first look */
    uint64_t total_kib;     /* likewise */
    uint64_t available_kib; /* likewise: what could be handed out */
    struct seen_guest *guests;
    size_t n_guests;
};
void seen_host_done(struct seen_host *seen);

struct host_link;
/* Not connected. NULL: out of memory. */
struct host_link *host_link_new(const char *uri);
/* Connects first. is_first: definitions as well, which takes a call for each guest. 0, or a negative
 * errno with a sentence; after -ETIMEDOUT it is not asked again. */
int host_link_look(struct host_link *link, bool is_first, struct seen_host *ret, struct err *err);
void host_link_free(struct host_link *link);

#endif
