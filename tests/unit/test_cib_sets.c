/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of colocated guests are the pairs that Pacemaker makes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cib_fixture.h"

#define REF(name) "<resource_ref id='" name "'/>"
#define SET(id, more, refs) "<resource_set id='" id "' " more ">" refs "</resource_set>"
#define SETS(score, sets) "<rsc_colocation id='k' score='" score "'>" sets "</rsc_colocation>"
#define FREE "sequential='false'"

/* together: who is with v1. apart: pairs. */
static const struct {
    const char *constraints, *together, *apart;
} cases[] = {
    {SETS("INFINITY", SET("s", "", REF("v1") REF("v2") REF("v3"))), "123", ""},
    {SETS("INFINITY", SET("s", FREE, REF("v1") REF("v2") REF("v3"))), "", ""},
    {SETS("-INFINITY", SET("s", "", REF("v1") REF("v2") REF("v3"))), "", "12 13 23 "},
    {SETS("-INFINITY", SET("s", "", REF("v1") REF("v2")) SET("t", "", REF("v3") REF("v4"))), "",
     "12 14 34 "},
    {SETS("-INFINITY", SET("s", FREE, REF("v1") REF("v2")) SET("t", FREE, REF("v3") REF("v4"))), "",
     "13 14 23 24 "},
    {SETS("-INFINITY", SET("s", FREE, REF("v1") REF("v2")) SET("t", "", REF("v3") REF("v4"))), "",
     "14 24 34 "},
    {SETS("INFINITY", SET("s", FREE, REF("v1") REF("v2")) SET("t", "", REF("v4"))), "124", ""},
    {SETS("INFINITY", SET("s", "score='-INFINITY'", REF("v2") REF("v3")) SET("t", "", REF("v1"))),
     "12", "23 "},
    {SETS("10", SET("s", "", REF("v1") REF("v2"))), "", ""},
};

static void print_apart(const struct cluster *cluster, char *ret, size_t size)
{
    const struct fleet *fleet = &cluster->fleet;
    size_t n = 0;

    ret[0] = '\0';
    for (size_t s = 0; s < fleet->n_apart; s++)
        n += (size_t)snprintf(ret + n, size - n, "%c%c ",
                              fleet->guests[fleet->apart_guest[2 * s]].name[1],
                              fleet->guests[fleet->apart_guest[2 * s + 1]].name[1]);
}

static void print_together(const struct cluster *cluster, char *ret)
{
    int with = guest_of(cluster, "v1")->together;
    size_t n = 0;

    for (size_t i = 0; with >= 0 && i < cluster->fleet.n_guests; i++)
        if (cluster->fleet.guests[i].together == with)
            ret[n++] = cluster->fleet.guests[i].name[1];
    ret[n] = '\0';
}

static void sets_are_pairs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cluster cluster;
        char together[8], apart[100];

        read_fixture(&(struct cib_gaps){.constraints = cases[i].constraints}, &cluster);
        assert_refused(&cluster, NULL);
        print_together(&cluster, together);
        print_apart(&cluster, apart, sizeof(apart));
        if (strcmp(together, cases[i].together) != 0 || strcmp(apart, cases[i].apart) != 0)
            fail_msg("case %zu: together %s, apart %s", i, together, apart);
        cluster_done(&cluster);
    }
}

static void expect_still(const char *constraints, const char *words)
{
    struct cluster cluster;

    read_fixture(&(struct cib_gaps){.constraints = constraints}, &cluster);
    assert_refused(&cluster, NULL);
    assert_noted(&cluster, words);
    assert_true(guest_of(&cluster, "v1")->is_fixed && guest_of(&cluster, "v2")->is_fixed);
    assert_false(guest_of(&cluster, "v3")->is_fixed);
    cluster_done(&cluster);
}

static void who_is_in_other_sets_stays(void **state)
{
    enum { MANY = 1000 };
    char *text = malloc(MANY * 40 + 400);
    size_t n;

    (void)state;
    expect_still(SETS("INFINITY", SET("s", "role='Promoted'", REF("v1") REF("v2"))),
                 "colocation 'k' is about a role");
    expect_still(SETS("INFINITY", SET("s", "score='much'", REF("v1") REF("v2"))),
                 "a set without a score");
    assert_non_null(text);
    n = (size_t)sprintf(text, "<rsc_colocation id='k' score='-INFINITY'><resource_set id='s'>");
    for (int k = 0; k < MANY; k++)
        n += (size_t)sprintf(text + n, k % 2 ? REF("v1") : REF("v2"));
    sprintf(text + n, "</resource_set></rsc_colocation>");
    expect_still(text, "makes too many pairs");
    free(text);
}

/* Whoever is with a stopped one by a set is stopped, too. */
static void the_stopped_stop_their_set(void **state)
{
    struct cib_gaps gaps = {.meta = "<nvpair id='t' name='target-role' value='Stopped'/>",
                            .constraints =
                                SETS("INFINITY", SET("s", "", REF("v1") REF("v2") REF("v3")))};
    struct cluster cluster;

    (void)state;
    read_fixture(&gaps, &cluster);
    assert_non_null(strstr(guest_of(&cluster, "v3")->why_fixed, "with 'v2', which is stopped"));
    cluster_done(&cluster);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_pairs),
        cmocka_unit_test(who_is_in_other_sets_stays),
        cmocka_unit_test(the_stopped_stop_their_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
