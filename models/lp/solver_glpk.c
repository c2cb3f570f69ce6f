/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/lp/solver_engine.h"

#include <errno.h>
#include <glpk.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>

/* GLPK keeps one environment per thread, in a thread-local variable of its own, and after an abort
 * the only documented way on is to free that environment, which frees every problem in it. Which
 * environment a problem lives in can therefore be known only per thread; these three mirror GLPK's
 * variable and nothing else. An engine of an earlier life is dead; the last engine of a life gives
 * the memory back. */
static _Thread_local struct {
    unsigned life;
    unsigned engines;
    bool is_busy; /* inside GLPK: must_end() must not come back in */
} environment;

struct engine {
    glp_prob *problem;
    unsigned life;    /* of the environment that the problem lives in */
    bool is_branched; /* the accessors read the incumbent, not the LP */
};

/* ---- Containment ---- */

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
    environment.engines = 0;
    environment.is_busy = false;
}

int engine_check(const struct engine *engine)
{
    if (engine->life != environment.life)
        return -EPROTO;
    return environment.is_busy ? -EINVAL : 0;
}

/* Calls into GLPK so that its abort() comes back as -EPROTO. body allocates nothing of its own. */
static int contained(struct engine *engine, int (*body)(struct engine *engine, void *arg),
                     void *arg)
{
    jmp_buf home;
    int r = engine_check(engine);

    if (r < 0)
        return r;
    if (glp_init_env() > 1) /* any other first call would abort without memory */
        return -ENOMEM;
    if (setjmp(home)) {
        bury_environment();
        return -EPROTO;
    }
    environment.is_busy = true;
    glp_term_hook(swallow_output, NULL);
    glp_term_out(GLP_OFF);
    glp_error_hook(jump_out, &home);
    r = body(engine, arg);
    glp_error_hook(NULL, NULL);
    environment.is_busy = false;
    return r;
}

/* ---- Loading and changing ---- */

static int bounds_type(double lower, double upper)
{
    if (isinf(lower))
        return isinf(upper) ? GLP_FR : GLP_UP;
    if (isinf(upper))
        return GLP_LO;
    return lower == upper ? GLP_FX : GLP_DB;
}

/* Of a row or a column: rows first. */
static void write_bounds(glp_prob *problem, int k, double lower, double upper)
{
    int rows = glp_get_num_rows(problem), type = bounds_type(lower, upper);

    if (k < rows)
        glp_set_row_bnds(problem, k + 1, type, lower, upper);
    else
        glp_set_col_bnds(problem, k - rows + 1, type, lower, upper);
}

static void write_column(glp_prob *problem, int j, const struct lp_column *column)
{
    write_bounds(problem, glp_get_num_rows(problem) + j, column->lower, column->upper);
    glp_set_obj_coef(problem, j + 1, column->cost);
    glp_set_col_kind(problem, j + 1, column->kind == LP_CONTINUOUS ? GLP_CV : GLP_IV);
}

struct load {
    const struct lp *lp;
    const struct triplets *matrix;
    double least;
};

static int load(struct engine *engine, void *arg)
{
    const struct load *in = arg;
    glp_prob *problem = engine->problem = glp_create_prob();
    int rows = lp_rows(in->lp), columns = lp_columns(in->lp), more = in->least > -INFINITY;

    if (rows + more > 0)
        glp_add_rows(problem, rows + more);
    if (columns > 0)
        glp_add_cols(problem, columns);
    for (int i = 0; i < rows; i++)
        write_bounds(problem, i, lp_row(in->lp, i)->lower, lp_row(in->lp, i)->upper);
    if (more)
        write_bounds(problem, rows, in->least, INFINITY);
    for (int j = 0; j < columns; j++)
        write_column(problem, j, lp_column(in->lp, j));
    glp_load_matrix(problem, (int)in->matrix->n, in->matrix->rows, in->matrix->columns,
                    in->matrix->coefficients);
    return 0;
}

int engine_new(const struct lp *lp, const struct triplets *matrix, double least,
               struct engine **ret)
{
    struct load in = {.lp = lp, .matrix = matrix, .least = least};
    struct engine *engine = calloc(1, sizeof(*engine));
    int r;

    if (!engine)
        return -ENOMEM;
    engine->life = environment.life;
    environment.engines++;
    r = contained(engine, load, &in);
    if (r < 0) {
        engine_free(engine);
        return r;
    }
    *ret = engine;
    return 0;
}

struct growth {
    const struct lp_column *column;
    const struct triplets *entries;
};

static int grow(struct engine *engine, void *arg)
{
    const struct growth *in = arg;
    int j = glp_add_cols(engine->problem, 1);

    write_column(engine->problem, j - 1, in->column);
    glp_set_mat_col(engine->problem, j, (int)in->entries->n, in->entries->rows,
                    in->entries->coefficients);
    return 0;
}

int engine_add_column(struct engine *engine, const struct lp_column *column,
                      const struct triplets *entries)
{
    return contained(engine, grow, &(struct growth){column, entries});
}

static int delete_problem(struct engine *engine, void *arg)
{
    (void)arg;
    if (engine->problem)
        glp_delete_prob(engine->problem);
    return 0;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    contained(engine, delete_problem, NULL);
    if (engine->life == environment.life && --environment.engines == 0)
        bury_environment();
    free(engine);
}

/* The setters are not contained: their values are valid and they allocate nothing. */
int engine_set_bounds(struct engine *engine, int k, double lower, double upper)
{
    int r = engine_check(engine);

    if (r == 0)
        write_bounds(engine->problem, k, lower, upper);
    return r;
}

int engine_set_cost(struct engine *engine, int j, double cost)
{
    int r = engine_check(engine);

    if (r == 0)
        glp_set_obj_coef(engine->problem, j + 1, cost);
    return r;
}

