/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "models/certify/certify.h"
#include "models/certify/compact_question.h"
#include "models/certify/hold_solution.h"
#include "models/certify/pattern_model.h"
#include "models/placement/compact.h"
#include "models/placement/evaluate.h"
#include "tests/model/certificate.h"
#include "tests/model/families.h"
#include "tests/model/tiny.h"

/* What GLPK says about placements, with and without what is known beforehand. */

enum { SEEDS_TO_THE_END = 20, TINY_PROBLEMS = 150, MAX_TINY = 7 };

static void assert_near(double value, double expected)
{
    if (!(fabs(value - expected) <= 1e-6 * fmax(1, fabs(expected))))
        fail_msg("%.12g is not %.12g", value, expected);
}

static struct certify_how by_default(void)
{
    struct certify_how how;

    certify_how_default(&how);
    return how;
}

static struct placement_solution solved(const struct placement_problem *problem)
{
    struct placement_solution solution;

    assert_int_equal(placement_solve(problem, NULL, &solution), 0);
    return solution;
}

static struct placement_answer certified(const struct placement_problem *problem,
                                         const struct placement_solution *known,
                                         const struct certify_how *how)
{
    struct placement_answer answer;

    assert_int_equal(certify_placement(problem, known, how, &answer), 0);
    if (answer.verdict != ANSWER_ACCEPTED)
        fail_msg("GLPK contradicts: %s", answer.why);
    return answer;
}

/* ---- Every plan; each returns how many columns were fixed ---- */
static int confirm(enum family family, int n, int m, uint64_t seed,
                   enum placement_objective objective)
{
    struct made_problem made = family_make(family, n, m, seed, objective);
    struct placement_solution solution = solved(&made.problem);
    struct certify_how how = by_default();
    struct placement_answer answer = certified(&made.problem, &solution, &how);
    struct vcpu_reference reference = reference_new(&made.problem);
    int n_fixed;

    assert_near(answer.glpk_objective, reference_objective(&reference, answer.bin_of));
    assert_near(answer.objective, solution.objective);
    assert_int_equal(answer.status, SOLVE_OPTIMAL);
    n_fixed = answer.columns - answer.free;
    reference_done(&reference);
    certify_answer_done(&answer);
    placement_solution_done(&solution);
    made_problem_done(&made);
    return n_fixed;
}

static void every_plan_has_glpks_objective(void **state)
{
    int n_fixed = 0;

    (void)state;
    for (enum family family = 0; family < FAMILIES; family++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            n_fixed += confirm(family, 8, 4, seed, PLACEMENT_DEVIATION);
            confirm(family, 8, 4, seed, PLACEMENT_VARIANCE);
            confirm(family, 16, 8, seed, PLACEMENT_DEVIATION);
        }
        confirm(family, 64, 16, 1, PLACEMENT_DEVIATION);
        confirm(family, 128, 32, 1, PLACEMENT_DEVIATION);
    }
    assert_true(n_fixed > 100);
}

/* ---- By itself ---- */

/* GLPK's own optimum of the compact model; what is known is handed over in part or not at all. */
static double optimum_by_glpk(const struct placement_problem *problem,
                              const struct placement_solution *known, bool has_incumbent)
{
    struct arena arena = {0};
    struct question question = {.lp = NULL};
    struct balance balance;
    struct reply reply;
    struct work work = {0};
    struct lp *lp;
    double objective;

    assert_int_equal(balance_new(problem, &balance), 0);
    assert_int_equal(placement_compact_lp(problem, known, &lp), 0);
    if (has_incumbent)
        assert_int_equal(compact_question(&balance, lp, known->bin_of, NULL, &arena, &question), 0);
    question.lp = lp;
    assert_int_equal(ask(&question, &work, &reply), 0);
    assert_int_equal(reply.status, SOLVE_OPTIMAL);
    objective = reply.objective;
    ask_reply_done(&reply);
    lp_free(lp);
    balance_done(&balance);
    arena_done(&arena);
    return objective;
}

/* A bound that is too high shows only where its row is off and GLPK goes to the end. */
static void without_the_bounds_row_glpk_ends_at_the_same_optimum(void **state)
{
    (void)state;
    for (enum family family = 0; family < FAMILIES; family++)
        for (uint64_t seed = 1; seed <= SEEDS_TO_THE_END; seed++) {
            struct made_problem made = family_make(family, 8, 4, seed, PLACEMENT_DEVIATION);
            struct placement_solution solution = solved(&made.problem);

            assert_int_equal(solution.status, SOLVE_OPTIMAL);
            assert_near(optimum_by_glpk(&made.problem, &solution, true), solution.objective);
            placement_solution_done(&solution);
            made_problem_done(&made);
        }
}

