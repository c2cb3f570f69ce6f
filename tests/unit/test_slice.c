/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/base/slice.h"

struct meeting {
    pthread_mutex_t lock;
    pthread_cond_t changed;
};
enum { LATE_MS = 30 };

static void *come_late(void *arg)
{
    struct meeting *meeting = arg;

    clock_wait_ms(LATE_MS);
    pthread_mutex_lock(&meeting->lock);
    pthread_cond_broadcast(&meeting->changed);
    pthread_mutex_unlock(&meeting->lock);
    return NULL;
}

/* A wait that the kernel refuses would be a loop that never rests. */
static void slices_of_seconds_are_waited_for(void **state)
{
    static const int slices_ms[] = {999, 1000, 4900, 60000};

    (void)state;
    for (size_t i = 0; i < sizeof(slices_ms) / sizeof(slices_ms[0]); i++) {
        struct meeting meeting = {.lock = PTHREAD_MUTEX_INITIALIZER};
        uint64_t began_ns = clock_monotonic_ns();
        pthread_t other;

        slice_condition(&meeting.changed);
        pthread_mutex_lock(&meeting.lock);
        assert_int_equal(pthread_create(&other, NULL, come_late, &meeting), 0);
        slice_wait(&meeting.changed, &meeting.lock, slices_ms[i]);
        pthread_mutex_unlock(&meeting.lock);
        assert_true(clock_monotonic_ns() - began_ns >= LATE_MS * UINT64_C(1000000));
        pthread_join(other, NULL);
        pthread_cond_destroy(&meeting.changed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_of_seconds_are_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
