/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/load_recording.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "planner/vcpu/demand.h"

static void set_cpuset(struct recording_reader *reader, json_t *object, const char *key,
                       const struct cpuset *set)
{
    if (cpuset_count(set) > 0)
        recording_set(reader, object, key, json_from_cpuset(set));
}

static void note_host(struct recording_reader *reader, const struct vcpu_sample *sample)
{
    json_t *host = reader->recorded->host;
    struct cpuset pcpus = {0}, isolated = {0}, tickless = {0}, slice = {0};

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        const struct pcpu_reading *pcpu = &sample->pcpus[p];

        cpuset_add(&pcpus, pcpu->id);
        if (pcpu->use == PCPU_ISOLATED)
            cpuset_add(&isolated, pcpu->id);
        if (pcpu->use == PCPU_TICKLESS)
            cpuset_add(&tickless, pcpu->id);
        if (pcpu->use != PCPU_OUTSIDE_SLICE)
            cpuset_add(&slice, pcpu->id);
    }
    set_cpuset(reader, host, "pcpus", &pcpus);
    set_cpuset(reader, host, "isolated", &isolated);
    set_cpuset(reader, host, "tickless", &tickless);
    set_cpuset(reader, host, "slice", &slice);
    if (sample->n_pcpus > 0)
        recording_set(reader, host, "busy_times", json_boolean(sample->pcpus[0].has_busy));
    if (sample->n_vcpus > 0)
        recording_set(reader, host, "run_delay", json_boolean(sample->vcpus[0].has_delay));
}

/* What was busy, and how much of it was guests'. */
static void note_background(struct recording_reader *reader, const struct vcpu_sample *sample,
                            double dt_s)
{
    const struct vcpu_sample *before = &reader->before;

    for (size_t p = 0; p < sample->n_pcpus; p++) {
        const struct pcpu_reading *pcpu = &sample->pcpus[p];
        int was = vcpu_sample_pcpu(before, (int)pcpu->id);

        if (was < 0 || (pcpu->has_busy && pcpu->busy_ns < before->pcpus[was].busy_ns))
            continue;
        reader->pcpu_s += dt_s;
        reader->busy_s += pcpu->has_busy
                              ? (double)(pcpu->busy_ns - before->pcpus[was].busy_ns) / 1e9
                              : dt_s * pcpu->background_permille / 1000;
    }
}

void recording_end_vcpus(struct recording_reader *reader)
{
    double share = reader->pcpu_s > 0 ? (reader->busy_s - reader->guests_s) / reader->pcpu_s : 0;
    double pct = 100 * fmin(fmax(share, 0), 1);

    recording_set(reader, reader->recorded->host, "background_pct", json_real(pct));
    recording_set(reader, reader->recorded->host, "background_noise_pct", json_real(0));
}

/* The same vCPU in the sample before. Both are sorted: *at goes on from where it was. */
static const struct vcpu_reading *find_before(const struct recording_reader *reader,
                                              const struct vcpu_reading *reading, size_t *at)
{
    const struct vcpu_sample *before = &reader->before;

    for (; *at < before->n_vcpus; ++*at) {
        const struct vcpu_reading *one = &before->vcpus[*at];
        int order = guest_compare(&one->guest, &reading->guest);

        if (order == 0 && one->vcpu == reading->vcpu)
            return one;
        if (order > 0 || (order == 0 && one->vcpu > reading->vcpu))
            return NULL;
    }
    return NULL;
}

/* What it wanted since the sample before, as the planner works it out; it counts from then on. */
static int add_demand(struct recording_reader *reader, size_t guest,
                      const struct vcpu_reading *reading, const struct vcpu_reading *before,
                      bool has_busy)
{
    double dt_ns = (double)(reader->at_ns - reader->before.at_ns), usage, delay = 0;
    double at_s = recording_time_s(reader, reader->before.at_ns);

    if (!before || reading->cpu_time_ns < before->cpu_time_ns ||
        reading->delay_ns < before->delay_ns)
        return 0;
    if (!reading->running || !before->running)
        return load_add(reader->load, guest, (int)reading->vcpu, at_s, 0);
    usage = (double)(reading->cpu_time_ns - before->cpu_time_ns) / dt_ns;
    if (reading->has_delay && before->has_delay)
        delay = (double)(reading->delay_ns - before->delay_ns) / dt_ns;
    reader->guests_s += has_busy ? usage * dt_ns / 1e9 : 0;
    return load_add(reader->load, guest, (int)reading->vcpu, at_s,
                    fmin(demand_from_delay(usage, delay), 1));
}

