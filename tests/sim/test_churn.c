/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/host/guest_store.h"
#include "agent/host/others.h"
#include "agent/restore.h"
#include "planner/memory/planner.h"
#include "planner/vcpu/planner.h"

/* 80,000 guests come and go, 40 at a time, and everything that remembers guests from one interval to
 * the next meets all of them. What it holds is counted, in entries and in bytes that the allocator has
 * handed out, when a tenth has gone and in the end. */

enum { GUESTS = 80000, AT_A_TIME = 40, ROUNDS = GUESTS / AT_A_TIME, EARLY = ROUNDS / 10 };
enum { PCPUS = 4, SLACK_BYTES = 64 * 1024, QUESTIONS = 8 + 2 * AT_A_TIME };

/* Guest number k of this round. */
static struct guest_id guest_of(unsigned round, unsigned k)
{
    struct guest_id guest = {{0}, "", ""};
    unsigned number = round * AT_A_TIME + k;

    for (int byte = 0; byte < 4; byte++)
        guest.uuid[byte] = (unsigned char)(number >> (24 - 8 * byte));
    snprintf(guest.name, sizeof(guest.name), "g%u", number);
    return guest;
}

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();

    return info.uordblks + info.hblkhd;
}

/* Plays all rounds; false where what is held in the end is more than what was held early on. */
static bool stays_flat(void (*play)(void *self, unsigned round), void *self)
{
    size_t early = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        play(self, round);
        if (round == EARLY)
            early = allocated();
    }
    return allocated() <= early + SLACK_BYTES;
}

/* ---- The scheduler: tracks, masks, refused pins ---- */

struct vcpus {
    struct vcpu_planner *planner;
    bool is_forgetful; /* a guest that went is in no later sample */
};

static void fill_vcpus(const struct vcpus *self, unsigned round, struct vcpu_sample *sample)
{
    unsigned first = self->is_forgetful ? round : 0, n = (round - first + 1) * AT_A_TIME;

    *sample = (struct vcpu_sample){.at_ns = (round + 1) * UINT64_C(1000000000),
                                   .pcpus = calloc(PCPUS, sizeof(*sample->pcpus)),
                                   .n_pcpus = PCPUS,
                                   .vcpus = calloc(n, sizeof(*sample->vcpus)),
                                   .n_vcpus = n,
                                   .guests = calloc(n, sizeof(*sample->guests)),
                                   .n_guests = n};
    assert_true(sample->pcpus && sample->vcpus && sample->guests);
    for (unsigned p = 0; p < PCPUS; p++)
        sample->pcpus[p].id = p;
    for (unsigned i = 0; i < n; i++) {
        struct vcpu_reading *vcpu = &sample->vcpus[i];

        vcpu->guest = guest_of(first, i);
        vcpu->running = true;
        vcpu->cpu_time_ns = round * UINT64_C(300000000);
        for (unsigned p = 0; p < PCPUS; p++)
            cpuset_add(&vcpu->allowed, p);
        cpuset_add(&vcpu->affinity, i % PCPUS);
        vcpu->mask = vcpu->affinity;
        sample->guests[i] = (struct guest_reading){.guest = vcpu->guest, .run = 1};
    }
    vcpu_sample_sort(sample);
}

static void play_vcpus(void *arg, unsigned round)
{
    struct vcpus *self = arg;
    struct vcpu_sample sample;
    struct vcpu_plan plan;
    struct err err = {0};

    fill_vcpus(self, round, &sample);
    if (vcpu_planner_step(self->planner, &sample, &plan, &err) < 0)
        fail_msg("%s", err.text);
    vcpu_planner_refused(self->planner, &sample.vcpus[0].guest, 0, 1);
    vcpu_plan_done(&plan);
    vcpu_sample_done(&sample);
}

static struct vcpu_planner *scheduler(void)
{
    struct vcpu_settings settings;
    struct vcpu_planner *planner;

    vcpu_settings_default(&settings);
    planner = vcpu_planner_new(&settings);
    assert_non_null(planner);
    return planner;
}

static void the_scheduler_forgets_who_has_gone(void **state)
{
    struct vcpus self = {.planner = scheduler(), .is_forgetful = true};

    (void)state;
    assert_true(stays_flat(play_vcpus, &self));
    vcpu_planner_free(self.planner);
}

/* ---- The coordinator: beliefs, demands, responses, refusals ---- */

static void play_memory(void *planner, unsigned round)
{
    struct memory_reading guests[AT_A_TIME] = {{.run = GUEST_RUNNING}};
    struct memory_sample sample = {.at_ns = (round + 1) * UINT64_C(1000000000),
                                   .host_total_kib = 64 << 20,
                                   .host_free_kib = 4 << 20,
                                   .host_available_kib = 4 << 20,
                                   .guests = guests,
                                   .n_guests = AT_A_TIME};
    struct memory_plan plan;
    struct err err = {0};

    for (unsigned k = 0; k < AT_A_TIME; k++)
        guests[k] = (struct memory_reading){.guest = guest_of(round, k),
                                            .run = GUEST_RUNNING,
                                            .has_balloon = true,
                                            .has = MEMORY_HAS_UNUSED | MEMORY_HAS_AGE,
                                            .actual_kib = 512 << 10,
                                            .maximum_kib = 2048 << 10,
                                            .unused_kib = 300 << 10};
    if (memory_planner_step(planner, &sample, &plan, &err) < 0)
        fail_msg("%s", err.text);
    memory_planner_refused(planner, &guests[0].guest);
    memory_plan_done(&plan);
}

