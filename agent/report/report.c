/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/report/report.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "agent/report/fold.h"

/* Where "03:12:07" is in "2026-11-30T03:12:07+01:00". */
enum { TIME_OF_DAY = 11, TIME_OF_DAY_END = 19 };

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
        fold_line(out, 4,
                  "  solver=%s model=%s rows=%d columns=%d free=%d pivots=%" PRId64
                  " nodes=%" PRId64 " glpk_ms=%.2f",
                  name, solver->model, solver->rows, solver->columns, solver->free, solver->pivots,
                  solver->nodes, solver->ms);
}

void report_interval(struct fold *fold, const struct interval *interval)
{
    fold_print(fold, "interval=%" PRIu64, interval->number);
    if (strlen(interval->at) >= TIME_OF_DAY_END)
        fold_print(fold, " at=%.8s", interval->at + TIME_OF_DAY);
    else
        fold_print(fold, " t_s=%.1f", interval->t_s);
}

void report_troubles(struct fold *fold, const struct interval *interval)
{
    if (interval->tally.failed)
        fold_print(fold, " failed=%zu", interval->tally.failed);
    if (interval->tally.gone)
        fold_print(fold, " gone=%zu", interval->tally.gone);
    if (interval->overruns)
        fold_print(fold, " overruns=%" PRIu64, interval->overruns);
    if (interval->dry_run)
        fold_text(fold, " dry_run=1");
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

void report_load_bar(int ran_permille, int wants_permille, int after_permille,
                     char ret[REPORT_BAR_SIZE])
{
    for (int i = 0; i < 2 * REPORT_BAR_WIDTH; i++) {
        int middle = (2 * i + 1) * 500 / REPORT_BAR_WIDTH; /* of the step, in permille */
        bool is_above = i >= REPORT_BAR_WIDTH;

        ret[i + is_above] = !is_above && ran_permille >= middle     ? '#'
                            : wants_permille >= middle              ? '+'
                            : !is_above && after_permille >= middle ? '.'
                                                                    : ' ';
    }
    if (wants_permille > 2000)
        ret[2 * REPORT_BAR_WIDTH] = '>';
    ret[REPORT_BAR_WIDTH] = '|';
    ret[2 * REPORT_BAR_WIDTH + 1] = '\0';
}
