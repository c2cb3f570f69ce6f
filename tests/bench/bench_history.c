/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_history [GUESTS [PCPUS [DAYS [INTERVAL_S [CHANGES_PER_HOUR]]]]]: what both programs' history of a
 * host takes on disk and in memory, and what an interval costs the loop. */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/progress.h"
#include "agent/history/history.h"
#include "planner/base/units.h"

enum { START_S = 1790000040, PLACE_SIZE = 300 };

struct made_host {
    size_t n_guests, n_pcpus;
    bool is_quiet; /* no progress is told */
    double interval_s, changes_per_hour, due;
    uint64_t state;
    struct vcpu_sample vcpus;
    struct vcpu_plan vcpu_plan;
    struct memory_sample memory;
    struct memory_plan memory_plan;
};

static unsigned any(struct made_host *host, unsigned below)
{
    host->state = host->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned)(host->state >> 33) % below;
}

static void *room(size_t n, size_t size)
{
    void *array = calloc(n + 1, size);

    if (!array) {
        fputs("out of memory\n", stderr);
        exit(1);
    }
    return array;
}

static void make_host(struct made_host *host)
{
    host->vcpus.vcpus = room(host->n_guests, sizeof(*host->vcpus.vcpus));
    host->memory.guests = room(host->n_guests, sizeof(*host->memory.guests));
    host->memory_plan.places = room(host->n_guests, sizeof(*host->memory_plan.places));
    host->memory_plan.grants = room(host->n_guests, sizeof(*host->memory_plan.grants));
    host->vcpu_plan.pcpus = room(host->n_pcpus, sizeof(*host->vcpu_plan.pcpus));
    host->vcpu_plan.pins = room(host->n_guests, sizeof(*host->vcpu_plan.pins));
    for (size_t g = 0; g < host->n_guests; g++) {
        struct guest_id guest = {
            .uuid = {(unsigned char)(g >> 16), (unsigned char)(g >> 8), (unsigned char)g}};

        snprintf(guest.name, sizeof(guest.name), "customer-%05zu", g);
        host->vcpus.vcpus[g] =
            (struct vcpu_reading){.guest = guest, .running = true, .has_delay = true};
        host->memory.guests[g] =
            (struct memory_reading){.guest = guest, .has = MEMORY_HAS_UNUSED, .has_balloon = true};
        host->memory_plan.places[g].guest = guest;
    }
    for (size_t p = 0; p < host->n_pcpus; p++)
        host->vcpu_plan.pcpus[p].id = (unsigned)p;
    host->vcpus.n_vcpus = host->memory.n_guests = host->memory_plan.n_places = host->n_guests;
    host->vcpu_plan.n_pcpus = host->n_pcpus;
    host->memory_plan.host_total_kib = UINT64_C(1) << 30;
}

static void change(struct made_host *host)
{
    host->due += host->changes_per_hour * host->interval_s / 3600;
    host->vcpu_plan.n_pins = host->memory_plan.n_grants = 0;
    while (host->due >= 1) {
        size_t n = host->memory_plan.n_grants, g = any(host, (unsigned)host->n_guests);
        struct vcpu_pin *pin = &host->vcpu_plan.pins[n];
        struct balloon_step *step = &host->memory_plan.grants[n];

        if (n == host->n_guests)
            break;
        host->due--;
        *pin = (struct vcpu_pin){.guest = host->vcpus.vcpus[g].guest, .from_place = 3};
        cpuset_add(&pin->to, any(host, (unsigned)host->n_pcpus));
        snprintf(pin->reason, sizeof(pin->reason),
                 "pCPU 3 has 84.3 %% and pCPU 17 has 31.2 %%, its fair share is 52.1 %%");
        *step = (struct balloon_step){.guest = pin->guest, .from_kib = 1 << 20, .to_kib = 3 << 19};
        snprintf(step->reason, sizeof(step->reason),
                 "it has 61 MiB unused and should have 100, and 4123 MiB are free");
        host->vcpu_plan.n_pins = host->memory_plan.n_grants = n + 1;
    }
    host->vcpu_plan.verdict = host->memory_plan.verdict =
        host->memory_plan.n_grants ? VERDICT_APPLY : VERDICT_HOLD_BALANCED;
}

static void pass(struct made_host *host)
{
    host->vcpus.at_ns += ns_from_seconds(host->interval_s);
    host->vcpu_plan.ran.sigma_pct = any(host, 1000) / 100.0;
    host->vcpu_plan.objective = any(host, 100000) / 1000.0;
    for (size_t p = 0; p < host->n_pcpus; p++) {
        host->vcpu_plan.pcpus[p].ran_permille = (int)any(host, 1000);
        host->vcpu_plan.pcpus[p].background_permille = (int)any(host, 200);
    }
    for (size_t g = 0; g < host->n_guests; g++) {
        struct memory_place *place = &host->memory_plan.places[g];

        host->vcpus.vcpus[g].cpu_time_ns +=
            ns_from_seconds(host->interval_s * any(host, 1000) / 1e3);
        host->vcpus.vcpus[g].delay_ns += ns_from_seconds(host->interval_s * any(host, 100) / 1e3);
        place->actual_kib = (1024 + any(host, 7000)) * 1024;
        place->target_kib = (1024 + any(host, 7000)) * 1024;
        place->unused_kib = any(host, 1000) * 1024;
    }
    change(host);
}

