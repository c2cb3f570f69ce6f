/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

const char *report_number(double value, int digits, char *text, size_t size)
{
    if (isfinite(value))
        snprintf(text, size, "%.*f", digits, value);
    else
        snprintf(text, size, "-");
    return text;
}

const char *report_solver_name(const struct plan_solver *solver)
{
    return !solver->model || strcmp(solver->model, "none") == 0 ? "none" : "glpk";
}

void report_solver(FILE *out, const struct plan_solver *solver)
{
    const char *name = report_solver_name(solver);

    if (strcmp(name, "none") == 0)
        fprintf(out, "  solver=%s\n", name);
    else
        fprintf(out,
                "  solver=%s model=%s rows=%d columns=%d free=%d pivots=%" PRId64 " nodes=%" PRId64
                " glpk_ms=%.2f\n",
                name, solver->model, solver->rows, solver->columns, solver->free, solver->pivots,
                solver->nodes, solver->ms);
}

void report_interval(FILE *out, const struct interval *interval)
{
    fprintf(out, "interval=%" PRIu64 "%s%s t_s=%.1f", interval->number,
            interval->at[0] ? " at=" : "", interval->at, interval->t_s);
}

double interval_time_s(const struct interval *interval, uint64_t at_ns)
{
    double ago_s = at_ns < interval->at_ns ? (double)(interval->at_ns - at_ns) / 1e9 : 0;

    return fmax(0, interval->t_s - ago_s);
}

bool report_has_unused(const struct memory_reading *reading, const struct memory_place *place)
{
    return reading && (reading->has & MEMORY_HAS_UNUSED) && place->state != GUEST_SILENT;
}
