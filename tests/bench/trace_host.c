/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/bench/trace_host.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/model/random.h"

static void *zeroed(size_t n, size_t size)
{
    void *p = calloc(n + 1, size);

    if (!p)
        abort();
    return p;
}

struct trace_host trace_host_new(const struct trace *trace, bool floats)
{
    size_t n = (size_t)trace->n;
    struct random random = {.state = (uint64_t)trace->seed};
    struct trace_host host = {.trace = trace,
                              .floats = floats,
                              .place = zeroed(n, sizeof(int)),
                              .ran_ns = zeroed(n, sizeof(uint64_t)),
                              .waited_ns = zeroed(n, sizeof(uint64_t)),
                              .busy_ns = zeroed((size_t)trace->m, sizeof(uint64_t)),
                              .demand = zeroed(n, sizeof(double)),
                              .used = zeroed(n, sizeof(double)),
                              .seen = zeroed(n, sizeof(double))};

    for (int i = 0; i < trace->n; i++)
        host.place[i] = floats ? FLOATS : (int)(random_next(&random) % (uint64_t)trace->m);
    return host;
}

void trace_host_done(struct trace_host *host)
{
    free(host->place);
    free(host->ran_ns);
    free(host->waited_ns);
    free(host->busy_ns);
    free(host->demand);
    free(host->used);
    free(host->seen);
}

/* The share that no vCPU of a full place exceeds: max-min fair, by bisection. */
static double fair_share(const struct trace_host *host, int part, int place, double room)
{
    const struct trace *trace = host->trace;
    double low = 0, high = 1;

    for (int step = 0; step < 30; step++) {
        double middle = (low + high) / 2, sum = 0;

        for (int i = 0; i < trace->n; i++)
            if (host->place[i] == place)
                sum += fmin(trace_at(trace, host->interval, part, i), middle);
        *(sum > room ? &high : &low) = middle;
    }
    return low;
}

static double wanted_of(const struct trace_host *host, int part, int place)
{
    double sum = 0;

    for (int i = 0; i < host->trace->n; i++)
        if (host->place[i] == place)
            sum += trace_at(host->trace, host->interval, part, i);
    return sum;
}

/* Those of one place share its room during a part of the interval. */
static void run_place(struct trace_host *host, int part, int place, double wanted, double room)
{
    const struct trace *trace = host->trace;
    double share = wanted > room ? fair_share(host, part, place, room) : 1;
    double part_s = trace->interval_s / trace->n_parts;

    host->unserved += fmax(0, wanted - room) / trace->n_parts;
    for (int i = 0; i < trace->n; i++) {
        double demand = trace_at(trace, host->interval, part, i), used = fmin(demand, share);

        if (host->place[i] != place)
            continue;
        host->used[i] += used / trace->n_parts;
        host->ran_s += part_s * used;
        host->waited_s += part_s * (1 - used / demand);
        host->ran_ns[i] += (uint64_t)(1e9 * part_s * used);
        host->waited_ns[i] += (uint64_t)(1e9 * part_s * (1 - used / demand));
        host->seen[i] += (1 - used / demand) / trace->n_parts; /* waited, for now */
    }
}

/* What floats fills all that is left alike. */
static void run_part(struct trace_host *host, int part)
{
    const struct trace *trace = host->trace;
    double *wanted = zeroed((size_t)trace->m, sizeof(*wanted)), left = 0;
    double floating = wanted_of(host, part, FLOATS), part_ns = 1e9 * trace->interval_s;

    part_ns /= trace->n_parts;
    for (int p = 0; p < trace->m; p++) {
        wanted[p] = wanted_of(host, part, p);
        left += fmax(0, 1 - wanted[p]);
    }
    for (int p = 0; p < trace->m; p++) {
        double filled = left > 0 ? fmin(1, floating / left) * fmax(0, 1 - wanted[p]) : 0;

        run_place(host, part, p, wanted[p], 1);
        host->busy_ns[p] += (uint64_t)(part_ns * (fmin(1, wanted[p]) + filled));
    }
    run_place(host, part, FLOATS, floating, left);
    free(wanted);
}

