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
#include "tests/unit/report_fixture.h"

static void a_vcpu_interval_for_people(void **state)
{
    struct vcpu_case c;
    char *text;

    (void)state;
    report_case_vcpu(&c);
    text = report_case_text(&c, REPORT_TABLE);
    report_case_has(text,
                    "interval=4 t_s=6.0 verdict=apply moves=1 sigma=75.00 after=15.00 least=14.50\n"
                    "  failed=3 overruns=2\n"
                    "  objective=16.000 bound=15.000 gap=6.25% method=touch-bound solve_ms=1.2\n");
    report_case_has(text,
                    "     2  100.0  150.0   12.0 |##########|+++++     |   90.0 web1/0 web1/1\n");
    report_case_has(text, "     7    0.0    0.0    0.0 |......    |          |   61.0\n");
    report_case_has(text, "  floating: db?[2J/0\n");
    report_case_has(text,
                    "  waiting 3.1 % of running; expected 42.0 %, after the plan 21.5 %, if all\n"
                    "      floated 1.8 %\n");
    report_case_has(text, "  not running: sleepy/0\n");
    report_case_has(text, "  pin web1/1 2 -> 7: pCPU 2 is too busy\n");
    report_case_has(text, "  note: as good as it gets\n");
    assert_null(strchr(text, '\x1b'));
    free(text);
    c.pcpus[1].use = PCPU_RESERVED;
    text = report_case_text(&c, REPORT_ALL);
    report_case_has(text, "|   61.0 (reserved)");
    report_case_has(text, "  solver=glpk model=compact rows=17 columns=33 free=5");
    report_case_has(text, "40 pivots, 3 nodes");
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
    report_case_vcpu(&c);
    c.plan.n_pcpus = MANY;
    for (unsigned i = 2; i < MANY; i++)
        c.pcpus[i] = (struct pcpu_load){.id = 100 + i, .ran_permille = 400};
    c.pcpus[50].ran_permille = 1000;
    c.pcpus[50].before_permille = 2000;
    text = report_case_text(&c, REPORT_TABLE);
    report_case_has(text, "   150  100.0  200.0");
    report_case_has(text, "     2  100.0  150.0"); /* a vCPU leaves it */
    report_case_has(text, "... 97 more pCPUs between 0.0 and 100.0 %");
    assert_true(count_lines(text) < 18);
    free(text);
    c.pcpus[1].use = PCPU_RESERVED;
    text = report_case_text(&c, REPORT_ALL);
    report_case_has(text, "|   61.0 (reserved)");
    assert_true(count_lines(text) > MANY);
    free(text);
}

/* The set has pCPU 2 and n more of each second number. Returns the text of the last one. */
static char *assert_fits(struct vcpu_case *c, enum topology_level grain, unsigned n)
{
    struct plan_set sets[] = {{.n_pcpus = n + 1, .before_permille = 1500}};
    char *text = NULL;

    for (unsigned p = 0; p <= n; p++)
        cpuset_add(&sets[0].pcpus, 2 + 2 * p);
    c->plan.grain = grain;
    c->plan.sets = sets;
    c->plan.n_sets = c->plan.n_bins = grain == TOPOLOGY_LEVEL_PCPU ? 0 : 1;
    for (size_t i = 0; i < 4 && c->plan.n_bins; i++)
        c->places[i].from_place = 0;
    for (int detail = REPORT_TABLE; detail <= REPORT_ALL; detail++) {
        free(text);
        text = report_case_text(c, (enum report_detail)detail);
        for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
            if (strcspn(line, "\n") > 80)
                fail_msg("%zu columns: %.120s", strcspn(line, "\n"), line);
    }
    return text;
}