static void add_pin(struct recording_reader *reader, double at_s,
                    const struct vcpu_reading *reading)
{
    json_t *more = json_members("vcpu", json_integer(reading->vcpu), "pcpus",
                                json_from_cpuset(&reading->affinity), NULL);

    if (cpuset_count(&reading->affinity) > 0)
        recording_event(reader, at_s, "pin", &reading->guest, more);
    else
        json_decref(more);
}

/* Whether the plan before did it, which another setting may not. */
static bool is_planned(const struct recording_reader *reader, const struct vcpu_reading *reading)
{
    char uuid[GUEST_UUID_SIZE];
    const json_t *pin;
    size_t i;

    guest_uuid_text(&reading->guest, uuid);
    json_array_foreach(reader->pins, i, pin)
    {
        const char *whose = json_string_value(json_object_get(pin, "uuid"));
        json_int_t to = json_integer_value(json_object_get(pin, "to"));

        if (whose && strcmp(whose, uuid) == 0 && to == reading->pcpu &&
            json_integer_value(json_object_get(pin, "vcpu")) == (json_int_t)reading->vcpu)
            return true;
    }
    return false;
}

/* Somebody else pinned it. */
static void note_pin(struct recording_reader *reader, const struct vcpu_reading *reading,
                     const struct vcpu_reading *before)
{
    if (before && !cpuset_is_equal(&reading->affinity, &before->affinity) &&
        !is_planned(reader, reading))
        add_pin(reader, recording_time_s(reader, reader->before.at_ns), reading);
}

/* What it is, when it is seen first. */
static void describe(struct recording_reader *reader, long guest,
                     const struct vcpu_reading *reading)
{
    json_t *object = recording_guest_json(reader, guest);
    json_int_t n = json_integer_value(json_object_get(object, "vcpus"));

    if ((json_int_t)reading->vcpu < n)
        return;
    recording_set(reader, object, "vcpus", json_integer(reading->vcpu + 1));
    add_pin(reader, recording_time_s(reader, reader->at_ns), reading);
    if (n > 0)
        return;
    set_cpuset(reader, object, "allowed", &reading->allowed);
    if (reading->quota_permille > 0)
        recording_set(reader, object, "quota_pct",
                      json_real(fmin(reading->quota_permille / 10.0, 100)));
    if (reading->reserve_permille > 0)
        recording_set(reader, object, "reserve_pct", json_real(reading->reserve_permille / 10.0));
    recording_set(reader, object, "strange_limits", json_boolean(reading->has_strange_limits));
}

static int add_all(struct recording_reader *reader, const struct vcpu_sample *sample)
{
    bool has_busy = sample->n_pcpus > 0 && sample->pcpus[0].has_busy;
    size_t at = 0;
    int r = 0;

    for (size_t i = 0; r == 0 && i < sample->n_vcpus; i++) {
        const struct vcpu_reading *reading = &sample->vcpus[i], *before;
        long guest =
            reading->vcpu < LOAD_MOST_VCPUS ? recording_guest(reader, &reading->guest) : -E2BIG;

        if (guest < 0)
            return (int)guest;
        describe(reader, guest, reading);
        if (reader->n == 1)
            continue;
        before = find_before(reader, reading, &at);
        note_pin(reader, reading, before);
        r = add_demand(reader, (size_t)guest, reading, before, has_busy);
    }
    return r;
}

static void note_quotas(struct recording_reader *reader, const struct vcpu_sample *sample)
{
    for (size_t g = 0; g < sample->n_guests; g++) {
        const struct guest_reading *reading = &sample->guests[g];
        long guest = reading->quota_permille ? recording_guest(reader, &reading->guest) : -1;

        if (guest >= 0)
            recording_set(reader, recording_guest_json(reader, guest), "guest_quota_pct",
                          json_real(reading->quota_permille / 10.0));
    }
}

int recording_add_vcpus(struct recording_reader *reader, struct vcpu_sample *sample)
{
    int r;

    if (reader->n == 1)
        note_host(reader, sample);
    else
        note_background(reader, sample, (double)(sample->at_ns - reader->before.at_ns) / 1e9);
    r = add_all(reader, sample);
    if (r < 0)
        return r;
    note_quotas(reader, sample);
    vcpu_sample_done(&reader->before);
    reader->before = *sample;
    *sample = (struct vcpu_sample){0};
    return 0;
}
