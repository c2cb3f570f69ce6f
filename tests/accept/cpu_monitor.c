/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/cpu_monitor.h"

#include <math.h>
#include <stdlib.h>

static void *room(size_t n, size_t size)
{
    void *ret = calloc(n ? n : 1, size);

    if (!ret)
        abort();
    return ret;
}

static size_t pcpu_index(const struct cpu_record *record, unsigned id)
{
    size_t p = 0;

    while (p < record->n_pcpus - 1 && record->pcpu_ids[p] != id)
        p++;
    return p;
}

static void watch(void *arg, const struct simulated *world)
{
    struct cpu_record *record = arg;
    size_t at = record->n_samples * record->n_vcpus;

    if (record->n_samples == record->room)
        return;
    for (size_t v = 0; v < record->n_vcpus; v++) {
        struct simulated_vcpu vcpu;

        simulated_vcpu(world, v, &vcpu);
        record->usage_pct[at + v] = (double)(vcpu.time_ns - record->time_ns[v]) / 1e7;
        record->pcpu[at + v] = pcpu_index(record, vcpu.last_pcpu);
        record->pinned[at + v] = cpuset_count(&vcpu.affinity) == 1
                                     ? (int)pcpu_index(record, cpuset_next(&vcpu.affinity, 0))
                                     : -1;
        record->pin_calls[at + v] = (unsigned)(vcpu.pin_calls - record->calls[v]);
        record->demand[at + v] = vcpu.demand_permille;
        record->time_ns[v] = vcpu.time_ns;
        record->calls[v] = vcpu.pin_calls;
    }
    record->n_samples++;
}

void cpu_monitor_attach(struct cpu_record *record, struct simulated *world)
{
    size_t cells;

    *record = (struct cpu_record){
        .n_vcpus = simulated_vcpus(world),
        .n_pcpus = simulated_pcpus(world),
        .room = (size_t)(simulated_end_ns(world) / 1000000000) + 1,
    };
    cells = record->room * record->n_vcpus;
    record->pcpu_ids = room(record->n_pcpus, sizeof(*record->pcpu_ids));
    record->usage_pct = room(cells, sizeof(*record->usage_pct));
    record->pcpu = room(cells, sizeof(*record->pcpu));
    record->pinned = room(cells, sizeof(*record->pinned));
    record->pin_calls = room(cells, sizeof(*record->pin_calls));
    record->demand = room(cells, sizeof(*record->demand));
    record->time_ns = room(record->n_vcpus, sizeof(*record->time_ns));
    record->calls = room(record->n_vcpus, sizeof(*record->calls));
    for (size_t p = 0; p < record->n_pcpus; p++) {
        struct simulated_pcpu pcpu;

        simulated_pcpu(world, p, &pcpu);
        record->pcpu_ids[p] = pcpu.id;
    }
    simulated_watch(world, 1, watch, record);
}

void cpu_record_done(struct cpu_record *record)
{
    free(record->pcpu_ids);
    free(record->usage_pct);
    free(record->pcpu);
    free(record->pinned);
    free(record->pin_calls);
    free(record->demand);
    free(record->time_ns);
    free(record->calls);
    *record = (struct cpu_record){0};
}

double cpu_record_load(const struct cpu_record *record, size_t sample, size_t pcpu)
{
    size_t at = sample * record->n_vcpus;
    double load = 0;

    for (size_t v = 0; v < record->n_vcpus; v++)
        if (record->pcpu[at + v] == pcpu)
            load += record->usage_pct[at + v];
    return load;
}

double cpu_record_mean(const struct cpu_record *record, size_t sample)
{
    double sum = 0;

    for (size_t v = 0; v < record->n_vcpus; v++)
        sum += record->usage_pct[sample * record->n_vcpus + v];
    return sum / (double)record->n_pcpus;
}

double cpu_record_sigma(const struct cpu_record *record, size_t sample)
{
    double mean = cpu_record_mean(record, sample);
    double sum = 0;

    for (size_t p = 0; p < record->n_pcpus; p++)
        sum += pow(cpu_record_load(record, sample, p) - mean, 2);
    return sqrt(sum / (double)record->n_pcpus);
}

unsigned cpu_record_pins(const struct cpu_record *record, size_t from, size_t to)
{
    unsigned pins = 0;

    for (size_t s = from; s < to && s < record->n_samples; s++)
        for (size_t v = 0; v < record->n_vcpus; v++)
            pins += record->pin_calls[s * record->n_vcpus + v];
    return pins;
}

size_t cpu_record_arrivals(const struct cpu_record *record, size_t sample, size_t pcpu)
{
    size_t now = sample * record->n_vcpus, arrivals = 0;

    for (size_t v = 0; sample > 0 && v < record->n_vcpus; v++)
        arrivals +=
            record->pcpu[now + v] == pcpu && record->pcpu[now - record->n_vcpus + v] != pcpu;
    return arrivals;
}

void cpu_record_print(const struct cpu_record *record, FILE *out)
{
    fprintf(out, "  t_s  sigma   mean  pins |");
    for (size_t p = 0; p < record->n_pcpus; p++)
        fprintf(out, "  pCPU %-3u +", record->pcpu_ids[p]);
    fputc('\n', out);
    for (size_t s = 0; s < record->n_samples; s++) {
        fprintf(out, "%5zu  %5.1f  %5.1f  %4u |", s + 1, cpu_record_sigma(record, s),
                cpu_record_mean(record, s), cpu_record_pins(record, s, s + 1));
        for (size_t p = 0; p < record->n_pcpus; p++)
            fprintf(out, " %7.1f %3zu", cpu_record_load(record, s, p),
                    cpu_record_arrivals(record, s, p));
        fputs("  ", out);
        for (size_t v = 0; v < record->n_vcpus; v++)
            fprintf(out, "%s%zu%s", v ? "," : "", record->pcpu[s * record->n_vcpus + v],
                    record->pinned[s * record->n_vcpus + v] < 0 ? "~" : "");
        fputc('\n', out);
    }
}
