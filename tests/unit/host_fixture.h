/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_HOST_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_HOST_FIXTURE_H

#include "agent/base/host.h"

enum { FAKE_MOST = 8 };

/* A host that writes down what it is asked to do, and fails where it is told to. Guest i is called
 * "g<i>" and has vCPU 0 alone. */
struct fake_call {
    unsigned guest;
    uint64_t target_kib; /* or the pCPU of a one-pCPU affinity, CPUSET_SIZE for others */
};
struct fake_host {
    size_t n_guests;
    size_t n_left_out; /* of them, the last ones: not chosen, and in no sample of the chosen */
    struct cpuset affinity[FAKE_MOST];
    struct cpuset online; /* empty: of no interest */
    bool refuses_offline; /* an affinity with a pCPU that is offline fails */
    uint64_t actual_kib[FAKE_MOST], unused_kib[FAKE_MOST];
    bool silent[FAKE_MOST];                         /* tells no unused memory */
    uint64_t age_ns[FAKE_MOST], rss_kib[FAKE_MOST]; /* 0: not told */
    uint64_t total_kib, free_kib;
    bool tells_runs; /* run_of() is there */
    int run[FAKE_MOST];
    enum run_origin origin[FAKE_MOST];
    struct cpuset helpers[FAKE_MOST];
    unsigned period_s[FAKE_MOST];
    int origin_code;     /* what asking how a run began returns */
    int code[FAKE_MOST]; /* what a call about the guest returns */
    bool is_changing[FAKE_MOST];
    struct fake_call calls[64];
    size_t n_calls;
};

struct guest_id fake_guest(unsigned i);
/* The host is borrowed and takes what it is asked to do over into its state. */
struct host fake_host(struct fake_host *fake);

#endif
