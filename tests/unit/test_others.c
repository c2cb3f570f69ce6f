/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/host/others.h"

static const uint64_t second = 1000000000;
static const unsigned char a[16] = {1}, b[16] = {2};

static void guests_left_out_load_the_pcpus_that_they_may_run_on(void **state)
{
    struct pcpu_reading pcpus[4] = {{.id = 0}, {.id = 2}, {.id = 5}, {.id = 9}};
    struct vcpu_sample sample = {.at_ns = 100 * second, .pcpus = pcpus, .n_pcpus = 4};
    struct cpuset one = {0}, two = {0};
    struct others others = {0};

    (void)state;
    cpuset_add(&one, 2);
    cpuset_add(&two, 5);
    cpuset_add(&two, 9);
    cpuset_add(&two, 300); /* offline */
    others_add(&others, &sample, b, 1, 7 * second, &two);
    others_add(&others, &sample, a, 0, 50 * second, &one);
    assert_int_equal(others_end(&others, &sample), 0);
    assert_int_equal(pcpus[1].background_permille, 0); /* a time is no rate yet */
    sample.at_ns += 2 * second;
    others_add(&others, &sample, a, 0, 51 * second, &one);
    others_add(&others, &sample, b, 1, 8 * second, &two);
    others_add(&others, &sample, b, 2, 99 * second, &one); /* new */
    assert_int_equal(others_end(&others, &sample), 0);
    assert_int_equal(pcpus[0].background_permille, 0);
    assert_int_equal(pcpus[1].background_permille, 500);
    assert_int_equal(pcpus[2].background_permille, 250);
    assert_int_equal(pcpus[3].background_permille, 250);
    sample.at_ns += 2 * second;
    others_add(&others, &sample, a, 0, 1, &one); /* started again: its clock went back */
    assert_int_equal(others_end(&others, &sample), 0);
    assert_int_equal(pcpus[1].background_permille, 0);
    others_done(&others);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(guests_left_out_load_the_pcpus_that_they_may_run_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
