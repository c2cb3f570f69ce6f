/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/report_fixture.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "agent/report/report_vcpu.h"

void report_case_vcpu(struct vcpu_case *c)
{
    *c = (struct vcpu_case){
        .readings = {{.guest = {.name = "web1"}, .running = true},
                     {.guest = {.name = "web1"}, .vcpu = 1, .running = true},
                     {.guest = {.name = "db\x1b[2J"}, .running = true},
                     {.guest = {.name = "sleepy"}, .running = false}},
        .places = {{.vcpu = 0, .from_place = 2, .to_place = 2, .demand_permille = 900},
                   {.vcpu = 1, .from_place = 2, .to_place = 7, .demand_permille = 600},
                   {.vcpu = 2, .from_place = -1, .to_place = -1, .demand_permille = 10},
                   {.vcpu = 3, .from_place = 7, .to_place = 7}},
        .pcpus = {{.id = 2,
                   .before_permille = 1500,
                   .after_permille = 900,
                   .ran_permille = 1000,
                   .ran_after_permille = 900},
                  {.id = 7}},
        .pin = {.guest = {.name = "web1"},
                .vcpu = 1,
                .from_place = 2,
                .to_place = 7,
                .demand_permille = 600,
                .reason = "pCPU 2 is too busy"},
    };
    c->pcpus[0].background_permille = 120, c->pcpus[1].after_permille = 600,
    c->pcpus[1].ran_after_permille = 610;
    c->sample = (struct vcpu_sample){.vcpus = c->readings, .n_vcpus = 4};
    c->plan = (struct vcpu_plan){
        .verdict = VERDICT_APPLY,
        .note = "as good as it gets",
        .method = PLACEMENT_METHOD_TOUCH_BOUND,
        .sigma_pct = 80,
        .sigma_after_pct = 70,
        .sigma_bound_pct = 60,
        .ran = {.sigma_pct = 75, .sigma_after_pct = 15, .sigma_least_pct = 14.5},
        .objective = 16,
        .bound = 15,
        .gap = 0.0625,
        .hold_objective = (double)INFINITY,
        .pcpus = c->pcpus,
        .n_pcpus = 2,
        .places = c->places,
        .n_places = 4,
        .pins = &c->pin,
        .n_pins = 1,
        .waiting = {.is_measured = true,
                    .measured = 0.031,
                    .now = 0.42,
                    .after = 0.215,
                    .floating = 0.018},
        .work = {.nodes = 3, .pivots = 40},
        .solver =
            {.model = "compact", .rows = 17, .columns = 33, .free = 5, .pivots = 2, .nodes = 1},
    };
}

void report_case_memory(struct memory_case *c)
{
    *c = (struct memory_case){
        .readings = {{.has = MEMORY_HAS_UNUSED}, {.has = MEMORY_HAS_UNUSED}},
        .places = {{.guest = {.uuid = {1}, .name = "rich"},
                    .actual_kib = 1024 * MIB,
                    .unused_kib = 512 * MIB,
                    .demand_kib = 512 * MIB,
                    .target_kib = 896 * MIB,
                    .floor_kib = 612 * MIB,
                    .ceiling_kib = 2048 * MIB,
                    .explain = "at its wish"},
                   {.guest = {.uuid = {2}, .name = "poor"},
                    .state = GUEST_SILENT,
                    .state_since_ns = 5000000000u,
                    .actual_kib = 512 * MIB,
                    .target_kib = 640 * MIB}},
        .reclaim = {.guest = {.name = "rich"},
                    .from_kib = 1024 * MIB,
                    .to_kib = 896 * MIB,
                    .reason = "idle"},
        .grant = {.guest = {.name = "poor"},
                  .from_kib = 512 * MIB,
                  .to_kib = 640 * MIB,
                  .reason = "grows"},
    };
    c->sample = (struct memory_sample){.guests = c->readings, .n_guests = 2};
    c->plan = (struct memory_plan){
        .verdict = VERDICT_APPLY,
        .host_total_kib = 8192 * MIB,
        .host_free_kib = 300 * MIB,
        .host_reserve_kib = 200 * MIB,
        .host_promised_kib = 64 * MIB,
        .objective = 2,
        .bound = 2,
        .places = c->places,
        .n_places = 2,
        .reclaims = &c->reclaim,
        .n_reclaims = 1,
        .grants = &c->grant,
        .n_grants = 1,
    };
}

const struct interval report_case_interval = {.number = 4,
                                              .t_s = 6,
                                              .at_ns = 9000000000u,
                                              .solve_ms = 1.25,
                                              .overruns = 2,
                                              .tally = {.done = 1, .failed = 3}};

char *report_case_text(const struct vcpu_case *c, enum report_detail detail)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    report_vcpu(out, detail, &c->sample, &c->plan, &report_case_interval);
    fclose(out);
    return text;
}

void report_case_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}
