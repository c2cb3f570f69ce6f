/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/verdict.h"

#include <assert.h>

/* Sums of doubles, not tolerance: a line at its limit is won. */
static const double ROUNDING = 1e-9;

void case_verdict_add(struct case_verdict *verdict, const char *name, double value,
                      enum relation relation, double limit)
{
    struct win_line *line = &verdict->lines[verdict->n_lines++];

    assert(verdict->n_lines <= MAX_WIN_LINES);
    *line = (struct win_line){.value = value, .limit = limit, .relation = relation};
    snprintf(line->name, sizeof(line->name), "%s", name);
}

bool win_line_is_won(const struct win_line *line)
{
    switch (line->relation) {
    case AT_MOST:
        return line->value <= line->limit + ROUNDING;
    case AT_LEAST:
        return line->value >= line->limit - ROUNDING;
    case EXACTLY:
        break;
    }
    return line->value >= line->limit - ROUNDING && line->value <= line->limit + ROUNDING;
}

bool case_verdict_is_won(const struct case_verdict *verdict)
{
    for (size_t i = 0; i < verdict->n_lines; i++)
        if (!win_line_is_won(&verdict->lines[i]))
            return false;
    return true;
}

void case_verdict_print(const struct case_verdict *verdict, FILE *out)
{
    static const char *const signs[] = {"<=", ">=", "="};

    for (size_t i = 0; i < verdict->n_lines; i++) {
        const struct win_line *line = &verdict->lines[i];

        fprintf(out, "%s%s%s %.4g %s %.4g", i ? ", " : "", win_line_is_won(line) ? "" : "LOST ",
                line->name, line->value, signs[line->relation], line->limit);
    }
    fputc('\n', out);
}
