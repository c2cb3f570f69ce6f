/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"
#include "agent/base/guest_name.h"
#include "agent/client/client.h"
#include "agent/metrics/metrics_file.h"

static const struct interval an_interval = {
    .number = 1, .cost = {.interval_s = 2, .took_s = 0.003, .cpu_s = 1.5, .calls = 7}};

/* What the coordinator tells of guests with these names, after one more interval. */
static char *told(struct metrics *metrics, const char *const *names, size_t n,
                  const struct interval *interval)
{
    struct memory_reading *guests = calloc(n + 1, sizeof(*guests));
    struct memory_place *places = calloc(n + 1, sizeof(*places));
    struct memory_sample sample = {.guests = guests, .n_guests = n};
    struct memory_plan plan = {.verdict = VERDICT_HOLD_BALANCED, .places = places, .n_places = n};
    char *text;

    assert_true(guests && places);
    for (size_t i = 0; i < n; i++) {
        guest_name_set(&places[i].guest, names[i]);
        places[i].guest.uuid[15] = (unsigned char)i;
        guests[i] = (struct memory_reading){.guest = places[i].guest,
                                            .has = MEMORY_HAS_AGE,
                                            .stats_age_ns = i ? INT64_MAX : 2500000000};
    }
    metrics_tell_memory(metrics, &sample, &plan, interval);
    text = metrics_text(metrics);
    assert_non_null(text);
    free(guests);
    free(places);
    return text;
}

