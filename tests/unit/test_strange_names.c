/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/report/report_json.h"
#include "agent/report/report_memory.h"
#include "agent/report/report_vcpu.h"

/* What strangers put into names and texts: a mark that turns the rest of a line around, and one
 * that nobody sees. A terminal shows them as what they are; JSON says the name as it is. */
static const char back[] = "\xe2\x80\xae", hidden[] = "\xe2\x80\x8b";
static const struct interval interval = {.number = 1};

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void assert_harmless(const char *text)
{
    assert_null(strstr(text, back));
    assert_null(strstr(text, hidden));
}

static void assert_kept(json_t *object)
{
    char *json = json_dumps(object, 0);

    assert_non_null(json);
    assert_has(json, back);
    assert_has(json, hidden);
    free(json);
    json_decref(object);
}

static void the_scheduler_shows_strange_names_and_keeps_them_in_json(void **state)
{
    struct vcpu_reading vcpus[2] = {{.running = true}, {.running = true}};
    struct vcpu_place places[2] = {{0, -1, -1, 10}, {1, 0, 0, 10}};
    struct pcpu_load pcpus[1] = {{.id = 0}};
    struct vcpu_pin pin = {.vcpu = 1, .from_pcpu = -1};
    struct vcpu_sample sample = {.vcpus = vcpus, .n_vcpus = 2};
    struct vcpu_plan plan = {
        .pcpus = pcpus, .n_pcpus = 1, .places = places, .n_places = 2, .pins = &pin, .n_pins = 1};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    snprintf(vcpus[0].guest.name, sizeof(vcpus[0].guest.name), "db%s", back);
    snprintf(vcpus[1].guest.name, sizeof(vcpus[1].guest.name), "we%sb", hidden);
    snprintf(pin.guest.name, sizeof(pin.guest.name), "w%s", back);
    snprintf(pin.reason, sizeof(pin.reason), "as guest '%s' wants", hidden);
    snprintf(plan.note, sizeof(plan.note), "guest '%s' is odd", back);
    report_vcpu(out, false, &sample, &plan, &interval);
    fclose(out);
    assert_harmless(text);
    assert_has(text, "db?/0");
    assert_has(text, "we?b/0");
    assert_has(text, "pin w?/1");
    assert_has(text, "as guest '?' wants\n");
    assert_has(text, "note: guest '?' is odd\n");
    free(text);
    assert_kept(report_json_vcpu(&sample, &plan, &interval));
}

static void the_coordinator_shows_strange_names_and_keeps_them_in_json(void **state)
{
    struct memory_reading readings[1] = {0};
    struct memory_place places[1] = {{.actual_kib = 1, .target_kib = 2}};
    struct balloon_step grant = {.to_kib = 2};
    struct memory_sample sample = {.guests = readings, .n_guests = 1};
    struct memory_plan plan = {.places = places, .n_places = 1, .grants = &grant, .n_grants = 1};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    snprintf(places[0].guest.name, sizeof(places[0].guest.name), "db%s", back);
    snprintf(places[0].explain, sizeof(places[0].explain), "it is%s small", hidden);
    snprintf(grant.reason, sizeof(grant.reason), "guest '%s' grows", back);
    snprintf(plan.note, sizeof(plan.note), "guest '%s' is odd", hidden);
    report_memory(out, false, true, &sample, &plan, &interval);
    fclose(out);
    assert_harmless(text);
    assert_has(text, "db?");
    assert_has(text, "it is? small\n");
    assert_has(text, "guest '?' grows\n");
    assert_has(text, "note: guest '?' is odd\n");
    free(text);
    assert_kept(report_json_memory(&plan, &interval, true));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scheduler_shows_strange_names_and_keeps_them_in_json),
        cmocka_unit_test(the_coordinator_shows_strange_names_and_keeps_them_in_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
