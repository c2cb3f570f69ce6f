/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/accept/accept.h"

/* All acceptance cases on the simulated host: every case, load, shape and interval. */

struct arguments {
    const char *folder, *only, *variation;
    bool verbose, quiet;
    unsigned seeds;
};

static const struct argp_option options[] = {
    {"out", 'o', "DIR", 0, "Leave a picture and a table of each run there, and index.html", 0},
    {"only", 'k', "GLOB", 0, "Only cases like this, for example 'cpu-5:*@2s'", 0},
    {"seeds", 's', "N", 0, "Each case with N different seeds (1)", 0},
    {"vary", 'x', "TEXT", 0, "Add a variation to each scenario, for example 'noise=3'", 0},
    {"quiet", 'q', NULL, 0, "Tell no progress", 0},
    {"verbose", 'v', NULL, 0, "Print the per-sample tables", 0},
    {0},
};

static error_t parse(int key, char *value, struct argp_state *state)
{
    struct arguments *arguments = state->input;

    switch (key) {
    case 'o':
        arguments->folder = value;
        return 0;
    case 'k':
        arguments->only = value;
        return 0;
    case 's':
        arguments->seeds = (unsigned)strtoul(value, NULL, 10);
        if (arguments->seeds < 1 || arguments->seeds > 1000)
            argp_error(state, "--seeds takes a number from 1 to 1000, not '%s'", value);
        return 0;
    case 'x':
        arguments->variation = value;
        return 0;
    case 'q':
        arguments->quiet = true;
        return 0;
    case 'v':
        arguments->verbose = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const double intervals_s[] = {1, 2, 5};
enum { N_INTERVALS = (sizeof(intervals_s) / sizeof(intervals_s[0])) };

static const char *const shapes[] = {"8x4", "16x8", "4x4", "3x4", "8x3", "4x4:vcpus=mixed"};
static const int hosts_gib[] = {16, 8, 6, 3}, maxima_mib[] = {2048, 1024, 4096};
enum {
    N_SHAPES = sizeof(shapes) / sizeof(shapes[0]),
    N_HOSTS = sizeof(hosts_gib) / sizeof(hosts_gib[0]),
    N_MAXIMA = sizeof(maxima_mib) / sizeof(maxima_mib[0]),
    N_CPU = 7,
    N_MEMORY = 4,
};

static double n_all(const struct arguments *arguments)
{
    return (double)arguments->seeds * N_INTERVALS *
           (N_CPU * 2 * N_SHAPES + N_MEMORY * N_HOSTS * N_MAXIMA);
}

static int run_one(struct accept_case *which, const struct arguments *arguments,
                   struct accept_report *report, struct err *err)
{
    char label[100];

    snprintf(label, sizeof(label), "%s@%gs", which->scenario, which->interval_s);
    progress_tell(&report->progress, report->n_done++, n_all(arguments));
    if (arguments->only && fnmatch(arguments->only, label, 0) != 0)
        return 0;
    return accept_run(which, report, err);
}

/* One scenario with all seeds, at all intervals. */
static int run_intervals(struct accept_case *which, const struct arguments *arguments,
                         struct accept_report *report, struct err *err)
{
    size_t length = strlen(which->scenario);
    int r = 0;

    for (unsigned seed = 1; r == 0 && seed <= arguments->seeds; seed++) {
        snprintf(which->scenario + length, sizeof(which->scenario) - length, ":seed=%u%s%s", seed,
                 arguments->variation ? ":" : "", arguments->variation ? arguments->variation : "");
        for (size_t i = 0; r == 0 && i < N_INTERVALS; i++) {
            which->interval_s = intervals_s[i];
            r = run_one(which, arguments, report, err);
        }
    }
    return r;
}

static int run_cpu_cases(const struct arguments *arguments, struct accept_report *report,
                         struct err *err)
{
    int r = 0;

    for (int number = 1; number <= N_CPU; number++)
        for (int high = 0; high < 2; high++)
            for (size_t s = 0; r == 0 && s < N_SHAPES; s++) {
                struct accept_case which = {.number = number};

                snprintf(which.scenario, sizeof(which.scenario), "cpu-%d:%s:%s", number,
                         high ? "high" : "low", shapes[s]);
                r = run_intervals(&which, arguments, report, err);
            }
    return r;
}

static int run_memory_cases(const struct arguments *arguments, struct accept_report *report,
                            struct err *err)
{
    int r = 0;

    for (int number = 1; number <= N_MEMORY; number++)
        for (size_t h = 0; h < N_HOSTS; h++)
            for (size_t m = 0; r == 0 && m < N_MAXIMA; m++) {
                struct accept_case which = {.number = number, .memory = true};

                snprintf(which.scenario, sizeof(which.scenario), "memory-%d:host=%d:maximum=%d",
                         number, hosts_gib[h], maxima_mib[m]);
                r = run_intervals(&which, arguments, report, err);
            }
    return r;
}

static int open_report(const struct arguments *arguments, struct accept_report *report,
                       struct err *err)
{
    char path[600];

    *report = (struct accept_report){
        .lines = stdout, .folder = arguments->folder, .verbose = arguments->verbose};
    progress_begin(&report->progress, "accept", arguments->quiet);
    if (!arguments->folder)
        return 0;
    if (mkdir(arguments->folder, 0777) < 0 && errno != EEXIST)
        return err_set(err, -errno, "%s: %s", arguments->folder, strerror(errno));
    snprintf(path, sizeof(path), "%.500s/index.html", arguments->folder);
    report->index = fopen(path, "w");
    if (!report->index)
        return err_set(err, -errno, "%s: %s", path, strerror(errno));
    fputs(
        "<!DOCTYPE html><meta charset=\"utf-8\"><title>Acceptance</title><style>body{font:14px "
        "sans-serif}td{padding:2px 8px;vertical-align:top}.lost{background:#fcc}</style><table>\n",
        report->index);
    return 0;
}

static int close_report(struct accept_report *report, struct err *err)
{
    progress_end(&report->progress);
    if (report->index)
        fprintf(report->index, "</table><p>%u passed, %u failed\n", report->passed, report->failed);
    if (report->index && fclose(report->index) != 0)
        return err_set(err, -EIO, "index.html: %s", strerror(errno));
    return 0;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options, .parser = parse, .doc = "Runs the acceptance cases in simulation."};
    struct arguments arguments = {.seeds = 1};
    struct accept_report report;
    struct err err = {0, ""};
    int r;

    argp_parse(&argp, argc, argv, 0, NULL, &arguments);
    r = open_report(&arguments, &report, &err);
    if (r == 0)
        r = run_cpu_cases(&arguments, &report, &err);
    if (r == 0)
        r = run_memory_cases(&arguments, &report, &err);
    if (r == 0)
        r = close_report(&report, &err);
    if (r < 0) {
        fprintf(stderr, "accept: %s\n", err.text);
        return 1;
    }
    printf("%u passed, %u failed\n", report.passed, report.failed);
    return report.failed || report.passed == 0;
}
