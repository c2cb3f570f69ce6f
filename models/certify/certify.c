/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "models/certify/certify.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/certify/compact_question.h"
#include "models/certify/pattern_model.h"
#include "models/placement/compact.h"
#include "models/placement/evaluate.h"

/* Relative: GLPK's objective against exact arithmetic, and both against what is known. */
static const double TOLERANCE = 1e-6;

const char *certify_model_text(enum placement_model model)
{
    static const char *const text[] = {[PLACEMENT_MODEL_NONE] = "none",
                                       [PLACEMENT_MODEL_COMPACT] = "compact",
                                       [PLACEMENT_MODEL_PATTERNS] = "patterns",
                                       [PLACEMENT_MODEL_RESTRICTED] = "restricted"};

    return text[model];
}

void certify_how_default(struct certify_how *ret)
{
    *ret = (struct certify_how){
        .max_columns = 1600,
        .max_patterns = 4000,
        .max_patterns_open = 16000,
        .limits = {.max_pivots = 20000, .max_nodes = 2000},
    };
}

void certify_answer_done(struct placement_answer *answer)
{
    free(answer->bin_of);
    lp_free(answer->compact);
    lp_free(answer->given);
    answer->bin_of = NULL;
    answer->compact = answer->given = NULL;
}

/* One placement on its way to GLPK and back. */
struct certification {
    const struct placement_problem *problem;
    const struct placement_solution *known; /* NULL: plain */
    const struct certify_how *how;
    struct work work;
    struct balance balance;
    struct instance instance;
    bool has_instance;
    struct reach reach;
    bool has_reach;
    struct pattern_model patterns;
    bool has_patterns;
    struct question question;
    struct reply reply;
    struct arena arena;
    struct placement_answer *answer;
};

static bool is_more(double a, double b)
{
    return a > b + TOLERANCE * fmax(1, fabs(b));
}

__attribute__((format(printf, 2, 3))) static void contradict(struct placement_answer *answer,
                                                             const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(answer->why, sizeof(answer->why), format, args);
    va_end(args);
    answer->verdict = ANSWER_CONTRADICTS;
    free(answer->bin_of);
    answer->bin_of = NULL;
}

/* ---- What is known ---- */

static int look_around(struct certification *c)
{
    struct placement_value value;
    int r = placement_evaluate(c->problem, c->known->bin_of, &value);

    if (r == 0)
        r = instance_new(&c->balance, &c->instance);
    if (r < 0)
        return r;
    c->has_instance = true;
    r = reach_new(&c->instance, c->known->proof, instance_objective(&c->instance, &value),
                  &c->reach);
    c->has_reach = true;
    return r;
}

/* From the instance's items to all of the problem's. */
static bool *possible_places(struct certification *c)
{
    size_t n = c->problem->n_items, m = c->problem->n_bins;
    bool *all = arena_take(&c->arena, n * m, sizeof(*all));
    bool *few = arena_take(&c->arena, (size_t)c->instance.n * m, sizeof(*few));

    if (!all || !few)
        return NULL;
    memset(all, true, n * m);
    memset(few, true, (size_t)c->instance.n * m);
    if (reach_exclude(&c->reach, few) < 0)
        return NULL;
    for (int i = 0; i < c->instance.n; i++)
        memcpy(all + (size_t)c->instance.id[i] * m, few + (size_t)i * m, m);
    return all;
}

static void know_objectives(struct certification *c)
{
    c->question.has_bound = c->question.has_cutoff = true;
    c->question.bound = c->known->status == SOLVE_OPTIMAL ? c->known->objective : c->known->bound;
    c->question.cutoff = c->known->objective;
}

/* ---- The models ---- */

static int ask_compact(struct certification *c)
{
    struct placement_answer *answer = c->answer;
    bool *possible = NULL;
    int r = placement_compact_lp(c->problem, c->known, &answer->compact);

    answer->model = PLACEMENT_MODEL_COMPACT;
    c->question.lp = answer->compact;
    if (r < 0 || !c->known)
        return r;
    if (c->known->proof) {
        r = look_around(c);
        possible = r == 0 ? possible_places(c) : NULL;
        if (!possible)
            return -ENOMEM;
    }
    r = compact_question(&c->balance, answer->compact, c->known->bin_of, possible, &c->arena,
                         &c->question);
    know_objectives(c);
    return r;
}

