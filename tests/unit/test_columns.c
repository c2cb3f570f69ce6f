/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time that is reduced to a fixed number of columns loses no least, no most and no mean. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/page/columns.h"

/* n values of value(i), one each step_s; all that they were is in the columns, each in its own place. */
static void reduce(size_t n, double step_s, double (*value)(size_t i))
{
    struct columns columns = {.width_s = step_s};
    struct cell *cells = calloc(MAX_COLUMNS, sizeof(*cells)), all, wanted = {0};
    unsigned halvings;

    for (size_t i = 0; i < n; i++) {
        size_t at = columns_at(&columns, 1e9 + step_s * (double)i, &halvings);

        cells_halve(cells, halvings);
        cell_add(&cells[at], value(i));
        cell_add(&wanted, value(i));
    }
    assert_true(columns.n <= MAX_COLUMNS);
    assert_true(n < MAX_COLUMNS || columns.n > MAX_COLUMNS / 2 - 1);
    all = cells_all(cells, columns.n);
    assert_int_equal(all.n, n);
    assert_true(all.min <= wanted.min && all.min >= wanted.min);
    assert_true(all.max <= wanted.max && all.max >= wanted.max);
    assert_true(fabs(cell_mean(&all) - cell_mean(&wanted)) < 1e-6);
    for (size_t i = 0; i < n; i++) {
        const struct cell *cell = &cells[(size_t)(step_s * (double)i / columns.width_s)];

        assert_true(cell->n > 0 && cell->min <= (float)value(i) && cell->max >= (float)value(i));
    }
    free(cells);
}

static double sawtooth(size_t i)
{
    return (double)(i * 7919 % 1000) / 10;
}

static double one_peak(size_t i)
{
    return i == 777 ? 100 : 1;
}

static void whatever_the_length_nothing_is_lost(void **state)
{
    static const size_t lengths[] = {1, 2, 479, 480, 481, 960, 961, 43200};

    (void)state;
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        reduce(lengths[i], 2, sawtooth);
        reduce(lengths[i], 0.5, one_peak);
    }
}

static void what_is_not_known_is_in_no_column(void **state)
{
    struct cell cell = {0};

    (void)state;
    cell_add(&cell, NAN);
    cell_add(&cell, INFINITY);
    assert_int_equal(cell.n, 0);
    assert_true(isnan(cell_mean(&cell)));
    cell_add(&cell, 3);
    cell_add(&cell, NAN);
    assert_true(fabs(cell_mean(&cell) - 3) < 1e-9);
}

static void clocks_that_jump_stay_inside(void **state)
{
    static const double instants[] = {100, -1e18, 101, 1e18, 5, 1e300, 0, -1e300};
    struct columns columns = {.width_s = 1};
    unsigned halvings;

    (void)state;
    for (size_t i = 0; i < sizeof(instants) / sizeof(instants[0]); i++) {
        assert_true(columns_at(&columns, instants[i], &halvings) < MAX_COLUMNS);
        assert_true(columns.n <= MAX_COLUMNS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_the_length_nothing_is_lost),
        cmocka_unit_test(what_is_not_known_is_in_no_column),
        cmocka_unit_test(clocks_that_jump_stay_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