bool trace_host_advance(struct trace_host *host)
{
    const struct trace *trace = host->trace;

    if (host->interval == trace->n_intervals)
        return false;
    host->unserved = host->ran_s = host->waited_s = 0;
    for (int i = 0; i < trace->n; i++) {
        host->demand[i] = trace_mean(trace, host->interval, i);
        host->used[i] = host->seen[i] = 0;
    }
    for (int part = 0; part < trace->n_parts; part++)
        run_part(host, part);
    for (int i = 0; i < trace->n; i++)
        host->seen[i] = fmin(1, host->used[i] / fmax(1e-3, 1 - host->seen[i]));
    host->interval++;
    return true;
}

double trace_host_sigma(const struct trace_host *host)
{
    const struct trace *trace = host->trace;
    double *load = zeroed((size_t)trace->m, sizeof(*load)), squares = 0, floating = 0, mean = 0;

    for (int i = 0; i < trace->n; i++) {
        *(host->place[i] == FLOATS ? &floating : &load[host->place[i]]) += host->demand[i];
        mean += host->demand[i] / trace->m;
    }
    for (int p = 0; p < trace->m; p++)
        squares += pow(load[p] + floating / trace->m - mean, 2);
    free(load);
    return 100 * sqrt(squares / trace->m);
}

static uint64_t at_ns(const struct trace_host *host)
{
    return (uint64_t)(1e9 * host->trace->interval_s * (host->interval + 1));
}

struct vcpu_sample trace_host_sample(const struct trace_host *host)
{
    const struct trace *trace = host->trace;
    struct vcpu_sample sample = {
        .at_ns = at_ns(host), .n_pcpus = (size_t)trace->m, .n_vcpus = (size_t)trace->n};
    struct cpuset all = {0};

    sample.pcpus = zeroed(sample.n_pcpus, sizeof(*sample.pcpus));
    sample.vcpus = zeroed(sample.n_vcpus, sizeof(*sample.vcpus));
    for (unsigned p = 0; p < (unsigned)trace->m; p++) {
        sample.pcpus[p].id = p;
        sample.pcpus[p].has_busy = true;
        sample.pcpus[p].busy_ns = host->busy_ns[p];
        cpuset_add(&all, p);
    }
    for (int i = 0; i < trace->n; i++) {
        struct vcpu_reading *reading = &sample.vcpus[i];

        reading->guest.uuid[0] = (unsigned char)(i >> 8); /* in the order of the indices */
        reading->guest.uuid[1] = (unsigned char)i;
        snprintf(reading->guest.name, sizeof(reading->guest.name), "guest%d", i);
        reading->running = reading->has_delay = true;
        reading->cpu_time_ns = host->ran_ns[i];
        reading->delay_ns = host->waited_ns[i];
        reading->allowed = all;
        if (host->place[i] == FLOATS)
            reading->affinity = all;
        else
            cpuset_add(&reading->affinity, (unsigned)host->place[i]);
        reading->is_ours = host->floats && host->place[i] != FLOATS;
    }
    vcpu_sample_sort(&sample);
    return sample;
}

int trace_host_obey(struct trace_host *host, const struct vcpu_plan *plan)
{
    for (size_t k = 0; k < plan->n_pins; k++) {
        const unsigned char *uuid = plan->pins[k].guest.uuid;

        host->place[uuid[0] << 8 | uuid[1]] = (int)plan->pins[k].to_place;
    }
    for (size_t k = 0; k < plan->n_releases; k++) {
        const unsigned char *uuid = plan->releases[k].guest.uuid;

        host->place[uuid[0] << 8 | uuid[1]] = FLOATS;
    }
    return (int)(plan->n_pins + plan->n_releases);
}
