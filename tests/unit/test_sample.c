/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/base/sample.h"
#include "tests/unit/cpuset_fixture.h"
#include "tests/unit/memory_fixture.h"

static void sort_orders_by_uuid_then_vcpu_and_pcpus_by_number(void **state)
{
    static const struct {
        unsigned char uuid;
        unsigned vcpu;
    } in[] = {{9, 1}, {2, 3}, {9, 0}, {2, 10}, {5, 0}},
      out[] = {{2, 3}, {2, 10}, {5, 0}, {9, 0}, {9, 1}};
    static const unsigned pcpus[] = {64, 3, 8};
    struct vcpu_sample sample = {.n_pcpus = 3, .n_vcpus = 5};

    (void)state;
    sample.pcpus = calloc(3, sizeof(*sample.pcpus));
    sample.vcpus = calloc(5, sizeof(*sample.vcpus));
    assert_true(sample.pcpus && sample.vcpus);
    for (size_t i = 0; i < 5; i++) {
        sample.vcpus[i].guest.uuid[7] = in[i].uuid;
        sample.vcpus[i].guest.name[0] = (char)('a' + i);
        sample.vcpus[i].vcpu = in[i].vcpu;
    }
    for (size_t p = 0; p < 3; p++)
        sample.pcpus[p].id = pcpus[p];
    vcpu_sample_sort(&sample);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(sample.vcpus[i].guest.uuid[7], out[i].uuid);
        assert_int_equal(sample.vcpus[i].vcpu, out[i].vcpu);
    }
    assert_int_equal(sample.pcpus[0].id, 3);
    assert_int_equal(sample.pcpus[2].id, 64);
    vcpu_sample_done(&sample);
    assert_null(sample.vcpus);
    assert_int_equal(sample.n_vcpus, 0);
}

static void nothing_sorts_and_ends_too(void **state)
{
    struct vcpu_sample sample = {0};

    (void)state;
    vcpu_sample_sort(&sample);
    vcpu_sample_done(&sample);
    vcpu_sample_done(NULL);
}

static void a_vcpu_is_placed_by_an_affinity_of_exactly_one(void **state)
{
    static const struct {
        const char *affinity;
        int pcpu, at;
    } rows[] = {{"", -1, -1}, {"0", 0, 0},     {"64", 64, 1},
                {"2", 2, -1}, {"0-1", -1, -1}, {"3,300", -1, -1}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pcpu_reading pcpus[] = {{.id = 64}, {.id = 0}};
        struct vcpu_reading reading = {.has_last = true, .last_pcpu = 7};
        struct vcpu_sample sample = {.pcpus = pcpus, .n_pcpus = 2, .vcpus = &reading, .n_vcpus = 1};

        reading.affinity = cpuset_of(rows[i].affinity);
        vcpu_sample_sort(&sample);
        assert_int_equal(reading.pcpu, rows[i].pcpu);
        assert_int_equal(reading.at, rows[i].at);
    }
}

static void pcpus_are_found_by_number_not_by_position(void **state)
{
    struct pcpu_reading pcpus[] = {{.id = 1}, {.id = 8}, {.id = 300}};
    struct vcpu_sample sample = {.pcpus = pcpus, .n_pcpus = 3};

    (void)state;
    assert_int_equal(vcpu_sample_pcpu(&sample, 300), 2);
    assert_int_equal(vcpu_sample_pcpu(&sample, 1), 0);
    assert_int_equal(vcpu_sample_pcpu(&sample, 0), -1);
    assert_int_equal(vcpu_sample_pcpu(&sample, -1), -1);
    assert_int_equal(vcpu_sample_pcpu(&(struct vcpu_sample){0}, 0), -1);
}

static void a_pcpu_that_is_twice_in_a_sample_is_refused(void **state)
{
    struct pcpu_reading pcpus[] = {{.id = 1}, {.id = 8}, {.id = 8}};
    struct vcpu_sample sample = {.pcpus = pcpus, .n_pcpus = 2};
    struct err err = {0};

    (void)state;
    assert_int_equal(vcpu_sample_check(&sample, &err), 0);
    sample.n_pcpus = 3;
    assert_int_equal(vcpu_sample_check(&sample, &err), -EINVAL);
    assert_string_equal(err.text, "pCPU 8 is twice in the sample or out of order");
}

static void guests_are_sorted_by_uuid_not_by_name(void **state)
{
    struct memory_sample sample = {.guests = calloc(3, sizeof(struct memory_reading)),
                                   .n_guests = 3};

    (void)state;
    sample.guests[0] = reading_make(7, 512, 100);
    sample.guests[1] = reading_make(2, 512, 100);
    sample.guests[2] = reading_make(5, 512, 100);
    strcpy(sample.guests[0].guest.name, "aaa");
    memory_sample_sort(&sample);
    assert_int_equal(sample.guests[0].guest.uuid[0], 2);
    assert_int_equal(sample.guests[1].guest.uuid[0], 5);
    assert_string_equal(sample.guests[2].guest.name, "aaa");
    memory_sample_done(&sample);
    assert_null(sample.guests);
    memory_sample_sort(&sample);
    memory_sample_done(NULL);
}

/* Sums and differences of sizes are made in 64 bits. */
static void sizes_that_no_machine_has_are_refused(void **state)
{
    struct memory_reading guest = reading_make(1, 512, 100);
    struct memory_sample sample = sample_make(1, 1000, &guest, 1);
    struct err err = {0};

    (void)state;
    assert_int_equal(memory_sample_check(&sample, &err), 0);
    guest.rss_kib = UINT64_MAX;
    assert_int_equal(memory_sample_check(&sample, &err), -EINVAL);
    assert_non_null(strstr(err.text, guest.guest.name));
    guest.has &= ~(unsigned)MEMORY_HAS_RSS; /* then nobody reads it */
    guest.unused_kib = UINT64_MAX;          /* the guest's own word is judged elsewhere */
    guest.limit_kib = UINT64_MAX;           /* no limit */
    assert_int_equal(memory_sample_check(&sample, &err), 0);
    guest.policy.floor_kib = memory_most_kib + 1;
    assert_int_equal(memory_sample_check(&sample, &err), -EINVAL);
    guest.policy.floor_kib = guest.maximum_kib = memory_most_kib;
    assert_int_equal(memory_sample_check(&sample, &err), 0);
    sample.host_free_kib = (uint64_t)INT64_MAX + 1;
    assert_int_equal(memory_sample_check(&sample, &err), -EINVAL);
    assert_non_null(strstr(err.text, "the host"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sort_orders_by_uuid_then_vcpu_and_pcpus_by_number),
        cmocka_unit_test(a_vcpu_is_placed_by_an_affinity_of_exactly_one),
        cmocka_unit_test(pcpus_are_found_by_number_not_by_position),
        cmocka_unit_test(nothing_sorts_and_ends_too),
        cmocka_unit_test(a_pcpu_that_is_twice_in_a_sample_is_refused),
        cmocka_unit_test(guests_are_sorted_by_uuid_not_by_name),
        cmocka_unit_test(sizes_that_no_machine_has_are_refused),
    };

    return cmocka_run_group_tests_name("sample", tests, NULL, NULL);
}
