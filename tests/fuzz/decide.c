/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/decide.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/apply.h"
#include "agent/base/text.h"
#include "agent/report/report_json.h"
#include "agent/report/report_memory.h"
#include "agent/report/report_vcpu.h"
#include "agent/restore.h"
#include "planner/memory/check.h"
#include "planner/topology/seen.h"
#include "planner/vcpu/check.h"
#include "tests/fuzz/fuzz.h"

enum { KCELLS = 2000, PIVOTS = 1000, NODES = 100, EVALUATIONS = 2000 };

static void lessen(int64_t *limit, int64_t most)
{
    if (*limit <= 0 || *limit > most)
        *limit = most;
}

void decide_quickly(struct work *limits)
{
    lessen(&limits->max_kcells, KCELLS);
    lessen(&limits->max_pivots, PIVOTS);
    lessen(&limits->max_nodes, NODES);
    lessen(&limits->max_evaluations, EVALUATIONS);
}

/* The sentence that stops everything, where there is one. */
static void must_pass(int r, const struct err *err)
{
    must(r == 0, err->text[0] ? err->text : "a plan passes its checker");
}

static FILE *open_text(char **text, size_t *size)
{
    FILE *file = open_memstream(text, size);

    must(file, "there is memory");
    return file;
}

/* Every line is as harmless as text.h can make it, whatever guests are called. */
static void close_text(FILE *file, char **text)
{
    char *rest;

    must(fclose(file) == 0, "there is memory");
    for (char *line = strtok_r(*text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *shown = strdup(line);

        must(shown, "there is memory");
        text_printable(shown);
        must(strcmp(shown, line) == 0, "a report has nothing that harms a terminal");
        free(shown);
    }
    free(*text);
}

/* ---- vCPUs ---- */

static void report_vcpus(const struct vcpu_sample *sample, const struct vcpu_plan *plan)
{
    struct interval interval = {0};
    json_t *json = report_json_vcpu(sample, plan, &interval);
    size_t size;
    char *text = NULL;
    FILE *file = open_text(&text, &size);

    must(json, "every plan can be told as JSON");
    json_decref(json);
    report_vcpu(file, REPORT_ALL, sample, plan, &interval);
    close_text(file, &text);
}

static void vcpu_refused(void *arg, const struct vcpu_pin *pin)
{
    vcpu_planner_refused(arg, &pin->guest, pin->vcpu,
                         cpuset_count(&pin->to) == 1 ? (int)cpuset_next(&pin->to, 0) : -1);
}

/* As agent/shape.c does. */
static void mark(const struct host *host, struct vcpu_sample *sample)
{
    struct topology_facts *facts = calloc(1, sizeof(*facts));
    struct topology topology;
    struct err err = {0};

    must(facts, "there is memory");
    if (host->topology && host->topology(host->self, facts, &err) == 0) {
        if (topology_build(facts, &topology, &err) == 0) {
            topology_mark(&topology, sample);
            topology_done(&topology);
        }
        topology_facts_done(facts);
    }
    free(facts);
}

static void plan_vcpus(const struct host *host, struct vcpu_planner *planner, struct replay *replay,
                       struct originals *originals, const struct vcpu_sample *sample)
{
    struct vcpu_plan plan = {0};
    struct tally tally = {0};
    struct err err = {0};
    int r;

    if (replay)
        replay_refusals(replay, planner);
    r = vcpu_planner_step(planner, sample, &plan, &err);
    must(r >= 0 || err.text[0], "a refusal has a sentence");
    if (replay)
        replay_compare_vcpu(replay, r < 0 ? NULL : &plan, NULL);
    if (r < 0)
        return;
    must(plan.verdict != VERDICT_HOLD_UNSAFE, "the solver's answers fit together");
    must_pass(vcpu_check(sample, &plan, &err), &err);
    report_vcpus(sample, &plan);
    must(restore_keep_vcpus(originals, sample, &plan, &err) >= 0, "there is memory");
    if (!replay)
        apply_vcpu_plan(host, &plan, NULL, NULL, &tally, vcpu_refused, planner);
    vcpu_plan_done(&plan);
}

void decide_vcpus(const struct host *host, struct ticker *ticker,
                  const struct vcpu_settings *settings, struct replay *replay, int intervals)
{
    struct vcpu_planner *planner = vcpu_planner_new(settings);
    struct originals originals = {0};
    struct err err = {0};

    must(planner, "there is memory");
    for (int i = 0; i < intervals && ticker->wait(ticker->self, &err) > 0; i++) {
        struct vcpu_sample sample = {0};

        if (host->sample_vcpus(host->self, &sample, &err) < 0)
            continue;
        if (!replay) {
            mark(host, &sample);
            restore_mark_ours(&originals, settings->level != PIN_PCPU, &sample);
        }
        plan_vcpus(host, planner, replay, &originals, &sample);
        vcpu_sample_done(&sample);
    }
    vcpu_planner_free(planner);
    originals_done(&originals);
}

/* ---- Memory ---- */

static void report_sizes(const struct memory_sample *sample, const struct memory_plan *plan)
{
    struct interval interval = {0};
    json_t *json = report_json_memory(plan, &interval, true);
    size_t size;
    char *text = NULL;
    FILE *file = open_text(&text, &size);

    must(json, "every plan can be told as JSON");
    json_decref(json);
    report_memory(file, REPORT_ALL, true, sample, plan, &interval);
    close_text(file, &text);
}

static bool undone(void *arg, const struct guest_id *guest, bool is_refused)
{
    if (is_refused)
        return memory_planner_refused(arg, guest);
    memory_planner_retract(arg, guest);
    return false;
}

static void plan_memory(const struct host *host, struct memory_planner *planner,
                        const struct memory_settings *settings, struct replay *replay,
                        const struct memory_sample *sample)
{
    struct memory_plan plan = {0};
    struct tally tally = {0};
    struct err err = {0};
    int r;

    if (replay)
        replay_retractions(replay, planner);
    r = memory_planner_step(planner, sample, &plan, &err);
    must(r >= 0 || err.text[0], "a refusal has a sentence");
    if (replay)
        replay_compare_memory(replay, r < 0 ? NULL : &plan, NULL);
    if (r < 0)
        return;
    must(plan.verdict != VERDICT_HOLD_UNSAFE, "the solver's answers fit together");
    must_pass(memory_check(settings, sample, &plan, &err), &err);
    report_sizes(sample, &plan);
    if (!replay)
        apply_memory_plan(host, &plan, NULL, NULL, &tally, undone, planner);
    memory_plan_done(&plan);
}

void decide_memory(const struct host *host, struct ticker *ticker,
                   const struct memory_settings *settings, struct replay *replay, int intervals)
{
    struct memory_planner *planner = memory_planner_new(settings);
    struct err err = {0};

    must(planner, "there is memory");
    for (int i = 0; i < intervals && ticker->wait(ticker->self, &err) > 0; i++) {
        struct memory_sample sample = {0};

        if (host->sample_memory(host->self, &sample, &err) < 0)
            continue;
        plan_memory(host, planner, settings, replay, &sample);
        memory_sample_done(&sample);
    }
    memory_planner_free(planner);
}
