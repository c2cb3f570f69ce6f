/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/picture.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

int pictures_open(struct pictures *pictures, const char *folder, bool png)
{
    signal(SIGPIPE, SIG_IGN);
    *pictures = (struct pictures){.folder = folder, .png = png};
    if (system("gnuplot --version >/dev/null 2>&1") != 0)
        return -ENOENT;
    pictures->gnuplot = popen("gnuplot", "w");
    return pictures->gnuplot ? 0 : -ENOENT;
}

int pictures_close(struct pictures *pictures)
{
    int status = pictures->gnuplot ? pclose(pictures->gnuplot) : 0;

    pictures->gnuplot = NULL;
    return status == 0 ? 0 : -EIO;
}

static void begin(const struct pictures *pictures, const char *file, const char *title)
{
    FILE *out = pictures->gnuplot;

    fprintf(out, "reset\nset terminal %s size 960,480\n", pictures->png ? "pngcairo" : "svg");
    fprintf(out, "set output '%s/%s.%s'\n", pictures->folder, file, pictures->png ? "png" : "svg");
    fprintf(out, "set title '%s' noenhanced\nset key outside right noenhanced\nset grid\n", title);
    fprintf(out, "set xlabel 'seconds'\n");
}

void picture_cpu(struct pictures *pictures, const char *file, const char *title,
                 const struct cpu_record *record)
{
    FILE *out = pictures->gnuplot;

    if (!out)
        return;
    begin(pictures, file, title);
    fprintf(out, "set ylabel 'load of a pCPU in %%'\nset yrange [0:]\n$load << EOD\n");
    for (size_t s = 0; s < record->n_samples; s++) {
        fprintf(out, "%zu %g", s + 1, cpu_record_sigma(record, s));
        for (size_t p = 0; p < record->n_pcpus; p++)
            fprintf(out, " %g", cpu_record_load(record, s, p));
        fputc('\n', out);
    }
    fprintf(out, "EOD\n$pins << EOD\n0 NaN 1\n");
    for (size_t s = 0; s < record->n_samples; s++)
        for (size_t v = 0; v < record->n_vcpus; v++) {
            int to = record->pinned[s * record->n_vcpus + v];

            if (record->pin_calls[s * record->n_vcpus + v] && to >= 0)
                fprintf(out, "%zu %g %d\n", s + 1, cpu_record_load(record, s, (size_t)to), to + 1);
        }
    fprintf(out, "EOD\nplot ");
    for (size_t p = 0; p < record->n_pcpus; p++)
        fprintf(out, "$load using 1:%zu with lines lw 2 lc %zu title 'pCPU %u', ", p + 3, p + 1,
                record->pcpu_ids[p]);
    fprintf(out, "$pins using 1:2:3 with points pt 7 ps 0.9 lc variable title 'a vCPU is pinned', "
                 "$load using 1:2 with lines lw 1 dt 3 lc rgb 'black' title 'sigma'\n");
}

void picture_memory(struct pictures *pictures, const char *file, const char *title,
                    const struct memory_record *record)
{
    FILE *out = pictures->gnuplot;

    if (!out)
        return;
    begin(pictures, file, title);
    fprintf(out, "set ylabel 'MiB'\nset yrange [0:]\n$memory << EOD\n");
    for (size_t s = 0; s < record->n_samples; s++) {
        fprintf(out, "%zu", (s + 1) * MEMORY_SAMPLE_S);
        for (size_t g = 0; g < record->n_guests; g++) {
            const struct simulated_guest *guest = memory_record_at(record, s, g);

            fprintf(out, " %g %g", (double)guest->actual_kib / 1024,
                    (double)guest->reported_unused_kib / 1024);
        }
        fputc('\n', out);
    }
    fprintf(out, "EOD\nplot ");
    for (size_t g = 0; g < record->n_guests; g++)
        fprintf(out,
                "$memory using 1:%zu with lines lw 2 lc %zu title '%s actual', "
                "$memory using 1:%zu with lines lw 1 dt 2 lc %zu title 'unused', ",
                2 * g + 2, g + 1, memory_record_at(record, 0, g)->name, 2 * g + 3, g + 1);
    fprintf(out, "100 with lines lw 1 dt 3 lc rgb 'black' title '100 MiB'\n");
}