/* Whatever is in it, and however long names and sentences are. */
static void reports_fit_a_terminal(void **state)
{
    static const char name[] = "a-guest-with-a-name-as-long-as-is-shown";
    struct vcpu_case c;
    char *text;

    (void)state;
    report_case_vcpu(&c);
    for (size_t i = 0; i < 4; i++)
        strcpy(c.readings[i].guest.name, name);
    strcpy(c.pin.guest.name, name);
    snprintf(c.pin.reason, sizeof(c.pin.reason),
             "pCPU 2 carries 150 %%: %s (60 %%) moves to pCPU 7", name);
    strcpy(c.plan.note, "a sentence of more than eighty columns has to go on below, where it is "
                        "indented, so that nobody takes it for another one");
    free(assert_fits(&c, TOPOLOGY_LEVEL_PCPU, 0));
    c.pin.from_place = 0;
    c.pin.to_place = 0;
    free(assert_fits(&c, TOPOLOGY_LEVEL_LLC, 0));
    /* As nodes are whose pCPUs take turns. */
    text = assert_fits(&c, TOPOLOGY_LEVEL_NODE, 63);
    report_case_has(text, "  node 2,4,6,8,10...  ");
    report_case_has(text, "126, 128\n");
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
    report_case_vcpu(&c);
    json = report_json_vcpu(&c.sample, &c.plan, &report_case_interval);
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
    report_case_vcpu(&c);
    c.plan.objective = c.plan.ran.sigma_pct = (double)NAN;
    c.plan.bound = -(double)INFINITY;
    strcpy(c.pin.guest.name, "a\xff");
    c.pin.from_place = -1;
    json = report_json_vcpu(&c.sample, &c.plan, &report_case_interval);
    assert_non_null(json);
    assert_true(json_is_null(json_object_get(json, "objective")));
    assert_true(json_is_null(json_object_get(json, "bound")));
    move = json_array_get(json_object_get(json, "moves"), 0);
    assert_string_equal(json_string_value(json_object_get(move, "guest")), "a?");
    assert_true(json_is_null(json_object_get(move, "from")));
    json_decref(json);
}

static void a_memory_interval_for_people(void **state)
{
    struct memory_case c;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    (void)state;
    report_case_memory(&c);
    report_memory(out, REPORT_TABLE, true, &c.sample, &c.plan, &report_case_interval);
    fclose(out);
    report_case_has(text,
                    "interval=4 t_s=6.0 verdict=apply reclaims=1 grants=1 free_mib=300 failed=3\n"
                    "  overruns=2\n"
                    "  total_mib=8192 reserve_mib=200 promised_mib=64\n  objective=2.000");
    report_case_has(text,
                    "  rich               1024    512 |####....|    512    612    896   -128\n");
    report_case_has(
        text, "  poor                512      - |####    |      0      0    640   +128 silent\n");
    report_case_has(text, "  reclaim rich 1024 -> 896 MiB: idle\n");
    report_case_has(text, "  grant poor 512 -> 640 MiB: grows\n");
    assert_true(strstr(text, "  poor") < strstr(text, "  rich"));
    report_case_has(text, "at its wish");
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
    report_case_memory(&c);
    json = report_json_memory(&c.plan, &report_case_interval, true);
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
    report_case_vcpu(&v);
    report_case_memory(&m);
    vcpu_summary_add(&vcpus, &v.plan, &report_case_interval);
    v.plan.verdict = VERDICT_HOLD_BALANCED;
    v.plan.n_pins = 0;
    v.plan.ran.sigma_pct = v.plan.ran.sigma_after_pct = 1.5;
    vcpu_summary_add(&vcpus, &v.plan, &(struct interval){.number = 5, .t_s = 8});
    assert_int_equal(memory_summary_add(&memory, &m.sample, &m.plan, &report_case_interval), 0);
    m.places[0].unused_kib = 90 * MIB;
    m.places[0].actual_kib = 896 * MIB;
    m.plan.host_free_kib = 250 * MIB;
    m.plan.n_places = 1;
    assert_int_equal(memory_summary_add(&memory, &m.sample, &m.plan, &report_case_interval), 0);
    report_vcpu_summary(out, &vcpus);
    report_memory_summary(out, &memory);
    fclose(out);
    report_case_has(text, "summary: 2 intervals in 8.0 s, 1 moves in 1 plans, 3 failed");
    report_case_has(text, "sigma 75.00 points at first, 1.50 at last; no pins reach less than");
    report_case_has(text,
                    "waiting    3.1 % of running on average; 42.0 % was expected, 1.8 % if all\n"
                    "             floated\n");
    report_case_has(text, "objective 16.000, bound 15.000, gap 6.25 %: optimal, by touch-bound");
    report_case_has(text, "  rich                 1024      896            90\n");
    report_case_has(text, "  poor                  512      512             -   (gone)\n");
    report_case_has(text, "lowest host free 250 MiB, reserve 200 MiB");
    report_case_has(text, "unused     under 100 MiB in 50.00 % of 2 guest-intervals");
    report_case_has(text, "moved      64.0 MiB and ");
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
        cmocka_unit_test(reports_fit_a_terminal),
        cmocka_unit_test(vcpu_keys_stay),
        cmocka_unit_test(json_survives_what_it_cannot_hold),
        cmocka_unit_test(a_memory_interval_for_people),
        cmocka_unit_test(memory_keys_stay),
        cmocka_unit_test(the_run_in_a_few_lines),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
