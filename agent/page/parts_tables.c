/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <math.h>

#include "agent/page/draw.h"
#include "agent/page/html.h"
#include "agent/page/parts.h"

enum { MAX_LISTED = 1000, MAX_OPEN = 30 /* a table of more rows is folded */ };

/* ---- Tables ---- */

static void begin_table(FILE *out, const char *title, size_t n, const char *heads)
{
    fprintf(out,
            "<details%s><summary>%s: %zu</summary><div class=\"wide\"><table><thead><tr>%s</tr>"
            "</thead><tbody>\n",
            n <= MAX_OPEN ? " open=\"open\"" : "", title, n, heads);
}

static void end_table(FILE *out)
{
    fputs("</tbody></table></div></details>\n", out);
}

static void write_number(FILE *out, double value)
{
    if (isnan(value))
        fputs("<td class=\"n\"></td>", out);
    else
        fprintf(out, "<td class=\"n\">%.1f</td>", value);
}

void parts_guest_table(FILE *out, const struct run *run, const struct sufferer *guests)
{
    static const char cpu[] =
        "<th>guest</th><th class=\"n\">ran, %</th><th class=\"n\">at most</th>"
        "<th class=\"n\">waited, %</th><th class=\"n\">at most</th>"
        "<th class=\"n\">changes</th>";
    static const char memory[] = "<th>guest</th><th class=\"n\">held, MiB</th><th class=\"n\">at "
                                 "most</th><th class=\"n\">used, "
                                 "MiB</th><th class=\"n\">at most</th><th class=\"n\">changes</th>";

    begin_table(out, "All guests", run->n_guests, run->program == PROGRAM_MEMORY ? memory : cpu);
    for (size_t i = 0; i < run->n_guests; i++) {
        const struct run_guest *guest = &run->guests[guests[i].guest];

        fputs("<tr><td>", out);
        html_text(out, guest->name);
        fputs("</td>", out);
        for (int s = 0; s < 2; s++) {
            struct cell all =
                guest->values[s] ? cells_all(guest->values[s], run->columns.n) : (struct cell){0};

            write_number(out, cell_mean(&all));
            write_number(out, all.n ? all.max : NAN);
        }
        fprintf(out, "<td class=\"n\">%zu</td></tr>\n", guest->n_changes);
    }
    end_table(out);
}

static void write_change(FILE *out, const struct run *run, const struct run_change *change)
{
    char at[40];

    fprintf(out, "<tr><td class=\"t\">%s</td><td>", draw_time(run, change->t_s, at, sizeof(at)));
    html_text(out, run->guests[change->guest].name);
    fputs("</td><td>", out);
    fputs(change->failed ? "failed: " : change->would_be ? "would be: " : "", out);
    html_text(out, change->what);
    fputs("</td><td>", out);
    html_text(out, change->reason);
    fputs("</td></tr>\n", out);
}

void parts_change_table(FILE *out, const struct run *run)
{
    size_t n = run->n_changes < MAX_LISTED ? run->n_changes : MAX_LISTED;

    begin_table(out, "Changes", n, "<th>time</th><th>guest</th><th>what</th><th>why</th>");
    for (size_t i = run->n_changes - n; i < run->n_changes; i++)
        write_change(out, run, run_change_at(run, i));
    end_table(out);
    if (run->all_changes > n)
        fprintf(out,
                "<p class=\"dim\">The last %zu of %" PRIu64 " changes. --from and --to show a part "
                "of the time with all of its own.</p>\n",
                n, run->all_changes);
}
