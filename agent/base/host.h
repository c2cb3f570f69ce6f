/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_BASE_HOST_H
#define EVENKEEL_AGENT_BASE_HOST_H

#include "planner/base/err.h"
#include "planner/base/plan.h"
#include "planner/base/sample.h"
#include "planner/topology/facts.h"

/* All that may be done to the world, as a record of functions because there are three worlds:
 * libvirt, the simulated host, and a recording. Each call returns 0 or a negative errno with a
 * sentence. Two codes are part of ordinary life:
 *   -ENOENT     the guest is gone, or was started again: normal between sample and apply
 *   -ENOTCONN   the connection is lost: go on with the next interval, which reconnects
 * and one ends the program, so that another may start: -EHOSTDOWN, nothing helps any more.
 * Samples come back sorted and belong to the caller. */
enum { HOST_STATS_PERIOD_S = 1 }; /* how often guests should report */
/* How a run of a guest began. One that returned (from saved memory, a snapshot's, or by migration) has
 * the pins and the size that it went with, and not what its definition says. */
enum run_origin { RUN_UNTOLD, RUN_BOOTED, RUN_RETURNED };
struct host {
    void *self;
    int (*sample_vcpus)(void *self, struct vcpu_sample *ret, struct err *err);
    int (*set_affinity)(void *self, const struct guest_id *guest, unsigned vcpu,
                        const struct cpuset *affinity, struct err *err);
    /* The same of the guest's threads that are no vCPUs, as a sample's helpers have them: an I/O thread,
     * or 0: the emulator and all that follows it. NULL: the host cannot. */
    int (*set_helpers)(void *self, const struct guest_id *guest, unsigned iothread,
                       const struct cpuset *affinity, struct err *err);
    int (*sample_memory)(void *self, struct memory_sample *ret, struct err *err);
    /* The same with the guests that are not chosen now: something may be owed to them. NULL: all are. */
    int (*sample_all_memory)(void *self, struct memory_sample *ret, struct err *err);
    int (*set_balloon)(void *self, const struct guest_id *guest, uint64_t target_kib,
                       struct err *err);
    /* Which run of the guest is the present one; -ENOENT: none. NULL: the host does not tell. */
    int (*run_of)(void *self, const struct guest_id *guest, int *ret, struct err *err);
    /* How that run began. NULL: the host does not tell. */
    int (*origin_of)(void *self, const struct guest_id *guest, enum run_origin *ret,
                     struct err *err);
    /* Whether a change of the guest that was given up may still be carried out: until it has come back, nothing
     * that is seen of the guest is to be relied on, and it is not changed (-EBUSY). NULL: never. */
    bool (*is_changing)(void *self, const struct guest_id *guest);
    /* Has the guest report its memory so often; 0: not at all. NULL: reports come by themselves. */
    int (*ask_for_stats)(void *self, const struct guest_id *guest, unsigned period_s,
                         struct err *err);
    /* What is known of the host's shape; topology_facts_done() is due where it is 0. NULL: the host
     * does not tell. */
    int (*topology)(void *self, struct topology_facts *ret, struct err *err);
    /* What else moves guests on this host, a set of enum hand (host/hands.h). NULL: it does not tell. */
    unsigned (*hands)(void *self);
    /* Calls to a hypervisor so far. NULL: there is none. */
    uint64_t (*calls)(void *self);
    void (*close)(void *self);
};

static inline bool host_is_changing(const struct host *host, const struct guest_id *guest)
{
    return host->is_changing && host->is_changing(host->self, guest);
}

#endif
