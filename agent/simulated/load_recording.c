/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/load_recording.h"

#include <errno.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/json_values.h"
#include "agent/record/codec_memory.h"
#include "agent/record/codec_vcpu.h"
#include "agent/record/record.h"

static const size_t max_line_bytes = 32u << 20;

bool load_is_recording(const char *line, size_t n)
{
    static const char head[] = "{\"format\":\"evenkeel-recording\"";

    return n >= sizeof(head) - 1 && memcmp(line, head, sizeof(head) - 1) == 0;
}

double recording_time_s(const struct recording_reader *reader, uint64_t at_ns)
{
    return (double)(at_ns - reader->first_at_ns) / 1e9;
}

void recording_set(struct recording_reader *reader, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) < 0)
        reader->failed = true;
}

json_t *recording_guest_json(struct recording_reader *reader, long guest)
{
    return json_array_get(reader->recorded->guests, (size_t)guest);
}

/* An event names guests by a pattern. */
static void escape(const char *name, char *ret, size_t size)
{
    size_t n = 0;

    for (; *name && n + 2 < size; name++) {
        if (strchr("*?[\\", *name))
            ret[n++] = '\\';
        ret[n++] = *name;
    }
    ret[n] = '\0';
}

void recording_event(struct recording_reader *reader, double at_s, const char *what,
                     const struct guest_id *id, json_t *more)
{
    char pattern[2 * GUEST_NAME_SIZE];
    json_t *event;

    escape(guest_name_true(id), pattern, sizeof(pattern));
    if (!more)
        reader->failed = true;
    event = json_members("at_s", json_real(at_s), "do", json_string(what), "guest",
                         json_string(pattern), NULL);
    if (!event || json_object_update(event, more) < 0)
        reader->failed = true;
    json_decref(more);
    if (json_array_append_new(reader->recorded->events, event) < 0)
        reader->failed = true;
}

/* Until it is told which guest of the scenario it is, `guest` holds the sample that had it last. */
long recording_guest(struct recording_reader *reader, const struct guest_id *id)
{
    size_t n_guests = reader->load->n_guests;
    long g = load_guest(reader->load, guest_name_true(id));
    struct load_guest *guest = g < 0 ? NULL : &reader->load->guests[g];
    json_t *object;

    if (!guest)
        return g;
    if (reader->load->n_guests > n_guests) {
        object = json_members("name", json_string(guest->name), "uuid", json_from_uuid(id),
                              "present", json_boolean(reader->n == 1), NULL);
        if (json_array_append_new(reader->recorded->guests, object) < 0)
            reader->failed = true;
    }
    if (reader->n > 1 && guest->guest + 1 < reader->n)
        recording_event(reader, recording_time_s(reader, reader->at_ns), "start", id,
                        json_object());
    guest->guest = reader->n;
    return g;
}

static void stop_who_is_gone(struct recording_reader *reader)
{
    for (size_t g = 0; g < reader->load->n_guests; g++) {
        const struct load_guest *guest = &reader->load->guests[g];
        struct guest_id id = {0};

        if (guest->guest + 1 != reader->n)
            continue;
        guest_name_set(&id, guest->name);
        recording_event(reader, recording_time_s(reader, reader->at_ns), "stop", &id,
                        json_object());
    }
}

static int begin_sample(struct recording_reader *reader, uint64_t at_ns, struct err *err)
{
    if (reader->n > 0 && at_ns <= reader->at_ns)
        return err_set(err, -EINVAL, "it is not later than the one before");
    if (reader->n++ == 0)
        reader->first_at_ns = at_ns;
    reader->before_at_ns = reader->at_ns;
    reader->at_ns = at_ns;
    return 0;
}

static int add_vcpus(struct recording_reader *reader, const json_t *json, struct err *err)
{
    struct vcpu_sample sample;
    int r = vcpu_sample_from_json(json, &sample, err);

    if (r < 0)
        return r;
    r = vcpu_sample_check(&sample, err);
    if (r == 0)
        r = begin_sample(reader, sample.at_ns, err);
    if (r == 0)
        r = recording_add_vcpus(reader, &sample);
    vcpu_sample_done(&sample);
    return r;
}

