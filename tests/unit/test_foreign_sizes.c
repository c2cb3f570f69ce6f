/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/foreign_sizes.h"

/* What one more interval says of a guest, on a log that only hears what is said aloud. */
struct kit {
    struct foreign_sizes sizes;
    uint64_t at_ns;
};

static size_t said(struct kit *kit, struct memory_place place, bool is_step, int step_s)
{
    struct balloon_step step = {.guest = place.guest};
    struct memory_plan plan = {
        .places = &place, .n_places = 1, .grants = &step, .n_grants = is_step};
    size_t size = 0, lines = 0;
    char *text = NULL;
    struct log log;

    kit->at_ns += (uint64_t)step_s * 1000000000;
    log_init(&log, open_memstream(&text, &size), "test", LOG_NOTICE);
    foreign_sizes_say(&kit->sizes, &plan, kit->at_ns, true, &log);
    fclose(log.stream);
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    free(text);
    return lines;
}

static void a_size_that_was_ours_is_named_once_in_a_while(void **state)
{
    struct memory_place calm = {.guest = {.name = "web"}}, changed = calm;
    struct kit kit = {.at_ns = 1};

    (void)state;
    changed.is_foreign = true;
    assert_int_equal(said(&kit, changed, false, 2), 0); /* it never was ours */
    assert_int_equal(said(&kit, calm, true, 1000), 0);
    assert_int_equal(said(&kit, changed, true, 2), 1);
    assert_int_equal(said(&kit, changed, true, 2), 0);
    assert_int_equal(said(&kit, changed, true, 901), 1);
    foreign_sizes_done(&kit.sizes);
}

static void who_is_left_is_named_when_that_begins(void **state)
{
    struct memory_place calm = {.guest = {.name = "web"}}, left = calm;
    struct kit kit = {.at_ns = 1};

    (void)state;
    left.state = GUEST_LEFT;
    assert_int_equal(said(&kit, calm, false, 2), 0);
    assert_int_equal(said(&kit, left, false, 2), 1);
    assert_int_equal(said(&kit, left, false, 2), 0);
    assert_int_equal(said(&kit, calm, false, 2), 0);
    assert_int_equal(said(&kit, left, false, 2), 1);
    foreign_sizes_done(&kit.sizes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_that_was_ours_is_named_once_in_a_while),
        cmocka_unit_test(who_is_left_is_named_when_that_begins),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
