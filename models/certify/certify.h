/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_CERTIFY_CERTIFY_H
#define EVENKEEL_MODELS_CERTIFY_CERTIFY_H

#include "models/placement/problem.h"

/* GLPK's word on a placement. A search (models/solve) says which placement is best and why; here the
 * problem itself is put to GLPK with what the search knows, and only what GLPK answers and exact
 * arithmetic accepts may be applied (README.md, "What GLPK gets"). */

enum placement_model {
    PLACEMENT_MODEL_NONE,       /* GLPK was not asked */
    PLACEMENT_MODEL_COMPACT,    /* an item and a bin per column */
    PLACEMENT_MODEL_PATTERNS,   /* all patterns that a plan as dear as the known one can use */
    PLACEMENT_MODEL_RESTRICTED, /* some of them: the bound stays the search's */
};
const char *certify_model_text(enum placement_model model);

struct certify_how {
    bool plain;           /* the compact model alone: nothing of what is known is handed over */
    bool only_relaxation; /* one linear program and no tree: the plan is to change nothing */
    bool keep_lp;         /* the models stay in the answer */
    int max_columns;      /* of the compact model; beyond it, patterns */
    int max_patterns, max_patterns_open; /* where the gap is closed already, and where it is not */
    struct work limits;                  /* of GLPK; with stop() */
};
void certify_how_default(struct certify_how *ret);

enum answer_verdict {
    ANSWER_ACCEPTED,    /* bin_of is GLPK's */
    ANSWER_NONE,        /* the work was used up before GLPK had a placement */
    ANSWER_CONTRADICTS, /* GLPK and what is known do not fit together; why says it */
    ANSWER_NOT_ASKED,   /* beyond max_columns, and changing nothing is optimal in closed form */
};

struct placement_answer {
    enum answer_verdict verdict;
    char why[160];
    enum placement_model model;
    int rows, columns, free; /* columns that were not fixed */
    int64_t pivots, nodes;
    double glpk_objective; /* by GLPK's arithmetic */
    /* As in struct placement_solution. bin_of is NULL unless accepted. */
    int *bin_of;
    size_t n_items;
    enum solve_status status;
    enum placement_method method;
    double objective, bound, gap;
    bool stopped;
    /* The compact model, and what GLPK got where that was another one. NULL unless kept, which they
     * are after a contradiction in any case. */
    struct lp *compact, *given;
};

/* known is a feasible solution of the problem; ignored with how->plain, where NULL does. 0, -ENOMEM
 * or -EINVAL. */
int certify_placement(const struct placement_problem *problem,
                      const struct placement_solution *known, const struct certify_how *how,
                      struct placement_answer *ret);
void certify_answer_done(struct placement_answer *answer);

#endif
