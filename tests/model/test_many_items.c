/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "models/certify/certify.h"
#include "planner/vcpu/planner.h"
#include "tests/model/certificate.h"
#include "tests/model/families.h"

/* 10,000 vCPUs on 64 pCPUs within counted work: a third of an interval of 2 s is some 670 ms. */

enum { MOST_KCELLS = 60 * 1000, MOST_COLUMNS = 4000 };

struct outcome {
    double gap;
    int64_t kcells;
};

static void certify(const struct placement_problem *problem,
                    const struct placement_solution *solution)
{
    struct placement_answer answer;
    struct certify_how how;

    certify_how_default(&how);
    assert_int_equal(certify_placement(problem, solution, &how, &answer), 0);
    assert_int_equal(answer.verdict, ANSWER_ACCEPTED);
    assert_true(answer.objective <= solution->objective * (1 + 1e-6));
    assert_in_range(answer.columns, 0, MOST_COLUMNS);
    assert_in_range(answer.pivots, 0, 500);
    certify_answer_done(&answer);
}

static struct outcome plan(enum family family)
{
    struct made_problem made = family_make(family, 10000, 64, 1, PLACEMENT_DEVIATION);
    struct vcpu_settings settings;
    struct placement_solution solution;
    struct outcome outcome;

    vcpu_settings_default(&settings);
    assert_int_equal(placement_solve(&made.problem, &settings.limits, &solution), 0);
    assert_null(certificate_breach(&made.problem, &solution));
    assert_true(solution.objective <= solution.hold_objective);
    certify(&made.problem, &solution);
    outcome = (struct outcome){solution.gap, solution.work.kcells};
    placement_solution_done(&solution);
    made_problem_done(&made);
    return outcome;
}

static void ten_thousand_are_planned_with_a_small_gap(void **state)
{
    static const struct {
        enum family family;
        double gap;
    } LIMITS[] = {{FAMILY_UNI, 0.08},  {FAMILY_EXP, 0.08},  {FAMILY_TRI, 0.08},
                  {FAMILY_NEAR, 0.05}, {FAMILY_ALL0, 0.01}, {FAMILY_CONFINED, 0.03}};

    (void)state;
    for (size_t k = 0; k < sizeof(LIMITS) / sizeof(*LIMITS); k++) {
        struct outcome outcome = plan(LIMITS[k].family);

        assert_true(outcome.gap < LIMITS[k].gap);
        assert_in_range(outcome.kcells, 0, MOST_KCELLS);
    }
}

/* What cannot be planned is said before it is tried: nothing of the sample is read. */
static void a_host_beyond_the_limit_is_refused_in_one_sentence(void **state)
{
    struct vcpu_sample sample = {.n_vcpus = 100000, .n_pcpus = 512};
    struct vcpu_settings settings;
    struct vcpu_planner *planner;
    struct vcpu_plan plan;
    struct err err = {0};

    (void)state;
    vcpu_settings_default(&settings);
    planner = vcpu_planner_new(&settings);
    assert_non_null(planner);
    assert_int_equal(vcpu_planner_step(planner, &sample, &plan, &err), -E2BIG);
    assert_non_null(strstr(err.text, "--match"));
    vcpu_planner_free(planner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_thousand_are_planned_with_a_small_gap),
        cmocka_unit_test(a_host_beyond_the_limit_is_refused_in_one_sentence),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
