/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_MODELS_SOLVE_REPAIR_MIP_H
#define EVENKEEL_MODELS_SOLVE_REPAIR_MIP_H

#include "models/bound/bounds.h"
#include "models/bound/pricing.h"
#include "models/search/local_search.h"

/* The repair model (README.md, "Repair model"): which vCPUs leave and where they go, one deviation
 * over all open windows, Lagrangian and cardinality rows that make GLPK's branch and bound work, the
 * incumbent handed over. Exact: when the tree ends, every open window is closed. PLACEMENT_DEVIATION
 * only. */
struct repair_mip {
    struct pricing *pricing;
    struct bounds *bounds;
    struct local_search *search;
    int64_t max_nodes;
};

/* Columns the model would have. */
int64_t repair_mip_columns(const struct instance *in);
/* 0, -ENOMEM or -EPROTO. */
int repair_mip(const struct repair_mip *how);

#endif
