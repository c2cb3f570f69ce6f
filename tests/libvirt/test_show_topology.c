/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --show-topology on simulated hosts whose topology is a file, beside what is expected of each, and
 * on libvirt. EVENKEEL_TOPOLOGIES names another folder of the form of tests/topology, with the
 * capabilities beside expected.json or in a folder of that name. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/libvirt/command_fixture.h"

static const char usual_folder[] = SOURCE_DIR "/tests/topology";
static const char other_folder[] = SOURCE_DIR "/../shared/topology";

static void write_scenario(const char *text)
{
    char path[256];
    FILE *file;

    command_path("scenario.json", path, sizeof(path));
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static struct run show(const char *options)
{
    char path[256], line[512];

    command_path("scenario.json", path, sizeof(path));
    snprintf(line, sizeof(line), "vcpu_scheduler --show-topology --simulate %s %s", path, options);
    return command_run(line);
}

static json_t *shown(const char *scenario)
{
    struct run run;
    json_t *json;

    write_scenario(scenario);
    run = show("--json");
    if (run.status != 0)
        fail_msg("%s: %s", scenario, run.err);
    json = json_loads(run.out, 0, NULL);
    assert_non_null(json);
    assert_int_equal(count_text_lines(run.out), 1);
    command_done(&run);
    return json;
}

/* Lists are sets: each of the one is in the other, and there are as many. */
static bool is_same(const json_t *left, const json_t *right)
{
    if (!json_is_array(left))
        return json_equal(left, right);
    for (size_t i = 0; i < json_array_size(left); i++) {
        size_t k = 0;

        while (k < json_array_size(right) &&
               !json_equal(json_array_get(left, i), json_array_get(right, k)))
            k++;
        if (k == json_array_size(right))
            return false;
    }
    return json_array_size(left) == json_array_size(right);
}

static void assert_shape(const char *name, const json_t *expected, const json_t *json)
{
    static const char *const members[] = {"online", "nodes",    "llcs",    "cores",
                                          "level",  "llc_from", "excluded"};

    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        json_t *wanted = json_object_get(expected, members[i]);
        json_t *found = json_object_get(json, members[i]);

        assert_non_null(found);
        if (wanted && !is_same(wanted, found))
            fail_msg("%s: %s is %s", name, members[i], json_dumps(found, JSON_ENCODE_ANY));
    }
}

/* Returns how many machines there were. */
static size_t compare_folder(const char *folder)
{
    char path[512];
    json_t *all, *expected;
    const char *name;
    size_t n = 0;

    snprintf(path, sizeof(path), "%s/expected.json", folder);
    all = json_load_file(path, 0, NULL);
    json_object_foreach(all, name, expected)
    {
        char scenario[600];
        json_t *json;

        snprintf(path, sizeof(path), "%s/capabilities/%s.xml", folder, name);
        if (access(path, R_OK) != 0)
            snprintf(path, sizeof(path), "%s/%s.xml", folder, name);
        snprintf(scenario, sizeof(scenario), "{\"topology\": \"%s\"}", path);
        json = shown(scenario);
        assert_shape(name, expected, json);
        json_decref(json);
        n++;
    }
    json_decref(all);
    return n;
}

static void machines_have_the_shape_that_is_expected(void **state)
{
    (void)state;
    assert_int_equal(compare_folder(usual_folder), 4);
}

static void other_machines_as_well(void **state)
{
    const char *folder = getenv("EVENKEEL_TOPOLOGIES");

    (void)state;
    if (!compare_folder(folder ? folder : other_folder))
        skip();
}

/* The map says who is online; without one, cells do. */
static void a_map_is_named_or_found(void **state)
{
    char scenario[1024];
    json_t *json;

    (void)state;
    snprintf(scenario, sizeof(scenario),
             "{\"topology\": \"%s/offline.xml\", \"cpumap\": \"%s/halves.cpumap\"}", usual_folder,
             usual_folder);
    json = shown(scenario);
    assert_string_equal(json_string_value(json_object_get(json, "online")), "0-15");
    json_decref(json);
    snprintf(scenario, sizeof(scenario), "{\"topology\": \"%s/clusters.xml\"}", usual_folder);
    json = shown(scenario);
    assert_string_equal(json_string_value(json_object_get(json, "online")), "0-15");
    json_decref(json);
}

static void a_synthetic_host_and_what_is_kept_from_guests(void **state)
{
    struct run run;

    (void)state;
    write_scenario("{\"topology\": \"node:2 llc:2 core:4 pu:2\","
                   " \"host\": {\"online\": \"0-30\", \"isolated\": \"1\", \"tickless\": \"2-3\","
                   " \"slice\": \"0-29,31\"},"
                   " \"guests\": [{\"name\": \"a\", \"vcpus\": 2}]}");
    run = show("--reserve 0 --verbose");
    assert_int_equal(run.status, 0);
    assert_has_text(run.out, "host: 2 nodes, 4 last-level caches, 16 cores, 26 of 31 pCPUs usable");
    assert_has_text(run.out, "node 1: 16-30, distances 20 10\n");
    assert_has_text(run.out, "  cache 24-30: 7 pCPUs, 4 cores\n    core 24-25\n");
    assert_has_text(run.out,
                    "excluded: 31 offline\nexcluded: 1 isolated\n"
                    "excluded: 2-3 tickless\nexcluded: 30 outside-slice\nexcluded: 0 reserved\n");
    assert_has_text(run.out, "levels: pcpu (26 bins), core (13 bins), llc (4 bins), node (2 bins), "
                             "host (guests float)\nlevel by shape: llc\n");
    assert_has_text(run.out, "llc=banks");
    command_done(&run);
}

