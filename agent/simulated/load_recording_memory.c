/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/load_recording.h"

#include <errno.h>
#include <math.h>

#include "agent/base/json_values.h"

static const double kib_per_mib = 1024, overhead_mib = 60, default_used_mib = 170;

static void set_mib(struct recording_reader *reader, json_t *object, const char *key, double mib)
{
    recording_set(reader, object, key, json_real(fmax(mib, 0)));
}

static double mib_of(const json_t *object, const char *key)
{
    return json_real_value(json_object_get(object, key));
}

static void set_policy(struct recording_reader *reader, json_t *object,
                       const struct memory_policy *policy)
{
    recording_set(reader, object, "excluded", json_boolean(policy->excluded));
    if (policy->has_floor)
        set_mib(reader, object, "floor_mib", (double)policy->floor_kib / kib_per_mib);
    if (policy->has_ceiling)
        set_mib(reader, object, "ceiling_mib", (double)policy->ceiling_kib / kib_per_mib);
    if (policy->has_pin)
        set_mib(reader, object, "pin_mib", (double)policy->pin_kib / kib_per_mib);
    if (policy->has_weight)
        recording_set(reader, object, "weight", json_integer(policy->weight));
}

/* In use, beside caches; NAN where the guest did not tell. */
static double used_kib(const struct memory_reading *reading)
{
    double caches = reading->has & MEMORY_HAS_CACHES ? (double)reading->caches_kib : 0;
    double used = (double)reading->actual_kib - (double)reading->unused_kib - caches;

    return reading->has & MEMORY_HAS_UNUSED && reading->unused_kib <= reading->actual_kib
               ? fmax(used, 0)
               : NAN;
}

/* When it is seen first. */
static void describe(struct recording_reader *reader, json_t *object,
                     const struct memory_reading *reading)
{
    double beside_mib = (double)reading->beside_kib / kib_per_mib;
    double actual_mib = (double)reading->actual_kib / kib_per_mib;
    double maximum_mib = fmax((double)reading->maximum_kib / kib_per_mib, actual_mib);

    set_mib(reader, object, "maximum_mib", maximum_mib - beside_mib);
    set_mib(reader, object, "actual_mib", actual_mib);
    set_mib(reader, object, "used_mib", fmin(default_used_mib, actual_mib / 2));
    set_mib(reader, object, "cache_mib", 0);
    set_mib(reader, object, "overhead_mib", overhead_mib);
    set_mib(reader, object, "virtio_mem_mib", beside_mib);
    set_mib(reader, object, "plugged_mib", beside_mib);
    if (reading->limit_kib > 0 && reading->limit_kib < memory_most_kib)
        set_mib(reader, object, "hard_limit_mib", (double)reading->limit_kib / kib_per_mib);
    recording_set(reader, object, "balloon_device", json_boolean(reading->has_balloon));
    recording_set(reader, object, "locked", json_boolean(reading->locked));
    set_policy(reader, object, &reading->policy);
    if (reading->has & MEMORY_HAS_RSS)
        set_mib(reader, object, "touched_mib",
                fmin((double)reading->rss_kib / kib_per_mib - overhead_mib, maximum_mib));
}

/* When it tells first; all that it has fits into what it had at the start. */
static void describe_use(struct recording_reader *reader, json_t *object,
                         const struct memory_reading *reading, double used)
{
    double room_mib = fmax(mib_of(object, "actual_mib") - 1, 0);
    double used_mib = fmin(used / kib_per_mib, room_mib);
    double cache_mib =
        reading->has & MEMORY_HAS_CACHES ? (double)reading->caches_kib / kib_per_mib : 0;

    set_mib(reader, object, "used_mib", used_mib);
    set_mib(reader, object, "cache_mib", fmin(cache_mib, room_mib - used_mib));
}

