/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/shape_scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/accept/drive.h"

void shape_scene_open(const char *scene, struct host *host, struct ticker *ticker)
{
    struct err err = {0, ""};
    char path[400];

    snprintf(path, sizeof(path), SOURCE_DIR "/tests/sim/shapes/%s.json", scene);
    if (simulated_open(path, SIMULATED_VCPU, 2, NULL, host, ticker, &err) < 0)
        fail_msg("%s", err.text);
}

struct shape_result shape_scene(const char *scene, const struct vcpu_settings *settings,
                                double from_share)
{
    struct err err = {0, ""};
    struct shape_record *record;
    struct shape_result result;
    struct ticker ticker;
    struct host host;

    shape_scene_open(scene, &host, &ticker);
    record = shape_record_new(simulated_of(&host),
                              from_share * (double)simulated_end_ns(simulated_of(&host)) / 1e9);
    while (!settings && ticker.wait(ticker.self, NULL) == 1)
        ;
    if (settings && drive_vcpus(&host, &ticker, settings, NULL, &err) < 0)
        fail_msg("%s", err.text);
    result = shape_record_end(record);
    host.close(host.self);
    return result;
}
