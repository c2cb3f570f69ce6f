/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_HOST_SAMPLE_BUILD_H
#define EVENKEEL_AGENT_HOST_SAMPLE_BUILD_H

#include "planner/base/sample.h"

/* Samples under construction. Each add appends a zeroed element and returns it, valid until the
 * next add; NULL: out of memory. *room is the capacity, 0 at first. */
/* Of an empty sample, for so many and one more before any is moved. 0 or -ENOMEM. */
int vcpu_sample_make_room(struct vcpu_sample *sample, size_t *room, size_t n);
struct vcpu_reading *vcpu_sample_add(struct vcpu_sample *sample, size_t *room);
struct guest_reading *vcpu_sample_add_guest(struct vcpu_sample *sample, size_t *room);
struct helper_reading *vcpu_sample_add_helpers(struct vcpu_sample *sample, size_t *room);
struct memory_reading *memory_sample_add(struct memory_sample *sample, size_t *room);
/* The sample's pCPUs from a set. 0 or -ENOMEM. */
int vcpu_sample_set_pcpus(struct vcpu_sample *sample, const struct cpuset *online);

/* Name and UUID; a name that is too long is cut between characters. */
void guest_id_set(struct guest_id *ret, const unsigned char uuid[16], const char *name);

#endif
