/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "planner/vcpu/check.h"
#include "planner/vcpu/harm.h"
#include "planner/vcpu/role.h"
#include "tests/unit/guest_fixture.h"

enum { PCPUS = 2, VCPUS = 4 };

/* Two pCPUs. from and to are pCPUs, -1: floats. */
struct row {
    int demand_permille[VCPUS], from[VCPUS], to[VCPUS], background_permille[PCPUS];
    const char *says;     /* "": no harm */
    double cost_of_first; /* pCPU 0 takes so much longer; 0: as long */
};

static bool harms(const struct row *row, char *ret, size_t size)
{
    struct guest_kit kit;
    struct vcpu_place places[VCPUS];
    struct pcpu_load pcpus[PCPUS];
    struct vcpu_plan plan = {.places = places, .n_places = VCPUS, .pcpus = pcpus, .n_pcpus = PCPUS};
    struct harm harm;

    guest_kit_all(&kit, PCPUS, VCPUS, "0-1");
    for (size_t i = 0; i < VCPUS; i++)
        if (row->from[i] >= 0)
            guest_kit_pin(&kit, i, row->from[i] ? "1" : "0");
    vcpu_sample_sort(&kit.sample);
    for (size_t i = 0; i < VCPUS; i++)
        places[i] = (struct vcpu_place){.vcpu = i,
                                        .from_place = row->from[i],
                                        .to_place = row->to[i],
                                        .demand_permille = row->demand_permille[i]};
    for (unsigned p = 0; p < PCPUS; p++)
        pcpus[p] =
            (struct pcpu_load){.id = p,
                               .background_permille = row->background_permille[p],
                               .cost = p == 0 && row->cost_of_first > 0 ? row->cost_of_first : 1};
    assert_int_equal(harm_of(&kit.sample, &plan, &harm), 0);
    return harm_text(&harm, ret, size);
}

static void what_gets_worse_is_named(void **state)
{
    static const struct row rows[] = {
        {{600, 600, 100, 0}, {0, 0, 1, 1}, {0, 1, 1, 1}, {0}, "", 0},
        /* a hog's pCPU gets one more */
        {{1000, 200, 300, 300},
         {0, 1, 1, 1},
         {0, 0, 1, 1},
         {0},
         "overload would grow from 0.0 to",
         0},
        /* ... and one less */
        {{1000, 200, 300, 300}, {0, 0, 1, 1}, {0, 1, 1, 1}, {0}, "", 0},
        {{200, 200, 200, 200},
         {0, 0, 1, 1},
         {0, 0, 0, 1},
         {0},
         "sigma would grow from 0.00 to 20",
         0},
        {{200, 200, 200, 200}, {0, 0, 1, 1}, {0, 0, 0, 1}, {0, 400}, "", 0},
        /* loads as before, but shared by three */
        {{600, 400, 200, 0}, {0, 1, 1, 1}, {1, 0, 0, 1}, {200, 0}, "waiting would grow from", 0},
        /* overload comes first: less of it, and longer waiting by the formula */
        {{900, 200, 850, 0}, {0, 0, 1, 1}, {0, 1, 1, 1}, {0}, "", 0},
        /* half as much again is wanted on a slow pCPU only */
        {{600, 450, 620, 0}, {0, 0, 1, 1}, {0, 1, 1, 1}, {0}, "overload would grow", 0},
        {{600, 450, 620, 0}, {0, 0, 1, 1}, {0, 1, 1, 1}, {0}, "", 1.5},
        /* a first pin is no harm, wherever it goes */
        {{900, 900, 0, 0}, {0, -1, 1, 1}, {0, 0, 1, 1}, {0}, "", 0},
        /* the move beside it is */
        {{700, 900, 200, 100}, {0, -1, 0, 1}, {0, 1, 1, 1}, {0}, "overload would grow", 0},
    };

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        char text[80];

        bool any = harms(&rows[k], text, sizeof(text));

        if (any != (rows[k].says[0] != '\0') || !strstr(text, rows[k].says))
            fail_msg("row %zu says \"%s\"", k, text);
    }
}

/* A point of what runs where little is waited for, 2.5 % of the waiting where it is long. */
static void the_formula_is_not_taken_at_its_last_digit(void **state)
{
    struct harm harm = {.hold = {.overload_permille = 900, .sigma_pct = 10},
                        .plan = {.overload_permille = 900, .sigma_pct = 10}};
    char text[80];

    (void)state;
    harm.hold.waiting = 0.1;
    harm.plan.waiting = 0.109;
    assert_false(harm_text(&harm, text, sizeof(text)));
    harm.plan.waiting = 0.111;
    assert_true(harm_text(&harm, text, sizeof(text)));
    harm.hold.waiting = 1.6;
    harm.plan.waiting = 1.639;
    assert_false(harm_text(&harm, text, sizeof(text)));
    harm.plan.waiting = 1.641;
    assert_true(harm_text(&harm, text, sizeof(text)));
    assert_non_null(strstr(text, "waiting would grow from 160.0 to 164.1"));
}