static void the_coordinator_forgets_who_has_gone(void **state)
{
    struct memory_settings settings;
    struct memory_planner *planner;

    (void)state;
    memory_settings_default(&settings);
    settings.interval_s = 1;
    planner = memory_planner_new(&settings);
    assert_non_null(planner);
    assert_true(stays_flat(play_memory, planner));
    memory_planner_free(planner);
}

/* ---- What is owed ---- */

struct owing {
    struct originals originals;
    unsigned round;
    size_t most;
    bool forgets;
};

static int run_of(void *self, const struct guest_id *guest, int *ret, struct err *err)
{
    const struct owing *owing = self;

    (void)err;
    for (unsigned k = 0; k < AT_A_TIME; k++) {
        struct guest_id there = guest_of(owing->round, k);

        if (guest_compare(&there, guest) == 0) {
            *ret = 1;
            return 0;
        }
    }
    return -ENOENT;
}

static void play_owing(void *arg, unsigned round)
{
    struct owing *owing = arg;
    struct host host = {.self = owing, .run_of = run_of};

    owing->round = round;
    for (unsigned k = 0; k < AT_A_TIME; k++) {
        struct original original = {.guest = guest_of(round, k), .run = 1, .has_size = true};

        assert_int_equal(originals_add(&owing->originals, &original), 0);
    }
    if (owing->forgets)
        restore_forget(&owing->originals, &host, QUESTIONS);
    owing->most = owing->originals.n > owing->most ? owing->originals.n : owing->most;
}

static void nothing_is_owed_to_who_has_gone(void **state)
{
    struct owing owing = {.forgets = true};

    (void)state;
    assert_true(stays_flat(play_owing, &owing));
    assert_in_range(owing.most, AT_A_TIME, 3 * AT_A_TIME);
    originals_done(&owing.originals);
}

/* ---- The connection: definitions, what outlives a worker, guests of others ---- */

struct connection {
    struct guest_table table;
    struct guest_store *store;
    int worker;
    struct others others;
    bool sweeps;
};

static void play_connection(void *arg, unsigned round)
{
    struct connection *self = arg;
    struct pcpu_reading pcpu = {.id = 0};
    struct vcpu_sample sample = {
        .at_ns = (round + 1) * UINT64_C(1000000000), .pcpus = &pcpu, .n_pcpus = 1};

    for (unsigned k = 0; k < AT_A_TIME; k++) {
        struct guest_id guest = guest_of(round, k);
        struct guest_entry *entry = guest_table_see(&self->table, guest.uuid, 1);
        struct cpuset affinity = {{1}};

        assert_non_null(entry);
        guest_store_put(self->store, self->worker, entry);
        others_add(&self->others, &sample, guest.uuid, 0, round, &affinity);
    }
    if (self->sweeps) {
        guest_table_sweep(&self->table);
        guest_store_sweep(self->store, self->worker, &self->table);
    }
    assert_int_equal(others_end(&self->others, &sample), 0);
}

static bool connection_stays_flat(bool sweeps, size_t *ret_n)
{
    struct connection self = {.store = guest_store_new(), .sweeps = sweeps};
    bool is_flat;

    assert_non_null(self.store);
    self.worker = guest_store_take_over(self.store, &self.table);
    is_flat = stays_flat(play_connection, &self);
    *ret_n = self.table.n;
    guest_table_done(&self.table);
    guest_store_free(self.store);
    others_done(&self.others);
    return is_flat;
}

static void the_connection_forgets_who_has_gone(void **state)
{
    size_t n;

    (void)state;
    assert_true(connection_stays_flat(true, &n));
    assert_in_range(n, 1, AT_A_TIME);
}

/* ---- Lost without it ---- */

static void without_forgetting_they_are_all_held(void **state)
{
    struct owing owing = {.forgets = false};
    size_t n;

    (void)state;
    connection_stays_flat(false, &n);
    assert_int_equal(n, GUESTS);
    for (unsigned round = 0; round < 10; round++)
        play_owing(&owing, round);
    assert_int_equal(owing.most, 10 * AT_A_TIME);
    originals_done(&owing.originals);
}

/* The same count sees a scheduler whose guests stay. */
static void guests_that_stay_are_seen_in_the_bytes(void **state)
{
    struct vcpus self = {.planner = scheduler()};
    size_t before = 0;

    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        play_vcpus(&self, round);
        if (round == 2)
            before = allocated();
    }
    if (before < SLACK_BYTES) {
        vcpu_planner_free(self.planner);
        skip(); /* a sanitizer's allocator does not count */
    }
    assert_true(allocated() > before + SLACK_BYTES);
    vcpu_planner_free(self.planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scheduler_forgets_who_has_gone),
        cmocka_unit_test(the_coordinator_forgets_who_has_gone),
        cmocka_unit_test(nothing_is_owed_to_who_has_gone),
        cmocka_unit_test(the_connection_forgets_who_has_gone),
        cmocka_unit_test(without_forgetting_they_are_all_held),
        cmocka_unit_test(guests_that_stay_are_seen_in_the_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
