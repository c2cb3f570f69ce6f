/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/foreign.h"
#include "tests/unit/cpuset_fixture.h"

/* One vCPU on a host of four pCPUs. */
struct kit {
    struct vcpu_sample sample;
    struct vcpu_reading vcpu;
    struct guest_reading guest;
    struct pcpu_reading pcpus[4];
    struct foreign foreign;
};

static void kit_init(struct kit *kit)
{
    memset(kit, 0, sizeof(*kit));
    for (unsigned p = 0; p < 4; p++)
        kit->pcpus[p].id = p;
    kit->guest.run = 1;
    kit->vcpu.mask = cpuset_of("0-3");
    kit->sample = (struct vcpu_sample){.pcpus = kit->pcpus,
                                       .n_pcpus = 4,
                                       .vcpus = &kit->vcpu,
                                       .n_vcpus = 1,
                                       .guests = &kit->guest,
                                       .n_guests = 1};
}

/* Two seconds later with this mask: whether it was somebody else. */
static bool is_foreign(struct kit *kit, const char *mask)
{
    kit->sample.at_ns += 2000000000;
    kit->vcpu.mask = cpuset_of(mask);
    foreign_mark(&kit->foreign, &kit->sample, NULL);
    return kit->vcpu.is_foreign;
}

static void we_pin(struct kit *kit, const char *to, bool fails)
{
    struct vcpu_pin pin = {.to = cpuset_of(to)};
    struct vcpu_plan plan = {.pins = &pin, .n_pins = 1};
    struct tally tally = {.done = !fails, .failed = fails};

    foreign_applied(&kit->foreign, &plan, &tally);
}

static void what_we_did_ourselves_is_nobody_elses(void **state)
{
    struct kit kit;

    (void)state;
    kit_init(&kit);
    assert_false(is_foreign(&kit, "0-3")); /* the first look */
    assert_false(is_foreign(&kit, "0-3"));
    we_pin(&kit, "2", false);
    assert_false(is_foreign(&kit, "2"));
    we_pin(&kit, "0-2", false);
    assert_false(is_foreign(&kit, "0-1")); /* a control group has no more */
    assert_false(is_foreign(&kit, "0-1"));
    foreign_done(&kit.foreign);
}

static void what_others_did_is_seen_in_the_next_sample(void **state)
{
    struct kit kit;

    (void)state;
    kit_init(&kit);
    is_foreign(&kit, "0-3");
    assert_true(is_foreign(&kit, "1"));
    assert_false(is_foreign(&kit, "1"));
    we_pin(&kit, "2", false);
    assert_true(is_foreign(&kit, "1")); /* back before the next look */
    we_pin(&kit, "2", false);
    assert_true(is_foreign(&kit, "3"));
    foreign_done(&kit.foreign);
}

static void a_pin_that_failed_tells_nothing(void **state)
{
    struct kit kit;

    (void)state;
    kit_init(&kit);
    is_foreign(&kit, "0-3");
    we_pin(&kit, "2", true);
    assert_false(is_foreign(&kit, "2"));
    we_pin(&kit, "1", true);
    assert_false(is_foreign(&kit, "2"));
    foreign_done(&kit.foreign);
}

static void neither_a_restart_nor_a_pcpu_that_goes_is_a_hand(void **state)
{
    struct kit kit;

    (void)state;
    kit_init(&kit);
    is_foreign(&kit, "1");
    kit.guest.run = 2;
    assert_false(is_foreign(&kit, "0-3"));
    kit.sample.n_pcpus = 3;
    assert_false(is_foreign(&kit, "0-2"));
    assert_true(is_foreign(&kit, "0"));
    foreign_done(&kit.foreign);
}

/* The kernel narrows masks that a slice does not allow any more. */
static void a_slice_that_shrinks_is_no_hand(void **state)
{
    struct kit kit;

    (void)state;
    kit_init(&kit);
    is_foreign(&kit, "0-3");
    kit.pcpus[3].use = PCPU_OUTSIDE_SLICE;
    assert_false(is_foreign(&kit, "0-2"));
    kit.guest.slice = cpuset_of("0-1"); /* of this guest alone */
    assert_false(is_foreign(&kit, "0-1"));
    assert_true(is_foreign(&kit, "0"));
    foreign_done(&kit.foreign);
}

static void what_we_put_back_ourselves_is_nobody_elses(void **state)
{
    struct kit kit;

    (void)state;
    kit_init(&kit);
    is_foreign(&kit, "0-3");
    we_pin(&kit, "2", false);
    is_foreign(&kit, "2");
    foreign_forget_all(&kit.foreign);
    assert_false(is_foreign(&kit, "0-3"));
    assert_true(is_foreign(&kit, "1"));
    foreign_done(&kit.foreign);
}

static void pins_of_many_vcpus_are_found_in_any_order(void **state)
{
    enum { MANY = 300 };
    struct vcpu_reading *vcpus = calloc(MANY, sizeof(*vcpus));
    struct vcpu_pin *pins = calloc(MANY, sizeof(*pins));
    struct vcpu_sample sample = {.vcpus = vcpus, .n_vcpus = MANY};
    struct vcpu_plan plan = {.pins = pins, .n_pins = MANY};
    struct tally tally = {.done = MANY};
    struct foreign foreign = {0};

    (void)state;
    assert_true(vcpus && pins);
    for (size_t i = 0; i < MANY; i++) {
        vcpus[i].guest.uuid[0] = (unsigned char)(i >> 8);
        vcpus[i].guest.uuid[1] = (unsigned char)i;
        pins[MANY - 1 - i].guest = vcpus[i].guest;
        cpuset_add(&pins[MANY - 1 - i].to, 1);
    }
    foreign_mark(&foreign, &sample, NULL);
    foreign_applied(&foreign, &plan, &tally);
    for (size_t i = 0; i < MANY; i++)
        cpuset_add(&vcpus[i].mask, i == MANY / 2 ? 2 : 1);
    foreign_mark(&foreign, &sample, NULL);
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(vcpus[i].is_foreign, i == MANY / 2);
    foreign_done(&foreign);
    free(vcpus);
    free(pins);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_we_did_ourselves_is_nobody_elses),
        cmocka_unit_test(what_others_did_is_seen_in_the_next_sample),
        cmocka_unit_test(a_pin_that_failed_tells_nothing),
        cmocka_unit_test(neither_a_restart_nor_a_pcpu_that_goes_is_a_hand),
        cmocka_unit_test(a_slice_that_shrinks_is_no_hand),
        cmocka_unit_test(what_we_put_back_ourselves_is_nobody_elses),
        cmocka_unit_test(pins_of_many_vcpus_are_found_in_any_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
