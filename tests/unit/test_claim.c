/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What guests' definitions claim, cut so that none takes from the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "planner/base/claim.h"

enum { N = 4, MIB = 1024 };

/* A host of 10,000 MiB with four guests of up to 8,000. */
struct host {
    struct memory_reading guests[N];
    struct memory_sample sample;
    struct claim_limits limits;
    struct claim_cuts cuts; /* the last ones */
};

static int make_host(void **state)
{
    struct host *host = calloc(1, sizeof(*host));

    assert_non_null(host);
    host->sample = (struct memory_sample){
        .host_total_kib = UINT64_C(10000) * MIB, .guests = host->guests, .n_guests = N};
    for (size_t i = 0; i < N; i++) {
        host->guests[i].guest.uuid[0] = (unsigned char)i;
        host->guests[i].maximum_kib = UINT64_C(8000) * MIB;
    }
    claim_limits_default(&host->limits);
    *state = host;
    return 0;
}

static int drop_host(void **state)
{
    struct host *host = *state;

    claim_cuts_done(&host->cuts);
    free(host);
    return 0;
}

static void set_floor(struct host *host, size_t i, uint64_t mib)
{
    host->guests[i].policy.has_floor = true;
    host->guests[i].policy.floor_kib = mib * MIB;
}

/* How many are cut. */
static size_t limit(struct host *host)
{
    claim_cuts_done(&host->cuts);
    assert_int_equal(claim_limit_memory(&host->limits, &host->sample, &host->cuts), 0);
    return host->cuts.n;
}

static void a_floor_is_a_part_of_the_host_at_most(void **state)
{
    struct host *host = *state;

    set_floor(host, 1, 5000);
    set_floor(host, 2, 0);
    assert_int_equal(limit(host), 0);
    set_floor(host, 1, 5001);
    assert_int_equal(limit(host), 1);
    assert_int_equal(host->cuts.list[0].kind, CLAIM_FLOOR);
    assert_false(host->cuts.list[0].is_sum);
    assert_int_equal(host->cuts.list[0].guest.uuid[0], 1);
    assert_int_equal(host->cuts.list[0].claimed, 5001 * MIB);
    assert_int_equal(host->cuts.list[0].counted, 5000 * MIB);
    assert_int_equal(host->guests[1].policy.floor_kib, 5000 * MIB);
}

/* 7,500 MiB for all: who claims 100 keeps it, and the others come down to the same. */
static void the_sum_is_cut_from_the_largest(void **state)
{
    struct host *host = *state;

    set_floor(host, 0, 4000);
    set_floor(host, 1, 100);
    set_floor(host, 2, 4900);
    host->guests[3].policy.has_pin = true;
    host->guests[3].policy.pin_kib = UINT64_C(2000) * MIB;
    assert_int_equal(limit(host), 2);
    assert_true(host->cuts.list[0].is_sum && host->cuts.list[1].is_sum);
    assert_int_equal(host->guests[0].policy.floor_kib, 2700 * MIB);
    assert_int_equal(host->guests[1].policy.floor_kib, 100 * MIB);
    assert_int_equal(host->guests[2].policy.floor_kib, 2700 * MIB);
    assert_true(host->guests[3].policy.has_pin);
    assert_int_equal(limit(host), 0); /* again: nothing is left to cut */
}

static void a_size_that_is_cut_is_a_floor_below_a_ceiling(void **state)
{
    struct host *host = *state;
    struct memory_policy *policy = &host->guests[0].policy;

    policy->has_pin = true;
    policy->pin_kib = UINT64_C(7000) * MIB;
    assert_int_equal(limit(host), 1);
    assert_int_equal(host->cuts.list[0].kind, CLAIM_SIZE);
    assert_true(!policy->has_pin && policy->has_floor && policy->has_ceiling);
    assert_int_equal(policy->floor_kib, 5000 * MIB);
    assert_int_equal(policy->ceiling_kib, 7000 * MIB);
}

