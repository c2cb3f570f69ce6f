/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/solver.h"

#include <errno.h>
#include <float.h>
#include <glpk.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "models/solver_input.h"

/* GLPK keeps one environment per thread, in a thread-local variable of its own, and after an abort
 * the only documented way on is to free that environment, which frees every problem in it. Which
 * environment a problem lives in can therefore be known only per thread; these three mirror GLPK's
 * variable and nothing else. A solver of an earlier life is dead; the last solver of a life gives
 * the memory back.
 */
static _Thread_local struct {
    unsigned life;
    unsigned solvers;
    bool busy; /* inside GLPK: its stop() callback must not come back in */
} environment;

enum {
    PIVOTS_PER_CHUNK = 400 /* between two questions whether to stop: a few ms at 500 rows */
};
static const double FEASIBLE_WITHIN = 1e-7; /* GLPK's own tolerance for basic variables */

struct solver {
    glp_prob *problem;
    unsigned life; /* of the environment that the problem lives in */
    int rows, columns;
    bool root_is_solved; /* the LP's optimal basis fits the present data */
    bool branched;       /* the accessors read the incumbent, not the LP */
    double bound;
    struct triplets scratch; /* one column */
    double *activities;      /* [rows + 1] scratch */
};

static int swallow_output(void *info, const char *text)
{
    (void)info;
    (void)text;
    return 1;
}

static void jump_out(void *home)
{
    longjmp(*(jmp_buf *)home, 1);
}

static void bury_environment(void)
{
    glp_free_env();
    environment.life++;
    environment.solvers = 0;
    environment.busy = false;
}

/* 0 when GLPK may be called for this solver. */
static int check_alive(const struct solver *solver)
{
    if (solver->life != environment.life)
        return -EPROTO;
    return environment.busy ? -EINVAL : 0;
}

/* Calls into GLPK so that its abort() comes back as -EPROTO. body must own no memory of its own. */
static int contained(struct solver *solver, int (*body)(struct solver *solver, void *arg),
                     void *arg)
{
    jmp_buf home;
    int r = check_alive(solver);

    if (r < 0)
        return r;
    if (setjmp(home)) {
        bury_environment();
        return -EPROTO;
    }
    environment.busy = true;
    glp_term_hook(swallow_output, NULL);
    glp_term_out(GLP_OFF);
    glp_error_hook(jump_out, &home);
    r = body(solver, arg);
    glp_error_hook(NULL, NULL);
    environment.busy = false;
    return r;
}

static int glpk_bounds(double lower, double upper)
{
    if (isinf(lower))
        return isinf(upper) ? GLP_FR : GLP_UP;
    if (isinf(upper))
        return GLP_LO;
    return lower == upper ? GLP_FX : GLP_DB;
}

static void set_column(glp_prob *problem, int j, const struct lp_column *column)
{
    glp_set_col_bnds(problem, j, glpk_bounds(column->lower, column->upper), column->lower,
                     column->upper);
    glp_set_obj_coef(problem, j, column->cost);
    glp_set_col_kind(problem, j, column->kind == LP_CONTINUOUS ? GLP_CV : GLP_IV);
}

struct load {
    const struct lp *lp;
    const struct triplets *matrix;
};

static int load(struct solver *solver, void *arg)
{
    const struct load *in = arg;
    glp_prob *problem = solver->problem = glp_create_prob();

    if (solver->rows > 0)
        glp_add_rows(problem, solver->rows);
    if (solver->columns > 0)
        glp_add_cols(problem, solver->columns);
    for (int i = 0; i < solver->rows; i++) {
        const struct lp_row *row = lp_row(in->lp, i);

        glp_set_row_bnds(problem, i + 1, glpk_bounds(row->lower, row->upper), row->lower,
                         row->upper);
    }
    for (int j = 0; j < solver->columns; j++)
        set_column(problem, j + 1, lp_column(in->lp, j));
    glp_load_matrix(problem, (int)in->matrix->n, in->matrix->rows, in->matrix->columns,
                    in->matrix->coefficients);
    return 0;
}

static int load_lp(struct solver *solver, const struct lp *lp)
{
    struct triplets matrix;
    int r = triplets_of(lp, &matrix);

    if (r < 0)
        return r;
    r = contained(solver, load, &(struct load){.lp = lp, .matrix = &matrix});
    triplets_done(&matrix);
    return r;
}