static int ask_patterns(struct certification *c)
{
    struct placement_answer *answer = c->answer;
    bool is_open = c->known->status != SOLVE_OPTIMAL;
    struct pattern_limits limits = {.max_patterns =
                                        is_open ? c->how->max_patterns_open : c->how->max_patterns,
                                    .samples = is_open};
    int *bin_of, r = look_around(c);

    if (r < 0)
        return r;
    bin_of = arena_take(&c->arena, (size_t)c->instance.n, sizeof(*bin_of));
    if (!bin_of)
        return -ENOMEM;
    for (int i = 0; i < c->instance.n; i++)
        bin_of[i] = c->known->bin_of[c->instance.id[i]];
    r = pattern_model_new(&c->reach, bin_of, &limits, &c->patterns);
    if (r < 0)
        return r;
    c->has_patterns = true;
    answer->model = c->patterns.is_complete ? PLACEMENT_MODEL_PATTERNS : PLACEMENT_MODEL_RESTRICTED;
    c->question = c->patterns.question;
    know_objectives(c);
    return 0;
}

/* ---- The answer ---- */

static bool read_placement(const struct certification *c, int *bin_of)
{
    int *few;
    bool is_whole;

    if (c->answer->model == PLACEMENT_MODEL_COMPACT)
        return compact_question_read(c->problem, c->reply.x, bin_of);
    few = malloc(((size_t)c->instance.n + 1) * sizeof(*few));
    if (!few)
        return false;
    is_whole = pattern_model_read(&c->patterns, c->reply.x, few);
    if (is_whole)
        instance_lift(&c->instance, few, bin_of);
    free(few);
    return is_whole;
}

/* Who closed the gap, or found what is better than the known placement. */
static void judge_bound(const struct certification *c, struct placement_answer *answer)
{
    const struct placement_solution *known = c->known;
    bool is_whole = answer->model != PLACEMENT_MODEL_RESTRICTED;
    bool is_ended = c->reply.status == SOLVE_OPTIMAL && is_whole;
    bool was_proven = known && known->status == SOLVE_OPTIMAL;

    answer->method = known ? known->method : PLACEMENT_METHOD_GLPK;
    answer->bound = known ? known->bound : fmax(0, c->reply.bound);
    if (known && !was_proven && is_whole && is_more(c->reply.bound, known->bound))
        answer->bound = c->reply.bound;
    answer->status = is_ended || was_proven ? SOLVE_OPTIMAL : SOLVE_FEASIBLE;
    if (is_ended && !was_proven) {
        answer->method = PLACEMENT_METHOD_GLPK;
        answer->bound = answer->objective;
    }
    if (known && is_more(known->objective, answer->objective))
        answer->method = PLACEMENT_METHOD_GLPK;
    answer->bound = fmin(answer->bound, answer->objective);
    answer->gap = answer->status == SOLVE_OPTIMAL || answer->objective <= 0
                      ? 0
                      : (answer->objective - answer->bound) / answer->objective;
}

/* The exact price of what GLPK returned, from the problem alone. */
static int check(const struct certification *c, struct placement_answer *answer)
{
    const struct placement_solution *known = c->known;
    struct placement_value value;
    int r = placement_evaluate(c->problem, answer->bin_of, &value);

    if (r < 0)
        return r;
    answer->objective = value.objective;
    if (value.violations)
        contradict(answer, "GLPK's placement uses a bin that is not allowed");
    else if (is_more(answer->glpk_objective, value.objective) ||
             is_more(value.objective, answer->glpk_objective))
        contradict(answer, "GLPK prices its placement at %.9g, exact arithmetic at %.9g",
                   answer->glpk_objective, value.objective);
    else if (known && is_more(value.objective, known->objective))
        contradict(answer, "GLPK's placement costs %.9g, the one it was given %.9g",
                   value.objective, known->objective);
    else if (known && is_more(known->bound, value.objective))
        contradict(answer, "GLPK's placement costs %.9g, below the proven bound of %.9g",
                   value.objective, known->bound);
    else
        judge_bound(c, answer);
    return 0;
}

