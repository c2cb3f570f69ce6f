/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/libvirt/command_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MAX_WORDS = 16, TEXT_SIZE = 1 << 20 };

static char folder[] = "/tmp/command-XXXXXX";

void command_path(const char *name, char *ret, size_t size)
{
    snprintf(ret, size, "%s/%s", folder, name);
}

static void nothing_before(void)
{
}

struct run command_start_after(const char *line, const char *out, void (*before)(void))
{
    char text[512], program[256], out_path[64], err_path[64];
    char *argv[MAX_WORDS + 1] = {0};
    struct run run = {0};
    int argc = 0;

    snprintf(text, sizeof(text), "%s", line);
    for (char *word = strtok(text, " "); word && argc < MAX_WORDS; word = strtok(NULL, " "))
        argv[argc++] = word;
    snprintf(program, sizeof(program), "%s/%s", BINARY_DIR, argv[0]);
    command_path("out", out_path, sizeof(out_path));
    command_path("err", err_path, sizeof(err_path));
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

struct run command_start(const char *line, const char *out)
{
    return command_start_after(line, out, nothing_before);
}

char *command_file(const char *name)
{
    char path[256];
    char *text = calloc(1, TEXT_SIZE);
    FILE *file;

    command_path(name, path, sizeof(path));
    file = fopen(path, "r");
    assert_non_null(text);
    if (file) {
        text[fread(text, 1, TEXT_SIZE - 1, file)] = '\0';
        fclose(file);
    }
    return text;
}

void command_finish(struct run *run)
{
    int status;

    assert_int_equal(waitpid(run->pid, &status, 0), run->pid);
    run->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    run->out = command_file("out");
    run->err = command_file("err");
}

struct run command_run(const char *line)
{
    struct run run = command_start(line, NULL);

    command_finish(&run);
    return run;
}

void command_done(struct run *run)
{
    free(run->out);
    free(run->err);
}

void command_preload(void)
{
    setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
    setenv("LD_PRELOAD", BINARY_DIR "/libfaults.so", 1);
}

int command_set_up(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/command-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

int command_tear_down(void **state)
{
    static const char *const names[] = {"out", "err", "recording"};
    char path[64];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        command_path(names[i], path, sizeof(path));
        unlink(path);
    }
    return rmdir(folder);
}

void assert_has_text(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%.2000s", part, text);
}

size_t count_text_lines(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += *text == '\n';
    return n;
}