int solver_new(const struct lp *lp, struct solver **ret)
{
    struct solver *solver = calloc(1, sizeof(*solver));
    int r;

    if (!solver)
        return -ENOMEM;
    environment.solvers++;
    solver->life = environment.life;
    solver->rows = lp_rows(lp);
    solver->columns = lp_columns(lp);
    solver->activities = calloc((size_t)solver->rows + 1, sizeof(*solver->activities));
    r = triplets_reserve(&solver->scratch, (size_t)solver->rows);
    if (r == 0)
        r = solver->activities ? load_lp(solver, lp) : -ENOMEM;
    if (r < 0) {
        solver_free(solver);
        return r;
    }
    *ret = solver;
    return 0;
}

static int delete_problem(struct solver *solver, void *arg)
{
    (void)arg;
    if (solver->problem)
        glp_delete_prob(solver->problem);
    return 0;
}

void solver_free(struct solver *solver)
{
    if (!solver)
        return;
    contained(solver, delete_problem, NULL);
    if (solver->life == environment.life && --environment.solvers == 0)
        bury_environment();
    triplets_done(&solver->scratch);
    free(solver->activities);
    free(solver);
}

int solver_columns(const struct solver *solver)
{
    return solver->columns;
}

int solver_rows(const struct solver *solver)
{
    return solver->rows;
}

static int add_column(struct solver *solver, void *arg)
{
    int j = glp_add_cols(solver->problem, 1);

    set_column(solver->problem, j, arg);
    glp_set_mat_col(solver->problem, j, (int)solver->scratch.n, solver->scratch.rows,
                    solver->scratch.coefficients);
    return j - 1;
}

int solver_add_column(struct solver *solver, enum lp_kind kind, double lower, double upper,
                      double cost, size_t n, const int rows[], const double coefficients[])
{
    struct lp_column column = {.kind = kind, .lower = lower, .upper = upper, .cost = cost};
    int r =
        solver_column_is_valid(kind, lower, upper, cost)
            ? triplets_take_column(&solver->scratch, (size_t)solver->rows, n, rows, coefficients)
            : -EINVAL;

    if (r == 0)
        r = contained(solver, add_column, &column);
    if (r < 0)
        return r;
    solver->columns++;
    solver->root_is_solved = false;
    return r;
}

static int check_column(const struct solver *solver, int column)
{
    return column < 0 || column >= solver->columns ? -EINVAL : check_alive(solver);
}

static int check_row(const struct solver *solver, int row)
{
    return row < 0 || row >= solver->rows ? -EINVAL : check_alive(solver);
}

static int read_column(const struct solver *solver, int column, struct lp_column *ret)
{
    glp_prob *problem = solver->problem;
    int r = check_column(solver, column);
    double lower, upper;

    if (r < 0)
        return r;
    lower = glp_get_col_lb(problem, column + 1);
    upper = glp_get_col_ub(problem, column + 1);
    *ret = (struct lp_column){
        .kind = glp_get_col_kind(problem, column + 1) == GLP_CV ? LP_CONTINUOUS : LP_INTEGER,
        .lower = lower == -DBL_MAX ? -INFINITY : lower,
        .upper = upper == DBL_MAX ? INFINITY : upper,
        .cost = glp_get_obj_coef(problem, column + 1)};
    return 0;
}

/* Cannot make GLPK abort: the values are valid and nothing is allocated. */
static int write_column(struct solver *solver, int column, const struct lp_column *new)
{
    if (!solver_column_is_valid(new->kind, new->lower, new->upper, new->cost))
        return -EINVAL;
    set_column(solver->problem, column + 1, new);
    solver->root_is_solved = false;
    return 0;
}

int solver_set_column_bounds(struct solver *solver, int column, double lower, double upper)
{
    struct lp_column new = {0};
    int r = read_column(solver, column, &new);

    new.lower = lower;
    new.upper = upper;
    return r < 0 ? r : write_column(solver, column, &new);
}

int solver_set_column_cost(struct solver *solver, int column, double cost)
{
    struct lp_column new = {0};
    int r = read_column(solver, column, &new);

    new.cost = cost;
    return r < 0 ? r : write_column(solver, column, &new);
}

int solver_set_column_kind(struct solver *solver, int column, enum lp_kind kind)
{
    struct lp_column new = {0};
    int r = read_column(solver, column, &new);

    new.kind = kind;
    return r < 0 ? r : write_column(solver, column, &new);
}

int solver_set_row_bounds(struct solver *solver, int row, double lower, double upper)
{
    int r = solver_bounds_are_valid(lower, upper) ? check_row(solver, row) : -EINVAL;

    if (r < 0)
        return r;
    glp_set_row_bnds(solver->problem, row + 1, glpk_bounds(lower, upper), lower, upper);
    solver->root_is_solved = false;
    return 0;
}

static const int GLPK_BASIS[] = {[SOLVER_BASIC] = GLP_BS,
                                 [SOLVER_AT_LOWER] = GLP_NL,
                                 [SOLVER_AT_UPPER] = GLP_NU,
                                 [SOLVER_FIXED] = GLP_NS};