/* What is neither free, nor droppable, nor a guest's, is others'. */
static void note_host(struct recording_reader *reader, const struct memory_sample *sample)
{
    json_t *host = reader->recorded->host;
    double guests_kib = 0;
    double rest_kib = (double)sample->host_total_kib - (double)sample->host_available_kib -
                      (double)sample->host_arc_kib;

    for (size_t g = 0; g < sample->n_guests; g++)
        guests_kib += (double)sample->guests[g].rss_kib;
    set_mib(reader, host, "memory_mib", (double)sample->host_total_kib / kib_per_mib);
    set_mib(reader, host, "other_mib", (rest_kib - guests_kib) / kib_per_mib);
    set_mib(reader, host, "arc_mib", (double)sample->host_arc_kib / kib_per_mib);
    set_mib(reader, host, "cache_mib",
            ((double)sample->host_available_kib - (double)sample->host_free_kib) / kib_per_mib);
}

/* A guest tells now and then, and what it told is that old. */
static double told_at_s(const struct recording_reader *reader, const struct memory_reading *reading,
                        long guest)
{
    const struct load_series *used = &reader->load->guests[guest].used;
    double before_s = used->n ? used->points[used->n - 1].at_s : 0;
    double now_s = recording_time_s(reader, reader->at_ns), age_s = 0;

    if (reading->has & MEMORY_HAS_AGE)
        age_s = (double)reading->stats_age_ns / 1e9;
    return fmax(before_s, age_s < now_s ? now_s - age_s : 0);
}

static void add_steps(struct recording_reader *reader, const json_t *steps)
{
    const json_t *step;
    size_t i;

    json_array_foreach(steps, i, step)
    {
        const char *uuid = json_string_value(json_object_get(step, "uuid"));

        if (uuid)
            recording_set(reader, reader->steps, uuid, json_true());
    }
}

/* A sample comes before its plan, and after what became of the plan before. */
void recording_note_steps(struct recording_reader *reader, const json_t *entry)
{
    const json_t *plan = json_object_get(entry, "plan");
    const json_t *retract = json_object_get(entry, "retract");
    const char *retracted = json_string_value(retract);
    const char *refused = json_string_value(json_object_get(entry, "refused"));

    if (json_is_null(retract))
        json_object_clear(reader->steps);
    if (retracted)
        json_object_del(reader->steps, retracted);
    if (refused)
        json_object_del(reader->steps, refused);
    if (!json_object_get(entry, "sample"))
        return;
    if (json_object_update(reader->asked, reader->steps) < 0)
        reader->failed = true;
    json_object_clear(reader->steps);
    add_steps(reader, json_object_get(plan, "reclaims"));
    add_steps(reader, json_object_get(plan, "grants"));
}

/* Somebody else changed its size. */
static void note_size(struct recording_reader *reader, const struct memory_reading *reading)
{
    double now_mib = (double)reading->actual_kib / kib_per_mib;
    const json_t *before;
    char uuid[GUEST_UUID_SIZE];

    guest_uuid_text(&reading->guest, uuid);
    before = json_object_get(reader->sizes, uuid);
    if (before && fabs(json_real_value(before) - now_mib) > 1 &&
        !json_object_get(reader->asked, uuid))
        recording_event(reader, recording_time_s(reader, reader->before_at_ns), "resize",
                        &reading->guest, json_members("mib", json_real(now_mib), NULL));
    recording_set(reader, reader->sizes, uuid, json_real(now_mib));
}

int recording_add_memory(struct recording_reader *reader, const struct memory_sample *sample)
{
    int r = 0;

    if (reader->n == 1)
        note_host(reader, sample);
    for (size_t g = 0; r == 0 && g < sample->n_guests; g++) {
        const struct memory_reading *reading = &sample->guests[g];
        long guest = recording_guest(reader, &reading->guest);
        json_t *object = guest < 0 ? NULL : recording_guest_json(reader, guest);
        double used = used_kib(reading);

        if (guest < 0)
            return (int)guest;
        if (!json_object_get(object, "actual_mib"))
            describe(reader, object, reading);
        note_size(reader, reading);
        if (isnan(used) || reading->run != GUEST_RUNNING)
            continue;
        if (reader->load->guests[guest].used.n == 0)
            describe_use(reader, object, reading, used);
        r = load_add(reader->load, (size_t)guest, LOAD_USED, told_at_s(reader, reading, guest),
                     used);
    }
    return r;
}
