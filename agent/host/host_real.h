/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_HOST_REAL_H
#define EVENKEEL_AGENT_HOST_HOST_REAL_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/base/host.h"
#include "agent/base/log.h"
#include "agent/base/options.h"
#include "agent/base/originals.h"

/* The real host, through libvirt. Its calls run on a worker thread with a limit: a hypervisor that
 * hangs costs an interval, never the daemon, and a signal is heard while it hangs. A lost or
 * given-up connection is opened again by the next sample. */
struct host_real_limits {
    unsigned call_ms;     /* for each call of libvirt; a sample may take longer */
    uint64_t left_out_ns; /* for a guest whose calls do not return: it is not asked before that */
    uint64_t
        given_up_ns; /* once nothing is tried any more, because too many calls hang: then the host
                             is given up, and -EHOSTDOWN returned */
};
struct host_real_options {
    enum program program; /* that it is for */
    const char *uri;
    const char *const *match; /* globs; none: every guest */
    size_t n_match;
    bool ignores_metadata; /* what guests' definitions say in <metadata> does not count */
    /* The folder in which /proc and /sys of the guests' host stand; NULL: "" for a URI whose
     * hypervisor runs on this machine, and no such folder for others. */
    const char *root;
    bool read_only; /* connect without the right to change, and do not ask guests for statistics */
    struct host_real_limits limits; /* all 0: 10 s, a minute, a minute */
    const struct log *log;
    bool (*is_stopping)(void *arg); /* asked while a call is under way; may be NULL */
    void *stopping_arg;
};

/* What the options point to has to live as long as the host. Opens the first connection: 0, or a
 * negative errno with a sentence. */
int host_real_open(const struct host_real_options *options, struct host *ret, struct err *err);

/* Who the host is, however the connection is spelt; empty where nobody else can reach it. */
enum { HOST_IDENTITY_SIZE = 128 };
/* The id of the host's boot, where it is this machine; else empty. */
void host_real_boot(const char *uri, char ret[HOST_IDENTITY_SIZE]);
/* What was found first binds where definitions only show pins: that of earlier processes before the first
 * sample, and again when guests have returned. Borrowed. 0 or -ENOMEM. */
int host_real_bind(const struct host *host, const struct originals *originals);
int host_real_identity(const struct host *host, char ret[HOST_IDENTITY_SIZE], struct err *err);

#endif
