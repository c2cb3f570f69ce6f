/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/check.h"
#include "tests/unit/guest_fixture.h"

/* A good plan, to be spoilt in one way at a time. */
struct bench {
    struct guest_kit kit;
    struct vcpu_plan plan;
};

static void prepare(struct bench *bench)
{
    struct vcpu_planner *planner = guest_kit_planner(NULL);

    guest_kit_all(&bench->kit, 4, 6, "0");
    for (size_t i = 0; i < 6; i++)
        bench->kit.load_permille[i] = 500;
    guest_kit_run(&bench->kit, planner, 1.0, 1);
    guest_kit_pass(&bench->kit, 1.0);
    guest_kit_plan(&bench->kit, planner, &bench->plan);
    assert_int_equal(bench->plan.verdict, VERDICT_APPLY);
    vcpu_planner_free(planner);
}

static size_t moved(const struct bench *bench)
{
    size_t i = 0;

    while (bench->plan.places[i].to_place == bench->plan.places[i].from_place)
        i++;
    return i;
}

static void offline(struct bench *b)
{
    b->plan.places[moved(b)].to_place = 9;
}

static void forbidden(struct bench *b)
{
    guest_kit_allow(&b->kit, moved(b), "0");
}

static void kept_for_the_host(struct bench *b)
{
    size_t to = (size_t)b->plan.places[moved(b)].to_place;

    b->kit.sample.pcpus[to].use = PCPU_RESERVED;
}

static void unreadable_limits(struct bench *b)
{
    b->kit.vcpus[moved(b)].has_strange_limits = true;
}

static void one_pin_too_many(struct bench *b)
{
    /* The last vCPU stays after all; its pin is still there. */
    struct vcpu_place *last = &b->plan.places[b->plan.n_places - 1];

    last->to_place = last->from_place;
}

static void another_host(struct bench *b)
{
    b->plan.n_pcpus--;
}

static void another_use(struct bench *b)
{
    b->plan.pcpus[0].use = PCPU_ISOLATED;
}

static void not_running(struct bench *b)
{
    b->kit.vcpus[moved(b)].running = false;
}

static void elsewhere(struct bench *b)
{
    guest_kit_pin(&b->kit, moved(b), "2-3");
}

static void left_out(struct bench *b)
{
    b->plan.n_places--;
}

static void twice(struct bench *b)
{
    b->plan.places[1].vcpu = 0;
}

static void pin_missing(struct bench *b)
{
    b->plan.n_pins--;
}

static void pin_of_another_guest(struct bench *b)
{
    b->plan.pins[0].guest.uuid[0] ^= 0x40;
}

static void pin_to_another_pcpu(struct bench *b)
{
    b->plan.pins[0].to_place ^= 1;
}

static void pin_in_place(struct bench *b)
{
    b->plan.pins[0].to_place = 0;
    b->plan.places[moved(b)].to_place = 0;
}

static void apply_without_pins(struct bench *b)
{
    b->plan.verdict = VERDICT_HOLD_BALANCED;
}

static void wrong_load(struct bench *b)
{
    b->plan.pcpus[1].after_permille++;
}

static void wrong_demand(struct bench *b)
{
    b->plan.places[0].demand_permille = 1001;
}

static void wrong_sigma(struct bench *b)
{
    b->plan.sigma_after_pct += 0.1;
}

static void wrong_ran_sigma(struct bench *b)
{
    b->plan.ran.sigma_pct += 0.1;
}

static void more_than_all_the_time(struct bench *b)
{
    b->plan.pcpus[1].ran_permille = 1001;
}

static void dearer_than_holding(struct bench *b)
{
    b->plan.hold_objective = b->plan.objective - 1.0;
}

static void cheaper_than_its_bound(struct bench *b)
{
    b->plan.bound = b->plan.objective + 1.0;
}

static void every_spoilt_plan_is_refused(void **state)
{
    static const struct {
        void (*spoil)(struct bench *bench);
        const char *says;
    } rows[] = {
        {offline, "offline"},
        {forbidden, "forbids"},
        {kept_for_the_host, "which is reserved"},
        {unreadable_limits, "limits cannot be read"},
        {one_pin_too_many, "changes of place"},
        {another_host, "3 pCPUs, the sample 4"},
        {another_use, "is usable with a background of"},
        {not_running, "does not run"},
        {elsewhere, "is on pCPU -1"},
        {left_out, "5 vCPUs, the sample 6"},
        {twice, "the plan says"},
        {pin_missing, "without its pin"},
        {pin_of_another_guest, "without its pin"},
        {pin_to_another_pcpu, "without its pin"},
        {pin_in_place, "without its pin"},
        {apply_without_pins, "hold-balanced with"},
        {wrong_load, "permille, the plan says"},
        {wrong_demand, "demand of 1001"},
        {wrong_sigma, "sigma is"},
        {wrong_ran_sigma, "sigma is"},
        {more_than_all_the_time, "ran 1001 permille"},
        {dearer_than_holding, "changing nothing only"},
        {cheaper_than_its_bound, "below its own bound"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bench bench;
        struct err err = {0};

        prepare(&bench);
        assert_int_equal(vcpu_check(&bench.kit.sample, &bench.plan, &err), 0);
        rows[i].spoil(&bench);
        assert_int_equal(vcpu_check(&bench.kit.sample, &bench.plan, &err), -EINVAL);
        if (!strstr(err.text, rows[i].says))
            fail_msg("'%s' does not say '%s'", err.text, rows[i].says);
        vcpu_plan_done(&bench.plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_spoilt_plan_is_refused)};

    return cmocka_run_group_tests_name("vcpu_check", tests, NULL, NULL);
}
