/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_REQUEST_H
#define EVENKEEL_AGENT_HOST_REQUEST_H

#include "agent/host/libvirt_sample.h"
#include "planner/topology/facts.h"

/* What a worker is asked to do with libvirt: jobs for worker_run(), whose state is a struct
 * sampling. Each returns 0 or a negative errno with the sentence in the request. */

/* One call under way. Owned by the caller, or by a worker that was left behind. */
struct request {
    struct guest_id guest;
    unsigned vcpu; /* or the I/O thread */
    struct cpuset affinity;
    uint64_t target_kib;
    unsigned period_s;
    int run;
    enum run_origin origin;
    struct originals originals; /* owned */
    struct vcpu_sample vcpus;
    struct memory_sample memory;
    char identity[LIBVIRT_IDENTITY_SIZE];
    struct topology_facts *topology; /* owned */
    struct err err;
};

void request_free(void *request);
void request_free_sampling(void *sampling);

int request_connect(void *state, void *request);
int request_identity(void *state, void *request);
int request_topology(void *state, void *request);
int request_sample_vcpus(void *state, void *request);
int request_sample_memory(void *state, void *request);
int request_sample_all_memory(void *state, void *request);
int request_pin(void *state, void *request);
int request_pin_helpers(void *state, void *request);
int request_set_memory(void *state, void *request);
int request_set_period(void *state, void *request);
int request_bind(void *state, void *request);
int request_run_of(void *state, void *request);
int request_origin_of(void *state, void *request);

#endif
