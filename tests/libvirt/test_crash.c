/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was found before the first change survives the program that made it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/libvirt/command_fixture.h"

/* Guests of a hypervisor that lives in the program, so each start makes them anew, as this file has
 * them. Their owner gave g1 a size by policy. */
static void write_guests(unsigned now_kib)
{
    char path[64];
    FILE *file;

    command_path("guests.xml", path, sizeof(path));
    file = fopen(path, "w");
    fprintf(file,
            "<node><domain type='test'><name>g1</name>"
            "<uuid>11111111-0000-0000-0000-000000000001</uuid>"
            "<memory>2097152</memory><currentMemory>%u</currentMemory><vcpu>2</vcpu>"
            "<os><type>hvm</type></os><metadata>"
            "<e:guest xmlns:e='tag:evenkeel.dev,2026:guest'><e:memory size='800'/></e:guest>"
            "</metadata><devices><memballoon model='virtio'><stats period='7'/></memballoon>"
            "</devices></domain></node>",
            now_kib);
    fclose(file);
}

static char uuid[64];

static void on_a_known_host(void)
{
    char path[64];

    command_path("refuse", path, sizeof(path));
    setenv("HOST_UUID", uuid, 1);
    setenv("REFUSE_FILE", path, 1);
    setenv("XDG_RUNTIME_DIR", "/tmp", 0);
    command_preload();
}

static struct run start(const char *options)
{
    char line[400], guests[64], state[64];

    command_path("guests.xml", guests, sizeof(guests));
    command_path("state", state, sizeof(state));
    snprintf(line, sizeof(line), "memory_coordinator 0.2 --connect test://%s --state %s %s", guests,
             state, options);
    return command_start_after(line, NULL, on_a_known_host);
}

static struct run run(const char *options)
{
    struct run it = start(options);

    command_finish(&it);
    return it;
}

static char *journal(void)
{
    char name[160];

    snprintf(name, sizeof(name), "state/memory-%s.json", uuid);
    return command_file(name);
}

static void await(const char *name, const char *what)
{
    const struct timespec moment = {.tv_nsec = 50000000};

    for (int i = 0; i < 400; i++) {
        char *text = command_file(name);
        bool is_there = strstr(text, what) != NULL;

        free(text);
        if (is_there)
            return;
        nanosleep(&moment, NULL);
    }
    fail_msg("no '%s' in '%s' within 20 s", what, name);
}

static void await_reclaim(void)
{
    await("out", "\n  reclaim ");
}

static int set_up(void **state)
{
    snprintf(uuid, sizeof(uuid), "00000000-0000-0000-0001-%012ld", (long)getpid());
    return command_set_up(state);
}

static int tear_down(void **state)
{
    char line[256];

    command_path("", line + 6, sizeof(line) - 6);
    memcpy(line, "rm -r ", 6);
    (void)state;
    if (system(line) != 0)
        return -1;
    snprintf(line, sizeof(line), "%s/evenkeel/memory-%s.lock", geteuid() == 0 ? "/run" : "/tmp",
             uuid);
    unlink(line);
    return 0;
}

/* Changes the guest and is killed in the middle. */
static void crash(void)
{
    struct run it;

    write_guests(1048576);
    it = start("--restore");
    await_reclaim();
    kill(it.pid, SIGKILL);
    command_finish(&it);
    command_done(&it);
}

/* Somebody cleans up, or puts another disk there. */
static void what_is_taken_away_while_it_runs_is_there_again(void **state)
{
    char folder[80], line[96], name[160];
    struct run it;

    (void)state;
    write_guests(1048576);
    it = start("");
    await_reclaim();
    command_path("state", folder, sizeof(folder));
    snprintf(line, sizeof(line), "rm -r %s", folder);
    assert_int_equal(system(line), 0);
    snprintf(name, sizeof(name), "state/memory-%s.json", uuid);
    await(name, "\"actual_kib\":1048576");
    kill(it.pid, SIGKILL);
    command_finish(&it);
    command_done(&it);
}

static void the_owner_gets_back_what_was_found_before_the_crash(void **state)
{
    struct run it;
    char *text;

    (void)state;
    crash();
    text = journal();
    assert_has_text(text, "\"actual_kib\":1048576");
    assert_has_text(text, "\"period_s\":7");
    free(text);
    write_guests(1228800); /* as a later interval of the program that was killed left it */
    it = run("--restore --once");
    assert_int_equal(it.status, 0);
    assert_has_text(it.err, "put back 1 sizes, 0 failed");
    assert_null(strstr(it.out, "interval="));
    command_done(&it);
    text = journal();
    assert_string_equal(text, "");
    free(text);
    it = run("--restore --once"); /* once is enough */
    assert_int_equal(it.status, 0);
    assert_has_text(it.err, "put back 0 sizes");
    command_done(&it);
}

