/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/scenario_load.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/guest_name.h"
#include "agent/base/json_values.h"
#include "agent/simulated/load_file.h"
#include "agent/simulated/place.h"
#include "agent/simulated/scenario_guest.h"

static const double kib_per_mib = 1024;
static const double max_s = 1e7;

static int read_file(struct scenario *scenario, const char *name,
                     const struct scenario_place *place, struct recorded *ret, struct err *err)
{
    char path[PLACE_PATH_SIZE];
    int r = place_path(place, "trace", name, path, err);

    return r < 0 ? r : load_file_read(path, place->stop, &scenario->load, ret, err);
}

static void read_manner(struct member *at, struct load *load)
{
    static const char *const noises[] = {"none", "trace", NULL};

    load->speed = member_number(at, "speed", 0.001, 1000, 1);
    load->offset_s = member_number(at, "offset_s", 0, max_s, 0);
    load->repeats = member_bool(at, "repeat", false);
    load->interpolates = member_bool(at, "interpolate", false);
    load->has_noise = member_word(at, "noise", noises, 0) == 1;
}

int scenario_trace_parse(struct scenario *scenario, json_t *trace,
                         const struct scenario_place *place, struct recorded *ret, struct err *err)
{
    char file[PLACE_NAME_SIZE] = "";
    json_t *object;
    struct member at;
    int r;

    if (!trace)
        return 0;
    object = json_is_string(trace) ? json_pack("{s:O}", "file", trace) : json_incref(trace);
    if (!object)
        return err_set(err, -ENOMEM, "out of memory");
    member_begin(&at, object, err, "trace", -1);
    member_text(&at, "file", file, sizeof(file), NULL);
    read_manner(&at, &scenario->load);
    r = member_end(&at);
    json_decref(object);
    if (r == 0)
        r = read_file(scenario, file, place, ret, err);
    if (r == 0 && load_length_s(&scenario->load) < scenario->load.offset_s)
        r = err_set(err, -EINVAL, "scenario: trace: \"offset_s\" is beyond its %g s",
                    load_length_s(&scenario->load));
    return r;
}

int scenario_generator_parse(struct scenario *scenario, json_t *generator, json_t **ret_guests,
                             struct err *err)
{
    struct member at;
    int n, r;

    if (!generator)
        return 0;
    if (scenario->load.n_guests > 0)
        return err_set(err, -EINVAL, "scenario: \"generator\" and \"trace\" exclude each other");
    member_begin(&at, generator, err, "generator", -1);
    scenario->made_up_pct = member_number(&at, "load_pct", 1, 100, 60);
    n = (int)member_number(
        &at, "guests", 1, SCENARIO_MAX_GUESTS,
        fmin(4.0 * (double)cpuset_count(&scenario->online), SCENARIO_MAX_GUESTS));
    r = member_end(&at);
    if (r < 0)
        return r;
    *ret_guests = json_pack("[{s:s, s:i}]", "name", "made", "count", n);
    return *ret_guests ? 0 : err_set(err, -ENOMEM, "out of memory");
}

/* Memory for the most that it ever uses, and at the start for what it uses then. */
static void give_memory(const struct load *load, const struct load_guest *guest, json_t *object,
                        int *failures)
{
    static const double least_mib = 2048, first_mib = 512, cache_mib = 145, spare_mib = 200;
    double most_mib = load_most(&guest->used) / kib_per_mib;
    double now_mib = load_value(&guest->used, load->offset_s) / kib_per_mib;

    if (guest->used.n == 0)
        return;
    *failures |= json_object_set_new(object, "used_mib", json_real(now_mib));
    *failures |= json_object_set_new(object, "maximum_mib",
                                     json_real(fmax(least_mib, ceil(1.25 * most_mib + first_mib))));
    *failures |= json_object_set_new(
        object, "actual_mib", json_real(fmax(first_mib, ceil(now_mib + cache_mib + spare_mib))));
}

json_t *scenario_load_guests(const struct scenario *scenario)
{
    const struct load *load = &scenario->load;
    json_t *array = json_array();
    int failures = 0;

    for (size_t g = 0; g < load->n_guests; g++) {
        const struct load_guest *guest = &load->guests[g];
        json_t *object = json_members("name", json_string(guest->name), "vcpus",
                                      json_integer(guest->n_vcpus ? guest->n_vcpus : 1), NULL);

        if (object)
            give_memory(load, guest, object, &failures);
        failures |= json_array_append_new(array, object);
    }
    return json_unless(array, failures);
}

static int find_guest(const struct scenario *scenario, struct load_guest *one, size_t hint,
                      struct err *err)
{
    for (size_t k = 0; k < scenario->n_guests; k++) {
        size_t g = (hint + k) % scenario->n_guests;
        const struct scenario_guest *guest = &scenario->guests[g];

        if (guest->is_program || strcmp(guest_name_true(&guest->id), one->name) != 0)
            continue;
        one->guest = g;
        if (one->n_vcpus > guest->vcpus)
            return err_set(err, -EINVAL, "scenario: trace: guest '%s' has no vCPU %u",
                           guest->id.name, one->n_vcpus - 1);
        return 0;
    }
    return err_set(
        err, -EINVAL,
        "scenario: trace: no guest is called '%.80s': name it in \"guests\" too, or leave "
        "those out",
        one->name);
}

int scenario_load_resolve(struct scenario *scenario, struct err *err)
{
    int r = 0;

    for (size_t g = 0; r == 0 && g < scenario->load.n_guests; g++)
        r = find_guest(scenario, &scenario->load.guests[g], g, err);
    return r;
}
