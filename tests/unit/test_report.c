/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <jansson.h>
#include <math.h>
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

static const uint64_t MIB = 1024;
enum { MANY = 100 }; /* pCPUs: more than a table shows */

/* Three vCPUs on pCPUs 2 and 7; the second moves, the third floats, a fourth is paused. */
struct vcpu_case {
    struct vcpu_reading readings[4];
    struct vcpu_place places[4];
    struct pcpu_load pcpus[MANY];
    struct vcpu_pin pin;
    struct vcpu_sample sample;
    struct vcpu_plan plan;
};

static void make_vcpu_case(struct vcpu_case *c)
{
    *c = (struct vcpu_case){
        .readings = {{.guest = {.name = "web1"}, .running = true},
                     {.guest = {.name = "web1"}, .vcpu = 1, .running = true},
                     {.guest = {.name = "db\x1b[2J"}, .running = true},
                     {.guest = {.name = "sleepy"}, .running = false}},
        .places = {{.vcpu = 0, .from_pcpu = 2, .to_pcpu = 2, .demand_permille = 900},
                   {.vcpu = 1, .from_pcpu = 2, .to_pcpu = 7, .demand_permille = 600},
                   {.vcpu = 2, .from_pcpu = -1, .to_pcpu = -1, .demand_permille = 10},
                   {.vcpu = 3, .from_pcpu = 7, .to_pcpu = 7}},
        .pcpus = {{.id = 2,
                   .before_permille = 1500,
                   .after_permille = 900,
                   .ran_permille = 1000,
                   .ran_after_permille = 900},
                  {.id = 7}},
        .pin = {.guest = {.name = "web1"},
                .vcpu = 1,
                .from_pcpu = 2,
                .to_pcpu = 7,
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
        .waiting = {true, 0.031, 0.42, 0.215, 0.018},
        .work = {.nodes = 3, .pivots = 40},
        .solver =
            {.model = "compact", .rows = 17, .columns = 33, .free = 5, .pivots = 2, .nodes = 1},
    };
}

static const struct interval interval = {.number = 4,
                                         .t_s = 6,
                                         .at_ns = 9000000000u,
                                         .solve_ms = 1.25,
                                         .overruns = 2,
                                         .tally = {.done = 1, .failed = 3}};

static char *vcpu_text(const struct vcpu_case *c, bool verbose)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    report_vcpu(out, verbose, &c->sample, &c->plan, &interval);
    fclose(out);
    return text;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void a_vcpu_interval_for_people(void **state)
{
    struct vcpu_case c;
    char *text;

    (void)state;
    make_vcpu_case(&c);
    text = vcpu_text(&c, false);
    assert_has(text, "interval=4 t_s=6.0 verdict=apply moves=1 sigma=75.00 after=15.00 "
                     "least=14.50 objective=16.000 bound=15.000 gap=6.25% method=touch-bound "
                     "solve_ms=1.2 failed=3 gone=0 overruns=2\n");
    assert_has(text, "     2  100.0  150.0   12.0 |####################|   90.0  web1/0 web1/1\n");
    assert_has(text, "     7    0.0    0.0    0.0 |............        |   61.0 \n");
    assert_has(text, "  floating: db?[2J/0\n");
    assert_has(text, "  waiting 3.1 % of running; expected 42.0 %, after the plan 21.5 %, "
                     "if all floated 1.8 %\n");
    assert_has(text, "  not running: sleepy/0\n");
    assert_has(text, "2 -> 7     60.0 %  pCPU 2 is too busy\n");
    assert_has(text, "  note: as good as it gets\n");
    assert_null(strchr(text, '\x1b'));
    free(text);
    c.pcpus[1].use = PCPU_RESERVED;
    text = vcpu_text(&c, true);
    assert_has(text, "|   61.0  (reserved)");
    assert_has(text, "40 pivots, 3 nodes");
    free(text);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void long_tables_show_the_extremes(void **state)
{
    struct vcpu_case c;
    char *text;

    (void)state;
    make_vcpu_case(&c);
    c.plan.n_pcpus = MANY;
    for (unsigned i = 2; i < MANY; i++)
        c.pcpus[i] = (struct pcpu_load){.id = 100 + i, .ran_permille = 400};
    c.pcpus[50].ran_permille = 1000;
    c.pcpus[50].before_permille = 2000;
    text = vcpu_text(&c, false);
    assert_has(text, "   150  100.0  200.0");
    assert_has(text, "     2  100.0  150.0"); /* a vCPU leaves it */
    assert_has(text, "... 97 more pCPUs between 0.0 and 100.0 %");
    assert_true(count_lines(text) < 14);
    free(text);
    c.pcpus[1].use = PCPU_RESERVED;
    text = vcpu_text(&c, true);
    assert_has(text, "|   61.0  (reserved)");
    assert_true(count_lines(text) > MANY);
    free(text);
}

static double number_at(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);

    if (!json_is_number(value))
        fail_msg("'%s' is not a number", key);
    return json_number_value(value);
}

static void vcpu_keys_stay(void **state)
{
    static const char *const keys[] = {
        "interval", "t_s",       "verdict", "method", "pcpus",    "sigma_pct", "sigma_after_pct",
        "moves",    "objective", "bound",   "gap",    "solve_ms", "nodes",     "sigma_bound_pct",
        "waiting",  "pivots",    "failed"};
    struct vcpu_case c;
    const json_t *pcpu, *move;
    json_t *json;

    (void)state;
    make_vcpu_case(&c);
    json = report_json_vcpu(&c.sample, &c.plan, &interval);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_non_null(json_object_get(json, keys[i]));
    assert_true(number_at(json, "interval") == 4);
    assert_true(number_at(json, "failed") == 3);
    assert_string_equal(json_string_value(json_object_get(json, "solver")), "glpk");
    assert_string_equal(json_string_value(json_object_get(json, "model")), "compact");
    assert_true(number_at(json, "rows") == 17 && number_at(json, "columns") == 33);
    assert_true(number_at(json, "free") == 5 && number_at(json, "pivots") == 2);
    assert_true(number_at(json, "search_pivots") == 40);
    assert_true(json_is_null(json_object_get(json, "hold_objective")));
    pcpu = json_array_get(json_object_get(json, "pcpus"), 0);
    assert_true(number_at(pcpu, "id") == 2);
    assert_true(number_at(pcpu, "load_pct") == 100);
    assert_true(number_at(pcpu, "demand_pct") == 150);
    assert_int_equal(json_array_size(json_object_get(pcpu, "vcpus")), 2);
    move = json_array_get(json_object_get(json, "moves"), 0);
    assert_string_equal(json_string_value(json_object_get(move, "guest")), "web1");
    assert_string_equal(json_string_value(json_object_get(move, "uuid")),
                        "00000000-0000-0000-0000-000000000000");
    assert_true(number_at(move, "vcpu") == 1 && number_at(move, "from") == 2);
    assert_true(number_at(move, "to") == 7 && number_at(move, "demand_pct") == 60);
    assert_string_equal(json_string_value(json_object_get(move, "reason")), "pCPU 2 is too busy");
    json_decref(json);
}

/* A number that is not one, or a name that is not text, must not cost the whole line. */
static void json_survives_what_it_cannot_hold(void **state)
{
    struct vcpu_case c;
    json_t *json;
    const json_t *move;

    (void)state;
    make_vcpu_case(&c);
    c.plan.objective = c.plan.ran.sigma_pct = (double)NAN;
    c.plan.bound = -(double)INFINITY;
    strcpy(c.pin.guest.name, "a\xff");
    c.pin.from_pcpu = -1;
    json = report_json_vcpu(&c.sample, &c.plan, &interval);
    assert_non_null(json);
    assert_true(json_is_null(json_object_get(json, "objective")));
    assert_true(json_is_null(json_object_get(json, "bound")));
    move = json_array_get(json_object_get(json, "moves"), 0);
    assert_string_equal(json_string_value(json_object_get(move, "guest")), "a?");
    assert_true(json_is_null(json_object_get(move, "from")));
    json_decref(json);
}

/* Two guests: one gives, one takes. */
struct memory_case {
    struct memory_reading readings[2];
    struct memory_place places[2];
    struct balloon_step reclaim, grant;
    struct memory_sample sample;
    struct memory_plan plan;
};

static void make_memory_case(struct memory_case *c)
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

static void a_memory_interval_for_people(void **state)
{
    struct memory_case c;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    make_memory_case(&c);
    report_memory(out, false, true, &c.sample, &c.plan, &interval);
    fclose(out);
    assert_has(text,
               "interval=4 t_s=6.0 verdict=apply reclaims=1 grants=1 total_mib=8192 "
               "free_mib=300 droppable_mib=0 reserve_mib=200 promised_mib=64 objective=2.000");
    assert_has(text, "  rich             ok          1024     512 |##########..........|");
    assert_has(text, "  poor             silent       512       - |##########          |");
    assert_has(text, "896   -128\n");
    assert_has(text, "silent since 2 s\n");
    assert_has(text, "reclaim rich               1024 ->    896 MiB  idle\n");
    assert_has(text, "grant   poor                512 ->    640 MiB  grows\n");
    assert_has(text, "at its wish");
    free(text);
}

static void memory_keys_stay(void **state)
{
    static const char *const keys[] = {"interval", "t_s",      "verdict", "host",
                                       "guests",   "reclaims", "grants",  "objective",
                                       "solve_ms", "pivots",   "failed"};
    static const char *const host_keys[] = {"total_kib", "free_kib", "reserve_kib", "promised_kib"};
    static const char *const guest_keys[] = {"name",       "uuid",       "state",
                                             "actual_kib", "unused_kib", "demand_kib",
                                             "target_kib", "floor_kib",  "ceiling_kib"};
    struct memory_case c;
    const json_t *guest;
    json_t *json;

    (void)state;
    make_memory_case(&c);
    json = report_json_memory(&c.plan, &interval, true);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        assert_non_null(json_object_get(json, keys[i]));
    for (size_t i = 0; i < sizeof(host_keys) / sizeof(host_keys[0]); i++)
        number_at(json_object_get(json, "host"), host_keys[i]);
    guest = json_array_get(json_object_get(json, "guests"), 0);
    for (size_t i = 0; i < sizeof(guest_keys) / sizeof(guest_keys[0]); i++)
        assert_non_null(json_object_get(guest, guest_keys[i]));
    assert_string_equal(json_string_value(json_object_get(guest, "explain")), "at its wish");
    assert_true(number_at(json, "reclaims") == 1 && number_at(json, "grants") == 1);
    assert_int_equal(json_array_size(json_object_get(json, "steps")), 2);
    json_decref(json);
}

static void the_run_in_a_few_lines(void **state)
{
    struct vcpu_summary vcpus = {0};
    struct memory_summary memory = {.guest_unused_kib = 100 * MIB};
    struct vcpu_case v;
    struct memory_case m;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    make_vcpu_case(&v);
    make_memory_case(&m);
    vcpu_summary_add(&vcpus, &v.plan, &interval);
    v.plan.verdict = VERDICT_HOLD_BALANCED;
    v.plan.n_pins = 0;
    v.plan.ran.sigma_pct = v.plan.ran.sigma_after_pct = 1.5;
    vcpu_summary_add(&vcpus, &v.plan, &(struct interval){.number = 5, .t_s = 8});
    assert_int_equal(memory_summary_add(&memory, &m.sample, &m.plan, &interval), 0);
    m.places[0].unused_kib = 90 * MIB;
    m.places[0].actual_kib = 896 * MIB;
    m.plan.host_free_kib = 250 * MIB;
    m.plan.n_places = 1;
    assert_int_equal(memory_summary_add(&memory, &m.sample, &m.plan, &interval), 0);
    report_vcpu_summary(out, &vcpus);
    report_memory_summary(out, &memory);
    fclose(out);
    assert_has(text, "summary: 2 intervals in 8.0 s, 1 moves in 1 plans, 3 failed");
    assert_has(text, "sigma 75.00 points at first, 1.50 at last; no pins reach less than");
    assert_has(text, "waiting    3.1 % of running on average; 42.0 % was expected, 1.8 % if all "
                     "floated");
    assert_has(text, "objective 16.000, bound 15.000, gap 6.25 %: optimal, by touch-bound");
    assert_has(text, "  rich                 1024      896            90\n");
    assert_has(text, "  poor                  512      512             -   (gone)\n");
    assert_has(text, "lowest host free 250 MiB, reserve 200 MiB");
    assert_has(text, "unused     under 100 MiB in 50.00 % of 2 guest-intervals");
    assert_has(text, "moved      64.0 MiB and ");
    assert_int_equal(memory.under, 1);
    assert_null(strstr(text, "refused"));
    memory_summary_done(&memory);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_vcpu_interval_for_people),
        cmocka_unit_test(long_tables_show_the_extremes),
        cmocka_unit_test(vcpu_keys_stay),
        cmocka_unit_test(json_survives_what_it_cannot_hold),
        cmocka_unit_test(a_memory_interval_for_people),
        cmocka_unit_test(memory_keys_stay),
        cmocka_unit_test(the_run_in_a_few_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