/* What is gained by it has to be more than what waiting costs. */
static void nodes_get_uneven_for_nearer_memory_alone(void **state)
{
    static const struct {
        double remote, waiting; /* after a plan; doing nothing leaves 0.05 and 0.1 */
        int64_t overload_permille;
        bool harms;
    } rows[] = {
        {0.05, 0.1, 9, true},    {0.04, 0.1, 9, false},    {0.0485, 0.1, 9, false},
        {0.0499, 0.1, 9, true},  {0.0485, 0.109, 9, true}, {0.0485, 0.109, 8, false},
        {0.04, 0.1099, 9, true}, {0.04, NAN, 9, false},
    };
    char text[80];

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        const struct harm harm = {
            .hold = {9, 10, 0.1, 0.05},
            .plan = {rows[k].overload_permille, 30, rows[k].waiting, rows[k].remote}};

        if (harm_text(&harm, text, sizeof(text)) != rows[k].harms)
            fail_msg("row %zu says \"%s\"", k, text);
    }
}

/* Whoever may not stay where he is has to go, whatever it costs. */
static void a_move_off_a_forbidden_pcpu_is_no_harm(void **state)
{
    struct guest_kit kit;

    (void)state;
    guest_kit_all(&kit, PCPUS, 1, "0");
    vcpu_sample_sort(&kit.sample);
    assert_false(vcpu_role_is_misplaced(&kit.sample, &kit.vcpus[0]));
    guest_kit_allow(&kit, 0, "1");
    assert_true(vcpu_role_is_misplaced(&kit.sample, &kit.vcpus[0]));
    guest_kit_allow(&kit, 0, "0-1");
    kit.sample.pcpus[0].use = PCPU_RESERVED;
    assert_true(vcpu_role_is_misplaced(&kit.sample, &kit.vcpus[0]));
}

enum { RISES, WAKES, FIRST, SECOND, FLOATS, GUESTS };

/* Two guests that have been here for less than half a minute change at once: one rises from half a
 * pCPU to a whole one, the other wakes up for a fifth of one. While they settle nothing tells them
 * apart, and each is planned with their mean: there seems to be room beside the one that rises.
 * floats: another guest floats at that moment, so that it has to be pinned. */
static void harmful_moment(struct guest_kit *kit, const struct vcpu_settings *settings, bool floats,
                           struct vcpu_plan *ret)
{
    static const char *const pins[] = {"0", "1", "1", "1", "0"};
    struct vcpu_planner *planner = guest_kit_planner(settings);
    struct err err = {0};

    guest_kit_init(kit, PCPUS, floats ? GUESTS : FLOATS, pins);
    kit->has_delay = true;
    kit->load_permille[RISES] = 500;
    kit->load_permille[FIRST] = 400;
    kit->load_permille[SECOND] = 150;
    kit->load_permille[FLOATS] = floats ? 50 : 0;
    assert_int_equal(guest_kit_run(kit, planner, 5, 4), 0);
    kit->load_permille[RISES] = 1000;
    kit->load_permille[WAKES] = 200;
    if (floats)
        guest_kit_pin(kit, FLOATS, "0-1");
    guest_kit_pass(kit, 5);
    assert_int_equal(vcpu_planner_step(planner, &kit->sample, ret, &err), 0);
    vcpu_planner_free(planner);
}

static void a_plan_that_harms_now_is_not_made(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan;
    struct err err = {0};

    (void)state;
    harmful_moment(&kit, NULL, false, &plan);
    assert_int_equal(plan.verdict, VERDICT_HOLD_HARMFUL);
    assert_int_equal(plan.n_pins, 0);
    assert_non_null(strstr(plan.note, "would do harm: overload would grow"));
    assert_true(plan.objective == plan.hold_objective && plan.bound <= plan.objective);
    assert_int_equal(vcpu_check(&kit.sample, &plan, &err), 0);
    vcpu_plan_done(&plan);
}

static void without_the_gate_the_checker_refuses_it(void **state)
{
    struct vcpu_settings without;
    struct guest_kit kit;
    struct vcpu_plan plan;
    struct err err = {0};

    (void)state;
    vcpu_settings_default(&without);
    without.refuse_harm = false;
    harmful_moment(&kit, &without, false, &plan);
    assert_int_equal(plan.verdict, VERDICT_APPLY);
    assert_int_equal(vcpu_check(&kit.sample, &plan, &err), -EINVAL);
    assert_non_null(strstr(err.text, "makes overload worse"));
    vcpu_plan_done(&plan);
}

static void what_has_to_be_pinned_is_pinned_all_the_same(void **state)
{
    struct guest_kit kit;
    struct vcpu_plan plan;
    struct err err = {0};

    (void)state;
    harmful_moment(&kit, NULL, true, &plan);
    assert_int_equal(plan.verdict, VERDICT_APPLY);
    assert_int_equal(plan.n_pins, 1);
    assert_int_equal(plan.pins[0].from_place, -1);
    assert_non_null(strstr(plan.note, "only vCPUs that have to move do"));
    assert_int_equal(vcpu_check(&kit.sample, &plan, &err), 0);
    vcpu_plan_done(&plan);
}

