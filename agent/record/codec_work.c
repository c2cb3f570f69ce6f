/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/record/codec_work.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>

#include "agent/base/json_values.h"

json_t *work_limits_to_json(const struct work *work)
{
    /* clang-format off */
    return json_members(
        "evaluations", json_integer((json_int_t)work->max_evaluations),
        "kcells", json_integer((json_int_t)work->max_kcells),
        "pivots", json_integer((json_int_t)work->max_pivots),
        "nodes", json_integer((json_int_t)work->max_nodes),
        "bytes", json_integer((json_int_t)work->max_bytes),
        NULL);
    /* clang-format on */
}

/* More than any program counts to. */
static const int64_t max_limit = INT64_C(1000000000000);

static bool is_limit(json_int_t limit)
{
    return limit >= 0 && limit <= max_limit;
}

int work_limits_from_json(const json_t *json, struct work *ret, struct err *err)
{
    json_int_t evaluations, kcells, pivots, nodes, bytes = 0; /* older recordings: no limit */
    json_error_t error;

    if (json_unpack_ex((json_t *)json, &error, 0, "{s:I, s:I, s:I, s:I, s?I}", "evaluations",
                       &evaluations, "kcells", &kcells, "pivots", &pivots, "nodes", &nodes, "bytes",
                       &bytes) < 0)
        return err_set(err, -EINVAL, "limits: %s", error.text);
    if (!is_limit(evaluations) || !is_limit(kcells) || !is_limit(pivots) || !is_limit(nodes) ||
        !is_limit(bytes))
        return err_set(err, -EINVAL, "limits have to lie between 0 (none) and %" PRId64, max_limit);
    *ret = (struct work){
        .max_evaluations = evaluations,
        .max_kcells = kcells,
        .max_pivots = pivots,
        .max_nodes = nodes,
        .max_bytes = bytes,
    };
    return 0;
}

json_t *work_counts_to_json(const struct work *work)
{
    /* clang-format off */
    return json_members(
        "evaluations", json_integer((json_int_t)work->evaluations),
        "kcells", json_integer((json_int_t)work->kcells),
        "pivots", json_integer((json_int_t)work->pivots),
        "nodes", json_integer((json_int_t)work->nodes),
        "stopped", json_boolean(work->stopped),
        NULL);
    /* clang-format on */
}

json_t *plan_solver_to_json(const struct plan_solver *solver)
{
    /* clang-format off */
    return json_members(
        "model", json_string(solver->model ? solver->model : "none"),
        "rows", json_integer(solver->rows),
        "columns", json_integer(solver->columns),
        "free", json_integer(solver->free),
        "pivots", json_integer((json_int_t)solver->pivots),
        "nodes", json_integer((json_int_t)solver->nodes),
        NULL);
    /* clang-format on */
}
