/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/host/guest_store.h"

static const unsigned char web[16] = {1}, db[16] = {2};

static void put(struct guest_store *store, int worker, const unsigned char uuid[16])
{
    struct guest_table table = {0};
    struct guest_entry *entry = guest_table_see(&table, uuid, 7);
    struct cpuset zero = {0};

    cpuset_add(&zero, 0);
    entry->known = true;
    assert_int_equal(guest_definition_bind(&entry->definition, 3, &zero), 0);
    guest_store_put(store, worker, entry);
    guest_table_done(&table);
}

static void what_one_worker_learnt_the_next_one_knows(void **state)
{
    struct guest_store *store = guest_store_new();
    struct guest_table table = {0}, next = {0};
    int first, second;

    (void)state;
    assert_non_null(store);
    first = guest_store_take_over(store, &table);
    assert_true(first >= 0);
    assert_int_equal(table.n, 0);
    put(store, first, web);
    put(store, first, db);
    put(store, first, db);
    second = guest_store_take_over(store, &next);
    assert_true(second >= 0 && second != first);
    assert_int_equal(next.n, 2);
    assert_true(next.entries[1].known);
    assert_int_equal(next.entries[1].definition.n_limits, 1);
    assert_int_equal(next.entries[1].definition.limits[0].vcpu, 3);
    guest_table_done(&next);
    guest_store_sweep(store, first, &table); /* it was left behind and has no say */
    assert_true(guest_store_take_over(store, &next) >= 0);
    assert_int_equal(next.n, 2);
    guest_table_done(&next);
    guest_store_free(guest_store_share(store));
    guest_store_free(store);
    guest_store_free(NULL);
}

/* A call that changes it has begun and may never return. */
static void what_is_due_is_due_for_the_next_worker(void **state)
{
    struct guest_store *store = guest_store_new();
    struct guest_table table = {0}, next = {0};
    struct guest_entry *entry;
    int worker = guest_store_take_over(store, &table);

    (void)state;
    entry = guest_table_see(&table, web, 7);
    guest_entry_set(entry, 100 * guest_reread_ns, 0,
                    &(struct guest_definition){.has_balloon = true});
    vcpu_facts_set(&entry->facts, calloc(1, sizeof(*entry->facts.list)), 1);
    assert_false(guest_entry_is_due(entry, 100 * guest_reread_ns, guest_reread_ns));
    guest_table_reread(&table, db);
    assert_false(guest_entry_is_due(entry, 100 * guest_reread_ns, guest_reread_ns));
    guest_table_reread(&table, web);
    guest_store_put(store, worker, entry);
    assert_true(guest_store_take_over(store, &next) >= 0);
    assert_int_equal(next.n, 1);
    assert_true(guest_entry_is_due(&next.entries[0], 100 * guest_reread_ns, guest_reread_ns));
    assert_null(next.entries[0].facts.list);
    guest_entry_set(&next.entries[0], 100 * guest_reread_ns, 0, &(struct guest_definition){0});
    assert_false(guest_entry_is_due(&next.entries[0], 100 * guest_reread_ns, guest_reread_ns));
    guest_table_done(&table);
    guest_table_done(&next);
    guest_store_free(store);
}

static void a_guest_that_hangs_is_known_by_its_calls(void **state)
{
    struct guest_store *store = guest_store_new();
    struct guest_table table = {0};
    int worker;

    (void)state;
    assert_non_null(store);
    worker = guest_store_take_over(store, &table);
    assert_false(guest_store_blame(store, 100));
    guest_store_begin(store, worker, db, 7);
    guest_store_begin(store, worker, NULL, 0);
    assert_false(guest_store_blame(store, 100));
    guest_store_begin(store, worker, db, 7);
    assert_true(guest_store_blame(store, 100));
    assert_false(guest_store_blame(store, 100)); /* once */
    worker = guest_store_take_over(store, &table);
    assert_int_equal(table.n, 1);
    assert_int_equal(table.entries[0].hangs_until_ns, 100);
    assert_false(table.entries[0].known);
    guest_table_done(&table);
    guest_store_sweep(store, worker, &table);
    assert_true(guest_store_take_over(store, &table) >= 0);
    assert_int_equal(table.n, 0);
    guest_store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_one_worker_learnt_the_next_one_knows),
        cmocka_unit_test(what_is_due_is_due_for_the_next_worker),
        cmocka_unit_test(a_guest_that_hangs_is_known_by_its_calls),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
