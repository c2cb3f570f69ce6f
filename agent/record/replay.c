/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/record/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/input.h"
#include "agent/base/json_values.h"
#include "agent/base/option_values.h"
#include "agent/record/codec_memory.h"
#include "agent/record/codec_vcpu.h"
#include "agent/record/codec_vcpu_plan.h"
#include "agent/record/record.h"

static const size_t max_line_bytes = 32u << 20; /* 10,000 vCPUs take 8 MiB */
static const unsigned max_said = 10; /* the first differences tell; --verbose names them all */

struct replay {
    struct input *file;
    struct stop stop;
    const char *path; /* borrowed */
    uint64_t line;
    json_t *entry;  /* under way */
    bool pending;   /* the entry has not been compared yet */
    json_t *undone; /* an array of the lines before it that say what was not carried out */
    struct replay_result result;
};

/* The next line as an object; *ret is NULL at the end of the file. A last line without its newline
 * is where a crash cut the recording: it ends there. */
static int read_line(struct replay *replay, json_t **ret, struct err *err)
{
    json_error_t error;
    char *text = NULL;
    ssize_t n = input_line(replay->file, max_line_bytes, &text);

    *ret = NULL;
    if (n < 0)
        return err_set(err, (int)n, "--replay: cannot read '%s' beyond line %" PRIu64 ": %s",
                       replay->path, replay->line, strerror((int)-n));
    if (n == 0 || text[n - 1] != '\n')
        return 0;
    replay->line++;
    errno = 0;
    *ret = json_loadb(text, (size_t)n, JSON_REJECT_DUPLICATES, &error);
    if (!*ret)
        return err_set(err, json_load_code(&error), "--replay: '%s', line %" PRIu64 ": %s",
                       replay->path, replay->line, error.text);
    return 0;
}

/* What a file says is believed no more than what a command line says. */
static int read_settings(const struct replay *replay, const json_t *json, struct options *options,
                         struct err *err)
{
    struct err trouble = {0};
    int r;

    if (!option_is_interval(options->interval_s))
        return err_set(err, -EINVAL, "--replay: '%s' has an interval of %g s, which no run has",
                       replay->path, options->interval_s);
    if (options->program == PROGRAM_VCPU)
        r = vcpu_settings_from_json(json, &options->vcpu, &trouble);
    else
        r = memory_settings_from_json(json, &options->memory, &trouble);
    if (r >= 0 && options->program == PROGRAM_VCPU)
        r = vcpu_settings_check(&options->vcpu, &trouble);
    else if (r >= 0)
        r = memory_settings_check(&options->memory, &trouble);
    return r < 0 ? err_set(err, r, "--replay: '%s' has settings that no run has: %.200s",
                           replay->path, trouble.text)
                 : 0;
}

static int read_header(struct replay *replay, struct options *options, struct err *err)
{
    const char *format, *program;
    json_error_t error;
    json_t *header = NULL, *settings;
    int version;
    int r;

    r = read_line(replay, &header, err);
    if (r < 0)
        return r;
    if (!header ||
        json_unpack_ex(header, &error, 0, "{s:s, s:i, s:s, s:F, s:o}", "format", &format, "version",
                       &version, "program", &program, "interval_s", &options->interval_s,
                       "settings", &settings) < 0 ||
        strcmp(format, recording_format) != 0)
        r = err_set(err, -EINVAL, "--replay: '%s' is not a recording made by --record",
                    replay->path);
    else if (version != RECORDING_VERSION)
        r = err_set(err, -EINVAL, "--replay: '%s' has format version %d; this program reads %d",
                    replay->path, version, RECORDING_VERSION);
    else if (strcmp(program, program_name(options->program)) != 0)
        r = err_set(err, -EINVAL, "--replay: '%s' was recorded by %s and is replayed by it",
                    replay->path, program);
    else
        r = read_settings(replay, settings, options, err);
    options->memory.explain = options->explain; /* text beside the plan, not compared */
    options->vcpu.keep_lp = options->memory.keep_lp = options->emit_lp != NULL;
    json_decref(header);
    return r;
}

