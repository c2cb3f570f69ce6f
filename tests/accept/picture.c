/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/accept/picture.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/page/page.h"
#include "planner/base/units.h"

/* Takes the run over. */
static int draw(const char *path, const char *title, struct run *run, struct err *err)
{
    FILE *out = run ? fopen(path, "w") : NULL;
    const struct run *const runs[] = {run};
    int r = run ? 0 : -ENOMEM;

    if (r == 0 && !out)
        r = -errno;
    if (out) {
        r = page_write(out, title, runs, 1);
        if (fclose(out) != 0)
            r = -errno;
    }
    run_free(run);
    return r < 0 ? err_set(err, r, "%s: %s", path, strerror(-r)) : 0;
}

static void add_pins(struct run *run, const struct cpu_record *record, size_t sample)
{
    for (size_t v = 0; v < record->n_vcpus; v++) {
        size_t at = sample * record->n_vcpus + v;
        char name[40], bin[40], what[100];

        if (!record->pin_calls[at] || record->pinned[at] < 0)
            continue;
        snprintf(name, sizeof(name), "vCPU %zu", v);
        snprintf(bin, sizeof(bin), "%u", record->pcpu_ids[record->pinned[at]]);
        snprintf(what, sizeof(what), "pinned to pCPU %s", bin);
        run_add_change(
            run, run_guest(run, name, name),
            &(struct run_change){
                .t_s = (double)sample + 1, .bin = run_bin(run, bin), .what = what, .reason = ""});
    }
}

int picture_cpu(const char *path, const char *title, const struct cpu_record *record,
                struct err *err)
{
    struct run *run = path ? run_new(PROGRAM_VCPU, 1) : NULL;
    char name[40];

    if (!path)
        return 0;
    for (size_t s = 0; run && s < record->n_samples; s++) {
        run_begin(run, (double)s + 1, 1);
        run_set_host(run, RUN_SIGMA, cpu_record_sigma(record, s));
        for (size_t p = 0; p < record->n_pcpus; p++) {
            snprintf(name, sizeof(name), "%u", record->pcpu_ids[p]);
            run_set_bin(run, run_bin(run, name), RUN_LOAD, cpu_record_load(record, s, p));
        }
        for (size_t v = 0; v < record->n_vcpus; v++) {
            snprintf(name, sizeof(name), "vCPU %zu", v);
            run_set_guest(run, run_guest(run, name, name), RUN_USED,
                          record->usage_pct[s * record->n_vcpus + v]);
        }
        add_pins(run, record, s);
    }
    return draw(path, title, run, err);
}

static double mib(uint64_t kib)
{
    return (double)kib / KIB_PER_MIB;
}

int picture_memory(const char *path, const char *title, const struct memory_record *record,
                   struct err *err)
{
    struct run *run = path ? run_new(PROGRAM_MEMORY, MEMORY_SAMPLE_S) : NULL;

    if (!path)
        return 0;
    for (size_t s = 0; run && s < record->n_samples; s++) {
        run_begin(run, (double)((s + 1) * MEMORY_SAMPLE_S), 1);
        run_set_host(run, RUN_FREE, mib(record->host[s].free_kib));
        for (size_t g = 0; g < record->n_guests; g++) {
            const struct simulated_guest *guest = memory_record_at(record, s, g);
            int place = run_guest(run, record->names[g], record->names[g]);

            run_set_guest(run, place, RUN_SIZE, mib(guest->actual_kib));
            run_set_guest(run, place, RUN_IN_USE,
                          fmax(0, mib(guest->actual_kib) - mib(guest->reported_unused_kib)));
        }
    }
    return draw(path, title, run, err);
}
