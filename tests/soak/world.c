/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "tests/soak/soak.h"

/* Random hosts and guests, as scenarios that a person could have written. */

static void print_cpus(FILE *out, const char *key, const struct cpuset *set)
{
    char text[200];

    cpuset_format(set, text, sizeof(text));
    fprintf(out, ", \"%s\": \"%s\"", key, text);
}

/* Some of the first n pCPUs, at least one. */
static struct cpuset some(struct random *random, unsigned n, double share)
{
    struct cpuset set = {0};

    cpuset_add(&set, (unsigned)pick(random, n));
    for (unsigned p = 0; p < n; p++)
        if (happens(random, share))
            cpuset_add(&set, p);
    return set;
}

static void maybe_cpus(FILE *out, struct random *random, const char *key, unsigned n, double chance)
{
    struct cpuset set = some(random, n, happens(random, 0.5) ? 0 : 0.6);

    if (happens(random, chance))
        print_cpus(out, key, &set);
}

static void print_vcpu_guest(FILE *out, struct random *random, unsigned pcpus)
{
    fprintf(out, ", \"vcpus\": %zu, \"pct\": %zu, \"noise_pct\": %.1f",
            happens(random, 0.7) ? 1 : 1 + pick(random, 4), 1 + pick(random, 100),
            5 * random_uniform(random));
    maybe_cpus(out, random, "affinity", pcpus, 0.4);
    maybe_cpus(out, random, "allowed", pcpus, 0.2);
    maybe_cpus(out, random, "may_run", pcpus, 0.1);
    if (happens(random, 0.1))
        fprintf(out, ", \"quota_pct\": %zu", 10 + pick(random, 80));
    if (happens(random, 0.1))
        fprintf(out, ", \"helpers_pct\": %zu", pick(random, 40));
    if (happens(random, 0.05))
        fprintf(out, ", \"strange_limits\": true");
}

static void print_vcpu_world(FILE *out, struct random *random)
{
    static const unsigned sizes[] = {1, 2, 3, 4, 4, 6, 8, 12};
    unsigned pcpus = sizes[pick(random, sizeof(sizes) / sizeof(sizes[0]))];
    size_t guests = 1 + pick(random, 2 * pcpus + 1);

    fprintf(out, "\"host\": {\"pcpus\": %u, \"busy_times\": %s, \"run_delay\": %s", pcpus,
            happens(random, 0.85) ? "true" : "false", happens(random, 0.85) ? "true" : "false");
    if (pcpus > 2 && happens(random, 0.3))
        fprintf(out, ", \"isolated\": \"%u\"", pcpus - 1);
    if (pcpus > 3 && happens(random, 0.3))
        fprintf(out, ", \"slice\": \"1-%u\"", pcpus - 1);
    if (pcpus > 2 && happens(random, 0.3))
        fprintf(out, ", \"slow\": \"1\"");
    fprintf(out, "}, \"guests\": [");
    for (size_t g = 0; g < guests; g++) {
        fprintf(out, "%s{\"name\": \"g%zu\", \"present\": %s", g ? ", " : "", g,
                happens(random, 0.8) ? "true" : "false");
        print_vcpu_guest(out, random, pcpus);
        fprintf(out, "}");
    }
    fprintf(out, "], \"programs\": [{\"name\": \"other\", \"pct\": 60, \"present\": %s}]",
            happens(random, 0.5) ? "true" : "false");
}

static void print_manner(FILE *out, struct random *random)
{
    static const char *const kinds[] = {
        "\"autodeflate\": true",
        "\"keeps_pages\": true",
        "\"balloon_driver\": false",
        "\"balloon_device\": false",
        "\"locked\": true, \"lock\": \"device\"",
        "\"excluded\": true",
        "\"swap_mib\": 512",
        "\"balloon_mib_per_s\": 20",
        "\"weight\": 900",
    };

    if (happens(random, 0.3))
        fprintf(out, ", %s", kinds[pick(random, sizeof(kinds) / sizeof(kinds[0]))]);
}

/* Returns what the guest holds at the start. */
static size_t print_memory_guest(FILE *out, struct random *random)
{
    size_t maximum = 512 * (2 + pick(random, 7)), actual = 384 + pick(random, maximum - 383);
    size_t used = 80 + pick(random, actual - 330 + 1), cache = 20 + pick(random, 100);

    fprintf(out,
            ", \"maximum_mib\": %zu, \"actual_mib\": %zu, \"used_mib\": %zu, \"cache_mib\": %zu",
            maximum, actual, used, cache);
    if (happens(random, 0.15))
        fprintf(out, ", \"floor_mib\": %zu", 200 + pick(random, maximum - 200));
    if (happens(random, 0.15))
        fprintf(out, ", \"ceiling_mib\": %zu", 300 + pick(random, maximum - 300));
    if (happens(random, 0.08))
        fprintf(out, ", \"pin_mib\": %zu", 300 + pick(random, maximum - 300));
    if (happens(random, 0.1))
        fprintf(out, ", \"virtio_mem_mib\": 512");
    print_manner(out, random);
    return actual + 60;
}

static void print_memory_world(FILE *out, struct random *random)
{
    size_t guests = 1 + pick(random, 10), held = 0;

    fprintf(out, "\"guests\": [");
    for (size_t g = 0; g < guests; g++) {
        fprintf(out, "%s{\"name\": \"g%zu\"", g ? ", " : "", g);
        held += print_memory_guest(out, random);
        fprintf(out, "}");
    }
    fprintf(out,
            "], \"host\": {\"pcpus\": 4, \"memory_mib\": %zu, \"other_mib\": 500, "
            "\"cache_mib\": %zu}",
            held + 1000 + pick(random, held), pick(random, 300));
}

char *soak_world(enum program program, struct random *random, uint64_t seed)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    fprintf(out, "{\"duration_s\": 100000000, \"step_ms\": 200, \"seed\": %u, ",
            (unsigned)(seed % 1000000));
    if (program == PROGRAM_VCPU)
        print_vcpu_world(out, random);
    else
        print_memory_world(out, random);
    fprintf(out, "}");
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}
