/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <glpk.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "models/certify/certify.h"
#include "models/certify/hold_solution.h"
#include "tests/model/families.h"

/* What becomes of a placement when GLPK, or what it is told, is wrong. This program stands between
 * the models and three of GLPK's functions. */

enum fault { FAULT_NONE, FAULT_ABORT, FAULT_FRACTION, FAULT_NO_SOLUTION, FAULT_OBJECTIVE };
static enum fault fault;

typedef int intopt_fn(glp_prob *problem, const glp_iocp *options);
typedef int status_fn(glp_prob *problem);
typedef double value_fn(glp_prob *problem, int column);
typedef double objective_fn(glp_prob *problem);

/* Function pointers do not fit into void pointers by the language's rules; on this system they
 * do. */
#define GENUINE(type, name, ret)                                                                   \
    type *ret;                                                                                     \
    *(void **)&(ret) = dlsym(RTLD_NEXT, name)

int glp_intopt(glp_prob *problem, const glp_iocp *options)
{
    GENUINE(intopt_fn, "glp_intopt", genuine);

    if (fault == FAULT_ABORT)
        glp_error("by intent\n");
    return genuine(problem, options);
}

int glp_mip_status(glp_prob *problem)
{
    GENUINE(status_fn, "glp_mip_status", genuine);

    return fault == FAULT_NO_SOLUTION ? GLP_NOFEAS : genuine(problem);
}

double glp_mip_col_val(glp_prob *problem, int column)
{
    GENUINE(value_fn, "glp_mip_col_val", genuine);
    double value = genuine(problem, column);

    return fault == FAULT_FRACTION && value == 1 ? 0.75 : value;
}

double glp_mip_obj_val(glp_prob *problem)
{
    GENUINE(objective_fn, "glp_mip_obj_val", genuine);

    return genuine(problem) + (fault == FAULT_OBJECTIVE ? 0.01 : 0);
}

/* ---- Fixture ---- */

struct fixture {
    struct made_problem made;
    struct placement_solution known;
    struct certify_how how;
    struct placement_answer answer;
};

static int new_fixture(void **state)
{
    static struct fixture f;

    fault = FAULT_NONE;
    f = (struct fixture){.made = family_make(FAMILY_UNI, 8, 4, 1, PLACEMENT_DEVIATION)};
    certify_how_default(&f.how);
    assert_int_equal(placement_solve(&f.made.problem, NULL, &f.known), 0);
    *state = &f;
    return 0;
}

static int free_fixture(void **state)
{
    struct fixture *f = *state;

    fault = FAULT_NONE;
    certify_answer_done(&f->answer);
    placement_solution_done(&f->known);
    made_problem_done(&f->made);
    return 0;
}

static void certify(struct fixture *f)
{
    assert_int_equal(certify_placement(&f->made.problem, &f->known, &f->how, &f->answer), 0);
}

/* No placement comes out, and the model is there as evidence. */
static void assert_contradiction(struct fixture *f, const char *words)
{
    certify(f);
    assert_int_equal(f->answer.verdict, ANSWER_CONTRADICTS);
    assert_null(f->answer.bin_of);
    assert_non_null(f->answer.compact);
    if (!strstr(f->answer.why, words))
        fail_msg("\"%s\" has no \"%s\"", f->answer.why, words);
}

static void assert_contradiction_in_both_models(struct fixture *f, const char *words)
{
    assert_contradiction(f, words);
    assert_null(f->answer.given);
    certify_answer_done(&f->answer);
    f->how.max_columns = 1;
    assert_contradiction(f, words);
    assert_non_null(f->answer.given);
}

/* ---- Faults ---- */

static void without_a_fault_the_answer_is_accepted(void **state)
{
    struct fixture *f = *state;

    certify(f);
    assert_int_equal(f->answer.verdict, ANSWER_ACCEPTED);
    assert_non_null(f->answer.bin_of);
    assert_null(f->answer.compact);
}

