/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who went without is named with the reason that the figures have, and nobody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/page/who.h"

/* Two pCPUs, two guests: the first one waits in the second minute, and is moved in the third. */
struct scene {
    double load, other_load, background, waited;
    bool is_moved;
};

static struct run *play(const struct scene *scene)
{
    struct run *run = run_new(PROGRAM_VCPU, 60);

    assert_non_null(run);
    for (int minute = 0; minute < 4; minute++) {
        bool is_bad = minute == 1;

        run_begin(run, 60 * minute, 1);
        run_set_bin(run, run_bin(run, "0"), RUN_LOAD, is_bad ? scene->load : 50);
        run_set_bin(run, run_bin(run, "0"), RUN_BACKGROUND, is_bad ? scene->background : 0);
        run_set_bin(run, run_bin(run, "1"), RUN_LOAD, is_bad ? scene->other_load : 50);
        run_set_where(run, run_guest(run, "web", "web"), 0, is_bad ? scene->waited : 0);
        run_set_guest(run, run_guest(run, "web", "web"), RUN_USED, 40);
        run_set_guest(run, run_guest(run, "web", "web"), RUN_WAITED, is_bad ? scene->waited : 0);
        run_set_guest(run, run_guest(run, "web", "web"), RUN_AROUND, is_bad ? scene->load : 50);
        run_set_guest(run, run_guest(run, "db", "db"), RUN_USED, 30);
        run_set_guest(run, run_guest(run, "db", "db"), RUN_WAITED, 0.2);
    }
    run_add_change(run, run_guest(run, "web", "web"),
                   &(struct run_change){.t_s = 30, .what = "long before", .reason = "no matter"});
    if (scene->is_moved)
        run_add_change(run, run_guest(run, "web", "web"),
                       &(struct run_change){.t_s = 120,
                                            .bin = 1,
                                            .what = "vCPU 0 from pCPU 0 to pCPU 1",
                                            .reason = "pCPU 0 carries 160 %"});
    return run;
}

static void assert_why(struct scene scene, const char *why, const char *done)
{
    struct run *run = play(&scene);
    char text[WHO_TEXT_SIZE];
    size_t n;
    struct sufferer *who = who_suffered(run, &n);

    assert_int_equal(n, 1);
    assert_string_equal(run->guests[who[0].guest].name, "web");
    assert_int_equal(who[0].begin, 1);
    assert_int_equal(who[0].end, 1);
    who_why(run, &who[0], text);
    if (!strstr(text, why))
        fail_msg("'%s' is not in '%s'", why, text);
    who_done(run, &who[0], text);
    if (!strstr(text, done))
        fail_msg("'%s' is not in '%s'", done, text);
    free(who);
    run_free(run);
}

static void each_reason_has_its_sentence(void **state)
{
    (void)state;
    assert_why((struct scene){99, 30, 0, 40, true},
               "It was crowded: the pCPUs where it ran were 99 %",
               "0:02:00: vCPU 0 from pCPU 0 to pCPU 1. pCPU 0 carries 160 %");
    assert_why((struct scene){99, 97, 0, 40, false}, "The host was full: all pCPUs were 98 % busy",
               "Nothing of it was changed");
    assert_why((struct scene){60, 30, 0, 40, false}, "had room", "Nothing of it was changed");
    assert_why((struct scene){99, 30, 45, 40, false},
               "Other programs than guests took 45 % of that pCPU", "Nothing");
}

static void who_hardly_waits_is_not_named(void **state)
{
    struct run *run = play(&(struct scene){99, 30, 0, 2, false});
    size_t n;

    (void)state;
    free(who_suffered(run, &n));
    assert_int_equal(n, 0);
    run_free(run);
}

static void a_guest_that_needs_more_than_it_holds_is_named_with_what_the_host_had(void **state)
{
    struct run *run = run_new(PROGRAM_MEMORY, 60);
    int guest = run_guest(run, "db", "db");
    char text[WHO_TEXT_SIZE];
    struct sufferer *who;
    size_t n;

    (void)state;
    for (int minute = 0; minute < 4; minute++) {
        run_begin(run, 60 * minute, 1);
        run_set_host(run, RUN_FREE, 250);
        run_set_host(run, RUN_RESERVE, 200);
        run_set_host(run, RUN_PROMISED, 50);
        run_set_guest(run, guest, RUN_SIZE, 512);
        run_set_guest(run, guest, RUN_LACKS, minute == 2 ? 100 : 0);
    }
    who = who_suffered(run, &n);
    assert_int_equal(n, 1);
    assert_int_equal(who[0].begin, 2);
    who_why(run, &who[0], text);
    assert_non_null(strstr(text, "The host had nothing to give"));
    free(who);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reason_has_its_sentence),
        cmocka_unit_test(who_hardly_waits_is_not_named),
        cmocka_unit_test(a_guest_that_needs_more_than_it_holds_is_named_with_what_the_host_had),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