/* Lines between two samples say what became of the plan. */
static bool is_about_a_plan(const json_t *line)
{
    return json_object_get(line, "retract") || json_object_get(line, "refused") ||
           json_object_get(line, "applied");
}

static int replay_wait(void *self, struct err *err)
{
    struct replay *replay = self;
    json_t *entry = NULL;
    int r;

    replay->result.different += replay->pending; /* its sample was no sample: already logged */
    json_array_clear(replay->undone);
    for (;;) {
        r = read_line(replay, &entry, err);
        if (r < 0 || !is_about_a_plan(entry))
            break;
        json_array_append_new(replay->undone, entry);
        entry = NULL;
    }
    json_decref(replay->entry);
    replay->entry = entry;
    replay->pending = entry != NULL;
    return r < 0 ? r : entry != NULL;
}

void replay_at(const struct replay *replay, char ret[CLOCK_TEXT_SIZE])
{
    const char *at = json_string_value(json_object_get(replay->entry, "at"));
    size_t n = at ? strlen(at) : 0;
    bool is_time = n < CLOCK_TEXT_SIZE && at && strspn(at, "0123456789T:+-") == n;

    memcpy(ret, is_time ? at : "", is_time ? n + 1 : 1);
}

static uint64_t replay_overruns(void *self)
{
    (void)self;
    return 0;
}

static void replay_close(void *self)
{
    (void)self; /* host and ticker end with replay_free() */
}

static int sample_vcpus(void *self, struct vcpu_sample *ret, struct err *err)
{
    const struct replay *replay = self;

    return vcpu_sample_from_json(json_object_get(replay->entry, "sample"), ret, err);
}

static int sample_memory(void *self, struct memory_sample *ret, struct err *err)
{
    const struct replay *replay = self;

    return memory_sample_from_json(json_object_get(replay->entry, "sample"), ret, err);
}

static int set_affinity(void *self, const struct guest_id *guest, unsigned vcpu,
                        const struct cpuset *affinity, struct err *err)
{
    (void)self, (void)vcpu, (void)affinity;
    return err_set(err, -EPERM, "guest '%s': a recording cannot be changed", guest->name);
}

static int set_balloon(void *self, const struct guest_id *guest, uint64_t target_kib,
                       struct err *err)
{
    (void)self, (void)target_kib;
    return err_set(err, -EPERM, "guest '%s': a recording cannot be changed", guest->name);
}

int replay_open(const char *path, struct options *options, struct replay **ret,
                struct host *ret_host, struct ticker *ret_ticker, struct err *err)
{
    struct replay *replay = calloc(1, sizeof(*replay));
    int r;

    if (!replay)
        return err_set(err, -ENOMEM, "out of memory");
    replay->path = path;
    replay->undone = json_array();
    replay->stop = options->stop;
    r = input_open(path, &replay->stop, &replay->file);
    if (r < 0)
        err_set(err, r, "--replay: cannot read '%s': %s", path, strerror(-r));
    else
        r = read_header(replay, options, err);
    if (r < 0) {
        replay_free(replay);
        return r;
    }
    *ret_host = (struct host){.self = replay,
                              .sample_vcpus = sample_vcpus,
                              .set_affinity = set_affinity,
                              .sample_memory = sample_memory,
                              .set_balloon = set_balloon,
                              .close = replay_close};
    *ret_ticker = (struct ticker){replay, replay_wait, replay_overruns, replay_close};
    *ret = replay;
    return 0;
}

void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    input_free(replay->file);
    json_decref(replay->entry);
    json_decref(replay->undone);
    free(replay);
}

/* The guest that a line names; false where it names none. */
static bool guest_of(const json_t *line, const char *member, struct guest_id *ret)
{
    const char *uuid = json_string_value(json_object_get(line, member));

    return uuid && guest_uuid_parse(uuid, ret->uuid) == 0;
}

