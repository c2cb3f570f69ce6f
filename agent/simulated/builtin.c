/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/builtin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/json_values.h"
#include "agent/simulated/builtin_cpu.h"
#include "agent/simulated/builtin_memory.h"

struct builtin {
    const char *name, *about;
    bool memory;
    int number;
};

static const struct builtin builtins[] = {
    {"demo-cpu", "eight guests all start on pCPU 0 of 4", false, 0},
    {"demo-memory", "four guests, one of which grows and frees", true, 0},
    {"cpu-1", "equal load, all guests pinned to one pCPU", false, 1},
    {"cpu-2", "equal load, half of the guests on pCPU 0, half on 1", false, 2},
    {"cpu-3", "equal load, pinned evenly: nothing to do", false, 3},
    {"cpu-4", "equal load, guests float", false, 4},
    {"cpu-5", "heavy and light guests, all float", false, 5},
    {"cpu-6", "no load, pinned evenly: nothing to do", false, 6},
    {"cpu-7", "guests float, half of them turn heavy after 30 s", false, 7},
    {"cpu-real", "load as of a Spark cluster, made up; guests float", false, 8},
    {"memory-1", "one guest grows to the limit, then frees", true, 1},
    {"memory-2", "all guests grow to the limit, then free", true, 2},
    {"memory-3", "all grow; two free early, the others go on", true, 3},
    {"memory-4", "two grow; one frees early, two are idle", true, 4},
};

void builtin_list(FILE *out)
{
    fputs("Scenarios for --simulate (or give a JSON file):\n", out);
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
        fprintf(out, "  %-12s %-18s  %s\n", builtins[i].name,
                builtins[i].memory ? "memory_coordinator" : "vcpu_scheduler", builtins[i].about);
    fputs("Variations follow the name, each behind a colon, for example cpu-5:high:16x8:\n"
          "  high            42 instead of 25 % per guest (56 and 27 instead of 38 and 19 %)\n"
          "  16x8            guests x pCPUs\n"
          "  vcpus=4         per guest; vcpus=mixed: 1, 2 and 4\n"
          "  noise=5         each load wanders by about five points, not one\n"
          "  no-delay        the hypervisor does not tell how long vCPUs wait\n"
          "  host=6          host memory in GiB\n"
          "  maximum=1024    of each guest, in MiB\n"
          "  balloon=20      speed of the balloons in MiB/s, not 400\n"
          "  seed=7          other noise, growth and start-up times\n",
          out);
}

static const struct builtin *find(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
        if (strlen(builtins[i].name) == length && memcmp(builtins[i].name, name, length) == 0)
            return &builtins[i];
    return NULL;
}

int builtin_text(const char *name, char **ret, struct err *err)
{
    size_t length = strcspn(name, ":");
    const struct builtin *builtin = find(name, length);
    struct variation how = {.guests = 8,
                            .pcpus = 4,
                            .vcpus = 1,
                            .seed = 1,
                            .noise_pct = 1,
                            .maximum_mib = 2048,
                            .balloon_mib_per_s = 400};
    char variations[200];
    json_t *json;
    int r;

    if (!builtin || strlen(name) >= sizeof(variations))
        return err_set(err, -ENOENT, "no built-in scenario is called '%s'", name);
    how.memory = builtin->memory;
    how.number = builtin->number;
    how.host_gib = builtin->number == 0 ? 3.5 : 16;
    how.guests = builtin->memory ? 4 : how.guests;
    snprintf(variations, sizeof(variations), "%s", name + length);
    r = variation_take(&how, variations, err);
    if (r < 0)
        return r;
    json = how.memory ? builtin_memory(&how) : builtin_cpu(&how);
    *ret = json ? json_text(json, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(json);
    return *ret ? 0 : err_set(err, -ENOMEM, "out of memory");
}
