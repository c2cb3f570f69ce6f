/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_HOST_LIBVIRT_H
#define EVENKEEL_AGENT_HOST_HOST_LIBVIRT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "agent/base/stop.h"
#include "agent/host/meminfo.h"
#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/guest.h"

/* libvirt in plain data: host_libvirt.c, host_libvirt_events.c and host_libvirt_guest.c are the only
 * files that include it. Each call blocks as long as libvirt does; host_real.c keeps that away from the
 * daemon. One thread at a time. Every call returns 0 or a negative errno with a sentence that names the
 * guest: -ENOENT the guest is gone, -ENOTCONN the connection is lost (and closed), -ENOMEM, -EBUSY, or
 * -EIO for all the rest. */
struct libvirt {
    struct _virConnect *connection;  /* NULL: lost */
    bool must_wait;                  /* the driver does not know NOWAIT */
    bool has_events;                 /* somebody runs the event loop (host_libvirt_events.h) */
    int map_pcpus, map_bytes;        /* of a set of the host's pCPUs */
    atomic_uint calls;               /* begun; another thread may look */
    struct libvirt_touched *touched; /* shared with the connection's events; NULL: it tells none */
    unsigned connections;            /* made so far */
    struct stop given_up;            /* nobody waits for what is under way: no guest is changed */
};

struct libvirt *libvirt_new(bool has_events); /* not connected; NULL: out of memory */
void libvirt_free(struct libvirt *libvirt);
/* Does nothing while the connection lives. read_only: without the right to change anything. */
int libvirt_connect(struct libvirt *libvirt, const char *uri, bool read_only, struct err *err);

/* The connection for one call that may take a while, which is counted. */
struct _virConnect *libvirt_call(struct libvirt *libvirt);
/* Turns libvirt's last error into a code and one sentence: "guest 'x': cannot pin a vCPU: ...".
 * guest may be NULL. */
int libvirt_fail(struct libvirt *libvirt, const struct guest_id *guest, const char *doing,
                 struct err *err);

/* Who the host is: its UUID, or its name where the driver tells none. Empty where the hypervisor
 * lives in this very process, so that nobody else can reach it. */
enum { LIBVIRT_IDENTITY_SIZE = 128 };
int libvirt_identity(struct libvirt *libvirt, const char *uri, char ret[LIBVIRT_IDENTITY_SIZE],
                     struct err *err);
int libvirt_online_pcpus(struct libvirt *libvirt, struct cpuset *ret, struct err *err);
/* The host's capabilities as XML, malloc'ed. */
int libvirt_capabilities(struct libvirt *libvirt, char **ret, struct err *err);
/* How long one pCPU was busy since the host's start. libvirt does not tell steal. */
enum { LIBVIRT_ALL_PCPUS = -1 };
int libvirt_busy(struct libvirt *libvirt, int pcpu, uint64_t *ret_ns, struct err *err);
int libvirt_host_memory(struct libvirt *libvirt, struct host_memory *ret, struct err *err);

#endif