/* Nor what a guest cannot have, nor what is not managed. */
static void what_takes_from_nobody_is_not_counted(void **state)
{
    struct host *host = *state;

    for (size_t i = 0; i < N; i++)
        set_floor(host, i, 4500);
    host->guests[0].policy.excluded = host->guests[1].policy.excluded = true;
    host->guests[2].maximum_kib = UINT64_C(1000) * MIB;
    host->guests[2].policy.floor_kib = memory_most_kib;
    assert_int_equal(limit(host), 0);
}

static void set_weight(struct host *host, size_t i, unsigned weight)
{
    host->guests[i].policy.has_weight = true;
    host->guests[i].policy.weight = weight;
}

/* Four guests: 400 beyond the usual for all of them. */
static void weights_are_cut_likewise(void **state)
{
    struct host *host = *state;

    set_weight(host, 0, 10000);
    set_weight(host, 1, 180);
    set_weight(host, 2, 1);
    assert_int_equal(limit(host), 1);
    assert_int_equal(host->cuts.list[0].kind, CLAIM_WEIGHT);
    assert_true(host->cuts.list[0].is_sum);
    assert_int_equal(host->guests[0].policy.weight, 420);
    assert_int_equal(host->guests[1].policy.weight, 180);
    assert_int_equal(host->guests[2].policy.weight, 1);
    set_weight(host, 0, 500);
    host->limits.weight = 150;
    assert_int_equal(limit(host), 2);
    assert_false(host->cuts.list[0].is_sum);
    assert_int_equal(host->guests[0].policy.weight, 150);
    host->limits.weight = 0; /* the usual one takes nothing */
    limit(host);
    assert_int_equal(host->guests[0].policy.weight, 100);
    assert_int_equal(host->guests[2].policy.weight, 1);
}

/* Two guests on four pCPUs, of which three may be used. */
static void reserves_are_cut_by_guest(void **state)
{
    struct vcpu_reading vcpus[4] = {{.running = true, .reserve_permille = 900},
                                    {.running = true, .reserve_permille = 900},
                                    {.running = false, .reserve_permille = 900},
                                    {.running = true, .reserve_permille = 400}};
    struct pcpu_reading pcpus[4] = {{.id = 0}, {.id = 1}, {.id = 2}, {.id = 3}};
    struct vcpu_sample sample = {.vcpus = vcpus, .n_vcpus = 4, .pcpus = pcpus, .n_pcpus = 4};
    struct claim_limits limits;
    struct claim_cuts cuts;

    (void)state;
    claim_limits_default(&limits);
    vcpus[3].guest.uuid[0] = 1;
    pcpus[1].use = PCPU_ISOLATED;
    assert_int_equal(claim_limit_vcpus(&limits, &sample, &cuts), 0);
    assert_int_equal(cuts.n, 1); /* 1500 less 400 are left for two vCPUs */
    assert_int_equal(cuts.list[0].kind, CLAIM_RESERVE);
    assert_true(cuts.list[0].is_sum);
    assert_int_equal(vcpus[0].reserve_permille, 550);
    assert_int_equal(vcpus[1].reserve_permille, 550);
    assert_int_equal(vcpus[3].reserve_permille, 400);
    claim_cuts_done(&cuts);
    limits.reserve_pct = 20;
    assert_int_equal(claim_limit_vcpus(&limits, &sample, &cuts), 0);
    assert_int_equal(cuts.n, 2);
    assert_false(cuts.list[0].is_sum || cuts.list[1].is_sum);
    assert_int_equal(vcpus[2].reserve_permille, 200);
    assert_int_equal(vcpus[3].reserve_permille, 200);
    claim_cuts_done(&cuts);
}

int main(void)
{
#define ON_HOST(test) cmocka_unit_test_setup_teardown(test, make_host, drop_host)
    const struct CMUnitTest tests[] = {
        ON_HOST(a_floor_is_a_part_of_the_host_at_most),
        ON_HOST(the_sum_is_cut_from_the_largest),
        ON_HOST(a_size_that_is_cut_is_a_floor_below_a_ceiling),
        ON_HOST(what_takes_from_nobody_is_not_counted),
        ON_HOST(weights_are_cut_likewise),
        cmocka_unit_test(reserves_are_cut_by_guest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
