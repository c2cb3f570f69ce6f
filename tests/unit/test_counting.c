/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "models/base/whole.h"
#include "models/bound/counting.h"
#include "models/bound/dual_ascent.h"
#include "models/bound/touch_bounds.h"
#include "tests/unit/vcpu_fixture.h"

/* The window of a plan, which is that of its worst bin. */
static int window_of(struct kit *kit, const int *bin_of)
{
    int load[KIT_BINS] = {0}, widest = 0;

    for (int i = 0; i < kit->in.n; i++)
        load[bin_of[i]] += kit->in.weight[i];
    for (int p = 0; p < kit->in.m; p++)
        widest = max_int(widest, windows_index(&kit->ws.windows, p, load[p]));
    return widest;
}

static void take_narrowest(struct kit *kit, const int *bin_of, void *arg)
{
    int *narrowest = arg;

    *narrowest = min_int(*narrowest, window_of(kit, bin_of));
}

static int narrowest_of_all(struct kit *kit)
{
    int narrowest = kit->ws.windows.n;

    kit_every_plan(kit, take_narrowest, &narrowest);
    return narrowest;
}

static int first_window(const struct kit *kit)
{
    int first;

    assert_int_equal(counting_first_window(&kit->ws.windows, &first), 0);
    return first;
}

static void no_placement_lies_in_an_excluded_window(void **state)
{
    int excluded = 0;

    (void)state;
    for (unsigned seed = 0; seed < 300; seed++) {
        struct kit kit;
        int first;

        kit_random(&kit, seed, seed % 5 ? PLACEMENT_DEVIATION : PLACEMENT_VARIANCE);
        kit_up(&kit);
        first = first_window(&kit);
        assert_true(first <= narrowest_of_all(&kit));
        excluded += first > 0;
        kit_down(&kit);
    }
    assert_true(excluded > 60);
}

static int draw(unsigned *state, int low, int high)
{
    *state = *state * 1664525u + 1013904223u;
    return low + (int)((*state >> 8) % (unsigned)(high - low + 1));
}

/* n items of about 300 on m bins, where any two but no three go together; some bins have background
 * and some items may not run everywhere. */
static void draw_pairs(struct kit *kit, unsigned seed, bool is_plain)
{
    unsigned state = seed * 2654435761u + 1;
    int m = draw(&state, 2, KIT_BINS), n = is_plain ? 2 * m - 1 : draw(&state, m, 2 * m);

    kit_plain(kit, n, m);
    for (int i = 0; i < n; i++) {
        kit->demand[i] = draw(&state, 250, 340);
        kit->current[i] = draw(&state, 0, m - 1);
        for (int p = 0; p < m; p++) {
            kit->price[i * m + p] = p == kit->current[i] ? 0 : 10;
            kit->allowed[i * m + p] = draw(&state, 0, 3) > 0;
        }
        kit->allowed[i * m + kit->current[i]] = true;
    }
    for (int p = 0; p < m; p++)
        kit->background[p] = draw(&state, 0, 1) * draw(&state, 0, 120);
    kit->problem.allowed = is_plain || seed % 2 ? NULL : kit->allowed;
    kit->problem.background_permille = is_plain || seed % 3 ? NULL : kit->background;
}

/* One item stays alone, and its bin is farther from the fair share than any pair has to be. */
static void with_one_item_less_than_two_for_a_bin_the_count_is_exact(void **state)
{
    int excluded = 0;

    (void)state;
    for (unsigned seed = 0; seed < 200; seed++) {
        struct kit kit;
        int first;

        draw_pairs(&kit, seed, true);
        kit_up(&kit);
        first = first_window(&kit);
        assert_int_equal(first, narrowest_of_all(&kit));
        excluded += first > 0;
        kit_down(&kit);
    }
    assert_true(excluded > 100);
}

static void masks_and_backgrounds_exclude_no_placement(void **state)
{
    int excluded = 0;

    (void)state;
    for (unsigned seed = 0; seed < 400; seed++) {
        struct kit kit;
        int first;

        draw_pairs(&kit, seed, false);
        kit_up(&kit);
        first = first_window(&kit);
        assert_true(first <= narrowest_of_all(&kit));
        excluded += first > 0;
        kit_down(&kit);
    }
    assert_true(excluded > 200);
}

/* Three items of 400 may only run on one of four bins. */
static void confined_items_fill_their_bins(void **state)
{
    struct kit kit;
    int first;

    (void)state;
    kit_plain(&kit, 6, 4);
    for (int i = 0; i < 6; i++) {
        kit.demand[i] = 400;
        kit.current[i] = i < 3 ? 0 : i - 2;
        for (int p = 0; p < 4; p++) {
            kit.allowed[i * 4 + p] = i >= 3 || p == 0;
            kit.price[i * 4 + p] = p == kit.current[i] ? 0 : 10;
        }
    }
    kit.problem.allowed = kit.allowed;
    kit_up(&kit);
    first = first_window(&kit);
    assert_int_equal(first, narrowest_of_all(&kit));
    assert_true(windows_high(&kit.ws.windows, 0, first) >= 3 * kit.in.weight[0]);
    assert_true(first == 0 || windows_high(&kit.ws.windows, 0, first - 1) < 3 * kit.in.weight[0]);
    kit_down(&kit);
}

/* Seven equal items on four bins, placed as evenly as they go: without counting, the narrow windows
 * stay open however far duals climb. */
static void equal_items_are_proven_by_counting_and_not_by_duals(void **state)
{
    struct kit kit;
    struct dual_ascent ascent;
    int64_t optimum;

    (void)state;
    kit_plain(&kit, 7, 4);
    kit.problem.kappa = 200;
    for (int i = 0; i < 7; i++) {
        kit.demand[i] = 300;
        kit.current[i] = i % 4;
        for (int p = 0; p < 4; p++)
            kit.price[i * 4 + p] = p == i % 4 ? 0 : 10;
    }
    kit_up(&kit);
    optimum = kit_optimum(&kit);
    assert_int_equal(touch_bounds(&kit.ws.pricing, &kit.ws.bounds, optimum, &kit.ws.arena), 0);
    assert_int_equal(
        dual_ascent_new(&kit.ws.pricing, &kit.ws.bounds, &kit.ws.patterns, &kit.ws.arena, &ascent),
        0);
    assert_true(dual_ascent_run(&ascent, optimum, optimum, 2000) >= 0);
    assert_true(bounds_least(&kit.ws.bounds) < optimum);
    bounds_raise(&kit.ws.bounds, first_window(&kit) - 1, WINDOWS_IMPOSSIBLE);
    assert_true(bounds_least(&kit.ws.bounds) >= optimum);
    kit_down(&kit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_placement_lies_in_an_excluded_window),
        cmocka_unit_test(with_one_item_less_than_two_for_a_bin_the_count_is_exact),
        cmocka_unit_test(masks_and_backgrounds_exclude_no_placement),
        cmocka_unit_test(confined_items_fill_their_bins),
        cmocka_unit_test(equal_items_are_proven_by_counting_and_not_by_duals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
