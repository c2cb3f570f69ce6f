/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/stop_job.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

static const uint64_t limit_us = 1000000;
static const char service[] = "org.freedesktop.systemd1";

/* The path of the unit's job, to be freed; NULL: none, or nobody tells. */
static char *find_job(sd_bus *bus, const char *unit)
{
    sd_bus_message *answer = NULL;
    const char *path = NULL;
    uint32_t number = 0;
    char *job = NULL;

    if (sd_bus_get_property(bus, service, unit, "org.freedesktop.systemd1.Unit", "Job", NULL,
                            &answer, "(uo)") >= 0 &&
        sd_bus_message_read(answer, "(uo)", &number, &path) >= 0 && number)
        job = strdup(path);
    sd_bus_message_unref(answer);
    return job;
}

static bool is_restart(sd_bus *bus, const char *job)
{
    char *type = NULL;
    bool is_it = sd_bus_get_property_string(bus, service, job, "org.freedesktop.systemd1.Job",
                                            "JobType", NULL, &type) >= 0 &&
                 strcmp(type, "restart") == 0;

    free(type);
    return is_it;
}

bool stop_job_is_restart(void)
{
    sd_bus_message *answer = NULL;
    const char *unit = NULL;
    char *job = NULL;
    sd_bus *bus = NULL;
    bool is_it = false;

    if (!getenv("INVOCATION_ID") || sd_bus_open_system(&bus) < 0)
        return false;
    sd_bus_set_method_call_timeout(bus, limit_us);
    if (sd_bus_call_method(bus, service, "/org/freedesktop/systemd1",
                           "org.freedesktop.systemd1.Manager", "GetUnitByPID", NULL, &answer, "u",
                           (uint32_t)getpid()) >= 0 &&
        sd_bus_message_read(answer, "o", &unit) >= 0)
        job = find_job(bus, unit);
    if (job)
        is_it = is_restart(bus, job);
    free(job);
    sd_bus_message_unref(answer);
    sd_bus_flush_close_unref(bus);
    return is_it;
}