void replay_retractions(struct replay *replay, struct memory_planner *planner)
{
    size_t i;
    json_t *line;

    json_array_foreach(replay->undone, i, line)
    {
        struct guest_id guest = {0};

        if (json_is_null(json_object_get(line, "retract")))
            memory_planner_retract(planner, NULL);
        else if (guest_of(line, "retract", &guest))
            memory_planner_retract(planner, &guest);
        else if (guest_of(line, "refused", &guest))
            memory_planner_refused(planner, &guest);
    }
}

void replay_refusals(struct replay *replay, struct vcpu_planner *planner)
{
    size_t i;
    json_t *line;
    bool is_applied = true;

    json_array_foreach(replay->undone, i, line)
    {
        json_int_t vcpu = json_integer_value(json_object_get(line, "vcpu"));
        const json_t *pcpu = json_object_get(line, "pcpu"); /* recordings from before it: unknown */
        struct guest_id guest = {0};

        if (guest_of(line, "refused", &guest) && json_object_get(line, "iothread"))
            vcpu_planner_refused_helpers(planner, &guest);
        else if (guest_of(line, "refused", &guest))
            vcpu_planner_refused(planner, &guest, (unsigned)vcpu,
                                 json_is_integer(pcpu) ? (int)json_integer_value(pcpu) : -1);
        is_applied = is_applied && !json_is_false(json_object_get(line, "applied"));
    }
    if (is_applied)
        vcpu_planner_applied(planner);
}

/* Names of the members in which the two differ, for the message. */
static void name_differences(const json_t *recorded, json_t *planned, char *text, size_t size)
{
    const char *key;
    json_t *value;
    size_t used = 0;

    text[0] = '\0';
    json_object_foreach(planned, key, value)
    {
        int n;

        if (json_equal(value, json_object_get(recorded, key)))
            continue;
        n = snprintf(text + used, size - used, "%s%s", used ? ", " : "", key);
        if (n < 0 || (size_t)n >= size - used)
            return;
        used += (size_t)n;
    }
}

static bool was_cut_short(const json_t *plan)
{
    return json_is_true(json_object_get(json_object_get(plan, "work"), "stopped"));
}

/* A word of the format that has a better name by now: recordings made before keep the old one. */
static void use_present_words(json_t *plan)
{
    const char *method = json_string_value(json_object_get(plan, "method"));

    if (method && strcmp(method, "subgradient") == 0)
        json_object_set_new(plan, "method", json_string("lagrangian"));
}

/* Recordings from before GLPK had a word on every plan do not tell of it. */
static void forget_what_is_not_told(const json_t *recorded, json_t *planned)
{
    if (!json_object_get(recorded, "solver"))
        json_object_del(planned, "solver");
}

/* Takes planned over. */
static void compare(struct replay *replay, json_t *planned, const struct log *log)
{
    json_t *recorded = json_object_get(replay->entry, "plan");
    char names[256];

    replay->pending = false;
    use_present_words(recorded);
    forget_what_is_not_told(recorded, planned);
    if (was_cut_short(recorded) || was_cut_short(planned)) {
        replay->result.cut_short++;
        log_line(log, LOG_INFO, "line %" PRIu64 ": a plan was cut short by the clock; not compared",
                 replay->line);
    } else if (json_equal(recorded, planned)) {
        replay->result.equal++;
    } else {
        bool quiet = ++replay->result.different > max_said;

        name_differences(recorded, planned, names, sizeof(names));
        log_line(log, quiet ? LOG_DEBUG : LOG_WARNING,
                 "line %" PRIu64 ": the plan differs from the recorded one in %s", replay->line,
                 names[0] ? names : "whether there is one");
    }
    json_decref(planned);
}

void replay_compare_vcpu(struct replay *replay, const struct vcpu_plan *plan, const struct log *log)
{
    compare(replay, plan ? vcpu_plan_to_json(plan) : json_null(), log);
}

void replay_compare_memory(struct replay *replay, const struct memory_plan *plan,
                           const struct log *log)
{
    compare(replay, plan ? memory_plan_to_json(plan) : json_null(), log);
}

struct replay_result replay_result(const struct replay *replay)
{
    return replay->result;
}

double replay_share(const struct replay *replay)
{
    return input_share(replay->file);
}