/* A good plan read backwards: whoever went there comes back. */
static void turn_round(struct guest_kit *kit, struct vcpu_plan *plan)
{
    double sigma_pct = plan->sigma_pct;
    size_t n = 0;

    for (size_t i = 0; i < plan->n_places; i++) {
        struct vcpu_place *place = &plan->places[i];
        char to[12];
        int from = place->from_place;

        place->from_place = place->to_place;
        place->to_place = from;
        snprintf(to, sizeof(to), "%d", place->from_place);
        guest_kit_pin(kit, i, to);
        if (place->from_place == place->to_place)
            continue;
        plan->pins[n].from_place = place->from_place;
        plan->pins[n].to = vcpu_plan_pcpus(plan, place->to_place);
        plan->pins[n++].to_place = (unsigned)place->to_place;
    }
    for (size_t p = 0; p < plan->n_pcpus; p++) {
        int before = plan->pcpus[p].before_permille;

        plan->pcpus[p].before_permille = plan->pcpus[p].after_permille;
        plan->pcpus[p].after_permille = before;
    }
    plan->sigma_pct = plan->sigma_after_pct;
    plan->sigma_after_pct = sigma_pct;
}

static void the_checker_sees_harm_by_itself(void **state)
{
    static const struct {
        int load_permille;
        const char *says;
    } rows[] = {{500, "makes overload worse"}, {160, "makes sigma worse"}};

    (void)state;
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct vcpu_planner *planner = guest_kit_planner(NULL);
        struct guest_kit kit;
        struct vcpu_plan plan;
        struct err err = {0};

        guest_kit_all(&kit, PCPUS, 6, "0");
        for (size_t i = 0; i < 6; i++)
            kit.load_permille[i] = rows[k].load_permille;
        guest_kit_run(&kit, planner, 5, 1);
        guest_kit_pass(&kit, 5);
        guest_kit_plan(&kit, planner, &plan);
        assert_int_equal(plan.verdict, VERDICT_APPLY);
        turn_round(&kit, &plan);
        assert_int_equal(vcpu_check(&kit.sample, &plan, &err), -EINVAL);
        assert_non_null(strstr(err.text, rows[k].says));
        vcpu_plan_done(&plan);
        vcpu_planner_free(planner);
    }
}

enum { HOG_PCPUS = 4, CRUMBS = 3 };

/* A hog and crumbs on pCPU 0, and room on all others. Returns who is there after so long. */
static int beside_the_hog(bool sweeps, double seconds)
{
    struct vcpu_settings settings;
    struct vcpu_planner *planner;
    struct guest_kit kit;
    size_t n = HOG_PCPUS + CRUMBS;
    int left = 0;

    vcpu_settings_default(&settings);
    settings.sweep_crumbs = sweeps;
    planner = guest_kit_planner(&settings);
    guest_kit_all(&kit, HOG_PCPUS, n, "0");
    kit.load_permille[0] = 1000;
    for (size_t i = 1; i < n; i++) {
        static const char *const others[] = {"1", "2", "3"};

        kit.load_permille[i] = i <= CRUMBS ? 12 : 200;
        if (i > CRUMBS)
            guest_kit_pin(&kit, i, others[i - CRUMBS - 1]);
    }
    guest_kit_run(&kit, planner, 2, (int)(seconds / 2));
    for (size_t i = 1; i < n; i++)
        left += guest_kit_pcpu(&kit, i) == 0;
    assert_int_equal(guest_kit_pcpu(&kit, 0), 0);
    vcpu_planner_free(planner);
    return left;
}

static void crumbs_leave_a_pcpu_that_has_long_been_full(void **state)
{
    (void)state;
    assert_int_equal(beside_the_hog(true, 10), CRUMBS);
    assert_int_equal(beside_the_hog(true, 40), 0);
    assert_int_equal(beside_the_hog(false, 40), CRUMBS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_gets_worse_is_named),
        cmocka_unit_test(the_formula_is_not_taken_at_its_last_digit),
        cmocka_unit_test(nodes_get_uneven_for_nearer_memory_alone),
        cmocka_unit_test(a_move_off_a_forbidden_pcpu_is_no_harm),
        cmocka_unit_test(a_plan_that_harms_now_is_not_made),
        cmocka_unit_test(without_the_gate_the_checker_refuses_it),
        cmocka_unit_test(the_checker_sees_harm_by_itself),
        cmocka_unit_test(what_has_to_be_pinned_is_pinned_all_the_same),
        cmocka_unit_test(crumbs_leave_a_pcpu_that_has_long_been_full),
    };

    return cmocka_run_group_tests_name("vcpu_harm", tests, NULL, NULL);
}