/* Of guests by the thousand it takes tens of milliseconds, and more than one may ask. */
static void an_intervals_text_is_made_once(void **state)
{
    enum { MANY = 4000, ASKED = 10 };
    static const char *names[MANY];
    struct metrics *metrics = metrics_new(PROGRAM_MEMORY);
    char *first, *other;
    uint64_t made_ns, began_ns;

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        names[i] = "a guest with a name";
    free(told(metrics, names, MANY, &an_interval));
    free(told(metrics, names, MANY, &an_interval));
    began_ns = clock_monotonic_ns();
    first = told(metrics, names, MANY, &an_interval);
    made_ns = clock_monotonic_ns() - began_ns;
    began_ns = clock_monotonic_ns();
    for (int i = 0; i < ASKED; i++) {
        other = metrics_text(metrics);
        assert_string_equal(other, first);
        free(other);
    }
    if (clock_monotonic_ns() - began_ns > made_ns * ASKED / 2)
        fail_msg("%d times the same text take %.1f ms, and the first one %.1f", ASKED,
                 (double)(clock_monotonic_ns() - began_ns) / 1e6, (double)made_ns / 1e6);
    other = told(metrics, names, MANY - 1, &an_interval);
    assert_string_not_equal(other, first);
    free(other);
    free(first);
    metrics_free(metrics);
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    for (; (text = strstr(text, part)); text++)
        n++;
    return n;
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

static void strangers_names_stay_in_their_labels(void **state)
{
    static const char *const names[] = {"say \"hi\"\\", "two\nlines", "two\rlines", "not\xffutf8"};
    struct metrics *metrics = metrics_new(PROGRAM_MEMORY);
    char *text = told(metrics, names, 4, &an_interval);

    (void)state;
    assert_has(text, "evenkeel_memory_state{domain=\"say \\\"hi\\\"\\\\\",state=\"ok\"} 1\n");
    assert_has(text, "{domain=\"two?lines\xef\xbf\xbd"
                     "00000000-0000-0000-0000-000000000001\"}");
    assert_has(text, "{domain=\"two?lines\xef\xbf\xbd"
                     "00000000-0000-0000-0000-000000000002\"}");
    assert_has(text, "{domain=\"not?utf8\xef\xbf\xbd");
    assert_int_equal(count(text, "\nevenkeel_domain_info{"), 4);
    free(text);
    metrics_free(metrics);
}

static void no_two_guests_have_one_label(void **state)
{
    char first[400], second[400];
    const char *names[] = {first, second, "x\xef\xbf\xbd", "x\x01"};
    struct metrics *metrics = metrics_new(PROGRAM_MEMORY);
    char *text;

    (void)state;
    memset(first, 'n', sizeof(first));
    memset(second, 'n', sizeof(second));
    first[398] = '1';
    second[398] = '2';
    first[399] = second[399] = '\0';
    text = told(metrics, names, 4, &an_interval);
    for (int i = 0; i < 4; i++) {
        char uuid[60];

        snprintf(uuid, sizeof(uuid), "\xef\xbf\xbd%08d-0000-0000-0000-%012d\",state", 0, i);
        assert_has(text, uuid);
    }
    free(text);
    metrics_free(metrics);
}

static void what_is_not_known_has_no_line(void **state)
{
    static const char *const names[] = {"a", "b"};
    struct metrics *metrics = metrics_new(PROGRAM_MEMORY);
    char *text = metrics_text(metrics);

    (void)state;
    assert_has(text, "evenkeel_up{program=\"memory_coordinator\"} 0\n");
    assert_null(strstr(text, "\nevenkeel_last_interval_timestamp_seconds{"));
    assert_null(strstr(text, "\nevenkeel_memory_free_bytes "));
    free(text);
    text = told(metrics, names, 2, &an_interval);
    assert_has(text, "evenkeel_memory_report_age_seconds{domain=\"a\"} 2.5\n");
    assert_int_equal(count(text, "\nevenkeel_memory_report_age_seconds{"), 1);
    free(text);
    metrics_free(metrics);
}

static void guests_that_are_gone_have_no_line(void **state)
{
    static const char *const names[] = {"stays", "goes"};
    const struct interval_cost cost = an_interval.cost;
    struct metrics *metrics = metrics_new(PROGRAM_MEMORY);
    char *text = told(metrics, names, 2, &an_interval);

    (void)state;
    assert_has(text, "\"goes\"");
    free(text);
    text = told(metrics, names, 1, &an_interval);
    assert_null(strstr(text, "\"goes\""));
    assert_has(text, "\"stays\"");
    free(text);
    metrics_tell_trouble(metrics, &cost);
    text = metrics_text(metrics);
    assert_null(strstr(text, "\"stays\""));
    assert_has(text, "evenkeel_up{program=\"memory_coordinator\"} 0\n");
    assert_has(text, "evenkeel_intervals_failed_total{program=\"memory_coordinator\"} 1\n");
    free(text);
    metrics_free(metrics);
}

static void counters_count_on_over_a_reload(void **state)
{
    struct metrics *metrics = metrics_new(PROGRAM_MEMORY);
    struct interval interval = an_interval;

    (void)state;
    interval.overruns = 3;
    free(told(metrics, NULL, 0, &interval));
    interval.cost.calls = 9;
    interval.overruns = 4;
    free(told(metrics, NULL, 0, &interval));
    interval.cost.calls = 2; /* a new session */
    interval.overruns = 1;
    interval.cost.took_s = 3;
    char *text = told(metrics, NULL, 0, &interval);

    assert_has(text, "evenkeel_libvirt_calls_total{program=\"memory_coordinator\"} 11\n");
    assert_has(text, "evenkeel_intervals_missed_total{program=\"memory_coordinator\"} 5\n");
    assert_has(text, "verdict=\"hold-balanced\"} 3\n");
    assert_has(text, "evenkeel_interval_duration_seconds_bucket{program=\"memory_coordinator\","
                     "le=\"0.0025\"} 0\n");
    assert_has(text, "le=\"0.005\"} 2\n");
    assert_has(text, "le=\"2.5\"} 2\n");
    assert_has(text, "le=\"5\"} 3\n");
    assert_has(text, "evenkeel_interval_duration_seconds_count{program=\"memory_coordinator\"} 3");
    free(text);
    metrics_free(metrics);
}

/* A guest whose one vCPU somebody else has moved or not, and the emulator that follows it. */
static char *told_vcpu(struct metrics *metrics, bool is_foreign)
{
    struct vcpu_reading vcpu = {.guest = {.name = "web"}, .is_foreign = is_foreign};
    struct vcpu_sample sample = {.vcpus = &vcpu, .n_vcpus = 1};
    struct helper_pin pin = {.guest = vcpu.guest};
    struct vcpu_plan plan = {.verdict = VERDICT_APPLY, .helper_pins = &pin, .n_helper_pins = 1};
    char *text;

    metrics_tell_vcpu(metrics, &sample, &plan, &an_interval);
    text = metrics_text(metrics);
    assert_non_null(text);
    return text;
}

static void what_others_did_is_counted_on_over_a_failure(void **state)
{
    struct metrics *metrics = metrics_new(PROGRAM_VCPU);
    const struct interval_cost cost = an_interval.cost;
    char *text;

    (void)state;
    free(told_vcpu(metrics, true));
    metrics_tell_trouble(metrics, &cost);
    text = metrics_text(metrics);
    assert_null(strstr(text, "\"web\""));
    free(text);
    metrics_tell_trouble(metrics, &cost);
    free(told_vcpu(metrics, false));
    text = told_vcpu(metrics, true);
    assert_has(text, "domain=\"web\"} 2\n");
    assert_has(text, "action=\"helpers\"} 3\n");
    assert_null(strstr(text, "action=\"reclaim\""));
    free(text);
    metrics_free(metrics);
}

static void both_programs_texts_join_with_each_family_once(void **state)
{
    static const char one[] = "# HELP a x\n# TYPE a gauge\na{p=\"1\"} 1\n"
                              "# HELP ab y\n# TYPE ab gauge\nab 5\n";
    static const char two[] = "# HELP b z\n# TYPE b gauge\nb 3\n"
                              "# HELP a x\n# TYPE a gauge\na{p=\"2\"} 2\n";
    char *first = client_join_metrics(NULL, one), *both;

    (void)state;
    assert_string_equal(first, one);
    both = client_join_metrics(first, two);
    assert_string_equal(both, "# HELP a x\n# TYPE a gauge\na{p=\"1\"} 1\na{p=\"2\"} 2\n"
                              "# HELP ab y\n# TYPE ab gauge\nab 5\n"
                              "# HELP b z\n# TYPE b gauge\nb 3\n");
    free(first);
    free(both);
}

static bool within_a_while(bool (*holds)(const char *path), const char *path)
{
    for (int ms = 0; ms < 5000 && !holds(path); ms += 10)
        clock_wait_ms(10);
    return holds(path);
}

static bool is_there(const char *path)
{
    return access(path, F_OK) == 0;
}

static size_t lines_in(FILE *said)
{
    size_t n = 0;

    fseek(said, 0, SEEK_SET);
    for (int c; (c = getc(said)) != EOF;)
        n += c == '\n';
    return n;
}

static void a_folder_that_is_missing_is_told_once_and_the_file_comes_when_it_is_there(void **state)
{
    char folder[] = "/tmp/metrics-XXXXXX", inner[40], path[60], partial[70];
    struct metrics *metrics = metrics_new(PROGRAM_MEMORY);
    FILE *said = tmpfile();
    struct metrics_file *file;
    struct stat status;
    mode_t mask = umask(077);
    struct log log;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(inner, sizeof(inner), "%s/in", folder);
    snprintf(path, sizeof(path), "%s/m.prom", inner);
    snprintf(partial, sizeof(partial), "%s.part", path);
    log_init(&log, said, "test", LOG_INFO);
    for (int i = 0; i < 2; i++) { /* each closing writes what is new */
        file = metrics_file_open(path, metrics, &log);
        metrics_file_news(file);
        metrics_file_close(file, false);
    }
    assert_int_equal(lines_in(said), 2);
    file = metrics_file_open(path, metrics, &log);
    metrics_file_news(file);
    clock_wait_ms(50);
    metrics_file_news(file);
    assert_int_equal(mkdir(inner, 0755), 0);
    assert_true(within_a_while(is_there, path));
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0644);
    assert_false(is_there(partial));
    metrics_file_close(file, true);
    assert_false(is_there(path));
    assert_int_equal(lines_in(said), 4); /* that it was missing, and that it is written again */
    umask(mask);
    fclose(said);
    rmdir(inner);
    rmdir(folder);
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_intervals_text_is_made_once),
        cmocka_unit_test(strangers_names_stay_in_their_labels),
        cmocka_unit_test(no_two_guests_have_one_label),
        cmocka_unit_test(what_is_not_known_has_no_line),
        cmocka_unit_test(guests_that_are_gone_have_no_line),
        cmocka_unit_test(counters_count_on_over_a_reload),
        cmocka_unit_test(what_others_did_is_counted_on_over_a_failure),
        cmocka_unit_test(both_programs_texts_join_with_each_family_once),
        cmocka_unit_test(a_folder_that_is_missing_is_told_once_and_the_file_comes_when_it_is_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
