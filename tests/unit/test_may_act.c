/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "planner/fleet/may_act.h"

static const struct act_cluster well = {.is_told = true, .has_quorum = true};

/* Each rule broken by itself. The first row breaks none: without it the others would show nothing. */
static const struct {
    struct act_cluster cluster;
    enum act_verdict verdict;
    const char *word;
} clusters[] = {
    {{.is_told = true, .has_quorum = true}, ACT_MAY, ""},
    {{.has_quorum = true}, ACT_NOT_TOLD, "does not say"},
    {{.is_told = true}, ACT_NO_QUORUM, "quorum"},
    {{.is_told = true, .has_quorum = true, .is_maintained = true}, ACT_MAINTENANCE, "maintenance"},
    {{.is_told = true, .has_quorum = true, .is_stopped = true}, ACT_MAINTENANCE, "stop all"},
    {{.is_told = true, .has_quorum = true, .unclean = "n1"}, ACT_UNCLEAN, "'n1'"},
    {{.is_told = true, .has_quorum = true, .joining = "n1"}, ACT_JOINING, "'n1'"},
    {{.is_told = true, .has_quorum = true, .fencing_pending = "n2"}, ACT_FENCING_PENDING, "'n2'"},
    {{.is_told = true, .has_quorum = true, .fencing_failed = "n2"},
     ACT_FENCING_FAILED,
     "stonith_admin --cleanup"},
    {{.is_told = true, .has_quorum = true, .busy = "v1"}, ACT_BUSY, "'v1'"},
    {{.is_told = true, .has_quorum = true, .fails_to_move = "v1"},
     ACT_FAILED_MOVE,
     "crm_resource --cleanup"},
};

static void a_cluster_that_is_not_well_is_left_alone(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(clusters) / sizeof(clusters[0]); k++) {
        char why[ACT_WHY_SIZE] = "stale";

        assert_int_equal(act_on_cluster(&clusters[k].cluster, why), clusters[k].verdict);
        assert_non_null(strstr(why, clusters[k].word));
        assert_int_equal(why[0] == '\0', clusters[k].verdict == ACT_MAY);
    }
}

static void no_two_reasons_make_it_well(void **state)
{
    (void)state;
    for (unsigned bits = 0; bits < 1u << 8; bits++) {
        struct act_cluster cluster = well;
        char why[ACT_WHY_SIZE];

        cluster.has_quorum = !(bits & 1);
        cluster.is_maintained = bits & 2;
        cluster.unclean = bits & 4 ? "n1" : NULL;
        cluster.joining = bits & 8 ? "n1" : NULL;
        cluster.fencing_pending = bits & 16 ? "n1" : NULL;
        cluster.fencing_failed = bits & 32 ? "n1" : NULL;
        cluster.busy = bits & 64 ? "v1" : NULL;
        cluster.fails_to_move = bits & 128 ? "v1" : NULL;
        assert_int_equal(act_on_cluster(&cluster, why) == ACT_MAY, bits == 0);
    }
}

enum { NOW = 1000000, HOLD = 600 };

static const struct {
    struct act_guest guest;
    bool is_running;
    enum act_guest_verdict verdict;
} guests[] = {
    {{.stickiness = 100}, true, ACT_GUEST_MAY},
    {{.stickiness = 0}, true, ACT_GUEST_NOT_HELD},
    {{.stickiness = 0}, false, ACT_GUEST_NOT_HELD},
    {{.stickiness = 100, .preference = 100}, true, ACT_GUEST_NOT_HELD},
    {{.stickiness = 101, .preference = 100}, true, ACT_GUEST_MAY},
    {{.stickiness = -5, .preference = 0}, true, ACT_GUEST_NOT_HELD},
    {{.stickiness = 100, .arrived_s = NOW - HOLD + 1}, true, ACT_GUEST_RECENT},
    {{.stickiness = 100, .arrived_s = NOW - HOLD}, true, ACT_GUEST_MAY},
    {{.stickiness = 100, .arrived_s = NOW + 50}, true, ACT_GUEST_RECENT},
    {{.stickiness = 100, .has_failed_move = true}, true, ACT_GUEST_FAILED},
    {{.stickiness = 100, .has_host_device = true}, true, ACT_GUEST_DEVICE},
    {{.stickiness = 100, .has_job = true}, true, ACT_GUEST_JOB},
    /* what is stopped has nothing to be moved with */
    {{.stickiness = 100, .arrived_s = NOW, .has_failed_move = true}, false, ACT_GUEST_MAY},
};

static void guests_that_are_not_moved(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof(guests) / sizeof(guests[0]); k++) {
        char why[ACT_WHY_SIZE];

        assert_int_equal(act_on_guest(&guests[k].guest, guests[k].is_running, NOW, HOLD, why),
                         guests[k].verdict);
        assert_int_equal(why[0] == '\0', guests[k].verdict == ACT_GUEST_MAY);
    }
}

static void a_host_keeps_its_reserve(void **state)
{
    struct act_host host = {
        .is_told = true, .free_mib = 8192, .reserve_mib = 1024, .incoming_mib = 7168};
    char why[ACT_WHY_SIZE];

    (void)state;
    assert_int_equal(act_on_host(&host, why), ACT_HOST_MAY);
    host.incoming_mib++;
    assert_int_equal(act_on_host(&host, why), ACT_HOST_FULL);
    assert_non_null(strstr(why, "7169 MiB"));
    host.is_told = false;
    assert_int_equal(act_on_host(&host, why), ACT_HOST_MAY);
}

static void what_is_worth_it(void **state)
{
    struct act_worth worth = {.deviation_pct = 12, .hold = 20, .objective = 15};
    char why[ACT_WHY_SIZE];

    (void)state;
    assert_int_equal(act_worth(&worth, why), ACT_WORTH_IT);
    worth.threshold_pct = 12;
    worth.margin = 0.25;
    assert_int_equal(act_worth(&worth, why), ACT_WORTH_IT);
    worth.threshold_pct = 12.5;
    assert_int_equal(act_worth(&worth, why), ACT_BELOW_THRESHOLD);
    worth.threshold_pct = 0;
    worth.margin = 0.3;
    assert_int_equal(act_worth(&worth, why), ACT_BELOW_MARGIN);
    worth.threshold_pct = 99;
    worth.is_due = true;
    assert_int_equal(act_worth(&worth, why), ACT_WORTH_IT);
}

static void scores_are_finite_and_high_enough(void **state)
{
    (void)state;
    assert_true(act_score_is_sound(101, 100, 0));
    assert_false(act_score_is_sound(100, 100, 0));
    assert_false(act_score_is_sound(50, 10, 50));
    assert_true(act_score_is_sound(999999, 10, 50));
    assert_false(act_score_is_sound(1000000, 10, 50)); /* Pacemaker's INFINITY */
    assert_false(act_score_is_sound(0, -5, -5));
    assert_false(act_score_is_sound(-1, -5, -5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cluster_that_is_not_well_is_left_alone),
        cmocka_unit_test(no_two_reasons_make_it_well),
        cmocka_unit_test(guests_that_are_not_moved),
        cmocka_unit_test(a_host_keeps_its_reserve),
        cmocka_unit_test(what_is_worth_it),
        cmocka_unit_test(scores_are_finite_and_high_enough),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
