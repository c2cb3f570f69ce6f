/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The programs as a user starts them: exit status, what goes where, signals. */
#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/base/clock.h"

#define WORDS_MOST 16
#define TEXT_SIZE (1 << 20)

static char folder[] = "/tmp/command-XXXXXX";

struct run {
    pid_t pid;
    int status; /* exit status, or 128 + signal */
    char *out, *err;
};

static void in_folder(const char *name, char *ret, size_t size)
{
    snprintf(ret, size, "%s/%s", folder, name);
}

static void nothing_before(void)
{
}

/* Starts "vcpu_scheduler 2 --once" with its output going to files; out NULL: our own file. before
 * is called in the new process just before the program starts. */
static struct run start_after(const char *line, const char *out, void (*before)(void))
{
    char text[512], program[256], out_path[64], err_path[64];
    char *argv[WORDS_MOST + 1] = {0};
    struct run run = {0};
    int argc = 0;

    snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok(text, " "); word && argc < WORDS_MOST; word = strtok(NULL, " "))
        argv[argc++] = word;
    snprintf(program, sizeof(program), "%s/%s", BINARY_DIR, argv[0]);
    in_folder("out", out_path, sizeof(out_path));
    in_folder("err", err_path, sizeof(err_path));
    unlink(out_path); /* what an earlier run said is not what this one says */
    run.pid = fork();
    assert_true(run.pid >= 0);
    if (run.pid == 0) {
        if (!freopen(out ? out : out_path, "w", stdout) || !freopen(err_path, "w", stderr))
            _exit(99);
        before();
        execv(program, argv);
        _exit(98);
    }
    return run;
}

static struct run start(const char *line, const char *out)
{
    return start_after(line, out, nothing_before);
}

static char *read_file(const char *name)
{
    char path[64];
    char *text = calloc(1, TEXT_SIZE);
    FILE *file;

    in_folder(name, path, sizeof(path));
    file = fopen(path, "r");
    assert_non_null(text);
    if (file) {
        text[fread(text, 1, TEXT_SIZE - 1, file)] = '\0';
        fclose(file);
    }
    return text;
}

static void finish(struct run *run)
{
    int status;

    assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    run->out = read_file("out");
    run->err = read_file("err");
}

static struct run run_line(const char *line)
{
    struct run run = start(line, NULL);

    finish(&run);
    return run;
}

static void done(struct run *run)
{
    free(run->out);
    free(run->err);
}

static int set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/command-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int tear_down(void **state)
{
    static const char *const names[] = {"out", "err", "recording"};
    char path[64];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        in_folder(names[i], path, sizeof(path));
        unlink(path);
    }
    return rmdir(folder);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%.2000s", part, text);
}

static size_t count_lines(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}

