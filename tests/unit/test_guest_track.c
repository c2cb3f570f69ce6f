/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "planner/vcpu/guest_track.h"

enum { MAX = 3 };

static struct guest_reading guest(unsigned char number, int run, uint64_t helpers_ns)
{
    struct guest_reading reading = {.run = run, .has_helpers = true, .helpers_ns = helpers_ns};

    reading.guest.uuid[0] = number;
    return reading;
}

/* What guests' other threads ran between two samples that are two seconds apart. */
static void follow(struct guest_reading *first, size_t n_first, struct guest_reading *second,
                   size_t n_second, struct vcpu_guest_tracks *ret, double *helpers)
{
    struct vcpu_guest_track before_tracks[MAX];
    struct vcpu_guest_tracks none = {0}, before = {.track = before_tracks};
    struct vcpu_sample sample = {.guests = first, .n_guests = n_first};
    double unused[MAX] = {0};

    guest_track_next(&none, &sample, 0, &before, unused);
    sample.guests = second;
    sample.n_guests = n_second;
    guest_track_next(&before, &sample, 2, ret, helpers);
    for (size_t g = 0; g < n_second; g++)
        if (second[g].run == 7) /* marked by the test: started since */
            assert_true(guest_track_is_restarted(&before, ret, &second[g].guest));
        else
            assert_false(guest_track_is_restarted(&before, ret, &second[g].guest));
}

static void other_threads_are_a_share_of_a_pcpu(void **state)
{
    struct guest_reading first[] = {guest(1, 1, 0), guest(5, 1, 1000000000)};
    struct guest_reading second[] = {guest(1, 1, 500000000), guest(3, 1, 9000000000),
                                     guest(5, 1, 4000000000)};
    struct vcpu_guest_track room[MAX];
    struct vcpu_guest_tracks now = {.track = room};
    double helpers[MAX] = {0};

    (void)state;
    follow(first, 2, second, 3, &now, helpers);
    assert_float_equal(helpers[0], 0.25, 1e-9);
    assert_float_equal(helpers[1], 0, 1e-9); /* seen for the first time */
    assert_float_equal(helpers[2], 1.5, 1e-9);
    assert_int_equal(now.n, 3);
}

/* A counter that goes back, and one that was not told before. */
static void what_is_not_known_is_nothing(void **state)
{
    struct guest_reading first[] = {guest(1, 1, 5000000000), guest(2, 1, 0)};
    struct guest_reading second[] = {guest(1, 1, 1000000000), guest(2, 1, 1000000000)};
    struct vcpu_guest_track room[MAX];
    struct vcpu_guest_tracks now = {.track = room};
    double helpers[MAX] = {0};

    (void)state;
    first[1].has_helpers = false;
    follow(first, 2, second, 2, &now, helpers);
    assert_float_equal(helpers[0], 0, 1e-9);
    assert_float_equal(helpers[1], 0, 1e-9);
}

static void another_start_of_a_guest_is_told_from_the_first(void **state)
{
    struct guest_reading first[] = {guest(1, 1, 0), guest(2, 1, 0)};
    struct guest_reading second[] = {guest(1, 7, 0), guest(2, 1, 0)};
    struct vcpu_guest_track room[MAX];
    struct vcpu_guest_tracks now = {.track = room};
    double helpers[MAX] = {0};

    (void)state;
    follow(first, 2, second, 2, &now, helpers);
}

static void look(const struct vcpu_settings *settings, const struct vcpu_guest_tracks *before,
                 const struct vcpu_sample *sample, double elapsed_s, struct vcpu_guest_tracks *now)
{
    double helpers[1] = {0};

    guest_track_next(before, sample, elapsed_s, now, helpers);
    guest_track_forecast(settings, before, sample, elapsed_s, helpers, now);
}

/* A burst of one interval is not believed, and two are a level, unless habits are not to be learnt: then
 * a rise is believed at once. Where nothing depends on it, nothing is forecast. */
static void what_they_want_is_forecast_where_it_counts(void **state)
{
    struct guest_reading reading = guest(1, 1, 0);
    struct vcpu_sample sample = {.guests = &reading, .n_guests = 1, .n_helpers = 1};
    static const double expected[] = {0, 0.5, 0.5, 0.75};
    static const uint64_t ran_ns[] = {0, 1000000000, 1500000000, 1500000000};
    struct vcpu_guest_track room[2][1];
    struct vcpu_guest_tracks before = {0}, now;
    struct vcpu_settings settings;

    (void)state;
    vcpu_settings_default(&settings);
    for (int i = 0; i < 4; i++, before = now) {
        reading.helpers_ns += ran_ns[i];
        now = (struct vcpu_guest_tracks){.track = room[i % 2]};
        look(&settings, &before, &sample, i ? 2 : 0, &now);
        assert_float_equal(now.track[0].helpers, expected[i], 1e-9);
    }
    settings.learn_habits = false;
    reading.helpers_ns += 2000000000;
    now = (struct vcpu_guest_tracks){.track = room[0]};
    look(&settings, &before, &sample, 2, &now);
    assert_float_equal(now.track[0].helpers, 1, 1e-9);
    before = now;
    sample.n_helpers = 0;
    now = (struct vcpu_guest_tracks){.track = room[1]};
    look(&settings, &before, &sample, 2, &now);
    assert_float_equal(now.track[0].helpers, 0, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_threads_are_a_share_of_a_pcpu),
        cmocka_unit_test(what_is_not_known_is_nothing),
        cmocka_unit_test(another_start_of_a_guest_is_told_from_the_first),
        cmocka_unit_test(what_they_want_is_forecast_where_it_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
