/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <libvirt/libvirt.h>

#include "tests/libvirt/libvirt_fixture.h"

/* QEMU's driver tells a guest's sizes and not what is in use while another client is asking that
 * guest something. libvirt's test driver tells nothing here, so the bulk call is answered by this
 * program: its definition comes before the library's. */
static int told_state = VIR_DOMAIN_RUNNING, told_reason;

static void add_record(virDomainPtr domain, virDomainStatsRecordPtr *ret)
{
    virDomainStatsRecordPtr record = calloc(1, sizeof(*record));
    int room = 0;

    assert_non_null(record);
    record->dom = domain;
    virTypedParamsAddInt(&record->params, &record->nparams, &room, "state.state", told_state);
    virTypedParamsAddInt(&record->params, &record->nparams, &room, "state.reason", told_reason);
    virTypedParamsAddULLong(&record->params, &record->nparams, &room, "balloon.current", 1500000);
    virTypedParamsAddULLong(&record->params, &record->nparams, &room, "balloon.maximum", 2097152);
    *ret = record;
}

static bool is_failing;

int virConnectGetAllDomainStats(virConnectPtr connection, unsigned int stats,
                                virDomainStatsRecordPtr **ret, unsigned int flags)
{
    virDomainPtr *domains = NULL;
    int n;

    (void)stats, (void)flags;
    if (is_failing)
        return -1;
    n = virConnectListAllDomains(connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
    *ret = calloc((size_t)n + 1, sizeof(**ret));
    assert_non_null(*ret);
    for (int i = 0; i < n; i++)
        add_record(domains[i], &(*ret)[i]);
    free(domains);
    return n;
}

/* The period that was asked for last, and how often. */
static int asked_period;
static unsigned asked;

int virDomainSetMemoryStatsPeriod(virDomainPtr domain, int period, unsigned int flags)
{
    (void)domain;
    assert_int_equal(flags, VIR_DOMAIN_AFFECT_LIVE);
    asked_period = period;
    asked++;
    return 0;
}

/* Without a period a guest tells the same numbers for ever. */
static void statistics_are_asked_for_each_second(void **state)
{
    struct world *world = *state;
    virDomainPtr domain =
        add_guest(world, "mute", "<devices><memballoon model='virtio'/></devices>", false);
    struct memory_sample sample;

    asked = 0;
    for (int i = 0; i < 3; i++) {
        const struct memory_reading *mute;

        sample = sample_memory(world);
        mute = find_guest(&sample, "mute");
        assert_int_equal(mute->stats_period_s, i ? 1 : 0);
        assert_int_equal(mute->lacks_stats, i == 0);
        if (mute->lacks_stats)
            assert_int_equal(world->host.ask_for_stats(world->host.self, &mute->guest,
                                                       HOST_STATS_PERIOD_S, NULL),
                             0);
        memory_sample_done(&sample);
    }
    assert_int_equal(asked, 1); /* a sample alone asks for nothing */
    assert_int_equal(asked_period, 1);
    remove_guest(domain);
}

static void what_another_client_hides_is_asked_for(void **state)
{
    struct world *world = *state;
    virDomainPtr bare =
        add_guest(world, "bare", "<devices><memballoon model='none'/></devices>", false);

    for (int i = 0; i < 3; i++) {
        struct memory_sample sample = sample_memory(world);

        assert_true(find_guest(&sample, "test")->has & MEMORY_HAS_UNUSED);
        assert_int_equal(find_guest(&sample, "test")->run, GUEST_RUNNING);
        /* Has no balloon that could tell. */
        assert_false(find_guest(&sample, "bare")->has & MEMORY_HAS_UNUSED);
        assert_int_equal(find_guest(&sample, "bare")->actual_kib, 1500000);
        memory_sample_done(&sample);
    }
    remove_guest(bare);
}

/* Both ends of a migration are paused by it; only where the guest has not run it is to come. */
static void who_is_paused_by_a_migration_arrives_or_leaves(void **state)
{
    static const struct {
        int state, reason;
        enum guest_run run;
    } rows[] = {
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_STARTING_UP, GUEST_STARTING},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, GUEST_ARRIVING},
        {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY, GUEST_ARRIVING},
        {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_MIGRATED, GUEST_RUNNING},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION, GUEST_MIGRATING},
        {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY, GUEST_MIGRATING},
    };
    struct world *world = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct memory_sample sample;

        told_state = rows[i].state;
        told_reason = rows[i].reason;
        sample = sample_memory(world);
        assert_int_equal(find_guest(&sample, "test")->run, rows[i].run);
        memory_sample_done(&sample);
    }
    told_state = VIR_DOMAIN_RUNNING;
    told_reason = 0;
}

/* A guest whose definition is not known is left alone, and of many some have to wait for it. */
static void a_call_that_fails_once_costs_no_definition(void **state)
{
    struct world *world = *state;
    struct memory_sample sample;
    struct err err = {0};
    uint64_t calls = 0;

    for (int i = 0; i < 3; i++) {
        uint64_t before = world->host.calls(world->host.self);

        sample = sample_memory(world);
        memory_sample_done(&sample);
        if (i == 2)
            assert_int_equal(world->host.calls(world->host.self) - before, calls);
        calls = world->host.calls(world->host.self) - before;
        is_failing = i == 1;
        if (is_failing)
            assert_true(world->host.sample_memory(world->host.self, &sample, &err) < 0);
        is_failing = false;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(statistics_are_asked_for_each_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_another_client_hides_is_asked_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_is_paused_by_a_migration_arrives_or_leaves, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_call_that_fails_once_costs_no_definition, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
