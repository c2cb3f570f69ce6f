/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_LIBVIRT_LIBVIRT_FIXTURE_H
#define EVENKEEL_TESTS_LIBVIRT_LIBVIRT_FIXTURE_H

#include <libvirt/libvirt.h>

#include "agent/host/host_real.h"

/* The real host against libvirt's own in-process hypervisor, test:///default: one guest "test" with
 * two vCPUs, pCPUs 0, 2 and 4 of 8 online. It takes pins and balloon targets and forgets them with
 * the process; statistics beyond the state it only has per guest. */
#define URI "test:///default"

/* What every test has: our host, and an administrator's connection to the same hypervisor. */
struct world {
    struct host host;
    virConnectPtr admin;
    struct log log;
    bool ignores_metadata; /* of hosts opened from now on */
};
int set_up(void **state);
int tear_down(void **state);
int open_host(struct world *world, const char *const *match, size_t n_match, bool read_only);

/* Each asserts success; NULL where there is no such guest. */
struct vcpu_sample sample_vcpus(struct world *world);
struct memory_sample sample_memory(struct world *world);
const struct vcpu_reading *find_vcpu(const struct vcpu_sample *sample, const char *name,
                                     unsigned vcpu);
const struct memory_reading *find_guest(const struct memory_sample *sample, const char *name);
void assert_cpus(const struct cpuset *set, const char *text);

/* A running guest of the test's own: 1 of 2 GiB, with more of its definition inside. */
virDomainPtr add_guest(struct world *world, const char *name, const char *inside, bool persistent);
void remove_guest(virDomainPtr domain);

#endif