static void with_nothing_known_glpk_finds_the_same_optimum(void **state)
{
    struct certify_how plain = by_default();

    (void)state;
    plain.plain = true;
    for (enum family family = 0; family < FAMILIES; family++) {
        struct made_problem made = family_make(family, 8, 4, 1, PLACEMENT_DEVIATION);
        struct placement_solution solution = solved(&made.problem);
        struct placement_answer answer = certified(&made.problem, NULL, &plain);

        assert_near(answer.objective, solution.objective);
        assert_int_equal(answer.method, PLACEMENT_METHOD_GLPK);
        assert_int_equal(answer.free, answer.columns);
        certify_answer_done(&answer);
        placement_solution_done(&solution);
        made_problem_done(&made);
    }
}

/* Changing nothing is the dearer placement here; what GLPK finds instead is the answer. */
static void a_better_placement_of_glpks_is_the_answer(void **state)
{
    struct certify_how how = by_default();

    (void)state;
    for (enum family family = 0; family < FAMILIES; family++) {
        struct made_problem made = family_make(family, 8, 4, 1, PLACEMENT_DEVIATION);
        struct placement_solution solution = solved(&made.problem), hold;
        struct placement_answer answer;

        assert_int_equal(hold_solution(&made.problem, &hold), 0);
        answer = certified(&made.problem, &hold, &how);
        assert_near(answer.objective, solution.objective);
        assert_int_equal(answer.status, SOLVE_OPTIMAL);
        if (solution.objective < hold.objective - 1e-6)
            assert_int_equal(answer.method, PLACEMENT_METHOD_GLPK);
        certify_answer_done(&answer);
        placement_solution_done(&hold);
        placement_solution_done(&solution);
        made_problem_done(&made);
    }
}

/* ---- Nothing that matters is left out ---- */

struct outlook {
    const struct placement_problem *problem;
    struct placement_solution known;
    struct vcpu_reference reference;
    struct balance balance;
    struct instance instance;
    struct reach reach;
    struct pattern_model model;
    bool *possible; /* [n * m] */
    int bin_of[MAX_TINY];
    int n_alike; /* placements as dear as the known one, or cheaper */
};

static int64_t objective_of(const struct outlook *o)
{
    struct placement_value value;

    assert_int_equal(placement_evaluate(o->problem, o->known.bin_of, &value), 0);
    if (o->problem->objective == PLACEMENT_VARIANCE)
        return (int64_t)ceil(value.objective * o->problem->nu_milli * 1e-3 *
                             o->instance.price_scale) +
               o->instance.m;
    return o->instance.kappa * value.deviation_scaled + o->instance.unit * value.cost;
}

/* Items that the instance leaves out are at home for nothing. */
static bool others_are_at_home(const struct outlook *o)
{
    bool is_home[MAX_TINY];

    for (size_t i = 0; i < o->problem->n_items; i++)
        is_home[i] = o->bin_of[i] == o->problem->current[i];
    for (int i = 0; i < o->instance.n; i++)
        is_home[o->instance.id[i]] = true;
    for (size_t i = 0; i < o->problem->n_items; i++)
        if (!is_home[i])
            return false;
    return true;
}

static void check_placement(struct outlook *o)
{
    const struct instance *in = &o->instance;
    int items[MAX_TINY];

    for (int i = 0; i < in->n; i++)
        assert_true(o->possible[i * in->m + o->bin_of[in->id[i]]]);
    for (int p = 0; p < in->m && o->model.is_complete; p++) {
        int n = 0;

        for (int i = 0; i < in->n; i++)
            if (o->bin_of[in->id[i]] == p)
                items[n++] = i;
        assert_true(patterns_find(&o->model.store, p, items, n) >= 0);
    }
    o->n_alike++;
}

static void look_at_all(struct outlook *o, size_t i)
{
    double objective;

    for (size_t p = 0; i < o->problem->n_items && p < o->problem->n_bins; p++) {
        if (o->problem->allowed && !o->problem->allowed[i * o->problem->n_bins + p])
            continue;
        o->bin_of[i] = (int)p;
        look_at_all(o, i + 1);
    }
    if (i < o->problem->n_items || !others_are_at_home(o))
        return;
    objective = reference_objective(&o->reference, o->bin_of);
    if (objective <= o->known.objective * (1 + 1e-12))
        check_placement(o);
}

static void look_at_tiny(uint64_t seed, enum placement_objective objective, int *n_complete,
                         int *n_excluded)
{
    struct made_problem tiny = tiny_make(seed, objective);
    struct outlook o = {.problem = &tiny.problem, .known = solved(&tiny.problem)};
    int known[MAX_TINY] = {0};
    size_t cells;

    o.reference = reference_new(o.problem);
    assert_int_equal(balance_new(o.problem, &o.balance), 0);
    assert_int_equal(instance_new(&o.balance, &o.instance), 0);
    assert_int_equal(reach_new(&o.instance, o.known.proof, objective_of(&o), &o.reach), 0);
    cells = (size_t)o.instance.n * (size_t)o.instance.m;
    o.possible = calloc(cells + 1, sizeof(bool));
    assert_non_null(o.possible);
    for (size_t k = 0; k < cells; k++)
        o.possible[k] = true;
    assert_int_equal(reach_exclude(&o.reach, o.possible), 0);
    for (int i = 0; i < o.instance.n; i++)
        known[i] = o.known.bin_of[o.instance.id[i]];
    assert_int_equal(
        pattern_model_new(&o.reach, known, &(struct pattern_limits){4000, false}, &o.model), 0);
    look_at_all(&o, 0);
    assert_true(o.n_alike > 0);
    *n_complete += o.model.is_complete;
    for (size_t k = 0; k < cells; k++)
        *n_excluded += !o.possible[k];
    pattern_model_done(&o.model);
    free(o.possible);
    reach_done(&o.reach);
    instance_done(&o.instance);
    balance_done(&o.balance);
    reference_done(&o.reference);
    placement_solution_done(&o.known);
    made_problem_done(&tiny);
}

