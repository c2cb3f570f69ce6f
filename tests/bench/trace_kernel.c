/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* mkdtemp */
#include "tests/bench/trace_kernel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "tests/accept/drive.h"

enum { PATH = 80 };

/* Sums since the start. */
struct sums {
    double wanted_s, unserved_s, ran_s, waited_s, moves;
};

struct watcher {
    struct kernel_run *run;
    struct sums before; /* when counting began, and then at its end */
    double *busy_s;     /* [m] at the last look */
    int looks;
};

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* A guest of one vCPU for each column, in two files of this folder. */
static void write_files(const struct trace *trace, const char *scenario, const char *load)
{
    FILE *out = fopen(scenario, "w"), *rows = fopen(load, "w");
    double part_s = trace->interval_s / trace->n_parts;

    if (!out || !rows)
        fail(scenario);
    fprintf(out,
            "{\"duration_s\": %g, \"seed\": %d, \"host\": {\"pcpus\": %d},"
            " \"trace\": \"load.csv\", \"guests\": [",
            trace->interval_s * trace->n_intervals, trace->seed, trace->m);
    fputs("at_s,guest,vcpu,pct\n", rows);
    for (int i = 0; i < trace->n; i++)
        fprintf(out, "%s{\"name\": \"g%d\", \"noise_pct\": 0}", i ? "," : "", i);
    fputs("]}\n", out);
    for (int t = 0; t < trace->n_intervals * trace->n_parts; t++)
        for (int i = 0; i < trace->n; i++)
            fprintf(rows, "%g,g%d,0,%.1f\n", t * part_s, i,
                    100 * trace->demand[(size_t)t * (size_t)trace->n + (size_t)i]);
    if (fclose(out) != 0 || fclose(rows) != 0)
        fail(scenario);
}

static struct sums sums_of(const struct simulated *world)
{
    struct simulated_cpu cpu;
    struct sums sums;

    simulated_cpu(world, &cpu);
    sums = (struct sums){.wanted_s = cpu.wanted_s, .unserved_s = cpu.unserved_s};
    for (size_t v = 0; v < simulated_vcpus(world); v++) {
        struct simulated_vcpu vcpu;

        simulated_vcpu(world, v, &vcpu);
        sums.ran_s += (double)vcpu.time_ns / 1e9;
        sums.waited_s += (double)vcpu.delay_ns / 1e9;
        sums.moves += (double)vcpu.pin_calls;
    }
    return sums;
}

/* Of what pCPUs ran since the last look. */
static double sigma_pct(struct watcher *watcher, const struct simulated *world)
{
    double m = (double)simulated_pcpus(world), sum = 0, squares = 0;

    for (size_t p = 0; p < simulated_pcpus(world); p++) {
        struct simulated_pcpu pcpu;
        double pct;

        simulated_pcpu(world, p, &pcpu);
        pct = 100 * ((double)pcpu.busy_ns / 1e9 - watcher->busy_s[p]) /
              watcher->run->trace->interval_s;
        watcher->busy_s[p] = (double)pcpu.busy_ns / 1e9;
        sum += pct;
        squares += pct * pct;
    }
    return sqrt(fmax(0, squares / m - sum * sum / m / m));
}

static void look(void *arg, const struct simulated *world)
{
    struct watcher *watcher = arg;
    struct kernel_run *run = watcher->run;
    double sigma = sigma_pct(watcher, world);
    struct sums now = sums_of(world), *before = &watcher->before;

    if (watcher->looks++ >= run->warm_up) {
        run->wanted_s += now.wanted_s - before->wanted_s;
        run->unserved_s += now.unserved_s - before->unserved_s;
        run->ran_s += now.ran_s - before->ran_s;
        run->waited_s += now.waited_s - before->waited_s;
        run->moves += now.moves - before->moves;
        run->n_intervals++;
        run->watch(run->arg, sigma);
    }
    *before = now;
}

void trace_kernel_run(struct kernel_run *run)
{
    char folder[] = "/tmp/bench_traces.XXXXXX", scenario[PATH], load[PATH];
    struct watcher watcher = {.run = run, .busy_s = calloc((size_t)run->trace->m, sizeof(double))};
    char note[200];
    struct ticker ticker;
    struct host host;
    struct err err = {0};
    int r;

    if (!watcher.busy_s || !mkdtemp(folder))
        fail(folder);
    snprintf(scenario, sizeof(scenario), "%s/scenario.json", folder);
    snprintf(load, sizeof(load), "%s/load.csv", folder);
    write_files(run->trace, scenario, load);
    r = simulated_open(scenario, SIMULATED_VCPU, run->trace->interval_s, NULL, &host, &ticker,
                       &err);
    unlink(scenario);
    unlink(load);
    rmdir(folder);
    if (r == 0) {
        simulated_watch(simulated_of(&host), run->trace->interval_s, look, &watcher);
        while (!run->settings && (r = ticker.wait(ticker.self, &err)) > 0)
            continue;
        if (run->settings)
            r = drive_vcpus(&host, &ticker, run->settings, note, &err);
        host.close(host.self);
    }
    if (r < 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    free(watcher.busy_s);
}
