/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/host/guest_table.h"

static const uint64_t SECOND = 1000000000, TENTH = 100000000;

static struct guest_entry *see(struct guest_table *table, unsigned char who, int id)
{
    unsigned char uuid[16] = {who, 7};
    struct guest_entry *entry = guest_table_see(table, uuid, id);

    assert_non_null(entry);
    return entry;
}

static void define(struct guest_entry *entry, uint64_t now_ns, bool locked)
{
    struct guest_definition definition = {.locked = locked};

    guest_entry_set(entry, now_ns, 0, &definition);
}

static void guests_are_found_in_any_order(void **state)
{
    static const unsigned char order[] = {9, 3, 200, 1, 77, 4, 255, 0};
    struct guest_table table = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(order); i++)
        define(see(&table, order[i], 1), SECOND * 100, order[i] == 77);
    assert_int_equal(table.n, sizeof(order));
    for (size_t i = 0; i < sizeof(order); i++) {
        struct guest_entry *entry = see(&table, order[i], 1);

        assert_true(entry->known);
        assert_int_equal(entry->definition.locked, order[i] == 77);
    }
    assert_int_equal(table.n, sizeof(order));
    guest_table_done(&table);
}

static void definitions_are_read_again_in_time(void **state)
{
    struct guest_table table = {0};
    struct guest_entry *entry = see(&table, 1, 1);
    uint64_t now_ns = 1000 * SECOND, first_ns;

    (void)state;
    assert_true(guest_entry_is_due(entry, now_ns, guest_reread_ns));
    define(entry, now_ns, false);
    assert_false(guest_entry_is_due(entry, now_ns, guest_reread_ns));
    for (first_ns = now_ns; !guest_entry_is_due(entry, first_ns, guest_reread_ns);
         first_ns += TENTH)
        ;
    assert_true(first_ns - now_ns <=
                guest_reread_ns); /* guests' turns are spread over the period */
    define(entry, first_ns, true);
    assert_true(entry->definition.locked);
    assert_false(guest_entry_is_due(entry, first_ns + guest_reread_ns - TENTH, guest_reread_ns));
    assert_true(guest_entry_is_due(entry, first_ns + guest_reread_ns, guest_reread_ns));
    guest_table_done(&table);
}

/* Guests plug and unplug by themselves, and sizes that were read a moment ago may not know yet. */
static void virtio_mem_is_looked_at_each_time_and_believed_the_second_time(void **state)
{
    static const uint64_t plugged[] = {512, 512, 768, 768};
    static const enum memory_lock lock[] = {MEMORY_LOCK_UNTOLD, MEMORY_LOCK_UNTOLD,
                                            MEMORY_LOCK_UNCOUNTED, MEMORY_LOCK_UNTOLD};
    struct guest_table table = {0};
    struct guest_entry *entry = see(&table, 1, 1);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct guest_definition definition = {
            .memory = {.has_virtio_mem = true, .plugged_kib = plugged[i]}};

        guest_entry_set(entry, 100 * SECOND, 7, &definition);
        assert_true(guest_entry_is_due(entry, 100 * SECOND, guest_reread_ns));
        assert_false(
            guest_entry_confirm(entry, 100 * SECOND, 7)); /* its lock is of the text before */
        assert_int_equal(entry->definition.memory.lock, lock[i]);
        assert_int_equal(guest_table_plugged_kib(&table, entry->uuid), plugged[i]);
    }
    assert_int_equal(guest_table_plugged_kib(&table, (const unsigned char[16]){9}), 0);
    guest_table_done(&table);
}

/* What we did to the guest ourselves, or were told of, is not in the text that was read before. */
static void a_text_that_stays_confirms_what_was_made_of_it(void **state)
{
    struct guest_table table = {0};
    struct guest_entry *entry = see(&table, 1, 1);

    (void)state;
    assert_false(guest_entry_confirm(entry, SECOND, 7));
    guest_entry_set(entry, 100 * SECOND, 7, &(struct guest_definition){.stats_period_s = 5});
    assert_false(guest_entry_confirm(entry, 200 * SECOND, 8));
    assert_true(guest_entry_confirm(entry, 200 * SECOND, 7));
    assert_false(guest_entry_is_due(entry, 200 * SECOND, guest_reread_ns));
    guest_table_note_period(&table, entry->uuid, 1);
    assert_false(guest_entry_confirm(entry, 300 * SECOND, 7));
    guest_entry_set(entry, 300 * SECOND, 7, &(struct guest_definition){.stats_period_s = 5});
    guest_table_reread(&table, entry->uuid);
    assert_false(guest_entry_confirm(entry, 400 * SECOND, 7));
    guest_entry_set_unreadable(entry, 400 * SECOND);
    assert_false(guest_entry_confirm(entry, 500 * SECOND, 7));
    guest_entry_set(entry, 500 * SECOND, 0, &(struct guest_definition){0});
    assert_false(guest_entry_confirm(entry, 600 * SECOND, 0));
    guest_table_done(&table);
}