static const int BASIS[] = {[SOLVER_BASIC] = GLP_BS,
                            [SOLVER_AT_LOWER] = GLP_NL,
                            [SOLVER_AT_UPPER] = GLP_NU,
                            [SOLVER_FIXED] = GLP_NS};

int engine_set_basis(struct engine *engine, int k, enum solver_basis basis)
{
    int r = engine_check(engine), rows = r == 0 ? glp_get_num_rows(engine->problem) : 0;

    if (r == 0 && k < rows)
        glp_set_row_stat(engine->problem, k + 1, BASIS[basis]);
    else if (r == 0)
        glp_set_col_stat(engine->problem, k - rows + 1, BASIS[basis]);
    return r;
}

bool engine_is_basic(const struct engine *engine, int j)
{
    return engine_check(engine) == 0 && glp_get_col_stat(engine->problem, j + 1) == GLP_BS;
}

int engine_reset_basis(struct engine *engine)
{
    int r = engine_check(engine);

    if (r == 0)
        glp_std_basis(engine->problem);
    return r;
}

bool engine_is_whole(const struct engine *engine, int j)
{
    return engine_check(engine) == 0 && glp_get_col_kind(engine->problem, j + 1) != GLP_CV;
}

bool engine_is_fixed(const struct engine *engine, int j)
{
    return engine_check(engine) == 0 && glp_get_col_type(engine->problem, j + 1) == GLP_FX;
}

/* ---- Solving ---- */

/* GLPK's return code and the status of its solution are two channels, and both matter. Whatever is
 * not in here concludes nothing. A test provokes each row. */
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

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        if (table[i].rc == rc && table[i].status == status)
            return table[i].means;
    return SOLVE_FAILED;
}

int64_t engine_pivots(const struct engine *engine)
{
    return engine->life == environment.life ? glp_get_it_cnt(engine->problem) : 0;
}

struct simplex {
    int max_pivots, rc;
    enum solve_status status;
};

static int simplex(struct engine *engine, void *arg)
{
    struct simplex *call = arg;
    glp_smcp options;

    glp_init_smcp(&options);
    options.it_lim = call->max_pivots;
    call->rc = glp_simplex(engine->problem, &options);
    call->status = fold(call->rc, glp_get_status(engine->problem));
    engine->is_branched = false;
    return 0;
}

int engine_simplex(struct engine *engine, int max_pivots, enum solve_status *ret)
{
    struct simplex call = {.max_pivots = max_pivots};
    int r = contained(engine, simplex, &call);

    if (r == 0)
        *ret = call.status;
    return r;
}

struct branching {
    const struct engine_tree *tree;
    const double *incumbent; /* until it is offered */
    double bound;
    enum solve_status status;
};

static void on_node(glp_tree *tree, void *arg)
{
    struct branching *call = arg;
    bool is_time = call->tree->holds_incumbent || glp_ios_reason(tree) == GLP_IHEUR;
    int nodes, best = glp_ios_best_node(tree);

    if (call->incumbent && is_time)
        glp_ios_heur_sol(tree, call->incumbent - 1); /* x[1] is the first */
    call->incumbent = is_time ? NULL : call->incumbent;
    glp_ios_tree_size(tree, NULL, NULL, &nodes);
    if (best != 0)
        call->bound = fmax(call->bound, glp_ios_node_bound(tree, best));
    if (call->tree->must_end(call->tree->arg, nodes) || call->bound > call->tree->cutoff)
        glp_ios_terminate(tree);
}

/* GLPK rounds what is this near. With its own 1e-5 the objective would be of another point. */
static const double WHOLE_WITHIN = 1e-7;

static int branch(struct engine *engine, void *arg)
{
    struct branching *call = arg;
    glp_iocp options;
    int rc;

    glp_init_iocp(&options);
    options.tol_int = WHOLE_WITHIN;
    options.presolve = GLP_OFF; /* the callback would see another problem, other columns */
    options.br_tech = call->tree->most_fractional ? GLP_BR_MFV : GLP_BR_DTH;
    options.cb_func = on_node;
    options.cb_info = call;
    call->bound = glp_get_obj_val(engine->problem);
    rc = glp_intopt(engine->problem, &options);
    call->status = fold(rc, glp_mip_status(engine->problem));
    if (call->status == SOLVE_OPTIMAL)
        call->bound = glp_mip_obj_val(engine->problem);
    engine->is_branched = true;
    return 0;
}

int engine_branch(struct engine *engine, const struct engine_tree *tree, enum solve_status *ret,
                  double *ret_bound)
{
    struct branching call = {.tree = tree, .incumbent = tree->incumbent};
    int r = contained(engine, branch, &call);

    if (r < 0)
        return r;
    *ret = call.status;
    *ret_bound = call.bound;
    return 0;
}

/* ---- Results ---- */

double engine_objective(const struct engine *engine)
{
    if (engine_check(engine) < 0)
        return NAN;
    return engine->is_branched ? glp_mip_obj_val(engine->problem)
                               : glp_get_obj_val(engine->problem);
}

double engine_value(const struct engine *engine, int j)
{
    if (engine_check(engine) < 0)
        return NAN;
    return engine->is_branched ? glp_mip_col_val(engine->problem, j + 1)
                               : glp_get_col_prim(engine->problem, j + 1);
}

double engine_dual(const struct engine *engine, int k)
{
    int rows = engine_check(engine) < 0 ? -1 : glp_get_num_rows(engine->problem);

    if (rows < 0)
        return NAN;
    return k < rows ? glp_get_row_dual(engine->problem, k + 1)
                    : glp_get_col_dual(engine->problem, k - rows + 1);
}
