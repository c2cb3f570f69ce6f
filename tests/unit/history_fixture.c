/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/history_fixture.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "planner/base/units.h"

static const char *const names[HISTORY_GUESTS] = {"web", "db"};

void history_case_make(struct history_case *c)
{
    *c = (struct history_case){.pcpus = {{.id = 0, .ran_permille = 600, .background_permille = 100},
                                         {.id = 1, .ran_permille = 400}},
                               .plan = {.ran = {.sigma_pct = 10, .sigma_least_pct = 1}}};
    for (int g = 0; g < HISTORY_GUESTS; g++) {
        c->vcpus[g] = (struct vcpu_reading){.running = true, .has_delay = true};
        c->vcpus[g].guest.uuid[0] = (unsigned char)(g + 1);
        strcpy(c->vcpus[g].guest.name, names[g]);
    }
    c->pin = (struct vcpu_pin){.guest = c->vcpus[0].guest, .from_place = 0, .to_place = 1};
    cpuset_add(&c->pin.to, 1);
    strcpy(c->pin.reason, "pCPU 0 is too busy");
    c->sample = (struct vcpu_sample){.vcpus = c->vcpus, .n_vcpus = HISTORY_GUESTS, .at_ns = 1};
    c->plan.pcpus = c->pcpus;
    c->plan.n_pcpus = HISTORY_PCPUS;
    c->plan.pins = &c->pin;
}

/* One interval: web ran half of it and waited a quarter. */
int history_case_pass(struct history *history, struct history_case *c, int64_t now_s,
                      size_t n_moves, bool dry_run)
{
    const struct interval interval = {.at = "2026-11-30T03:12:07+01:00", .dry_run = dry_run};
    struct err err = {0};

    c->sample.at_ns += ns_from_seconds(1);
    c->vcpus[0].cpu_time_ns += ns_from_seconds(0.5);
    c->vcpus[0].delay_ns += ns_from_seconds(0.25);
    c->plan.n_pins = n_moves;
    c->plan.verdict = n_moves ? VERDICT_APPLY : VERDICT_HOLD_BALANCED;
    return history_add_vcpus(history, &c->sample, &c->plan, &interval, now_s, &err);
}

/* All lines of a kind, page by page, as an array. */
json_t *history_read_all(struct history *history, enum history_kind kind, int64_t since_s,
                         size_t *n_pages)
{
    json_t *all = json_array();
    char *cursor = strdup("");

    *n_pages = 0;
    do {
        struct history_page page;

        assert_int_equal(history_read(history, kind, since_s, cursor, &page), 0);
        for (char *line = strtok(page.lines, "\n"); line; line = strtok(NULL, "\n")) {
            json_t *object = json_loads(line, 0, NULL);

            assert_non_null(object);
            json_array_append_new(all, object);
        }
        free(page.lines);
        free(cursor);
        cursor = page.next;
        ++*n_pages;
    } while (cursor[0]);
    free(cursor);
    return all;
}

static int64_t integer(const json_t *object, const char *name)
{
    return json_integer_value(json_object_get(object, name));
}

int history_make_folder(void **state)
{
    char *folder = strdup("/tmp/evenkeel-history-XXXXXX");

    *state = folder;
    return folder && mkdtemp(folder) ? 0 : -1;
}

int history_drop_folder(void **state)
{
    char path[400];
    DIR *entries = opendir(*state);
    const struct dirent *entry;

    while (entries && (entry = readdir(entries)) != NULL) {
        snprintf(path, sizeof(path), "%s/%s", (char *)*state, entry->d_name);
        unlink(path);
    }
    if (entries)
        closedir(entries);
    rmdir(*state);
    free(*state);
    return 0;
}

/* The path of the first file with that in its name; false where there is none. */
bool history_find_file(const char *folder, const char *part, char path[400], size_t *n)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;

    *n = 0;
    while ((entry = readdir(entries)) != NULL) {
        if (strstr(entry->d_name, part) && ++*n == 1)
            snprintf(path, 400, "%s/%s", folder, entry->d_name);
    }
    closedir(entries);
    return *n > 0;
}

struct history *history_reopen(struct history *history, const char *folder, int wanted)
{
    struct err err = {0};

    history_free(history);
    history = history_new(PROGRAM_VCPU);
    assert_int_equal(history_keep(history, folder, START_S + 30 * 86400, &err), wanted);
    return history;
}

/* Each line once, whether it is in a file or in memory. */
size_t history_assert_all(struct history *history, enum history_kind kind, int64_t since_s,
                          int64_t from_s, int64_t step_s, size_t n)
{
    const char *member = kind == HISTORY_CHANGES ? "changes" : "n";
    size_t found = 0, n_pages;
    json_t *lines = history_read_all(history, kind, since_s, &n_pages);

    for (size_t i = 0; i < json_array_size(lines); i++) {
        const json_t *line = json_array_get(lines, i);

        if (!json_object_get(line, member))
            continue;
        assert_int_equal(integer(line, "t"), from_s + (int64_t)found * step_s);
        found++;
    }
    assert_int_equal(found, n);
    json_decref(lines);
    return n_pages;
}
