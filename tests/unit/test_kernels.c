/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "models/bound/kernels.h"

enum { CELLS = 100 };

static void fill(int32_t *row, unsigned seed)
{
    for (int s = 0; s < CELLS; s++)
        row[s] = (s * 37 + (int)seed) % 5 ? (s * 131 + (int)seed * 7) % 1000 : KERNEL_INFINITE;
}

static void taking_is_the_minimum_of_two(void **state)
{
    int32_t before[CELLS], after[CELLS];
    uint8_t taken[CELLS];

    (void)state;
    for (int weight = 0; weight < CELLS; weight += 7) {
        fill(before, (unsigned)weight);
        kernel_take(after, before, taken, weight, -40, CELLS);
        for (int s = 0; s < CELLS; s++) {
            int32_t with = s >= weight ? before[s - weight] - 40 : INT32_MAX;

            assert_int_equal(after[s], with < before[s] ? with : before[s]);
            assert_int_equal(taken[s], with < before[s]);
        }
    }
}

static void keeping_and_sending_have_their_prices(void **state)
{
    int32_t before[CELLS], after[CELLS];
    uint8_t kept[CELLS];

    (void)state;
    fill(before, 3);
    kernel_keep(after, before, kept, 11, 25, 7, CELLS);
    for (int s = 0; s < CELLS; s++) {
        int32_t sent = before[s] >= KERNEL_REACHED ? KERNEL_INFINITE : before[s] + 25;
        int32_t stays = s >= 11 ? before[s - 11] + 7 : INT32_MAX;

        assert_int_equal(after[s], stays < sent ? stays : sent);
        assert_int_equal(kept[s], stays <= sent);
    }
}

static void least_and_sum(void **state)
{
    int32_t least[CELLS], values[CELLS];
    int64_t sum[CELLS] = {0};

    (void)state;
    fill(values, 5);
    for (int s = 0; s < CELLS; s++)
        least[s] = 500;
    kernel_least(least, values, 10, CELLS);
    kernel_sum(sum, values, INT64_C(1) << 40, CELLS);
    for (int s = 0; s < CELLS; s++) {
        assert_int_equal(least[s], values[s] + 10 < 500 ? values[s] + 10 : 500);
        assert_int_equal(sum[s],
                         values[s] >= KERNEL_REACHED ? INT64_C(1) << 40 : (int64_t)values[s]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taking_is_the_minimum_of_two),
        cmocka_unit_test(keeping_and_sending_have_their_prices),
        cmocka_unit_test(least_and_sum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