static void first_readings_are_spread(void **state)
{
    struct guest_table table = {0};
    size_t due = 0;

    (void)state;
    for (unsigned i = 0; i < 64; i++) {
        unsigned char uuid[16] = {(unsigned char)i, [15] = (unsigned char)i};

        define(guest_table_see(&table, uuid, 1), 1000 * SECOND, false);
    }
    for (size_t i = 0; i < table.n; i++)
        due += guest_entry_is_due(&table.entries[i], 1000 * SECOND + guest_reread_ns / 2,
                                  guest_reread_ns);
    assert_in_range(due, 20, 44);
    guest_table_done(&table);
}

static void a_restarted_guest_starts_anew(void **state)
{
    struct guest_table table = {0};

    (void)state;
    define(see(&table, 1, 5), SECOND, true);
    see(&table, 1, 5)->busy = true;
    assert_true(see(&table, 1, 5)->known);
    assert_false(see(&table, 1, 6)->known);
    assert_false(see(&table, 1, 6)->busy);
    assert_int_equal(table.n, 1);
    guest_table_done(&table);
}

static void the_unseen_are_swept(void **state)
{
    struct guest_table table = {0};
    unsigned char busy[16] = {2, 7};

    (void)state;
    for (unsigned char i = 0; i < 5; i++)
        see(&table, i, 1);
    guest_table_sweep(&table);
    assert_int_equal(table.n, 5);
    see(&table, 2, 1);
    see(&table, 4, 1);
    guest_table_sweep(&table);
    assert_int_equal(table.n, 2);
    assert_int_equal(table.entries[0].uuid[0], 2);
    assert_int_equal(table.entries[1].uuid[0], 4);
    guest_table_mark_busy(&table, busy);
    assert_true(table.entries[0].busy);
    assert_false(table.entries[1].busy);
    guest_table_sweep(&table);
    assert_int_equal(table.n, 0);
    guest_table_done(&table);
}

static void ages_on_our_clock(void **state)
{
    struct guest_entry entry = {0};

    (void)state;
    /* Never reported. */
    assert_int_equal(guest_entry_stats_age_ns(&entry, 0, 5000, SECOND), INT64_MAX);
    /* A clock shared with the hypervisor: 3 s old when first seen, ageing with us. */
    assert_int_equal(guest_entry_stats_age_ns(&entry, 4997, 5000, 10 * SECOND), 3 * SECOND);
    assert_int_equal(guest_entry_stats_age_ns(&entry, 4997, 5000, 12 * SECOND), 5 * SECOND);
    /* The real clock may step: the monotonic one does not. */
    assert_int_equal(guest_entry_stats_age_ns(&entry, 4997, 9000, 13 * SECOND), 6 * SECOND);
    /* A new report. */
    assert_int_equal(guest_entry_stats_age_ns(&entry, 5003, 5003, 14 * SECOND), 0);
    /* From the future: as young as can be, and frozen it ages all the same. */
    assert_int_equal(guest_entry_stats_age_ns(&entry, 9999, 5004, 15 * SECOND), 0);
    assert_int_equal(guest_entry_stats_age_ns(&entry, 9999, 5064, 75 * SECOND), 60 * SECOND);
    /* Another machine's clock: counted from when the report was first seen. */
    entry = (struct guest_entry){0};
    assert_int_equal(guest_entry_stats_age_ns(&entry, 4997, 0, 10 * SECOND), 0);
    assert_int_equal(guest_entry_stats_age_ns(&entry, 4997, 0, 18 * SECOND), 8 * SECOND);
}

/* 40 guests, three in each sample: nobody twice in sixteen, and everybody in the first of them. */
static void memory_is_looked_for_in_turn(void **state)
{
    enum { N = 40, SAMPLES = 50, MOST = 3 };
    struct guest_table table = {0};
    unsigned last[N] = {0}, times[N] = {0};

    (void)state;
    for (unsigned sample = 1; sample <= SAMPLES; sample++) {
        size_t left = MOST, n = 0;

        for (unsigned g = 0; g < N; g++) {
            if (!guest_entry_is_memory_due(see(&table, (unsigned char)g, 1), &left))
                continue;
            assert_true(last[g] == 0 || sample - last[g] >= guest_memory_turns);
            last[g] = sample;
            times[g]++;
            n++;
        }
        assert_int_equal(n + left, MOST);
        for (unsigned g = 0; g < N && sample == guest_memory_turns; g++)
            assert_int_equal(times[g], 1);
    }
    for (unsigned g = 0; g < N; g++)
        assert_in_range(times[g], 3, 4);
    guest_table_done(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_are_found_in_any_order),
        cmocka_unit_test(definitions_are_read_again_in_time),
        cmocka_unit_test(virtio_mem_is_looked_at_each_time_and_believed_the_second_time),
        cmocka_unit_test(a_text_that_stays_confirms_what_was_made_of_it),
        cmocka_unit_test(first_readings_are_spread),
        cmocka_unit_test(a_restarted_guest_starts_anew),
        cmocka_unit_test(the_unseen_are_swept),
        cmocka_unit_test(ages_on_our_clock),
        cmocka_unit_test(memory_is_looked_for_in_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
