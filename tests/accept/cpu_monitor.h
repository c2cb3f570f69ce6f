/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_ACCEPT_CPU_MONITOR_H
#define EVENKEEL_TESTS_ACCEPT_CPU_MONITOR_H

#include <stdio.h>

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"

/* Watches as the exercise's monitor does: once a second, the vCPU time that every vCPU used since,
 * charged to the pCPU where it ran last. */
struct cpu_record {
    size_t n_vcpus, n_pcpus, n_samples, room;
    unsigned *pcpu_ids;  /* [n_pcpus] */
    double *usage_pct;   /* [sample * n_vcpus + vcpu] */
    size_t *pcpu;        /* ... index of where it last ran */
    int *pinned;         /* ... index of the pCPU it is pinned to, -1: it floats */
    unsigned *pin_calls; /* ... by the program during the sample */
    int *demand;         /* ... permille, what the programs would use alone */
    uint64_t *time_ns;   /* [vcpu] at the last sample */
    uint64_t *calls;     /* [vcpu] at the last sample */
};

/* The host must still be at its beginning. */
void cpu_monitor_attach(struct cpu_record *record, struct simulated *world);
void cpu_record_done(struct cpu_record *record);

/* Load of a pCPU in a sample, and the population standard deviation over the pCPUs. */
double cpu_record_load(const struct cpu_record *record, size_t sample, size_t pcpu);
double cpu_record_sigma(const struct cpu_record *record, size_t sample);
double cpu_record_mean(const struct cpu_record *record, size_t sample);
unsigned cpu_record_pins(const struct cpu_record *record, size_t from, size_t to);
/* vCPUs that are on this pCPU in this sample and were not in the one before. */
size_t cpu_record_arrivals(const struct cpu_record *record, size_t sample, size_t pcpu);
void cpu_record_print(const struct cpu_record *record, FILE *out);

#endif