static uint64_t bytes_of(const char *folder, const char *part)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    uint64_t bytes = 0;

    while (entries && (entry = readdir(entries)) != NULL) {
        char path[PLACE_SIZE * 2];
        struct stat status;

        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        if (strstr(entry->d_name, part) && stat(path, &status) == 0)
            bytes += (uint64_t)status.st_size;
    }
    if (entries)
        closedir(entries);
    return bytes;
}

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Since when a kind is there, in hours before the end; and how long its first page takes. */
static double reaches_back_h(struct history *history, enum history_kind kind, int64_t end_s,
                             double *page_ms)
{
    struct history_page page;
    double began = now_s(), first;
    const char *line;

    if (history_read(history, kind, 1, "", &page) < 0)
        return NAN;
    *page_ms = 1e3 * (now_s() - began);
    line = strstr(page.lines, kind == HISTORY_CHANGES ? "{\"t\":" : "\n{\"t\":");
    first = line ? strtod(strchr(line, ':') + 1, NULL) : NAN;
    free(page.lines);
    free(page.next);
    return ((double)end_s - first) / 3600;
}

static void measure(struct made_host *host, enum program program, const char *folder, double days)
{
    static const char *const kinds[] = {"changes", "minutes", "intervals"};
    const struct interval interval = {.at = "2026-11-30T03:12:07+01:00"};
    struct history *history = history_new(program);
    size_t n = (size_t)(days * 86400 / host->interval_s);
    size_t before = mallinfo2().uordblks;
    double spent_s = 0, worst_s = 0;
    int64_t t_s = START_S;
    struct progress progress;
    struct err err;

    if (history_keep(history, folder, INT64_MAX, &err) < 0) {
        fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    progress_begin(&progress, program_name(program), host->is_quiet);
    for (size_t i = 0; i < n; i++) {
        double began, took;

        pass(host);
        t_s = START_S + (int64_t)((double)i * host->interval_s);
        began = now_s();
        if (program == PROGRAM_VCPU)
            history_add_vcpus(history, &host->vcpus, &host->vcpu_plan, &interval, t_s, &err);
        else
            history_add_memory(history, &host->memory, &host->memory_plan, &interval, t_s, &err);
        took = now_s() - began;
        spent_s += took;
        worst_s = fmax(worst_s, took);
        progress_tell(&progress, (double)i, (double)n);
    }
    progress_end(&progress);
    printf("%s: %zu intervals, %.0f us each, at most %.1f ms; memory %.1f MiB\n",
           program_name(program), n, 1e6 * spent_s / (double)n, 1e3 * worst_s,
           (double)(mallinfo2().uordblks - before) / (1 << 20));
    for (int kind = 0; kind < HISTORY_KINDS; kind++) {
        double page_ms = 0, hours = reaches_back_h(history, (enum history_kind)kind, t_s, &page_ms);

        printf("  %-9s  %6.2f MiB on disk, back for %.1f hours, first page in %.1f ms\n",
               kinds[kind], (double)bytes_of(folder, kinds[kind]) / (1 << 20), hours, page_ms);
    }
    history_free(history);
}

static void clear(const char *folder)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;

    while (entries && (entry = readdir(entries)) != NULL) {
        char path[PLACE_SIZE * 2];

        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        unlink(path);
    }
    if (entries)
        closedir(entries);
}

/* bench_history [GUESTS [PCPUS [DAYS [INTERVAL [CHANGES [FOLDER]]]]]] [--quiet]: CHANGES an hour; what is
 * written into FOLDER stays. */
int main(int argc, char **argv)
{
    bool is_quiet = argc > 1 && strcmp(argv[argc - 1], "--quiet") == 0;
    int n = argc - is_quiet;
    struct made_host host = {.is_quiet = is_quiet,
                             .n_guests = n > 1 ? strtoul(argv[1], NULL, 10) : 100,
                             .n_pcpus = n > 2 ? strtoul(argv[2], NULL, 10) : 64,
                             .interval_s = n > 4 ? strtod(argv[4], NULL) : 20,
                             .changes_per_hour = n > 5 ? strtod(argv[5], NULL) : 60};
    double days = n > 3 ? strtod(argv[3], NULL) : 7;
    char folder[] = "/tmp/evenkeel-bench-history-XXXXXX";
    const char *kept = n > 6 ? argv[6] : NULL;

    if (!kept && !mkdtemp(folder))
        return 1;
    make_host(&host);
    for (int program = PROGRAM_VCPU; program <= PROGRAM_MEMORY; program++) {
        measure(&host, (enum program)program, kept ? kept : folder, days);
        if (!kept)
            clear(folder);
    }
    if (!kept)
        rmdir(folder);
    return 0;
}
