/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_HOST_LIBVIRT_H
#define EVENKEEL_AGENT_HOST_HOST_LIBVIRT_H

#include <stdatomic.h>
#include <stdbool.h>

#include "agent/host/meminfo.h"
#include "planner/base/cpuset.h"
#include "planner/base/err.h"
#include "planner/base/guest.h"

/* libvirt in plain data: host_libvirt.c and host_libvirt_guest.c are the only files that include
 * it. Each call blocks as long as libvirt does; host_real.c keeps that away from the daemon. One
 * thread at a time. Every call returns 0 or a negative errno with a sentence that names the guest:
 * -ENOENT the guest is gone, -ENOTCONN the connection is lost (and closed), -ENOMEM, -EBUSY, or
 * -EIO for all the rest. */
struct libvirt {
    struct _virConnect *connection;  /* NULL: lost */
    bool must_wait;                  /* the driver does not know NOWAIT */
    int map_pcpus, map_bytes;        /* of a set of the host's pCPUs */
    atomic_uint calls;               /* begun; another thread may look */
    struct libvirt_touched *touched; /* shared with the connection's events; NULL: it tells none */
    unsigned connections;            /* made so far */
    int touched_id;                  /* of that registration */
};

/* A thread that notices lost peers; once in a process, before its first connection. NULL: none, and
 * calls may wait for a lost peer for ever. It ends within a second after it is asked to. */
struct libvirt_events;
struct libvirt_events *libvirt_events_start(void);
void libvirt_events_stop(struct libvirt_events *events); /* or NULL */

struct libvirt *libvirt_new(void); /* not connected; NULL: out of memory */
void libvirt_free(struct libvirt *libvirt);
/* Does nothing while the connection lives. read_only: without the right to change anything. */
int libvirt_connect(struct libvirt *libvirt, const char *uri, bool read_only, struct err *err);

/* Has libvirt tell from now on when somebody sets pins, as long as the connection lives; whether it
 * does. Of the drivers, QEMU's can. */
void libvirt_listen_for_pins(struct libvirt *libvirt);
bool libvirt_tells_pins(const struct libvirt *libvirt);
/* The next guest that was touched through libvirt, by whomever, since this was asked: vCPUs' pins alone,
 * or those of other threads or limits as well. */
enum libvirt_touch { LIBVIRT_NOBODY, LIBVIRT_PINS, LIBVIRT_TUNABLES, LIBVIRT_ANYBODY };
enum libvirt_touch libvirt_next_touched(struct libvirt *libvirt, unsigned char ret_uuid[16]);

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
