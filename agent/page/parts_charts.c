/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "agent/page/draw.h"
#include "agent/page/html.h"
#include "agent/page/parts.h"

enum { MAX_TILES = 120 };

/* ---- Charts ---- */

/* All bins as one: the means of each as its values, so the band is from the emptiest to the fullest. */
static void write_spread(FILE *out, const struct run *run)
{
    struct cell *all = calloc(MAX_COLUMNS, sizeof(*all));
    struct curve curve = {"mean, from the emptiest to the fullest", all, 0, true, false};

    for (size_t b = 0; all && b < run->n_bins; b++)
        for (size_t c = 0; c < run->columns.n && run->bins[b].values[RUN_LOAD]; c++)
            cell_add(&all[c], cell_mean(&run->bins[b].values[RUN_LOAD][c]));
    if (all && run->n_bins > 0)
        draw_chart(out, run, "Load of the pCPUs", "%", &curve, 1);
    free(all);
}

static const struct cell *if_known(const struct run *run, int series)
{
    struct cell all = cells_all(run->host[series], run->columns.n);

    return all.n ? run->host[series] : NULL;
}

void parts_cpu_charts(FILE *out, const struct run *run)
{
    const struct curve sigma[] = {
        {"measured", if_known(run, RUN_SIGMA), 0, true, false},
        {"proven least", if_known(run, RUN_LEAST), 2, false, true},
    };

    write_spread(out, run);
    parts_bins(out, run);
    if (sigma[0].cells || sigma[1].cells)
        draw_chart(out, run, "Sigma: how uneven the pCPUs were", "%", sigma, 2);
}

static void write_tile(FILE *out, const struct run *run, size_t guest)
{
    const struct run_guest *of = &run->guests[guest];
    const struct curve curves[] = {{"holds", of->values[RUN_SIZE], 0, true, false},
                                   {"uses", of->values[RUN_IN_USE], 3, false, false},
                                   {"is to hold", of->values[RUN_TARGET], 2, false, true}};
    struct cell size =
        of->values[RUN_SIZE] ? cells_all(of->values[RUN_SIZE], run->columns.n) : (struct cell){0};

    fputs("<figure><figcaption>", out);
    html_text(out, of->name);
    if (size.n)
        fprintf(out, " <span class=\"dim\">%.0f to %.0f MiB</span>", (double)size.min,
                (double)size.max);
    fputs("</figcaption>", out);
    draw_small(out, run, curves, 3);
    fputs("</figure>\n", out);
}

void parts_memory_charts(FILE *out, const struct run *run, const struct sufferer *guests)
{
    const struct curve host[] = {{"free", if_known(run, RUN_FREE), 0, true, false},
                                 {"reserve", if_known(run, RUN_RESERVE), 3, false, true},
                                 {"promised", if_known(run, RUN_PROMISED), 1, false, false},
                                 {"missing", if_known(run, RUN_MISSING), 4, false, false}};
    size_t n = run->n_guests < MAX_TILES ? run->n_guests : MAX_TILES;

    draw_chart(out, run, "Memory of the host", "MiB", host, 4);
    if (n == 0)
        return;
    fputs("<h3>Memory of each guest</h3>\n<p class=\"dim\">What it holds (blue), uses (red) and is "
          "to "
          "hold (green), from 0 to its most.</p>\n<div class=\"tiles\">\n",
          out);
    for (size_t i = 0; i < n; i++)
        write_tile(out, run, guests[i].guest);
    fputs("</div>\n", out);
    if (run->n_guests > n)
        fprintf(out, "<p class=\"dim\">%zu of %zu guests; all are in the table.</p>\n", n,
                run->n_guests);
}
