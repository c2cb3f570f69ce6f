/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/record/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/json_values.h"
#include "agent/base/outlet.h"
#include "agent/base/owned_file.h"
#include "agent/record/codec_memory.h"
#include "agent/record/codec_vcpu.h"
#include "agent/record/codec_vcpu_plan.h"

const char recording_format[] = "evenkeel-recording";

enum { MAX_PATH_BYTES = 4096, MAX_QUEUED_BYTES = 16 << 20 };

struct recorder {
    struct outlet *outlet;
    struct stop stop;
    bool is_virtual; /* time waits for the disk */
    char path[MAX_PATH_BYTES];
};

/* A recording without one of its entries cannot be replayed: what the disk does not take ends
 * it. */
static int write_line(struct recorder *recorder, json_t *object, struct err *err)
{
    char *line = json_line(object, JSON_DIGITS_EXACT);
    int r = -ENOMEM;

    if (line)
        r = outlet_put(recorder->outlet, line, strlen(line),
                       recorder->is_virtual ? &recorder->stop : NULL);
    free(line);
    if (r == -EAGAIN)
        return err_set(err, r, "--record: the disk has not taken %d MiB yet",
                       MAX_QUEUED_BYTES >> 20);
    return r < 0 ? err_set(err, r, "--record: cannot write: %s", strerror(-r)) : 0;
}

static json_t *header(const struct options *options)
{
    json_t *settings = options->program == PROGRAM_VCPU ? vcpu_settings_to_json(&options->vcpu)
                                                        : memory_settings_to_json(&options->memory);

    /* clang-format off */
    return json_members(
        "format", json_string(recording_format),
        "version", json_integer(RECORDING_VERSION),
        "program", json_string(program_name(options->program)),
        "release", json_string(EVENKEEL_VERSION),
        "interval_s", json_from_number(options->interval_s),
        "settings", settings,
        NULL);
    /* clang-format on */
}

int recorder_open(const char *path, const struct options *options, struct recorder **ret,
                  struct err *err)
{
    struct recorder *recorder = calloc(1, sizeof(*recorder));
    int fd;
    int r;

    if (!recorder)
        return err_set(err, -ENOMEM, "out of memory");
    fd = owned_file_new(path, "--record", recorder->path, sizeof(recorder->path), err);
    recorder->stop = options->stop;
    recorder->is_virtual = options->simulate != NULL;
    recorder->outlet = fd < 0 ? NULL : outlet_new(fd, MAX_QUEUED_BYTES, true);
    if (!recorder->outlet) {
        r = fd < 0 ? fd : err_set(err, -ENOMEM, "out of memory");
        if (fd >= 0)
            close(fd);
        recorder_free(recorder);
        return r;
    }
    r = write_line(recorder, header(options), err);
    if (r < 0) {
        recorder_free(recorder);
        return r;
    }
    *ret = recorder;
    return 0;
}

const char *recorder_path(const struct recorder *recorder)
{
    return recorder->path;
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    outlet_drain(recorder->outlet, &recorder->stop);
    outlet_free(recorder->outlet);
    free(recorder);
}

/* at: the time of day, or "". */
static json_t *entry(const char *at, json_t *sample, json_t *plan)
{
    json_t *object = json_members("sample", sample, "plan", plan, NULL);

    if (object && at[0])
        return json_unless(object, json_object_set_new(object, "at", json_string(at)) < 0);
    return object;
}

int record_vcpu(struct recorder *recorder, const char *at, const struct vcpu_sample *sample,
                const struct vcpu_plan *plan, struct err *err)
{
    json_t *made = plan ? vcpu_plan_to_json(plan) : json_null();

    return write_line(recorder, entry(at, vcpu_sample_to_json(sample), made), err);
}

int record_memory(struct recorder *recorder, const char *at, const struct memory_sample *sample,
                  const struct memory_plan *plan, struct err *err)
{
    json_t *made = plan ? memory_plan_to_json(plan) : json_null();

    return write_line(recorder, entry(at, memory_sample_to_json(sample), made), err);
}

int record_retraction(struct recorder *recorder, const struct guest_id *guest, struct err *err)
{
    json_t *who = guest ? json_from_uuid(guest) : json_null();

    return write_line(recorder, json_members("retract", who, NULL), err);
}

int record_balloon_refusal(struct recorder *recorder, const struct guest_id *guest, struct err *err)
{
    return write_line(recorder, json_members("refused", json_from_uuid(guest), NULL), err);
}

int record_helper_refusal(struct recorder *recorder, const struct helper_pin *pin, struct err *err)
{
    json_t *entry = json_members("refused", json_from_uuid(&pin->guest), "iothread",
                                 json_integer(pin->iothread), NULL);

    return write_line(recorder, entry, err);
}

int record_unapplied(struct recorder *recorder, struct err *err)
{
    return write_line(recorder, json_members("applied", json_false(), NULL), err);
}

int record_refusal(struct recorder *recorder, const struct vcpu_pin *pin, struct err *err)
{
    bool is_one = cpuset_count(&pin->to) == 1;
    json_t *pcpu = is_one ? json_integer(cpuset_next(&pin->to, 0)) : json_null();
    json_t *entry = json_members("refused", json_from_uuid(&pin->guest), "vcpu",
                                 json_integer(pin->vcpu), "pcpu", pcpu, NULL);

    return write_line(recorder, entry, err);
}
