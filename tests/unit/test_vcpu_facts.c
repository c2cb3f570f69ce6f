/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/host/guest_table.h"

enum { GUESTS = 32, SAMPLES = 16 };

/* Guests of two vCPUs each, as the bulk call shows them. */
struct kit {
    struct guest_table table;
    unsigned turn;
    struct active_guest guests[GUESTS];
    struct vcpu_stats vcpus[GUESTS][2];
    uint64_t at_ns;
};

static void kit_init(struct kit *kit)
{
    memset(kit, 0, sizeof(*kit));
    for (int g = 0; g < GUESTS; g++) {
        struct active_guest *guest = &kit->guests[g];

        guest->id.uuid[15] = (unsigned char)g;
        guest->number = g + 1;
        guest->stats.vcpus = kit->vcpus[g];
        guest->stats.n_vcpus = 2;
        for (int v = 0; v < 2; v++)
            kit->vcpus[g][v] = (struct vcpu_stats){.has_time = true, .online = true};
    }
}

static void tell(struct kit *kit, int g, struct vcpu_facts *ret)
{
    struct vcpu_fact *facts = calloc(2, sizeof(*facts));
    size_t n = 0;

    assert_non_null(facts);
    for (unsigned v = 0; v < 2; v++)
        if (kit->vcpus[g][v].online)
            facts[n++] = (struct vcpu_fact){.vcpu = v, .online = true};
    vcpu_facts_set(ret, facts, n);
}

/* One sample of the first n guests; how many were asked, and in ret_asked who. */
static size_t sample(struct kit *kit, int n, bool ret_asked[GUESTS])
{
    size_t asked = 0;

    kit->at_ns += 2000000000;
    kit->turn++;
    for (int g = 0; g < n; g++) {
        const struct active_guest *guest = &kit->guests[g];
        struct guest_entry *entry = guest_table_see(&kit->table, guest->id.uuid, guest->number);

        assert_non_null(entry);
        ret_asked[g] =
            vcpu_facts_are_due(&entry->facts, entry->uuid, kit->turn, kit->at_ns, &guest->stats);
        if (ret_asked[g])
            tell(kit, g, &entry->facts);
        asked += ret_asked[g];
    }
    guest_table_sweep(&kit->table);
    return asked;
}

static void a_sixteenth_is_asked_and_each_once_in_sixteen_samples(void **state)
{
    bool asked[GUESTS];
    int times[GUESTS] = {0};
    struct kit kit;

    (void)state;
    kit_init(&kit);
    assert_int_equal(sample(&kit, GUESTS, asked), GUESTS);
    for (int i = 0; i < SAMPLES; i++) {
        assert_int_equal(sample(&kit, GUESTS, asked), GUESTS / 16);
        for (int g = 0; g < GUESTS; g++)
            times[g] += asked[g];
    }
    for (int g = 0; g < GUESTS; g++)
        assert_int_equal(times[g], 1);
    guest_table_done(&kit.table);
}

/* Whether guest 7 is asked in the next sample, which is not its turn. */
static bool is_asked_out_of_turn(struct kit *kit)
{
    bool asked[GUESTS];

    while (kit->turn % 16 == 6)
        sample(kit, GUESTS, asked);
    sample(kit, GUESTS, asked);
    assert_true(kit->turn % 16 != 7);
    return asked[7];
}

static void who_may_have_changed_is_asked_at_once(void **state)
{
    struct kit kit;
    bool asked[GUESTS];

    (void)state;
    kit_init(&kit);
    sample(&kit, GUESTS, asked);
    assert_false(is_asked_out_of_turn(&kit));
    guest_table_ask_vcpus(&kit.table, kit.guests[7].id.uuid);
    assert_true(is_asked_out_of_turn(&kit));
    assert_false(is_asked_out_of_turn(&kit));
    kit.guests[7].number = 99; /* started again */
    assert_true(is_asked_out_of_turn(&kit));
    kit.vcpus[7][1].online = false;
    assert_true(is_asked_out_of_turn(&kit));
    assert_false(is_asked_out_of_turn(&kit));
    kit.vcpus[7][0].delay_ns += 1000000000; /* half of a pCPU's time in two seconds */
    assert_true(is_asked_out_of_turn(&kit));
    kit.vcpus[7][0].delay_ns += 1000000000; /* no more than before */
    assert_false(is_asked_out_of_turn(&kit));
    guest_table_done(&kit.table);
}

static void all_can_be_asked_at_once(void **state)
{
    struct kit kit;
    bool asked[GUESTS];

    (void)state;
    kit_init(&kit);
    sample(&kit, GUESTS, asked);
    guest_table_ask_vcpus(&kit.table, NULL);
    assert_int_equal(sample(&kit, GUESTS, asked), GUESTS);
    sample(&kit, GUESTS - 1, asked);
    assert_int_equal(kit.table.n, GUESTS - 1); /* who is gone is forgotten */
    guest_table_done(&kit.table);
}

static void a_driver_that_tells_less_in_bulk_is_asked_each_time(void **state)
{
    struct kit kit;
    bool asked[GUESTS];

    (void)state;
    kit_init(&kit);
    for (int g = 0; g < GUESTS; g++)
        kit.vcpus[g][0].has_time = false;
    sample(&kit, GUESTS, asked);
    assert_int_equal(sample(&kit, GUESTS, asked), GUESTS);
    guest_table_done(&kit.table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sixteenth_is_asked_and_each_once_in_sixteen_samples),
        cmocka_unit_test(who_may_have_changed_is_asked_at_once),
        cmocka_unit_test(all_can_be_asked_at_once),
        cmocka_unit_test(a_driver_that_tells_less_in_bulk_is_asked_each_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