static void a_bound_above_the_placement_refuses_it(void **state)
{
    struct fixture *f = *state;

    f->known.status = SOLVE_FEASIBLE;
    f->known.bound = f->known.objective * 1.01;
    assert_contradiction_in_both_models(f, "does not admit the known placement");
}

static void a_placement_that_costs_more_than_it_says_is_found_out(void **state)
{
    struct fixture *f = *state;

    f->known.status = SOLVE_FEASIBLE;
    f->known.objective *= 0.9;
    f->known.bound = 0;
    assert_contradiction(f, "the one it was given");
}

static void a_placement_where_it_may_not_be_is_refused(void **state)
{
    struct fixture *f = *state;
    bool allowed[8 * 4];

    memset(allowed, true, sizeof(allowed));
    allowed[f->known.bin_of[0]] = false;
    f->made.problem.allowed = allowed;
    assert_contradiction(f, "does not admit the known placement");
    f->made.problem.allowed = NULL;
}

static void an_abort_ends_in_no_placement(void **state)
{
    fault = FAULT_ABORT;
    assert_contradiction_in_both_models(*state, "gave up");
}

static void a_fraction_ends_in_no_placement(void **state)
{
    fault = FAULT_FRACTION;
    assert_contradiction_in_both_models(*state, "in parts");
}

static void no_solution_where_one_is_known_is_a_contradiction(void **state)
{
    fault = FAULT_NO_SOLUTION;
    assert_contradiction_in_both_models(*state, "finds no placement");
}

static void another_objective_is_a_contradiction(void **state)
{
    fault = FAULT_OBJECTIVE;
    assert_contradiction_in_both_models(*state, "exact arithmetic");
}

static bool at_once(void *arg)
{
    (void)arg;
    return true;
}

/* GLPK holds the placement that it was given and accepted, with the gap that was open. */
static void a_time_out_ends_in_what_glpk_holds(void **state)
{
    struct fixture *f = *state;
    struct placement_solution hold;

    assert_int_equal(hold_solution(&f->made.problem, &hold), 0);
    for (int columns = 1; columns < 2000; columns += 1000) {
        f->how.limits = (struct work){.stop = at_once};
        f->how.max_columns = columns;
        assert_int_equal(certify_placement(&f->made.problem, &hold, &f->how, &f->answer), 0);
        assert_int_equal(f->answer.verdict, ANSWER_ACCEPTED);
        assert_memory_equal(f->answer.bin_of, hold.bin_of, 8 * sizeof(int));
        assert_int_equal(f->answer.status, SOLVE_FEASIBLE);
        assert_true(f->answer.gap > 0 && f->answer.bound == hold.bound);
        assert_true(f->answer.stopped);
        certify_answer_done(&f->answer);
    }
    placement_solution_done(&hold);
}

static void a_time_out_with_nothing_known_ends_in_nothing(void **state)
{
    struct fixture *f = *state;

    f->how.plain = true;
    f->how.limits = (struct work){.stop = at_once};
    certify(f);
    assert_int_equal(f->answer.verdict, ANSWER_NONE);
    assert_null(f->answer.bin_of);
}

int main(void)
{
#define FAULT_TEST(name) cmocka_unit_test_setup_teardown(name, new_fixture, free_fixture)
    const struct CMUnitTest tests[] = {
        FAULT_TEST(without_a_fault_the_answer_is_accepted),
        FAULT_TEST(a_bound_above_the_placement_refuses_it),
        FAULT_TEST(a_placement_that_costs_more_than_it_says_is_found_out),
        FAULT_TEST(a_placement_where_it_may_not_be_is_refused),
        FAULT_TEST(an_abort_ends_in_no_placement),
        FAULT_TEST(a_fraction_ends_in_no_placement),
        FAULT_TEST(no_solution_where_one_is_known_is_a_contradiction),
        FAULT_TEST(another_objective_is_a_contradiction),
        FAULT_TEST(a_time_out_ends_in_what_glpk_holds),
        FAULT_TEST(a_time_out_with_nothing_known_ends_in_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