static void exit_status_and_one_sentence(void **state)
{
    static const struct {
        const char *line;
        int status;
        const char *says; /* on standard error */
    } rows[] = {
        {"vcpu_scheduler", 2, "interval"},
        {"memory_coordinator two", 2, "'two'"},
        {"vcpu_scheduler 2 --bogus", 2, "'--bogus'"},
        {"vcpu_scheduler 2 --connect test:///nowhere.xml", 1, "test:///nowhere.xml"},
        {"vcpu_scheduler 2 --connect test:///nowhere.xml --emit-lp -", 1, "nowhere"},
        {"memory_coordinator 2 --connect qemu+unix:///system?socket=/nowhere", 1, "qemu+unix"},
        {"vcpu_scheduler 2 --simulate no-such-thing", 2, "no-such-thing"},
        {"vcpu_scheduler 2 --simulate memory-1", 2, "memory_coordinator"},
        {"vcpu_scheduler --replay /nowhere", 2, "/nowhere"},
        {"vcpu_scheduler 2 --simulate cpu-1 --record /nowhere/r", 2, "/nowhere"},
        {"vcpu_scheduler 2 --simulate cpu-1 --emit-lp /nowhere/a/b", 2, "/nowhere/a/b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run run = run_line(rows[i].line);

        if (run.status != rows[i].status)
            fail_msg("%s: exit status %d\n%s", rows[i].line, run.status, run.err);
        assert_has(run.err, rows[i].says);
        assert_string_equal(run.out, "");
        done(&run);
    }
}

static void what_to_print_and_leave(void **state)
{
    static const char *const rows[][2] = {
        {"vcpu_scheduler --version", "vcpu_scheduler (evenkeel) "},
        {"memory_coordinator --version", "memory_coordinator (evenkeel) "},
        {"vcpu_scheduler --help", "INTERVAL"},
        {"memory_coordinator --help", "--host-reserve"},
        {"vcpu_scheduler --simulate help", "cpu-1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run run = run_line(rows[i][0]);

        assert_int_equal(run.status, 0);
        assert_has(run.out, rows[i][1]);
        assert_string_equal(run.err, "");
        done(&run);
    }
}

static void once_on_a_hypervisor(void **state)
{
    struct run run = run_line("vcpu_scheduler 0.1 --connect test:///default --once");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_has(run.out, "verdict=hold-observing");
    assert_has(run.out, "interval=2 ");
    assert_null(strstr(run.out, "interval=3 "));
    assert_has(run.out, "summary: 2 intervals");
    done(&run);
    run = run_line("memory_coordinator 0.1 --connect test:///default --once --match nobody");
    assert_int_equal(run.status, 0);
    assert_has(run.out, "no guests");
    done(&run);
}

/* Every line is an object; returns the number of lines that have the key with a value above 0. */
static size_t parse_lines(char *text, const char *key)
{
    size_t n = 0;

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        json_t *json = json_loads(line, 0, NULL);
        const json_t *value;

        assert_true(json_is_object(json));
        assert_true(json_is_integer(json_object_get(json, "interval")));
        value = json_object_get(json, key);
        n += json_is_array(value) ? json_array_size(value) > 0 : json_number_value(value) > 0;
        json_decref(json);
    }
    return n;
}

static void json_alone_on_standard_output(void **state)
{
    struct run run = run_line("vcpu_scheduler 2 --simulate cpu-1 --json");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_true(parse_lines(run.out, "moves") > 0);
    assert_has(run.err, "summary: ");
    done(&run);
    run = run_line("memory_coordinator 2 --simulate memory-1 --json --explain");
    assert_int_equal(run.status, 0);
    assert_true(parse_lines(run.out, "grants") > 0);
    done(&run);
}

static void quiet_is_quiet(void **state)
{
    struct run run = run_line("vcpu_scheduler 2 --simulate cpu-1 --quiet");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_string_equal(run.out, "");
    assert_string_equal(run.err, "");
    done(&run);
}

/* So it has nothing to put back either. */
static void a_dry_run_changes_nothing(void **state)
{
    struct run run = run_line("vcpu_scheduler 2 --simulate cpu-1 --dry-run --restore");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_has(run.out, "would pin");
    /* The load stays on pCPU 0 to the end. */
    assert_has(strstr(run.out, "interval=14 "), "verdict=apply");
    assert_string_equal(run.err, "");
    done(&run);
}

static void models_alone_on_standard_output(void **state)
{
    struct run run = run_line("vcpu_scheduler 2 --simulate cpu-1 --emit-lp -");

    (void)state;
    assert_int_equal(run.status, 0);
    assert_int_equal(strncmp(run.out, "\\ ", 2), 0);
    assert_has(run.out, "\nMinimize\n");
    assert_null(strstr(run.out, "interval="));
    assert_has(run.err, "interval=");
    done(&run);
}

static void a_replay_is_equal_until_the_recording_is_changed(void **state)
{
    static const char *const programs[][2] = {{"vcpu_scheduler", "cpu-5"},
                                              {"memory_coordinator", "memory-4"},
                                              {"memory_coordinator", "memory-1 --dry-run"}};
    char line[256], path[64];

    (void)state;
    in_folder("recording", path, sizeof(path));
    for (size_t i = 0; i < 3; i++) {
        struct run run;
        FILE *file;
        char *text, *number;

        snprintf(line, sizeof(line), "%s 2 --simulate %s --quiet --record %s", programs[i][0],
                 programs[i][1], path);
        run = run_line(line);
        assert_int_equal(run.status, 0);
        done(&run);
        snprintf(line, sizeof(line), "%s --quiet --replay %s", programs[i][0], path);
        run = run_line(line);
        assert_int_equal(run.status, 0);
        assert_string_equal(run.err, "");
        done(&run);
        text = read_file("recording");
        number = strstr(text, "\"hold_objective\":") + strlen("\"hold_objective\":");
        *number = *number == '1' ? '2' : '1';
        file = fopen(path, "w");
        fputs(text, file);
        fclose(file);
        free(text);
        run = run_line(line);
        assert_int_equal(run.status, 1);
        assert_has(run.err, "hold_objective");
        done(&run);
        unlink(path);
    }
}

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void await_output(const char *part)
{
    for (int i = 0; i < 200; i++) {
        char *text = read_file("out");
        bool there = strstr(text, part) != NULL;

        free(text);
        if (there)
            return;
        sleep_ms(50);
    }
    fail_msg("no \"%s\" within 10 s", part);
}

static void a_signal_ends_it_with_a_summary(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    static const char *const lines[] = {
        "vcpu_scheduler 3600 --connect test:///default",
        "memory_coordinator 3600 --connect test:///default --restore"};

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        struct run run = start(lines[i % 2], NULL);
        uint64_t asked_ns;

        await_output("interval=1 ");
        asked_ns = clock_monotonic_ns();
        kill(run.pid, signals[i / 2]);
        finish(&run);
        assert_int_equal(run.status, 0);
        assert_true(clock_monotonic_ns() - asked_ns < 1000000000u);
        assert_has(run.out, "summary: 1 intervals");
        done(&run);
    }
}

