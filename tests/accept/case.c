/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/accept/accept.h"
#include "tests/accept/best.h"
#include "tests/accept/cpu_judge.h"
#include "tests/accept/drive.h"
#include "tests/accept/memory_judge.h"

static void case_file(const struct accept_case *which, char *ret, size_t size)
{
    snprintf(ret, size, "%s-every-%gs", which->scenario, which->interval_s);
    for (char *c = ret; *c; c++)
        if (*c == ':' || *c == '=')
            *c = '-';
}

static void case_title(const struct accept_case *which, const struct case_verdict *verdict,
                       char *ret, size_t size)
{
    snprintf(ret, size, "%s, every %g s: %s", which->scenario, which->interval_s,
             case_verdict_is_won(verdict) ? "won" : "LOST");
}

/* The table goes into a file, and to people who asked for it. */
static int write_tables(const struct accept_case *which, const struct accept_report *report,
                        const struct cpu_record *cpu, const struct memory_record *memory,
                        struct err *err)
{
    char file[200], path[700];
    FILE *out = NULL;

    case_file(which, file, sizeof(file));
    if (report->folder) {
        snprintf(path, sizeof(path), "%.400s/%s.txt", report->folder, file);
        out = fopen(path, "w");
        if (!out)
            return err_set(err, -errno, "%s: %s", path, strerror(errno));
    }
    for (int i = 0; i < 2; i++) {
        FILE *to = i ? out : report->verbose ? report->lines : NULL;

        if (to && cpu)
            cpu_record_print(cpu, to);
        if (to && memory)
            memory_record_print(memory, to);
    }
    if (out && fclose(out) != 0)
        return err_set(err, -EIO, "%s: %s", path, strerror(errno));
    return 0;
}

/* Where the picture goes; NULL: there is none. */
static const char *picture_path(const struct accept_case *which, const struct accept_report *report,
                                char ret[700])
{
    char file[200];

    case_file(which, file, sizeof(file));
    snprintf(ret, 700, "%.400s/%s.html", report->folder ? report->folder : "", file);
    return report->folder ? ret : NULL;
}

static void report_verdict(const struct accept_case *which, const struct case_verdict *verdict,
                           struct accept_report *report)
{
    bool won = case_verdict_is_won(verdict);
    char file[200];

    *(won ? &report->passed : &report->failed) += 1;
    progress_end(&report->progress);
    fprintf(report->lines, "%s %s @%gs: ", won ? "won " : "LOST", which->scenario,
            which->interval_s);
    case_verdict_print(verdict, report->lines);
    if (!report->index)
        return;
    case_file(which, file, sizeof(file));
    fprintf(report->index,
            "<tr class=\"%s\"><td>%s<td>%g s<td><a href=\"%s.html\">picture</a> "
            "<a href=\"%s.txt\">table</a><td>",
            won ? "won" : "lost", which->scenario, which->interval_s, file, file);
    case_verdict_print(verdict, report->index);
}

static int run_memory(const struct accept_case *which, struct accept_report *report,
                      struct err *err)
{
    struct case_verdict verdict = {.n_lines = 0};
    struct memory_record record = {0};
    struct memory_settings settings;
    char title[200], path[700];
    struct ticker ticker;
    struct host host;
    int r = simulated_open(which->scenario, SIMULATED_MEMORY, which->interval_s, NULL, &host,
                           &ticker, err);

    if (r < 0)
        return r;
    memory_monitor_attach(&record, simulated_of(&host));
    memory_settings_default(&settings);
    if (which->memory_settings)
        settings = *which->memory_settings;
    settings.interval_s = which->interval_s;
    r = drive_memory(&host, &ticker, &settings, err);
    host.close(host.self);
    if (r == 0) {
        memory_judge(which->interval_s, &record, &verdict);
        report_verdict(which, &verdict, report);
        case_title(which, &verdict, title, sizeof(title));
        r = picture_memory(picture_path(which, report, path), title, &record, err);
    }
    if (r == 0)
        r = write_tables(which, report, NULL, &record, err);
    memory_record_done(&record);
    return r;
}

