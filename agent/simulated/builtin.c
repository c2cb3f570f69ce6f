/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/builtin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/simulated/simulated.h"

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
    {"memory-1", "one guest grows to the limit, then frees", true, 1},
    {"memory-2", "all guests grow to the limit, then free", true, 2},
    {"memory-3", "all grow; two free early, the others go on", true, 3},
    {"memory-4", "two grow; one frees early, two are idle", true, 4},
};

const char *builtin_guest_name(unsigned index, char *room, size_t size)
{
    static const char *const names[] = {
        "aos_vm2",  "aos_vm7",  "aos_vm1",  "aos_vm8",  "aos_vm5",  "aos_vm3",
        "aos_vm6",  "aos_vm4",  "aos_vm12", "aos_vm10", "aos_vm15", "aos_vm9",
        "aos_vm16", "aos_vm11", "aos_vm14", "aos_vm13",
    };

    if (index < sizeof(names) / sizeof(names[0]))
        return names[index];
    snprintf(room, size, "aos_vm%u", index + 1);
    return room;
}

void simulated_list(FILE *out)
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

/* One variation, "high" or "seed=7"; -EINVAL where it is not known or makes no sense here. */
static int vary(struct variation *how, const char *text)
{
    unsigned a, b;
    double number;
    char rest;

    if (strcmp(text, "high") == 0 && !how->memory)
        how->high = true;
    else if (strcmp(text, "low") == 0 && !how->memory)
        how->high = false;
    else if (strcmp(text, "vcpus=mixed") == 0 && !how->memory)
        how->vcpus = 0;
    else if (sscanf(text, "vcpus=%u%c", &a, &rest) == 1 && a >= 1 && a <= 16 && !how->memory)
        how->vcpus = a;
    else if (strcmp(text, "no-delay") == 0 && !how->memory)
        how->no_delay = true;
    else if (sscanf(text, "noise=%lf%c", &number, &rest) == 1 && number >= 0 && number <= 50 &&
             !how->memory)
        how->noise_pct = number;
    else if (sscanf(text, "balloon=%lf%c", &number, &rest) == 1 && number >= 0 && number <= 1e6 &&
             how->memory)
        how->balloon_mib_per_s = number;
    else if (sscanf(text, "seed=%u%c", &a, &rest) == 1)
        how->seed = a;
    else if (sscanf(text, "host=%lf%c", &number, &rest) == 1 && number >= 1 && number <= 4096 &&
             how->memory)
        how->host_gib = number;
    else if (sscanf(text, "maximum=%u%c", &a, &rest) == 1 && a >= 512 && a <= 1048576 &&
             how->memory)
        how->maximum_mib = a;
    else if (sscanf(text, "%ux%u%c", &a, &b, &rest) == 2 && a >= 1 && a <= 1000 && b >= 1 &&
             b <= 1024 && !how->memory) {
        how->guests = a;
        how->pcpus = b;
    } else
        return -EINVAL;
    return 0;
}

static int vary_all(struct variation *how, char *variations, struct err *err)
{
    char *rest = variations;

    for (char *one = strtok_r(rest, ":", &rest); one; one = strtok_r(NULL, ":", &rest))
        if (vary(how, one) < 0)
            return err_set(err, -EINVAL,
                           "scenario variation '%s' is not known here; "
                           "--simulate help lists them",
                           one);
    return 0;
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
    r = vary_all(&how, variations, err);
    if (r < 0)
        return r;
    json = how.memory ? builtin_memory(&how) : builtin_cpu(&how);
    *ret = json ? json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(json);
    return *ret ? 0 : err_set(err, -ENOMEM, "out of memory");
}
