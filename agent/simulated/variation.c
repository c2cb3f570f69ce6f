/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/simulated/variation.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *variation_guest_name(unsigned index, char *room, size_t size)
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

int variation_take(struct variation *how, char *variations, struct err *err)
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