static int take_reply(struct certification *c)
{
    struct placement_answer *answer = c->answer;
    const struct reply *reply = &c->reply;

    answer->status = reply->status;
    answer->bound = c->known ? c->known->bound : fmax(0, reply->bound);
    if (!c->known && (reply->status == SOLVE_NO_INCUMBENT || reply->status == SOLVE_INFEASIBLE)) {
        answer->verdict = ANSWER_NONE;
        return 0;
    }
    if (!reply->x) {
        contradict(answer, "GLPK finds no placement (%s) where one is known",
                   solve_status_text(reply->status));
        return 0;
    }
    answer->bin_of = calloc(c->problem->n_items + 1, sizeof(*answer->bin_of));
    if (!answer->bin_of)
        return -ENOMEM;
    answer->glpk_objective = reply->objective;
    if (!read_placement(c, answer->bin_of)) {
        contradict(answer, "GLPK's answer leaves an item in parts");
        return 0;
    }
    return check(c, answer);
}

static int consult(struct certification *c)
{
    struct placement_answer *answer = c->answer;
    int r;

    c->question.only_relaxation = c->how->only_relaxation;
    r = ask(&c->question, &c->work, &c->reply);

    answer->rows = c->reply.rows;
    answer->columns = c->reply.columns;
    answer->free = c->reply.free;
    answer->pivots = c->work.pivots;
    answer->nodes = c->work.nodes;
    answer->stopped = c->work.stopped;
    if (r == -EPROTO)
        contradict(answer, "GLPK gave up in the middle of its work");
    else if (r == -EINVAL)
        contradict(answer, "GLPK's model does not admit the known placement at %.9g",
                   c->known ? c->known->objective : INFINITY);
    else
        return r < 0 ? r : take_reply(c);
    return 0;
}

/* ---- The contract ---- */

static int choose_model(struct certification *c)
{
    size_t columns;
    int r = placement_compact_columns(c->problem, c->known, &columns);
    bool fits;

    if (r < 0)
        return r;
    fits = columns <= (size_t)c->how->max_columns || !c->known;
    if (!fits && c->known->method == PLACEMENT_METHOD_HOLD && c->known->status == SOLVE_OPTIMAL) {
        c->answer->verdict = ANSWER_NOT_ASKED;
        return 0;
    }
    r = fits ? ask_compact(c) : ask_patterns(c);
    return r < 0 ? r : consult(c);
}

/* What the answer keeps: both models where they were asked for or are evidence. */
static int keep_models(struct certification *c)
{
    struct placement_answer *answer = c->answer;
    int r = 0;

    if (!c->how->keep_lp && answer->verdict != ANSWER_CONTRADICTS) {
        lp_free(answer->compact);
        answer->compact = NULL;
        return 0;
    }
    if (!answer->compact)
        r = placement_compact_lp(c->problem, c->known, &answer->compact);
    if (c->has_patterns) {
        answer->given = c->patterns.lp;
        c->patterns.lp = NULL;
    }
    return r;
}

/* Beyond the limit a hold that is optimal needs nobody's word: it is applied by doing nothing. */
static int accept_hold(struct placement_answer *answer, const struct placement_solution *known)
{
    answer->status = known->status;
    answer->method = known->method;
    answer->objective = known->objective;
    answer->bound = known->bound;
    answer->gap = known->gap;
    return 0;
}

static void certification_done(struct certification *c)
{
    if (c->has_patterns)
        pattern_model_done(&c->patterns);
    if (c->has_reach)
        reach_done(&c->reach);
    if (c->has_instance)
        instance_done(&c->instance);
    ask_reply_done(&c->reply);
    balance_done(&c->balance);
    arena_done(&c->arena);
}

int certify_placement(const struct placement_problem *problem,
                      const struct placement_solution *known, const struct certify_how *how,
                      struct placement_answer *ret)
{
    struct placement_answer answer = {.verdict = ANSWER_ACCEPTED, .n_items = problem->n_items};
    struct certification c = {.problem = problem,
                              .known = how->plain ? NULL : known,
                              .how = how,
                              .work = how->limits,
                              .answer = &answer};
    int r = placement_problem_check(problem);

    if (r < 0 || (!how->plain && !known->bin_of))
        return r < 0 ? r : -EINVAL;
    r = balance_new(problem, &c.balance);
    if (r < 0)
        return r;
    r = choose_model(&c);
    if (r == 0 && answer.verdict == ANSWER_NOT_ASKED)
        r = accept_hold(&answer, known);
    if (r == 0)
        r = keep_models(&c);
    certification_done(&c);
    if (r < 0)
        certify_answer_done(&answer);
    else
        *ret = answer;
    return r;
}
