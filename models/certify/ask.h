/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_CERTIFY_ASK_H
#define EVENKEEL_MODELS_CERTIFY_ASK_H

#include <stdbool.h>

#include "models/base/work.h"
#include "models/lp/lp.h"
#include "models/lp/solver.h"

/* A program, and what is known about its answer before GLPK is asked. All but the program may be
 * missing. */
struct question {
    const struct lp *lp;
    const double *incumbent; /* [columns] a point that is held from the start */
    const enum solver_basis *column_basis, *row_basis; /* [columns], [rows] of the incumbent */
    const bool *fixed;                                 /* [columns] where the incumbent has them */
    bool has_bound, has_cutoff;
    double bound;         /* becomes the row objective >= bound */
    double cutoff;        /* ends the tree once no node at or below it is left */
    bool only_relaxation; /* one linear program, no tree */
    int64_t max_nodes;    /* 0: only what the work allows */
};

/* What GLPK answered. */
struct reply {
    enum solve_status status;
    int rows, columns, free;
    double objective, bound; /* of the point; of the tree, or of the relaxation */
    double *x;               /* [columns] owned; NULL where there is none */
};

/* The relaxation, then branch and bound; a limit of pivots is lowered to what a second allows a
 * program of this size. Where the work is used up before the relaxation is solved,
 * all whole-number columns are fixed at the incumbent and GLPK says what it is worth. 0, -ENOMEM,
 * -EINVAL (the incumbent is not a point of the program) or -EPROTO (GLPK gave up). */
int ask(const struct question *question, struct work *work, struct reply *ret);
void ask_reply_done(struct reply *reply);

#endif
