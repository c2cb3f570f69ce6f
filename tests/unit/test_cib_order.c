/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is started only after another; and ids that are nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/fleet/cib_wish.h"
#include "agent/fleet/order.h"
#include "tests/unit/cib_fixture.h"

#define STOPPED "<nvpair id='r' name='target-role' value='Stopped'/>"
#define ORDER(more) "<rsc_order id='o' first='v1' then='v4' " more "/>"

/* v1 is stopped by its owner; v4 is stopped, v3 runs. */
static const struct {
    const char *constraints;
    bool is_v4_fixed, is_v3_fixed;
} cases[] = {
    {"", false, false},
    {ORDER(""), true, false},
    {ORDER("kind='Mandatory'"), true, false},
    {ORDER("kind='Optional'"), false, false},
    {ORDER("kind='Serialize'"), false, false},
    {ORDER("score='0'"), false, false},
    {ORDER("score='INFINITY'"), true, false},
    {ORDER("first-action='stop'"), false, false},
    {ORDER("") "<rsc_order id='p' first='v4' then='v3'/>", true, true},
    {ORDER("") "<rsc_order id='p' first='v4' then='v3' symmetrical='false'/>", true, false},
    {"<rsc_order id='o'><resource_set id='s'><resource_ref id='v1'/><resource_ref id='v3'/>"
     "</resource_set><resource_set id='t'><resource_ref id='v4'/></resource_set></rsc_order>",
     true, true},
    {"<rsc_order id='o'><resource_set id='s' sequential='false'><resource_ref id='v1'/>"
     "<resource_ref id='v3'/></resource_set></rsc_order>",
     false, false},
    {"<rsc_order id='o' first='those' then='v4'/>", true, false},
    {"<rsc_order id='o' first='ip' then='v4'/><rsc_order id='p' first='v1' then='ip'/>", true,
     false},
};

static void who_comes_after_one_that_stays_stopped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cib_gaps gaps = {.meta = STOPPED,
                                .v1_on_a = "",
                                .constraints = cases[i].constraints,
                                .resources = "<primitive id='ip' class='ocf' type='IPaddr2'/>",
                                .tags = "<tags><tag id='those'><obj_ref id='v1'/></tag></tags>"};
        struct cluster cluster;

        read_fixture(&gaps, &cluster);
        assert_refused(&cluster, NULL);
        if (guest_of(&cluster, "v4")->is_fixed != cases[i].is_v4_fixed ||
            guest_of(&cluster, "v3")->is_fixed != cases[i].is_v3_fixed)
            fail_msg("case %zu", i);
        if (cases[i].is_v3_fixed)
            assert_noted(&cluster, "Pacemaker stops 'v3' by itself: it may only run after");
        if (i == 1)
            assert_string_equal(guest_of(&cluster, "v4")->why_fixed,
                                "it is started after 'v1', which stays stopped");
        cluster_done(&cluster);
    }
}

/* Nobody has stopped v1, and there is no place for it. */
static void who_comes_after_one_without_a_place(void **state)
{
    struct cib_gaps gaps = {.v1_on_a = "", .constraints = ORDER("")};
    struct fleet_plan plan = {0};
    struct cluster cluster;
    int host_of[4];

    (void)state;
    read_fixture(&gaps, &cluster);
    plan.host_of = host_of;
    for (size_t i = 0; i < 4; i++)
        host_of[i] = 1;
    assert_false(order_heed(&cluster, &plan));
    host_of[cluster_guest(&cluster, "v1")] = FLEET_NOWHERE;
    assert_true(order_heed(&cluster, &plan));
    assert_true(guest_of(&cluster, "v4")->is_fixed);
    assert_noted(&cluster, "'v4' stays stopped: it is started after 'v1', for which there is no");
    assert_false(order_heed(&cluster, &plan));
    cluster_done(&cluster);
}

static size_t count(const char *text, const char *words)
{
    size_t n = 0;

    for (; (text = strstr(text, words)); text++)
        n++;
    return n;
}

/* A resource and a foreign constraint have the names that the wishes for v1 and v4 would have. */
static void wishes_have_ids_of_their_own(void **state)
{
    struct cib_gaps gaps = {.resources = "<primitive id='evenkeel-v1' class='ocf' type='IPaddr2'/>",
                            .constraints =
                                "<rsc_location id='evenkeel-v4' rsc='v2' node='b' score='1'/>"
                                "<rsc_location id='evenkeel-v1-3' rsc='v1' node='b' score='1'/>"
                                "<rsc_location id='evenkeel-v3' rsc='v3' node='a' score='1'/>"};
    char *text = cib_fixture(&gaps), *made = NULL;
    struct cluster cluster, again;
    struct err err = {0};
    int host_of[4] = {2, 2, 2, 2};
    size_t n = 0;

    (void)state;
    read_fixture(&gaps, &cluster);
    assert_int_equal(cib_with_wishes(text, strlen(text), &cluster, host_of, &made, &n, &err), 0);
    assert_int_equal(count(made, "id=\"evenkeel-v1\""), 1);
    assert_int_equal(count(made, "id=\"evenkeel-v1-2\" rsc=\"v1\" node=\"c\""), 1);
    assert_int_equal(count(made, "id=\"evenkeel-v4\""), 1);
    assert_int_equal(count(made, "id=\"evenkeel-v4-2\" rsc=\"v4\""), 1);
    assert_int_equal(count(made, "id=\"evenkeel-v3\""), 1);
    assert_null(strstr(made, "evenkeel-v1-3")); /* an earlier wish */
    /* and are known again */
    assert_int_equal(cib_read(made, n, CIB_FIXTURE_NOW_S, &again, &err), 0);
    assert_int_equal(again.n_ours, 4);
    cluster_done(&again);
    cluster_done(&cluster);
    free(made);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_comes_after_one_that_stays_stopped),
        cmocka_unit_test(who_comes_after_one_without_a_place),
        cmocka_unit_test(wishes_have_ids_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