static void ignore_hangup(void)
{
    signal(SIGHUP, SIG_IGN);
}

static void nohup_works(void **state)
{
    struct run run =
        start_after("vcpu_scheduler 3600 --connect test:///default", NULL, ignore_hangup);

    (void)state;
    await_output("interval=1 ");
    kill(run.pid, SIGHUP);
    sleep_ms(300);
    assert_int_equal(waitpid(run.pid, NULL, WNOHANG), 0);
    kill(run.pid, SIGTERM);
    finish(&run);
    assert_int_equal(run.status, 0);
    done(&run);
}

static void close_standard_descriptors(void)
{
    close(0);
    close(1);
    close(2);
}

/* A recording that became descriptor 2 would get the log's lines. */
static void closed_descriptors_do_not_mix_files(void **state)
{
    char line[160], path[64];
    struct run run;

    (void)state;
    in_folder("recording", path, sizeof(path));
    snprintf(line, sizeof(line), "memory_coordinator 2 --simulate memory-1 --json --record %s",
             path);
    run = start_after(line, NULL, close_standard_descriptors);
    finish(&run);
    assert_int_equal(run.status, 0);
    done(&run);
    snprintf(line, sizeof(line), "memory_coordinator --replay %s", path);
    run = run_line(line);
    assert_int_equal(run.status, 0);
    done(&run);
}

/* A full disk is said once and stops nothing; nobody listening is a request to stop. */
static void trouble_with_the_output(void **state)
{
    struct run run = start("vcpu_scheduler 2 --simulate cpu-1 --restore", "/dev/full");

    (void)state;
    finish(&run);
    assert_int_equal(run.status, 0);
    assert_has(run.err, "No space left");
    assert_has(run.err, "put back 6 affinities");
    assert_int_equal(count_lines(run.err), 2);
    done(&run);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(exit_status_and_one_sentence),
        ROW(what_to_print_and_leave),
        ROW(once_on_a_hypervisor),
        ROW(json_alone_on_standard_output),
        ROW(quiet_is_quiet),
        ROW(a_dry_run_changes_nothing),
        ROW(models_alone_on_standard_output),
        ROW(a_replay_is_equal_until_the_recording_is_changed),
        ROW(a_signal_ends_it_with_a_summary),
        ROW(nohup_works),
        ROW(closed_descriptors_do_not_mix_files),
        ROW(trouble_with_the_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
