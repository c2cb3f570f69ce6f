/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --metadata through the whole loop: what a guest's own definition says may not take from the
 * others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agent/memory_loop.h"
#include "agent/simulated/simulated.h"
#include "agent/simulated/simulated_truth.h"
#include "agent/vcpu_loop.h"

/* The first guest holds nearly all there is, uses 315 MiB of it, and says that it needs it. */
static const char greedy_memory[] =
    "{\"duration_s\": 90, \"host\": {\"memory_mib\": 4600}, \"guests\": ["
    "{\"name\": \"hog\", \"maximum_mib\": 3000, \"actual_mib\": 3000, \"touched_mib\": 400,"
    " \"floor_mib\": 3000, \"weight\": 10000},"
    "{\"name\": \"web\"}],"
    "\"events\": [{\"at_s\": 30, \"do\": \"grow\", \"guest\": \"web\", \"until_mib\": 1200}]}";

/* The first guest idles and reserves a pCPU for each of its vCPUs, and there are no more. */
static const char greedy_vcpus[] =
    "{\"duration_s\": 40, \"host\": {\"pcpus\": 4}, \"guests\": ["
    "{\"name\": \"hog\", \"vcpus\": 4, \"pct\": 2, \"reserve_pct\": 100},"
    "{\"name\": \"web\", \"count\": 4, \"pct\": 60}]}";

struct outcome {
    uint64_t web_kib, hog_kib; /* what they hold at the end */
    char *said;
};

static void play(const char *scenario, enum options_metadata metadata, struct outcome *ret)
{
    bool is_memory = scenario == greedy_memory;
    struct options options = {.program = is_memory ? PROGRAM_MEMORY : PROGRAM_VCPU,
                              .interval_s = 2,
                              .metadata = metadata};
    struct session session = {.options = &options};
    size_t size = 0;
    FILE *stream = open_memstream(&ret->said, &size);
    struct simulated_guest guest;
    struct err err = {0};
    int r;

    vcpu_settings_default(&options.vcpu);
    memory_settings_default(&options.memory);
    claim_limits_default(&options.claims);
    log_init(&session.log, stream, "test", LOG_WARNING);
    r = simulated_open_text(scenario, is_memory ? SIMULATED_MEMORY : SIMULATED_VCPU, 2,
                            &session.host, &session.ticker, &err);
    if (r >= 0)
        r = is_memory ? memory_loop_run(&session, &err) : vcpu_loop_run(&session, &err);
    if (r < 0)
        fail_msg("%s", err.text);
    simulated_guest(simulated_of(&session.host), 0, &guest);
    ret->hog_kib = guest.actual_kib;
    simulated_guest(simulated_of(&session.host), 1, &guest);
    ret->web_kib = guest.actual_kib;
    session.host.close(session.host.self);
    fclose(stream);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)) != NULL; text++)
        n++;
    return n;
}

static void a_limit_leaves_the_others_what_they_need(void **state)
{
    struct outcome limited, trusted, ignored;

    (void)state;
    play(greedy_memory, METADATA_LIMIT, &limited);
    play(greedy_memory, METADATA_TRUST, &trusted);
    play(greedy_memory, METADATA_IGNORE, &ignored);
    assert_true(limited.web_kib > 1200 * 1024);
    assert_true(limited.hog_kib < 2400 * 1024);
    assert_true(trusted.web_kib < 1000 * 1024);
    assert_int_equal(trusted.hog_kib, 3000 * 1024);
    assert_true(ignored.hog_kib < 600 * 1024);
    assert_int_equal(count(limited.said, "the floor of 3000 MiB in its definition counts as 2300"),
                     1);
    assert_int_equal(count(limited.said, "the weight of 10000 in its definition counts as 300"), 1);
    assert_int_equal(count(limited.said, "\n"), 2);
    assert_string_equal(trusted.said, "");
    assert_string_equal(ignored.said, "");
    free(limited.said);
    free(trusted.said);
    free(ignored.said);
}

static void a_cut_reserve_is_named_once(void **state)
{
    struct outcome limited, ignored;

    (void)state;
    play(greedy_vcpus, METADATA_LIMIT, &limited);
    assert_int_equal(count(limited.said, "the reserve of 100 % in its definition counts as 50 %; "
                                         "--reserve-sum says how much may"),
                     1);
    assert_int_equal(count(limited.said, "\n"), 1);
    play(greedy_vcpus, METADATA_IGNORE, &ignored);
    assert_string_equal(ignored.said, "");
    free(limited.said);
    free(ignored.said);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_limit_leaves_the_others_what_they_need),
        cmocka_unit_test(a_cut_reserve_is_named_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
