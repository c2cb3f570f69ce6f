/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glpk.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/simulated/simulated.h"
#include "planner/vcpu/planner.h"

/* GLPK in every interval of the seven CPU cases: it is asked, it agrees, alone it comes to the
 * same, and where it does not agree nothing is pinned. This program stands between the models and
 * one of GLPK's functions. */

enum { CASES = 7 };

static bool is_wrong; /* GLPK answers with fractions */

typedef double value_fn(glp_prob *problem, int column);

double glp_mip_col_val(glp_prob *problem, int column)
{
    value_fn *genuine;
    double value;

    *(void **)&genuine = dlsym(RTLD_NEXT, "glp_mip_col_val");
    value = genuine(problem, column);
    return is_wrong && value == 1 ? 0.5 : value;
}

/* One case with its host, and two planners that see the same samples; the first one's plans are
 * carried out. */
struct trial {
    struct host host;
    struct ticker ticker;
    struct vcpu_planner *planner, *second;
    struct vcpu_sample sample;
    struct vcpu_plan plan, other;
    int n_asked, n_searched, n_pins;
};

static void open_trial(struct trial *trial, const char *name, bool is_second_plain)
{
    struct vcpu_settings settings;
    struct err err = {0};

    *trial = (struct trial){.n_asked = 0};
    if (simulated_open(name, SIMULATED_VCPU, 2, NULL, &trial->host, &trial->ticker, &err) < 0)
        fail_msg("%s", err.text);
    vcpu_settings_default(&settings);
    trial->planner = vcpu_planner_new(&settings);
    settings.plain = is_second_plain;
    settings.keep_lp = true;
    trial->second = vcpu_planner_new(&settings);
    assert_true(trial->planner && trial->second);
}

static void close_trial(struct trial *trial)
{
    vcpu_planner_free(trial->planner);
    vcpu_planner_free(trial->second);
    trial->ticker.close(trial->ticker.self);
    trial->host.close(trial->host.self);
}

static void step(struct trial *trial)
{
    struct err err = {0};

    if (trial->host.sample_vcpus(trial->host.self, &trial->sample, &err) < 0 ||
        vcpu_planner_step(trial->planner, &trial->sample, &trial->plan, &err) < 0 ||
        vcpu_planner_step(trial->second, &trial->sample, &trial->other, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t k = 0; k < trial->plan.n_pins; k++) {
        const struct vcpu_pin *pin = &trial->plan.pins[k];
        struct cpuset only = {{0}};

        cpuset_add(&only, pin->to_place);
        if (trial->host.set_affinity(trial->host.self, &pin->guest, pin->vcpu, &only, &err) < 0)
            fail_msg("%s", err.text);
    }
    trial->n_pins += (int)trial->plan.n_pins;
}

static void end_step(struct trial *trial)
{
    vcpu_plan_done(&trial->plan);
    vcpu_plan_done(&trial->other);
    vcpu_sample_done(&trial->sample);
}

static bool knows_a_demand(const struct vcpu_plan *plan)
{
    return plan->verdict != VERDICT_HOLD_OBSERVING && plan->verdict != VERDICT_HOLD_IDLE;
}

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-6 * fmax(1, fabs(expected))))
        fail_msg("%.12g is not %.12g", value, expected);
}

/* ---- Every interval ---- */

static void check_interval(struct trial *trial)
{
    const struct vcpu_plan *plan = &trial->plan, *plain = &trial->other;

    if (!knows_a_demand(plan)) {
        assert_string_equal(plan->solver.model, "none");
        assert_null(plain->lp);
        return;
    }
    assert_string_equal(plan->solver.model, "compact");
    assert_true(plan->solver.rows > 0 && plan->solver.columns > 0 && plan->solver.free > 0);
    assert_int_equal(plan->verdict == VERDICT_HOLD_UNSAFE, 0);
    assert_non_null(plain->lp);
    trial->n_asked++;
    if (plan->solver.nodes == 0 || plain->solver.nodes == 0)
        return; /* one linear program: a hold whatever a search would find */
    assert_int_equal(plan->status, SOLVE_OPTIMAL);
    assert_int_equal(plain->status, SOLVE_OPTIMAL);
    assert_int_equal(plain->method, PLACEMENT_METHOD_GLPK);
    assert_int_equal(plain->solver.free, plain->solver.columns);
    assert_near(plain->bound, plan->bound); /* both are proven: this is the optimum */
    trial->n_searched++;
}

static void glpk_alone_comes_to_the_same_objectives(void **state)
{
    (void)state;
    for (int number = 1; number <= CASES; number++) {
        struct err err = {0};
        struct trial trial;
        char name[16];

        snprintf(name, sizeof(name), "cpu-%d", number);
        open_trial(&trial, name, true);
        while (trial.ticker.wait(trial.ticker.self, &err) > 0) {
            step(&trial);
            check_interval(&trial);
            end_step(&trial);
        }
        if (number != 6) /* nobody works there */
            assert_true(trial.n_asked > 0);
        if (number == 1)
            assert_true(trial.n_searched > 0 && trial.n_pins > 0);
        close_trial(&trial);
    }
}

/* ---- Disagreement ---- */

/* Everybody on one pCPU, and GLPK with its fractions: the models are kept, and that is all. */
static void what_glpk_contradicts_is_never_pinned(void **state)
{
    struct err err = {0};
    struct trial trial;
    int n_unsafe = 0;

    (void)state;
    open_trial(&trial, "cpu-1", false);
    is_wrong = true;
    while (trial.ticker.wait(trial.ticker.self, &err) > 0) {
        step(&trial);
        assert_int_equal(trial.plan.n_pins, 0);
        if (knows_a_demand(&trial.plan)) {
            assert_int_equal(trial.plan.verdict, VERDICT_HOLD_UNSAFE);
            assert_true(strstr(trial.plan.note, "GLPK"));
            assert_true(trial.plan.is_evidence && trial.plan.lp);
            n_unsafe++;
        }
        end_step(&trial);
    }
    is_wrong = false;
    assert_true(n_unsafe > 0);
    close_trial(&trial);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(glpk_alone_comes_to_the_same_objectives),
        cmocka_unit_test(what_glpk_contradicts_is_never_pinned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