static void a_scenario_without_a_topology_has_pcpus_alone(void **state)
{
    json_t *json = shown("{\"host\": {\"pcpus\": \"0-5,9\"}}");

    (void)state;
    assert_string_equal(json_string_value(json_object_get(json, "online")), "0-5,9");
    assert_string_equal(json_string_value(json_object_get(json, "llc_from")), "node");
    assert_string_equal(json_string_value(json_object_get(json, "level")), "host");
    json_decref(json);
}

static void a_plan_is_made_on_such_a_host(void **state)
{
    char path[256], line[512];
    struct run run;

    (void)state;
    write_scenario("{\"topology\": \"node:2 llc:2 core:2\", \"duration_s\": 20, \"guests\": "
                   "[{\"name\": \"a\", \"count\": 16, \"pct\": 40, \"affinity\": \"0\"}]}");
    command_path("scenario.json", path, sizeof(path));
    snprintf(line, sizeof(line), "vcpu_scheduler 2 --once --simulate %s", path);
    run = command_run(line);
    assert_int_equal(run.status, 0);
    assert_has_text(run.out, "verdict=apply");
    command_done(&run);
}

static void what_cannot_be_read_is_one_sentence(void **state)
{
    static const struct {
        const char *scenario, *why;
    } rows[] = {
        {"{\"topology\": \"missing.xml\"}", "No such file"},
        {"{\"topology\": \"scenario.json\"}", "this is no libvirt XML"},
        {"{\"topology\": 7}", "must be a capabilities file"},
        {"{\"topology\": \"\"}", "must be a capabilities file"},
        {"{\"cpumap\": \"x\"}", "must be a capabilities file"},
        {"{\"topology\": \"core:4\", \"cpumap\": \"x\"}", "must be a capabilities file"},
        {"{\"topology\": \"core:0\"}", "is not like 'node:2 llc:8 core:8 pu:2'"},
        {"{\"topology\": \"core:4\", \"host\": {\"pcpus\": 4}}", "leave it out"},
        {"{\"topology\": \"core:4\", \"host\": {\"online\": \"0-4\"}}", "is not in \"pcpus\""},
        {"{\"topology\": \"" SOURCE_DIR "/tests/topology/halves.xml\", \"cpumap\": "
         "\"scenario.json\"}",
         "the CPU map cannot be read"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run run;

        write_scenario(rows[i].scenario);
        run = show("--json");
        assert_int_equal(run.status, 2);
        assert_string_equal(run.out, "");
        assert_int_equal(count_text_lines(run.err), 1);
        assert_has_text(run.err, rows[i].why);
        command_done(&run);
    }
}

/* libvirt's test driver: two cells of eight pCPUs, of which its map has three. */
static void libvirt_tells_it(void **state)
{
    struct run run = command_run("vcpu_scheduler --show-topology --connect test:///default");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_has_text(run.out, "0 last-level caches, 3 cores, 3 of 3 pCPUs usable");
    assert_has_text(run.out, "node 0: 0,2,4, 2.0 GiB");
    assert_has_text(run.out, "node 1: none, 4.0 GiB");
    assert_has_text(run.out, "excluded: 1,3,5-15 offline");
    assert_has_text(run.out, "from: online=map nodes=cells");
    command_done(&run);
}

/* What guests do to their host is not known then, and its shape is. */
static void a_hypervisor_that_hangs_has_a_shape(void **state)
{
    char path[256];
    struct run run;

    (void)state;
    write_scenario("");
    command_path("scenario.json", path, sizeof(path));
    setenv("HANG_FILE", path, 1);
    run = command_start_after("vcpu_scheduler --show-topology --connect test:///default", NULL,
                              command_preload);
    command_finish(&run);
    unsetenv("HANG_FILE");
    assert_int_equal(run.status, 0);
    assert_has_text(run.err, "which pCPUs are kept from guests is not known: libvirt at "
                             "'test:///default' did not answer");
    assert_has_text(run.out, "3 of 3 pCPUs usable");
    command_done(&run);
}

static int tear_down(void **state)
{
    char path[256];

    command_path("scenario.json", path, sizeof(path));
    unlink(path);
    return command_tear_down(state);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, command_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(machines_have_the_shape_that_is_expected),
        ROW(other_machines_as_well),
        ROW(a_map_is_named_or_found),
        ROW(a_synthetic_host_and_what_is_kept_from_guests),
        ROW(a_scenario_without_a_topology_has_pcpus_alone),
        ROW(a_plan_is_made_on_such_a_host),
        ROW(what_cannot_be_read_is_one_sentence),
        ROW(libvirt_tells_it),
        ROW(a_hypervisor_that_hangs_has_a_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
