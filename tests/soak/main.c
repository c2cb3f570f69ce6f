/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "agent/base/clock.h"
#include "tests/soak/soak.h"

/* soak PROGRAM [INTERVALS [SEED [PLANT]]]: so many intervals in all, in ten random worlds one after
 * the other. Exit code 1, and the seed to play again, where the judge refuses. */

enum { WORLDS = 10, SHORT = 10000 };

static const char *const plants[] = {"nothing", "pin", "reclaim", "grant", "plan", "leak"};

static int usage(void)
{
    fprintf(stderr, "usage: soak vcpu_scheduler|memory_coordinator [INTERVALS [SEED "
                    "[pin|reclaim|grant|plan|leak]]]\n");
    return 2;
}

static bool parse(int argc, char **argv, struct soak *soak, uint64_t *seed)
{
    if (argc < 2 || argc > 5)
        return false;
    soak->program = PROGRAM_MEMORY;
    if (strcmp(argv[1], "vcpu_scheduler") == 0)
        soak->program = PROGRAM_VCPU;
    else if (strcmp(argv[1], "memory_coordinator") != 0)
        return false;
    soak->wanted = (argc > 2 ? strtoull(argv[2], NULL, 10) : SHORT) / WORLDS;
    *seed = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    for (size_t p = 0; argc > 4 && p < N_PLANTS; p++)
        if (strcmp(argv[4], plants[p]) == 0)
            soak->plant = (enum plant)p;
    return soak->wanted > 0 && (argc < 5 || soak->plant);
}

static void add(struct soak_figures *sum, const struct soak_figures *one)
{
    sum->intervals += one->intervals;
    sum->lost += one->lost;
    sum->faults += one->faults;
    sum->calls += one->calls;
    sum->refused += one->refused;
    sum->down += one->down;
    sum->up += one->up;
}

static void print(enum program program, const struct soak_figures *sum, uint64_t began_ns)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    printf("%s: %" PRIu64 " intervals, %" PRIu64 " without a sample, %" PRIu64 " faults, %" PRIu64
           " calls",
           program_name(program), sum->intervals, sum->lost, sum->faults, sum->calls);
    if (program == PROGRAM_MEMORY)
        printf(" (%" PRIu64 " down, %" PRIu64 " up)", sum->down, sum->up);
    printf(", %" PRIu64 " of them failed; %ld KiB resident at most; %.0f s\n", sum->refused,
           usage.ru_maxrss, (double)(clock_monotonic_ns() - began_ns) / 1e9);
}

int main(int argc, char **argv)
{
    struct soak_figures sum = {0};
    struct soak asked = {0};
    uint64_t seed, began_ns = clock_monotonic_ns();

    if (!parse(argc, argv, &asked, &seed))
        return usage();
    for (uint64_t w = 0; w < WORLDS; w++) {
        struct soak soak = asked;
        struct err err = {0};

        if (soak_play(&soak, seed + w, &err) < 0) {
            fprintf(stderr, "seed %" PRIu64 ": %s\n", seed + w, err.text);
            return 2;
        }
        add(&sum, &soak.figures);
        printf("seed %" PRIu64 ": %" PRIu64
               " calls, %zu bytes held in the second quarter and %zu in "
               "the last\n",
               seed + w, soak.figures.calls, soak.most_held[1], soak.most_held[3]);
        fflush(stdout);
        if (soak.refusal[0]) {
            printf("refused at seed %" PRIu64 ", interval %" PRIu64 ": %s\n", seed + w,
                   soak.interval, soak.refusal);
            return 1;
        }
    }
    print(asked.program, &sum, began_ns);
    return 0;
}
