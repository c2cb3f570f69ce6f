/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/simulated/synthetic.h"
#include "tests/unit/topology_fixture.h"

static struct topology made(const char *text)
{
    struct topology_facts facts = {0};
    struct err err = {0};

    assert_true(synthetic_is(text));
    assert_int_equal(synthetic_parse(text, &facts, &err), 0);
    return make_topology(&facts);
}

static void a_regular_host(void **state)
{
    struct topology topology = made("node:2 llc:2 core:2 pu:2");

    (void)state;
    assert_set(&topology.nodes[1].pcpus, "8-15");
    assert_sets(topology.llcs, topology.n_llcs, "0-3|4-7|8-11|12-15");
    assert_sets(topology.cores, topology.n_cores, "0-1|2-3|4-5|6-7|8-9|10-11|12-13|14-15");
    topology_done(&topology);
}

static void what_is_left_out_is_one(void **state)
{
    struct topology topology = made("core:3");

    (void)state;
    assert_int_equal(topology.n_nodes, 1);
    assert_int_equal(topology.llcs_from, TOPOLOGY_FROM_NODE);
    assert_sets(topology.cores, topology.n_cores, "0|1|2");
    topology_done(&topology);
    topology = made("node:2 pu:8");
    assert_sets(topology.cores, topology.n_cores, "0-7|8-15");
    topology_done(&topology);
    topology = made("node:8 llc:32 core:16 pu:2");
    assert_int_equal(topology.n_cores, 4096);
    topology_done(&topology);
}

static void others_are_refused(void **state)
{
    static const char *const wrong[] = {
        "node:",       "node:0",        "node:-1",        "node:1x",           "core:2  pu:2",
        "core:2,pu:2", "core:2 core:2", "pu:2 core:2",    "core:2 die:2",      "node:2 llc:8193",
        "node:1025",   "core:99999999", "core:4 pu:2049", "pu:99999999999999", "core:+2",
    };

    (void)state;
    assert_false(synthetic_is("host.xml"));
    assert_false(synthetic_is(""));
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct topology_facts facts = {0};
        struct err err = {0};

        if (synthetic_parse(wrong[i], &facts, &err) != -EINVAL)
            fail_msg("'%s' is not refused", wrong[i]);
        topology_facts_done(&facts);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_regular_host),
        cmocka_unit_test(what_is_left_out_is_one),
        cmocka_unit_test(others_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
