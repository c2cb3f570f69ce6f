/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/base/guest_name.h"
#include "agent/base/json_values.h"
#include "agent/report/report_json.h"
#include "agent/report/report_memory.h"
#include "agent/report/report_vcpu.h"

/* What strangers put into names: a mark that turns the rest of a line around, and one that nobody
 * sees. A terminal shows them as what they are; JSON says the name as it is, once. */
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

/* The true name is in the member "guest" and nowhere else, and escaped even there. */
static void assert_told(json_t *object, const char *member)
{
    char *json = json_line(object, JSON_DIGITS_SHORT), *at;

    assert_non_null(json);
    assert_harmless(json);
    at = strstr(json, member);
    if (!at)
        fail_msg("no %s in %s", member, json);
    assert_null(strstr(at + strlen(member), "\\u"));
    *at = '\0';
    assert_null(strstr(json, "\\u"));
    free(json);
}

static void name(struct guest_id *guest, const char *format, const char *mark)
{
    char text[64];

    snprintf(text, sizeof(text), "%.*s%s%s", (int)(strchr(format, '|') - format), format, mark,
             strchr(format, '|') + 1);
    guest_name_set(guest, text);
}

static void the_scheduler_shows_no_strange_character_and_tells_the_name_once(void **state)
{
    struct vcpu_reading vcpus[2] = {{.running = true}, {.running = true}};
    struct vcpu_place places[2] = {
        {.vcpu = 0, .from_place = -1, .to_place = -1, .demand_permille = 10},
        {.vcpu = 1, .demand_permille = 10}};
    struct pcpu_load pcpus[1] = {{.id = 0}};
    struct vcpu_pin pin = {.vcpu = 1, .from_place = -1};
    struct vcpu_sample sample = {.vcpus = vcpus, .n_vcpus = 2};
    struct vcpu_plan plan = {
        .pcpus = pcpus, .n_pcpus = 1, .places = places, .n_places = 2, .pins = &pin, .n_pins = 1};
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    name(&vcpus[0].guest, "db|", back);
    name(&vcpus[1].guest, "we|b", hidden);
    name(&pin.guest, "w|", back);
    snprintf(pin.reason, sizeof(pin.reason), "as guest '%s' wants", vcpus[0].guest.name);
    snprintf(plan.note, sizeof(plan.note), "guest '%s' is odd", vcpus[1].guest.name);
    report_vcpu(out, REPORT_TABLE, &sample, &plan, &interval);
    fclose(out);
    assert_harmless(text);
    assert_has(text, "db?/0");
    assert_has(text, "we?b/0");
    assert_has(text, "pin w?/1 ");
    assert_has(text, "as guest 'db?' wants\n");
    assert_has(text, "note: guest 'we?b' is odd\n");
    free(text);
    assert_told(report_json_vcpu(&sample, &plan, &interval), "\"guest\":\"w\\u202e\"");
}

static void the_coordinator_shows_no_strange_character_and_tells_the_name_once(void **state)
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
    name(&places[0].guest, "db|", back);
    snprintf(places[0].explain, sizeof(places[0].explain), "%s is small", places[0].guest.name);
    snprintf(grant.reason, sizeof(grant.reason), "guest '%s' grows", places[0].guest.name);
    snprintf(plan.note, sizeof(plan.note), "guest '%s' is odd", places[0].guest.name);
    report_memory(out, REPORT_TABLE, true, &sample, &plan, &interval);
    fclose(out);
    assert_harmless(text);
    assert_has(text, "db? is small\n");
    assert_has(text, "guest 'db?' grows\n");
    assert_has(text, "note: guest 'db?' is odd\n");
    free(text);
    assert_told(report_json_memory(&plan, &interval, true), "\"guest\":\"db\\u202e\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_scheduler_shows_no_strange_character_and_tells_the_name_once),
        cmocka_unit_test(the_coordinator_shows_no_strange_character_and_tells_the_name_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