int solver_set_column_basis(struct solver *solver, int column, enum solver_basis basis)
{
    int r = check_column(solver, column);

    if (r == 0)
        glp_set_col_stat(solver->problem, column + 1, GLPK_BASIS[basis]);
    return r;
}

int solver_set_row_basis(struct solver *solver, int row, enum solver_basis basis)
{
    int r = check_row(solver, row);

    if (r == 0)
        glp_set_row_stat(solver->problem, row + 1, GLPK_BASIS[basis]);
    return r;
}

enum solver_basis solver_column_basis(const struct solver *solver, int column)
{
    enum solver_basis basis = SOLVER_FIXED;

    if (check_column(solver, column) == 0) {
        while (basis > SOLVER_BASIC &&
               GLPK_BASIS[basis] != glp_get_col_stat(solver->problem, column + 1))
            basis--;
    }
    return basis;
}

/* GLPK's return code and the status of the solution are two channels, and both matter. Whatever is
 * not in here was never seen and concludes nothing. A test provokes each row. */
static enum solve_status fold(int rc, int status)
{
    static const struct {
        int rc, status;
        enum solve_status means;
    } table[] = {
        {0, GLP_OPT, SOLVE_OPTIMAL},
        {0, GLP_NOFEAS, SOLVE_INFEASIBLE},
        {0, GLP_UNBND, SOLVE_UNBOUNDED},
        {GLP_EITLIM, GLP_FEAS, SOLVE_FEASIBLE},
        {GLP_EITLIM, GLP_INFEAS, SOLVE_NO_INCUMBENT},
        {GLP_ESTOP, GLP_FEAS, SOLVE_FEASIBLE},
        {GLP_ESTOP, GLP_UNDEF, SOLVE_NO_INCUMBENT},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].rc == rc && table[i].status == status)
            return table[i].means;
    }
    return SOLVE_FAILED;
}

struct search {
    struct solver *solver;
    const struct solver_branching *how; /* NULL: simplex only */
    struct work *work;
    int64_t pivots_before, nodes_before;
    bool is_offered; /* the incumbent */
    enum solve_status status;
};

/* Brings the counts up to date; true when the search has to end. */
static bool must_end(struct search *search, int nodes)
{
    struct work *work = search->work;
    int64_t max_nodes = search->how ? search->how->max_nodes : 0;

    work->pivots = search->pivots_before + glp_get_it_cnt(search->solver->problem);
    work->nodes = search->nodes_before + nodes;
    work->stopped = work->stopped || (work->stop && work->stop(work->stop_arg));
    return work->stopped || (work->max_pivots > 0 && work->pivots >= work->max_pivots) ||
           (work->max_nodes > 0 && work->nodes > work->max_nodes) ||
           (max_nodes > 0 && nodes > max_nodes);
}

static int run_simplex(struct solver *solver, void *arg)
{
    struct search *search = arg;
    struct work *work = search->work;
    bool repaired = false;
    glp_smcp options;
    int rc = GLP_EITLIM;

    glp_init_smcp(&options);
    search->status = SOLVE_NO_INCUMBENT;
    while (rc == GLP_EITLIM && !must_end(search, 0)) {
        int64_t left = work->max_pivots > 0 ? work->max_pivots - work->pivots : INT64_MAX;

        options.it_lim = left < PIVOTS_PER_CHUNK ? (int)left : PIVOTS_PER_CHUNK;
        rc = glp_simplex(solver->problem, &options);
        search->status = fold(rc, glp_get_status(solver->problem));
        /* The basis that the caller set may be singular or of the wrong size: start over, once. */
        if (search->status == SOLVE_FAILED && !repaired) {
            repaired = true;
            glp_std_basis(solver->problem);
            rc = GLP_EITLIM;
        }
    }
    must_end(search, 0);
    solver->root_is_solved = search->status == SOLVE_OPTIMAL;
    solver->branched = false;
    return 0;
}

static int run(struct solver *solver, int (*body)(struct solver *solver, void *arg),
               const struct solver_branching *how, struct work *work, enum solve_status *ret)
{
    struct search search = {.solver = solver, .how = how, .work = work};
    int r = check_alive(solver);

    if (r < 0)
        return r;
    search.pivots_before = work->pivots - glp_get_it_cnt(solver->problem);
    search.nodes_before = work->nodes;
    r = contained(solver, body, &search);
    if (r == 0)
        *ret = search.status;
    return r;
}

int solver_simplex(struct solver *solver, struct work *work, enum solve_status *ret)
{
    return run(solver, run_simplex, NULL, work, ret);
}

