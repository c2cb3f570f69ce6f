/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_UNIT_SIMULATED_FIXTURE_H
#define EVENKEEL_TESTS_UNIT_SIMULATED_FIXTURE_H

#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"

/* A simulated host for one test; fails the test where the scenario is refused. */
struct kit {
    struct host host;
    struct ticker ticker;
    struct simulated *world;
};

void kit_open(struct kit *kit, enum simulated_kind kind, double interval_s, const char *json);
void kit_close(struct kit *kit);
/* wait() n times, each of which has to go on. */
void kit_wait(struct kit *kit, int n);
struct simulated_guest kit_guest(const struct kit *kit, size_t index);
struct simulated_vcpu kit_vcpu(const struct kit *kit, size_t index);
/* Identity of a guest by name, from a sample. */
struct guest_id kit_id(const struct kit *kit, const char *name);
/* Share of one pCPU that a vCPU used while the ticker waited once. */
double kit_usage(struct kit *kit, size_t vcpu, double interval_s);
int kit_pin(struct kit *kit, const char *guest, unsigned vcpu, const char *pcpus);
int kit_balloon(struct kit *kit, const char *guest, double mib);

#endif
