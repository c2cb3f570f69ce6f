/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/shape_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/accept/drive.h"

void shape_scene_open(const char *scene, struct host *host, struct ticker *ticker)
{
    struct err err = {0, ""};
    char path[400];

    snprintf(path, sizeof(path), SOURCE_DIR "/tests/sim/shapes/%s.json", scene);
    if (simulated_open(path, SIMULATED_VCPU, 2, NULL, host, ticker, &err) < 0)
        fail_msg("%s", err.text);
}

static struct shape_result play(struct host *host, struct ticker *ticker,
                                const struct vcpu_settings *settings, double from_share)
{
    struct err err = {0, ""};
    struct shape_record *record;
    struct shape_result result;

    record = shape_record_new(simulated_of(host),
                              from_share * (double)simulated_end_ns(simulated_of(host)) / 1e9);
    while (!settings && ticker->wait(ticker->self, NULL) == 1)
        ;
    if (settings && drive_vcpus(host, ticker, settings, NULL, &err) < 0)
        fail_msg("%s", err.text);
    result = shape_record_end(record);
    host->close(host->self);
    return result;
}

struct shape_result shape_scene(const char *scene, const struct vcpu_settings *settings,
                                double from_share)
{
    struct ticker ticker;
    struct host host;

    shape_scene_open(scene, &host, &ticker);
    return play(&host, &ticker, settings, from_share);
}

struct shape_result shape_scene_seeded(const char *scene, unsigned seed,
                                       const struct vcpu_settings *settings, double from_share)
{
    struct err err = {0, ""};
    struct ticker ticker;
    struct host host;
    json_t *json;
    char path[400], *text;

    snprintf(path, sizeof(path), SOURCE_DIR "/tests/sim/shapes/%s.json", scene);
    json = json_load_file(path, 0, NULL);
    assert_int_equal(json_object_set_new(json, "seed", json_integer(seed)), 0);
    text = json_dumps(json, 0);
    assert_non_null(text);
    if (simulated_open_text(text, SIMULATED_VCPU, 2, &host, &ticker, &err) < 0)
        fail_msg("%s", err.text);
    free(text);
    json_decref(json);
    return play(&host, &ticker, settings, from_share);
}