static bool is_within(double value, double lower, double upper)
{
    double slack = FEASIBLE_WITHIN * (1 + fabs(value));

    return value >= lower - slack && value <= upper + slack;
}

/* glp_ios_heur_sol() takes anything: an infeasible point would come back as the optimum. */
static bool is_feasible(struct solver *solver, const double *x)
{
    glp_prob *problem = solver->problem;
    double *activities = memset(solver->activities, 0, sizeof(double) * ((size_t)solver->rows + 1));

    for (int j = 0; j < solver->columns; j++) {
        int n = glp_get_mat_col(problem, j + 1, solver->scratch.rows, solver->scratch.coefficients);
        bool whole = glp_get_col_kind(problem, j + 1) == GLP_CV ||
                     fabs(x[j] - nearbyint(x[j])) <= FEASIBLE_WITHIN;

        if (!whole ||
            !is_within(x[j], glp_get_col_lb(problem, j + 1), glp_get_col_ub(problem, j + 1)))
            return false;
        for (int k = 1; k <= n; k++)
            activities[solver->scratch.rows[k]] += solver->scratch.coefficients[k] * x[j];
    }
    for (int i = 1; i <= solver->rows; i++) {
        if (!is_within(activities[i], glp_get_row_lb(problem, i), glp_get_row_ub(problem, i)))
            return false;
    }
    return true;
}

static void on_node(glp_tree *tree, void *arg)
{
    struct search *search = arg;
    int nodes, best;

    glp_ios_tree_size(tree, NULL, NULL, &nodes);
    if (must_end(search, nodes)) {
        best = glp_ios_best_node(tree);
        if (best != 0)
            search->solver->bound = fmax(search->solver->bound, glp_ios_node_bound(tree, best));
        glp_ios_terminate(tree);
    } else if (glp_ios_reason(tree) == GLP_IHEUR && search->how->incumbent && !search->is_offered) {
        search->is_offered = true;
        glp_ios_heur_sol(tree, search->how->incumbent - 1);
    }
}

static int run_branch(struct solver *solver, void *arg)
{
    struct search *search = arg;
    glp_iocp options;
    int rc;

    if (search->how->incumbent && !is_feasible(solver, search->how->incumbent))
        return -EINVAL;
    if (!solver->root_is_solved)
        run_simplex(solver, search);
    if (!solver->root_is_solved) {
        /* A relaxation that ran out of work says nothing about whole numbers. */
        if (search->status == SOLVE_FEASIBLE)
            search->status = SOLVE_NO_INCUMBENT;
        return 0;
    }
    glp_init_iocp(&options);
    options.presolve = GLP_OFF;
    options.mir_cuts = search->how->mir_cuts ? GLP_ON : GLP_OFF;
    options.gmi_cuts = search->how->gomory_cuts ? GLP_ON : GLP_OFF;
    options.cb_func = on_node;
    options.cb_info = search;
    solver->bound = glp_get_obj_val(solver->problem);
    rc = glp_intopt(solver->problem, &options);
    search->status = fold(rc, glp_mip_status(solver->problem));
    solver->branched = true;
    if (search->status == SOLVE_OPTIMAL)
        solver->bound = glp_mip_obj_val(solver->problem);
    return 0;
}

int solver_branch(struct solver *solver, const struct solver_branching *how, struct work *work,
                  enum solve_status *ret)
{
    return run(solver, run_branch, how, work, ret);
}

double solver_objective(const struct solver *solver)
{
    if (check_alive(solver) < 0)
        return NAN;
    return solver->branched ? glp_mip_obj_val(solver->problem) : glp_get_obj_val(solver->problem);
}

double solver_bound(const struct solver *solver)
{
    return solver->bound;
}

double solver_value(const struct solver *solver, int column)
{
    if (check_column(solver, column) < 0)
        return NAN;
    return solver->branched ? glp_mip_col_val(solver->problem, column + 1)
                            : glp_get_col_prim(solver->problem, column + 1);
}

double solver_row_dual(const struct solver *solver, int row)
{
    return check_row(solver, row) < 0 ? NAN : glp_get_row_dual(solver->problem, row + 1);
}

double solver_reduced_cost(const struct solver *solver, int column)
{
    return check_column(solver, column) < 0 ? NAN : glp_get_col_dual(solver->problem, column + 1);
}

const char *solve_status_text(enum solve_status status)
{
    static const char *const text[] = {
        [SOLVE_OPTIMAL] = "optimal",           [SOLVE_FEASIBLE] = "feasible",
        [SOLVE_NO_INCUMBENT] = "no incumbent", [SOLVE_INFEASIBLE] = "infeasible",
        [SOLVE_UNBOUNDED] = "unbounded",       [SOLVE_FAILED] = "failed"};

    return text[status];
}
