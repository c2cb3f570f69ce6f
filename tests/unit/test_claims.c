/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is said of guests' claims, and remembered of that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "agent/claims.h"

enum { GUESTS = 3 };

/* A host of 1000 MiB; each guest claims a floor of so many MiB, and 0 is not there. */
struct world {
    struct options options;
    struct session session;
    struct claims claims;
    unsigned floor_mib[GUESTS];
};

static void set_up(struct world *world)
{
    *world = (struct world){.options.metadata = METADATA_LIMIT};
    claim_limits_default(&world->options.claims);
    world->session.options = &world->options;
    log_init(&world->session.log, tmpfile(), "test", LOG_INFO);
    assert_non_null(world->session.log.stream);
}

static void tear_down(struct world *world)
{
    fclose(world->session.log.stream);
    claims_done(&world->claims);
}

/* How many lines were said. */
static size_t heed(struct world *world)
{
    struct memory_reading guests[GUESTS] = {0};
    struct memory_sample sample = {.host_total_kib = 1000 << 10, .guests = guests};
    FILE *stream = world->session.log.stream;
    size_t n = 0;
    long end;

    for (unsigned i = 0; i < GUESTS; i++)
        if (world->floor_mib[i])
            guests[sample.n_guests++] = (struct memory_reading){
                .guest = {.uuid = {(unsigned char)(i + 1)}, .name = "g"},
                .maximum_kib = 10000 << 10,
                .policy = {.has_floor = true, .floor_kib = world->floor_mib[i] << 10}};
    assert_int_equal(fseek(stream, 0, SEEK_SET), 0);
    assert_int_equal(claims_heed_memory(&world->claims, &world->session, &sample), 0);
    end = ftell(stream);
    assert_int_equal(fseek(stream, 0, SEEK_SET), 0);
    while (ftell(stream) < end)
        n += fgetc(stream) == '\n';
    return n;
}

static void each_cut_is_said_once_as_long_as_its_guest_is_there(void **state)
{
    struct world world;

    (void)state;
    set_up(&world);
    world.floor_mib[0] = 900;
    world.floor_mib[2] = 800;
    assert_int_equal(heed(&world), 2);
    assert_int_equal(heed(&world), 0);
    world.floor_mib[1] = 700;
    assert_int_equal(heed(&world), 1);
    world.floor_mib[0] = 0;
    assert_int_equal(heed(&world), 0);
    world.floor_mib[0] = 900;
    assert_int_equal(heed(&world), 1);
    tear_down(&world);
}

/* An owner may change his claim as often as he likes. */
static void of_each_guest_one_claim_is_remembered(void **state)
{
    struct world world;

    (void)state;
    set_up(&world);
    for (unsigned i = 0; i < 100; i++) {
        world.floor_mib[0] = world.floor_mib[1] = 600 + i;
        assert_int_equal(heed(&world), 2);
        assert_int_equal(world.claims.n_said, 2);
    }
    tear_down(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_cut_is_said_once_as_long_as_its_guest_is_there),
        cmocka_unit_test(of_each_guest_one_claim_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
