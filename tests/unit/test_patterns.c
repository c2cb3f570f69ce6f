/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/patterns.h"
#include "tests/unit/vcpu_fixture.h"

static void a_pattern_is_a_set(void **state)
{
    struct kit kit;
    int found;

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    assert_int_equal(patterns_add(&kit.ws.patterns, 1, (int[]){2, 4}, 2), 0);
    assert_int_equal(patterns_add(&kit.ws.patterns, 1, (int[]){4, 2}, 2), -EEXIST);
    assert_int_equal(patterns_add(&kit.ws.patterns, 2, (int[]){4, 2}, 2), 1);
    assert_int_equal(patterns_add(&kit.ws.patterns, 0, (int[]){0}, 1), 2);
    found = patterns_find(&kit.ws.patterns, 2, (int[]){2, 4}, 2);
    assert_int_equal(found, 1);
    assert_int_equal(kit.ws.patterns.patterns[0].cost, 20 * kit.in.price_scale);
    assert_int_equal(kit.ws.patterns.patterns[2].cost, 0);
    kit_down(&kit);
}

static void many_are_found_again(void **state)
{
    struct kit kit;

    (void)state;
    kit_plain(&kit, 10, 2);
    kit_up(&kit);
    for (unsigned set = 0; set < 1024; set++) {
        int items[10], n = 0;

        for (int i = 0; i < 10; i++)
            if (set >> i & 1)
                items[n++] = i;
        assert_int_equal(patterns_add(&kit.ws.patterns, 1, items, n), set);
        assert_int_equal(patterns_find(&kit.ws.patterns, 1, items, n), set);
    }
    kit_down(&kit);
}

static void the_heaviest_come_first(void **state)
{
    struct kit kit;
    int ranked[3];

    (void)state;
    kit_plain(&kit, 6, 3);
    kit_up(&kit);
    for (int i = 0; i < 3; i++)
        patterns_add(&kit.ws.patterns, i, &i, 1);
    kit.ws.patterns.patterns[1].weight = 0.5;
    kit.ws.patterns.patterns[2].weight = 0.7;
    assert_int_equal(patterns_heaviest(&kit.ws.patterns, kit.ws.windows.n, 2, ranked), 2);
    assert_int_equal(ranked[0], 2);
    assert_int_equal(ranked[1], 1);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_is_a_set),
        cmocka_unit_test(many_are_found_again),
        cmocka_unit_test(the_heaviest_come_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