static int steer(const struct accept_case *which, struct cpu_record *ret, char ret_note[200],
                 struct err *err)
{
    struct vcpu_settings settings;
    struct ticker ticker;
    struct host host;
    int r = simulated_open(which->scenario, SIMULATED_VCPU, which->interval_s, NULL, &host, &ticker,
                           err);

    if (r < 0)
        return r;
    vcpu_settings_default(&settings);
    if (which->vcpu)
        settings = *which->vcpu;
    cpu_monitor_attach(ret, simulated_of(&host));
    r = drive_vcpus(&host, &ticker, &settings, ret_note, err);
    host.close(host.self);
    return r;
}

/* Pins everyone to the best placement for what the programs did at the end of a sample. */
static void pin_best(const struct host *host, const struct cpu_record *known, size_t sample)
{
    const int *demand = &known->demand[sample * known->n_vcpus];
    int *floats = malloc(known->n_vcpus * sizeof(*floats));
    struct vcpu_sample now;
    struct best best;

    if (!floats || host->sample_vcpus(host->self, &now, NULL) < 0)
        abort();
    for (size_t v = 0; v < known->n_vcpus; v++)
        floats[v] = -1;
    best_placement(demand, floats, known->n_vcpus, known->n_pcpus, &best);
    for (size_t v = 0; v < known->n_vcpus; v++) {
        struct simulated_vcpu vcpu;
        struct cpuset to = {{0}};

        simulated_vcpu(simulated_of(host), v, &vcpu);
        cpuset_add(&to, known->pcpu_ids[best.place[v]]);
        for (size_t i = 0; i < now.n_vcpus; i++)
            if (strcmp(now.vcpus[i].guest.name, vcpu.guest) == 0 && now.vcpus[i].vcpu == vcpu.vcpu)
                host->set_affinity(host->self, &now.vcpus[i].guest, vcpu.vcpu, &to, NULL);
    }
    vcpu_sample_done(&now);
    best_done(&best);
    free(floats);
}

/* The same scenario where somebody who knows the future pins once, and again at the step. */
static int refer(const struct accept_case *which, const struct cpu_record *known,
                 struct cpu_record *ret, struct err *err)
{
    const size_t after_test = 6, step = 30;
    struct ticker ticker;
    struct host host;
    size_t tick = 0;
    int r = simulated_open(which->scenario, SIMULATED_VCPU, 1, NULL, &host, &ticker, err);

    if (r < 0)
        return r;
    cpu_monitor_attach(ret, simulated_of(&host));
    for (; ticker.wait(ticker.self, err) > 0; tick++)
        if (tick == after_test)
            pin_best(&host, known, step - 1);
        else if (tick == step)
            pin_best(&host, known, known->n_samples - 1);
    host.close(host.self);
    return 0;
}

static int run_cpu(const struct accept_case *which, struct accept_report *report, struct err *err)
{
    struct case_verdict verdict = {.n_lines = 0};
    struct cpu_record steered = {0}, reference = {0};
    char title[200], path[700];
    char note[200] = "";
    int r = steer(which, &steered, note, err);

    if (r == 0)
        r = refer(which, &steered, &reference, err);
    if (r == 0) {
        cpu_judge(which->number, which->interval_s, &steered, &reference, note, &verdict);
        report_verdict(which, &verdict, report);
        case_title(which, &verdict, title, sizeof(title));
        r = picture_cpu(picture_path(which, report, path), title, &steered, err);
    }
    if (r == 0)
        r = write_tables(which, report, &steered, NULL, err);
    cpu_record_done(&steered);
    cpu_record_done(&reference);
    return r;
}

int accept_run(const struct accept_case *which, struct accept_report *report, struct err *err)
{
    return which->memory ? run_memory(which, report, err) : run_cpu(which, report, err);
}
