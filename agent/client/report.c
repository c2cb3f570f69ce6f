/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/client/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/client/ask.h"
#include "agent/client/report_source.h"
#include "agent/page/page.h"

static void make_title(const struct request_line *line, char ret[300])
{
    const char *slash = line->argument ? strrchr(line->argument, '/') : NULL;
    char host[200] = "";

    if (line->argument)
        snprintf(ret, 300, "Evenkeel: %.250s", slash ? slash + 1 : line->argument);
    else if (gethostname(host, sizeof(host) - 1) == 0)
        snprintf(ret, 300, "Evenkeel on %s", host);
    else
        snprintf(ret, 300, "Evenkeel");
}

static int write_page(const struct request_line *line, const struct report_runs *runs,
                      struct err *err)
{
    bool is_standard = strcmp(line->output, "-") == 0;
    FILE *out = is_standard ? stdout : fopen(line->output, "w");
    char title[300];
    int r;

    if (!out)
        return err_set(err, -errno, "cannot write '%s': %s", line->output, strerror(errno));
    make_title(line, title);
    r = page_write(out, title, (const struct run *const *)runs->list, runs->n);
    if ((is_standard ? fflush(out) : fclose(out)) != 0)
        r = -errno;
    return r < 0 ? err_set(err, r, "cannot write '%s': %s", line->output, strerror(-r)) : 0;
}

int report_run(const struct request_line *line)
{
    struct report_runs runs = {{NULL}, 0};
    struct progress progress;
    struct err err = {0};
    int r;

    if (!line->output) {
        client_complain("report needs a place for the page: -o FILE");
        return CLIENT_USAGE;
    }
    progress_begin(&progress, "report", line->quiet);
    r = line->argument ? report_from_file(line, &progress, &runs, &err)
                       : report_from_history(line, clock_real_s(), &progress, &runs, &err);
    progress_end(&progress);
    if (r == 0)
        r = write_page(line, &runs, &err);
    for (size_t i = 0; i < runs.n; i++)
        run_free(runs.list[i]);
    if (r == 0)
        return EXIT_SUCCESS;
    client_complain(err.text);
    return r == -EINVAL                      ? CLIENT_USAGE
           : r == -ENOENT && !line->argument ? CLIENT_NONE_RUNS
                                             : CLIENT_FAILED;
}
