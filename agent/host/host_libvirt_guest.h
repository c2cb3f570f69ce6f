/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_HOST_LIBVIRT_GUEST_H
#define EVENKEEL_AGENT_HOST_HOST_LIBVIRT_GUEST_H

#include "agent/base/host.h"
#include "agent/host/guest_stats.h"
#include "agent/host/host_libvirt.h"
#include "agent/host/quota.h"

/* Guests, as host_libvirt.h has the host: plain data, and the same errors. */

/* The active guests by UUID, and what one bulk call tells about all of them. */
struct active_guest {
    struct guest_id id;
    int number; /* of this run: another one after a restart */
    struct guest_stats stats;
    void *domain; /* for the calls below */
};
struct active_guests {
    struct active_guest *guests; /* owned */
    size_t n;
    void *records;
};
enum libvirt_group { LIBVIRT_VCPUS, LIBVIRT_BALLOONS };
int libvirt_guests(struct libvirt *libvirt, enum libvirt_group group, struct active_guests *ret,
                   struct err *err);
void libvirt_guests_done(struct active_guests *guests);

/* Definitions as XML, malloc'ed; *ret_persistent is NULL for a transient guest. */
int libvirt_definition(struct libvirt *libvirt, const struct active_guest *guest, char **ret_live,
                       char **ret_persistent, struct err *err);

/* One vCPU as the hypervisor sees it now. */
struct vcpu_fact {
    unsigned vcpu;
    bool online;
    int last_pcpu; /* -1: not told */
    uint64_t time_ns;
    struct cpuset affinity; /* what the kernel enforces */
};
/* *ret is malloc'ed. */
int libvirt_vcpus(struct libvirt *libvirt, const struct active_guest *guest, struct vcpu_fact **ret,
                  size_t *ret_n, struct err *err);

/* The running guest's limits on CPU time. A driver that does not know them is an error as any
 * other. */
int libvirt_quotas(struct libvirt *libvirt, const struct active_guest *guest, struct quotas *ret,
                   struct err *err);

/* Fills in what the bulk call did not tell, because the driver leaves it out there or (all: unused
 * memory counts too) because another client was asking the guest something at that moment. */
int libvirt_balloon(struct libvirt *libvirt, struct active_guest *guest, bool all, struct err *err);
/* The number of the guest's present run. */
int libvirt_run_of(struct libvirt *libvirt, const struct guest_id *guest, int *ret,
                   struct err *err);
/* How that run began. */
int libvirt_origin_of(struct libvirt *libvirt, const struct guest_id *guest, enum run_origin *ret,
                      struct err *err);
/* Whether nothing holds the guest up: no migration, save or dump, and no monitor that does not
 * answer. Any call above or below that would have to wait for that returns -EBUSY instead. */
bool libvirt_is_free(const struct active_guest *guest);

/* Changes of the running guest; its persistent definition stays as it is. run is the one that is meant:
 * -ENOENT where that is over. */
enum { LIBVIRT_ANY_RUN = -1 };
int libvirt_pin(struct libvirt *libvirt, const struct guest_id *guest, int run, unsigned vcpu,
                const struct cpuset *affinity, struct err *err);
/* iothread 0: the emulator. */
int libvirt_pin_helpers(struct libvirt *libvirt, const struct guest_id *guest, int run,
                        unsigned iothread, const struct cpuset *affinity, struct err *err);
int libvirt_set_memory(struct libvirt *libvirt, const struct guest_id *guest, int run,
                       uint64_t target_kib, struct err *err);
/* Has it report its memory every period_s seconds, as long as it runs. */
int libvirt_set_stats_period(struct libvirt *libvirt, const struct guest_id *guest, int run,
                             unsigned period_s, struct err *err);

#endif
