/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "models/memory/lp.h"
#include "models/memory/problem.h"
#include "models/placement/compact.h"
#include "tests/model/certificate.h"
#include "tests/model/families.h"
#include "tests/model/other_solvers.h"

/* The LP text as it leaves the program, compared with tests/golden/NAME.lp. After a change that is
 * meant, REGENERATE=1 writes the files anew, to be read in the diff. Each file is also solved by
 * glpsol, to the objective that the program claims. */

static void write_golden(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static char *read_golden(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");

    if (!file)
        fail_msg("%s is missing: run with REGENERATE=1 and read what it wrote", path);
    assert_true(getdelim(&text, &size, '\0', file) > 0);
    fclose(file);
    return text;
}

static void compare(const char *name, const struct lp *lp, double objective)
{
    char path[300], *text, *expected;

    snprintf(path, sizeof(path), SOURCE_DIR "/tests/golden/%s.lp", name);
    assert_int_equal(lp_text(lp, &text), 0);
    if (getenv("REGENERATE"))
        write_golden(path, text);
    expected = read_golden(path);
    assert_string_equal(text, expected);
    if (has_program("glpsol")) {
        double other = glpsol_lp(expected);

        if (!(fabs(other - objective) <= 1e-6 * fmax(1, fabs(objective))))
            fail_msg("%s: glpsol finds %.12g, claimed is %.12g", name, other, objective);
    }
    free(expected);
    free(text);
}

static void vcpus(const char *name, enum placement_objective objective)
{
    static const char *const labels[] = {"web/0",  "web/1",         "db/0",          "evil\nEnd/0",
                                         "idle/0", "caf\xc3\xa9/0", "back\\slash/0", "last/0"};
    struct made_problem made = family_make(FAMILY_NUMA, 8, 4, 1, objective);
    struct placement_solution solution;
    struct lp *lp;

    made.problem.labels = labels;
    made.current[2] = -1;
    for (int p = 0; p < 4; p++) {
        made.price[2 * 4 + p] = 0;
        made.background[p] = p == 1 ? 150 : 0;
    }
    made.problem.background_permille = made.background;
    assert_int_equal(placement_solve(&made.problem, &(struct work){0}, &solution), 0);
    assert_null(certificate_breach(&made.problem, &solution));
    assert_int_equal(solution.status, SOLVE_OPTIMAL);
    /* Which step closes the gap may change, and with it the last digits of the bound on squares. */
    solution.method = PLACEMENT_METHOD_LAGRANGIAN;
    solution.bound = solution.objective;
    assert_int_equal(placement_compact_lp(&made.problem, &solution, &lp), 0);
    compare(name, lp, solution.objective);
    lp_free(lp);
    placement_solution_done(&solution);
    made_problem_done(&made);
}

static void vcpu_deviation(void **state)
{
    (void)state;
    vcpus("vcpu_deviation", PLACEMENT_DEVIATION);
}

static void vcpu_variance(void **state)
{
    (void)state;
    vcpus("vcpu_variance", PLACEMENT_VARIANCE);
}

/* Two guests that are short and one with idle memory, on a host that cannot please all. */
static void memory(void **state)
{
    static const struct memory_item items[] = {{.lower_kib = 200000,
                                                .floor_kib = 300000,
                                                .cached_kib = 400000,
                                                .wish_kib = 500000,
                                                .rest_kib = 600000,
                                                .current_kib = 350000,
                                                .weight = 100},
                                               {.lower_kib = 100000,
                                                .floor_kib = 250000,
                                                .cached_kib = 250000,
                                                .wish_kib = 450000,
                                                .rest_kib = 450000,
                                                .current_kib = 150000,
                                                .weight = 200},
                                               {.lower_kib = 700000,
                                                .floor_kib = 200000,
                                                .cached_kib = 300000,
                                                .wish_kib = 350000,
                                                .rest_kib = 400000,
                                                .current_kib = 900000,
                                                .weight = 100}};
    static const char *const labels[] = {"build", "db", "idle\rone"};
    struct memory_problem problem = {.n_items = 3,
                                     .items = items,
                                     .capacity_kib = 1500000,
                                     .fair_step_kib = 1024,
                                     .labels = labels};
    struct memory_solver *solver = memory_solver_new();
    struct memory_solution solution;
    struct lp *lp;

    (void)state;
    assert_non_null(solver);
    assert_int_equal(memory_solve(solver, &problem, &(struct work){0}, &solution), 0);
    assert_int_equal(memory_lp(&problem, &solution, &lp), 0);
    compare("memory", lp, solution.objective);
    lp_free(lp);
    memory_solution_done(&solution);
    memory_solver_free(solver);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vcpu_deviation),
        cmocka_unit_test(vcpu_variance),
        cmocka_unit_test(memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