static void what_is_left_out_no_placement_as_dear_can_use(void **state)
{
    int n_complete = 0, n_excluded = 0;

    (void)state;
    for (uint64_t seed = 0; seed < TINY_PROBLEMS; seed++) {
        look_at_tiny(seed, PLACEMENT_DEVIATION, &n_complete, &n_excluded);
        look_at_tiny(seed, PLACEMENT_VARIANCE, &n_complete, &n_excluded);
    }
    assert_true(n_complete > TINY_PROBLEMS / 2);
    assert_true(n_excluded > TINY_PROBLEMS);
}

/* ---- Beyond the compact model's reach ---- */

static void both_models_have_the_same_optimum(void **state)
{
    struct certify_how how = by_default();

    (void)state;
    how.max_columns = 1;
    for (enum family family = 0; family < FAMILIES; family++)
        for (enum placement_objective objective = PLACEMENT_DEVIATION;
             objective <= PLACEMENT_VARIANCE; objective++) {
            struct made_problem made = family_make(family, 16, 8, 1, objective);
            struct placement_solution solution = solved(&made.problem);
            struct placement_answer answer;

            if (solution.method != PLACEMENT_METHOD_HOLD) {
                answer = certified(&made.problem, &solution, &how);
                assert_int_not_equal(answer.model, PLACEMENT_MODEL_COMPACT);
                assert_near(answer.objective, solution.objective);
                assert_near(answer.glpk_objective, solution.objective);
                certify_answer_done(&answer);
            }
            placement_solution_done(&solution);
            made_problem_done(&made);
        }
}

/* A list cut short proves nothing, and still holds twice what the known placement uses. */
static void a_restricted_list_leaves_the_bound_to_the_search(void **state)
{
    struct made_problem made = family_make(FAMILY_UNI, 16, 8, 1, PLACEMENT_DEVIATION);
    struct certify_how how = by_default();
    struct placement_solution hold;
    struct placement_answer answer;

    (void)state;
    how.max_columns = 1;
    assert_int_equal(hold_solution(&made.problem, &hold), 0);
    answer = certified(&made.problem, &hold, &how);
    assert_int_equal(answer.model, PLACEMENT_MODEL_RESTRICTED);
    assert_int_equal(answer.status, SOLVE_FEASIBLE);
    assert_near(answer.bound, hold.bound);
    assert_true(answer.objective < hold.objective);
    assert_true(answer.columns >= 2 * 8);
    certify_answer_done(&answer);
    placement_solution_done(&hold);
    made_problem_done(&made);
}

/* Only a hold that is optimal in closed form, and only there. */
static void a_large_hold_needs_nobodys_word(void **state)
{
    struct made_problem made = family_make(FAMILY_HOLD, 128, 32, 1, PLACEMENT_DEVIATION);
    struct certify_how how = by_default();
    struct placement_solution hold;
    struct placement_answer answer;

    (void)state;
    assert_int_equal(hold_solution(&made.problem, &hold), 0);
    assert_int_equal(hold.status, SOLVE_OPTIMAL);
    assert_int_equal(certify_placement(&made.problem, &hold, &how, &answer), 0);
    assert_int_equal(answer.verdict, ANSWER_NOT_ASKED);
    assert_null(answer.bin_of);
    assert_int_equal(answer.model, PLACEMENT_MODEL_NONE);
    certify_answer_done(&answer);
    how.max_columns = 5000;
    answer = certified(&made.problem, &hold, &how);
    assert_int_equal(answer.model, PLACEMENT_MODEL_COMPACT);
    certify_answer_done(&answer);
    placement_solution_done(&hold);
    made_problem_done(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plan_has_glpks_objective),
        cmocka_unit_test(without_the_bounds_row_glpk_ends_at_the_same_optimum),
        cmocka_unit_test(with_nothing_known_glpk_finds_the_same_optimum),
        cmocka_unit_test(a_better_placement_of_glpks_is_the_answer),
        cmocka_unit_test(what_is_left_out_no_placement_as_dear_can_use),
        cmocka_unit_test(both_models_have_the_same_optimum),
        cmocka_unit_test(a_restricted_list_leaves_the_bound_to_the_search),
        cmocka_unit_test(a_large_hold_needs_nobodys_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