static void touch(const char *name)
{
    char path[64];
    FILE *file;

    command_path(name, path, sizeof(path));
    file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
}

static void what_is_still_owed_is_named_and_tried_again(void **state)
{
    char path[64];
    struct run it;

    (void)state;
    crash();
    write_guests(1228800);
    touch("refuse");
    it = run("--restore --once");
    assert_int_equal(it.status, 1);
    assert_has_text(it.err, "guest 'g1' does not have back what was found at first");
    command_done(&it);
    command_path("refuse", path, sizeof(path));
    unlink(path);
    it = run("--restore --once");
    assert_int_equal(it.status, 0);
    assert_has_text(it.err, "put back 1 sizes, 0 failed");
    command_done(&it);
}

static void nothing_is_taken_from_a_damaged_journal(void **state)
{
    char path[160], name[160];
    struct run it;
    char *text;
    FILE *file;

    (void)state;
    crash();
    snprintf(name, sizeof(name), "state/memory-%s.json", uuid);
    command_path(name, path, sizeof(path));
    text = command_file(name);
    file = fopen(path, "w");
    fwrite(text, 1, strlen(text) / 2, file);
    fclose(file);
    free(text);
    write_guests(1228800);
    it = run("--restore --once");
    assert_int_equal(it.status, 0);
    assert_has_text(it.err, "nothing of it is put back");
    assert_has_text(it.err, "put back 0 sizes");
    command_done(&it);
    strcat(name, ".damaged.1");
    text = command_file(name);
    assert_true(strlen(text) > 0);
    free(text);
}

/* The journal comes first: where it cannot be written, nothing is changed. */
static void without_a_journal_nothing_is_changed(void **state)
{
    struct run it;

    (void)state;
    write_guests(1048576);
    touch("state"); /* no folder */
    it = run("--restore");
    assert_int_equal(it.status, 2);
    assert_has_text(it.err, "--state: cannot");
    assert_string_equal(it.out, "");
    command_done(&it);
}

/* A folder in the way of the file, as a full disk or a read-only one would be. */
static void what_cannot_be_written_down_is_not_changed_until_it_can(void **state)
{
    char path[200], name[160];
    struct run it;
    char *text;

    (void)state;
    write_guests(1048576);
    command_path("state", path, sizeof(path));
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(name, sizeof(name), "state/memory-%s.json.part", uuid);
    command_path(name, path, sizeof(path));
    assert_int_equal(mkdir(path, 0700), 0);
    it = start("");
    await("err", "nothing is changed before what is found can be written down");
    await("out", "hold-unsafe");
    text = command_file("out");
    assert_null(strstr(text, "\n  reclaim "));
    free(text);
    text = journal();
    assert_string_equal(text, "");
    free(text);
    assert_int_equal(rmdir(path), 0);
    await_reclaim();
    await("err", "can be written down again");
    text = journal();
    assert_has_text(text, "\"actual_kib\":1048576");
    free(text);
    kill(it.pid, SIGTERM);
    command_finish(&it);
    assert_int_equal(it.status, 0);
    command_done(&it);
}

/* In the foreground each stop is one for good. */
static void a_stop_leaves_changes_and_says_so_or_puts_them_back(void **state)
{
    static const struct {
        const char *options;
        bool puts_back;
    } rows[] = {{"", false}, {"--on-stop keep", false}, {"--on-stop release", true}};
    char question[120], folder[64];

    (void)state;
    command_path("state", folder, sizeof(folder));
    snprintf(question, sizeof(question),
             "sizes were left; evenkeelctl release --state %s --connect ", folder);
    for (size_t i = 0; i < 3; i++) {
        struct run it;

        write_guests(1048576);
        it = start(rows[i].options);
        await_reclaim();
        kill(it.pid, SIGTERM);
        command_finish(&it);
        assert_int_equal(strstr(it.err, "put back ") != NULL, rows[i].puts_back);
        /* This host has no room for all of it: the rest is asked for. */
        assert_has_text(it.out, question);
        command_done(&it);
    }
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(what_is_taken_away_while_it_runs_is_there_again),
        ROW(the_owner_gets_back_what_was_found_before_the_crash),
        ROW(what_is_still_owed_is_named_and_tried_again),
        ROW(nothing_is_taken_from_a_damaged_journal),
        ROW(without_a_journal_nothing_is_changed),
        ROW(a_stop_leaves_changes_and_says_so_or_puts_them_back),
        ROW(what_cannot_be_written_down_is_not_changed_until_it_can),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