static int add_memory(struct recording_reader *reader, const json_t *json, struct err *err)
{
    struct memory_sample sample;
    int r = memory_sample_from_json(json, &sample, err);

    if (r < 0)
        return r;
    r = memory_sample_check(&sample, err);
    if (r == 0)
        r = begin_sample(reader, sample.at_ns, err);
    if (r == 0)
        r = recording_add_memory(reader, &sample);
    memory_sample_done(&sample);
    return r;
}

/* Lines that are no samples say what became of plans. */
static int read_entry(struct recording_reader *reader, const json_t *entry, struct err *err)
{
    const json_t *sample = json_object_get(entry, "sample");
    bool is_vcpu = strcmp(reader->recorded->program, "vcpu_scheduler") == 0;
    int r = 0;

    err->text[0] = '\0';
    if (!is_vcpu)
        recording_note_steps(reader, entry);
    if (sample)
        r = is_vcpu ? add_vcpus(reader, sample, err) : add_memory(reader, sample, err);
    if (sample && r == 0)
        stop_who_is_gone(reader);
    if (sample && is_vcpu) {
        json_decref(reader->pins);
        reader->pins = json_incref(json_object_get(json_object_get(entry, "plan"), "pins"));
    }
    if (r == 0 && reader->failed)
        r = -ENOMEM;
    if (r < 0 && !err->text[0])
        err_set(err, r,
                r == -E2BIG ? "it has more guests, vCPUs or values than are played"
                            : "out of memory");
    return r;
}

static int read_header(struct recording_reader *reader, const json_t *header, struct err *err)
{
    struct recorded *ret = reader->recorded;
    static const char *const programs[] = {"vcpu_scheduler", "memory_coordinator"};
    const char *program = json_string_value(json_object_get(header, "program"));

    if (json_integer_value(json_object_get(header, "version")) != RECORDING_VERSION)
        return err_set(err, -EINVAL, "it has a format that this program does not read");
    for (int k = 0; k < 2; k++) {
        if (program && strcmp(program, programs[k]) == 0)
            ret->program = programs[k];
    }
    reader->steps = json_object();
    reader->asked = json_object();
    reader->sizes = json_object();
    ret->host = json_object();
    ret->guests = json_array();
    ret->events = json_array();
    if (!reader->steps || !reader->asked || !reader->sizes || !ret->host || !ret->guests ||
        !ret->events)
        return err_set(err, -ENOMEM, "out of memory");
    return ret->program ? 0 : err_set(err, -EINVAL, "it does not say which program made it");
}

static int read_line(struct recording_reader *reader, const char *line, size_t n, struct err *err)
{
    json_error_t where;
    json_t *json;
    int r;

    errno = 0;
    json = json_loadb(line, n, JSON_REJECT_DUPLICATES, &where);
    if (!json)
        return err_set(err, json_load_code(&where), "%s", where.text);
    r = reader->recorded->program ? read_entry(reader, json, err) : read_header(reader, json, err);
    json_decref(json);
    return r;
}

int load_recording_read(const char *path, struct input *input, const char *line, size_t n,
                        struct load *load, struct recorded *ret, struct err *err)
{
    struct recording_reader reader = {.load = load, .recorded = ret};
    struct err trouble = {0};
    unsigned long number = 1;
    int r = read_line(&reader, line, n, &trouble);
    ssize_t more = 1;
    char *text;

    /* A last line without its newline is where the program was cut off. */
    while (r == 0 && (more = input_line(input, max_line_bytes, &text)) > 0 &&
           text[more - 1] == '\n') {
        number++;
        r = read_line(&reader, text, (size_t)more, &trouble);
    }
    if (r == 0 && more < 0)
        r = err_set(&trouble, (int)more, "%s", strerror((int)-more));
    vcpu_sample_done(&reader.before);
    json_decref(reader.pins);
    json_decref(reader.steps);
    json_decref(reader.asked);
    json_decref(reader.sizes);
    if (r < 0)
        return err_set(err, r, "recording '%.120s', line %lu: %.160s", path, number, trouble.text);
    if (load->n_points == 0)
        return err_set(err, -EINVAL, "recording '%.160s' holds no load", path);
    if (strcmp(ret->program, "vcpu_scheduler") == 0)
        recording_end_vcpus(&reader);
    return reader.failed ? err_set(err, -ENOMEM, "out of memory") : 0;
}

void recorded_done(struct recorded *recorded)
{
    json_decref(recorded->host);
    json_decref(recorded->guests);
    json_decref(recorded->events);
    *recorded = (struct recorded){0};
}
