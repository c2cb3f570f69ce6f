/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_GUEST_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_GUEST_FIXTURE_H

#include "planner/vcpu/planner.h"

enum { KIT_VCPUS = 64 };

/* A handful of one-vCPU guests whose loads the test dictates. Guest i is called "g<i>", its UUID
 * begins with i + 1; waiting for a pCPU is worked out as fair scheduling does it. */
struct guest_kit {
    struct vcpu_sample sample;
    struct vcpu_reading vcpus[KIT_VCPUS];
    struct pcpu_reading pcpus[16];
    int load_permille[KIT_VCPUS]; /* what each wants; of floating ones it is what each gets */
    bool has_delay;
};

/* affinity[i]: "0", "0-3"; everything is allowed. */
void guest_kit_init(struct guest_kit *kit, size_t n_pcpus, size_t n_vcpus,
                    const char *const *affinity);
void guest_kit_all(struct guest_kit *kit, size_t n_pcpus, size_t n_vcpus, const char *affinity);
void guest_kit_pin(struct guest_kit *kit, size_t vcpu, const char *affinity);
void guest_kit_allow(struct guest_kit *kit, size_t vcpu, const char *pcpus);
/* Where it is pinned, or -1. */
int guest_kit_pcpu(const struct guest_kit *kit, size_t vcpu);
/* Lets time pass with the present loads: counters grow. */
void guest_kit_pass(struct guest_kit *kit, double seconds);
/* Plans the present sample; fails the test on an error. */
void guest_kit_plan(struct guest_kit *kit, struct vcpu_planner *planner, struct vcpu_plan *ret);
/* Time passes, a plan is made and carried out. Returns the number of pins. */
size_t guest_kit_step(struct guest_kit *kit, struct vcpu_planner *planner, double seconds,
                      enum verdict *ret_verdict);
/* The same so many times; the sum of the pins. */
size_t guest_kit_run(struct guest_kit *kit, struct vcpu_planner *planner, double seconds,
                     int times);
/* Sum of the loads pinned to a pCPU. */
int guest_kit_load(const struct guest_kit *kit, unsigned pcpu);
struct vcpu_planner *guest_kit_planner(const struct vcpu_settings *settings); /* NULL: defaults */
struct vcpu_planner *guest_kit_planner_at(enum pin_level level);

#endif
