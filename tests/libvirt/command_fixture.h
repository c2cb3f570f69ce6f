/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_TESTS_LIBVIRT_COMMAND_FIXTURE_H
#define EVENKEEL_TESTS_LIBVIRT_COMMAND_FIXTURE_H

#include <stddef.h>
#include <sys/types.h>

/* The programs as a user starts them, with their output in a folder that a test has to itself. */
struct run {
    pid_t pid;
    int status; /* exit status, or 128 + signal */
    char *out, *err;
};

int command_set_up(void **state);
int command_tear_down(void **state);
/* The path of a file in that folder. */
void command_path(const char *name, char *ret, size_t size);
/* What such a file holds, to be freed; empty where it is missing. */
char *command_file(const char *name);

/* Starts "vcpu_scheduler 2 --once" with its output going to files; out NULL: our own file. before
 * is called in the new process just before the program starts. */
struct run command_start_after(const char *line, const char *out, void (*before)(void));
struct run command_start(const char *line, const char *out);
/* Waits for its end and reads what it said; command_done() frees that. */
void command_finish(struct run *run);
void command_done(struct run *run);
/* Start and finish in one. */
struct run command_run(const char *line);

/* To be called before a program starts: it then has tests/faults/preload.c between it and
 * libvirt. */
void command_preload(void);

void assert_has_text(const char *text, const char *part);
size_t count_text_lines(const char *text);

#endif
