/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/run_metrics.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/owned_file.h"

enum { MOST_PATH = 4096, PCT = 100 };

static const char *const results[N_RUN_RESULTS] = {
    [RUN_NOTHING] = "nothing", [RUN_DONE] = "done",       [RUN_PARTLY] = "partly",
    [RUN_PLANNED] = "planned", [RUN_REFUSED] = "refused", [RUN_FAILED] = "failed"};
static const char *const moves[N_RUN_MOVES] = {
    [RUN_ARRIVED] = "arrived", [RUN_NOT_ARRIVED] = "failed", [RUN_UNDER_WAY] = "under-way"};

static int index_of(const char *const *list, int n, const json_t *word)
{
    const char *text = json_string_value(word);

    for (int i = 0; text && i < n; i++)
        if (strcmp(list[i], text) == 0)
            return i;
    return -1;
}

static void take_moves(struct run_metrics *metrics, const json_t *answer)
{
    size_t i;
    json_t *move;

    json_array_foreach(json_object_get(answer, "moves"), i, move)
    {
        int k = index_of(moves, N_RUN_MOVES, json_object_get(move, "result"));

        if (k >= 0)
            metrics->moves[k]++;
    }
}

void run_metrics_take(struct run_metrics *metrics, json_t *answer, int64_t now_s)
{
    int k = index_of(results, N_RUN_RESULTS, json_object_get(answer, "result"));

    metrics->rounds[k >= 0 ? k : RUN_FAILED]++;
    if (k < 0)
        return;
    metrics->at_s = now_s;
    metrics->changed += (uint64_t)json_integer_value(json_object_get(answer, "changed_under_us"));
    if (k != RUN_PLANNED)
        take_moves(metrics, answer);
    if (!json_is_number(json_object_get(answer, "deviation_before")))
        return;
    json_decref(metrics->last);
    metrics->last = json_incref(answer);
}

void run_metrics_done(struct run_metrics *metrics)
{
    json_decref(metrics->last);
    metrics->last = NULL;
}

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void counter(FILE *out, const char *name, const char *help, const char *const *labels, int n,
                    const uint64_t *values)
{
    head(out, name, "counter", help);
    for (int i = 0; i < n; i++)
        fprintf(out, "%s{result=\"%s\"} %" PRIu64 "\n", name, labels[i], values[i]);
}

static void label_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '\\' || *text == '"')
            fputc('\\', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
}

static void host_load(FILE *out, const char *host, const char *resource, const json_t *value)
{
    if (!json_is_number(value))
        return;
    fprintf(out, "evenkeel_fleet_host_load_ratio{node=\"");
    label_text(out, host);
    fprintf(out, "\",resource=\"%s\"} %.6g\n", resource, json_number_value(value));
}

static void host_loads(FILE *out, const json_t *answer)
{
    size_t i;
    json_t *one;

    head(out, "evenkeel_fleet_host_load_ratio", "gauge",
         "Share of a host's resource that its guests take, before anything was done.");
    json_array_foreach(json_object_get(answer, "hosts"), i, one)
    {
        const char *host = json_string_value(json_object_get(one, "host"));

        host_load(out, host ? host : "", "cpu", json_object_get(one, "cpu"));
        host_load(out, host ? host : "", "memory", json_object_get(one, "memory"));
    }
}

static void last_plan(FILE *out, const json_t *answer)
{
    host_loads(out, answer);
    head(out, "evenkeel_fleet_deviation_ratio", "gauge",
         "Largest distance of a host's share of CPU from the fair share.");
    fprintf(out, "evenkeel_fleet_deviation_ratio %.6g\n",
            json_number_value(json_object_get(answer, "deviation_before")) / PCT);
    head(out, "evenkeel_fleet_unprotected_guests", "gauge",
         "Guests that would stay stopped after the loss of their host, under the last plan.");
    fprintf(out, "evenkeel_fleet_unprotected_guests %" JSON_INTEGER_FORMAT "\n",
            json_integer_value(json_object_get(answer, "unprotected")));
}

static void write_all(const struct run_metrics *metrics, FILE *out)
{
    if (metrics->last)
        last_plan(out, metrics->last);
    counter(out, "evenkeel_fleet_moves_total",
            "Guests that the cluster was asked to move or to start, by what became of it.", moves,
            N_RUN_MOVES, metrics->moves);
    counter(out, "evenkeel_fleet_rounds_total", "Rounds, by what became of them.", results,
            N_RUN_RESULTS, metrics->rounds);
    head(out, "evenkeel_fleet_patches_refused_total", "counter",
         "Patches that the cluster refused because its document had changed.");
    fprintf(out, "evenkeel_fleet_patches_refused_total %" PRIu64 "\n", metrics->changed);
    if (!metrics->at_s)
        return;
    head(out, "evenkeel_fleet_last_round_timestamp_seconds", "gauge",
         "Unix time at the end of the last round that had an answer.");
    fprintf(out, "evenkeel_fleet_last_round_timestamp_seconds %" PRId64 "\n", metrics->at_s);
}

char *run_metrics_text(const struct run_metrics *metrics)
{
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);

    if (!out)
        return NULL;
    write_all(metrics, out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static int open_folder(const char *path, const char **ret_name, struct err *err)
{
    const char *slash = strrchr(path, '/');
    char folder[MOST_PATH];

    snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash + 1 - path) : 2,
             slash ? path : "./");
    *ret_name = slash ? slash + 1 : path;
    return owned_folder_open(folder, false, "--metrics-file", err);
}

int run_metrics_write(const struct run_metrics *metrics, const char *path, struct err *err)
{
    const char *name;
    int folder = open_folder(path, &name, err), r;
    char *text;

    if (folder < 0)
        return folder;
    text = run_metrics_text(metrics);
    r = text ? owned_file_show(folder, name, text) : -ENOMEM;
    free(text);
    close(folder);
    return r < 0 ? err_set(err, r, "--metrics-file: cannot write '%.200s': %s", path, strerror(-r))
                 : 0;
}

void run_metrics_remove(const char *path)
{
    const char *name;
    struct err err = {0};
    int folder = open_folder(path, &name, &err);

    if (folder < 0)
        return;
    unlinkat(folder, name, 0);
    close(folder);
}
