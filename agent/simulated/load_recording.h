/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_SIMULATED_LOAD_RECORDING_H
#define EVENKEEL_AGENT_SIMULATED_LOAD_RECORDING_H

#include <jansson.h>

#include "agent/base/input.h"
#include "agent/simulated/load.h"
#include "planner/base/err.h"
#include "planner/base/sample.h"

/* What a recording tells of the host that it is from, as a scenario has it. */
struct recorded {
    const char *program; /* NULL: nothing was recorded */
    json_t *host, *guests, *events;
};

bool load_is_recording(const char *line, size_t n);
/* Adds what a recording of either program tells; `line`, of n bytes, is its first one, which came
 * from the input. 0, or a negative errno with a sentence that names file and line.
 * recorded_done() is due in both cases. */
int load_recording_read(const char *path, struct input *input, const char *line, size_t n,
                        struct load *load, struct recorded *ret, struct err *err);
void recorded_done(struct recorded *recorded);

/* ---- What the parts of it share ---- */

/* While a recording is read. */
struct recording_reader {
    struct load *load;
    struct recorded *recorded;
    struct vcpu_sample before; /* the sample before this one; empty: none */
    json_t *pins;              /* of the plan that was made from it */
    uint64_t first_at_ns, at_ns, before_at_ns;
    json_t *steps;   /* by UUID: balloon steps of the last plan that were not taken back */
    json_t *asked;   /* by UUID: guests whose size the program changed */
    json_t *sizes;   /* by UUID: in the sample before, in MiB */
    unsigned long n; /* samples so far */
    double busy_s, guests_s, pcpu_s; /* of all pCPUs; what was busy, and with vCPUs */
    bool failed;                     /* an object could not be made */
};

double recording_time_s(const struct recording_reader *reader, uint64_t at_ns);
/* The guest's index, who is added to the guests where it is new; -ENOMEM, -E2BIG. */
long recording_guest(struct recording_reader *reader, const struct guest_id *id);
json_t *recording_guest_json(struct recording_reader *reader, long guest);
/* `more` are the members that this event has beside time and guest; taken over. */
void recording_event(struct recording_reader *reader, double at_s, const char *what,
                     const struct guest_id *id, json_t *more);
/* Takes the value over. */
void recording_set(struct recording_reader *reader, json_t *object, const char *key, json_t *value);

int recording_add_vcpus(struct recording_reader *reader, struct vcpu_sample *sample);
/* What became of balloon steps: a plan's are carried out unless a later line says otherwise. */
void recording_note_steps(struct recording_reader *reader, const json_t *entry);
int recording_add_memory(struct recording_reader *reader, const struct memory_sample *sample);
/* What is known of the host only at the end. */
void recording_end_vcpus(struct recording_reader *reader);

#endif
