/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/fleet/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/base/text.h"

/* ALIVE: nothing is written there; it ends when the child and all that it started have ended. */
enum { INPUT, OUTPUT, COMPLAINT, ALIVE, N_PIPES };
enum { READ_END, WRITE_END, CHUNK = 65536, COMPLAINT_SIZE = 160, NS_PER_MS = 1000000 };
enum { SLICE_MS = 100 }; /* from one question whether to stop to the next */

extern char **environ;

struct child {
    const struct child_job *job;
    int pipes[N_PIPES][2]; /* -1: closed */
    pid_t pid;
    size_t n_written;
    char *output;
    size_t n_output, room;
    char complaint[COMPLAINT_SIZE];
    size_t n_complaint;
};

static void shut(struct child *child, int which, int end)
{
    if (child->pipes[which][end] >= 0)
        close(child->pipes[which][end]);
    child->pipes[which][end] = -1;
}

static int open_pipes(struct child *child)
{
    for (int i = 0; i < N_PIPES; i++) {
        if (pipe(child->pipes[i]) < 0)
            return -errno;
        for (int end = 0; end < 2; end++)
            fcntl(child->pipes[i][end], F_SETFD, FD_CLOEXEC);
    }
    fcntl(child->pipes[INPUT][WRITE_END], F_SETFL, O_NONBLOCK);
    return 0;
}

/* Its own process group, so that all of it can be ended; signals as if we had not touched them. */
static int spawn(struct child *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t usual, none;
    int r;

    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, child->pipes[INPUT][READ_END], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, child->pipes[OUTPUT][WRITE_END], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, child->pipes[COMPLAINT][WRITE_END], STDERR_FILENO);
    fcntl(child->pipes[ALIVE][WRITE_END], F_SETFD, 0);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETSIGMASK);
    r = posix_spawnp(&child->pid, child->job->argv[0], &actions, &attributes,
                     (char *const *)child->job->argv, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (r != 0)
        child->pid = -1;
    return -r;
}

static void write_some(struct child *child)
{
    size_t left = child->job->n_input - child->n_written;
    ssize_t n =
        left ? write(child->pipes[INPUT][WRITE_END], child->job->input + child->n_written, left)
             : 0;

    if (n > 0)
        child->n_written += (size_t)n;
    if (child->n_written == child->job->n_input || (n < 0 && errno != EAGAIN && errno != EINTR))
        shut(child, INPUT, WRITE_END); /* whoever does not read all of it has its reasons */
}

static int read_output(struct child *child)
{
    ssize_t n;

    if (child->room - child->n_output < CHUNK) {
        size_t room = 2 * child->room + 2 * (size_t)CHUNK;
        char *grown = realloc(child->output, room);

        if (!grown)
            return -ENOMEM;
        child->output = grown;
        child->room = room;
    }
    n = read(child->pipes[OUTPUT][READ_END], child->output + child->n_output, CHUNK - 1);
    if (n > 0)
        child->n_output += (size_t)n;
    else if (n == 0 || errno != EINTR)
        shut(child, OUTPUT, READ_END);
    return child->n_output > child->job->most_output ? -EFBIG : 0;
}

static void read_complaint(struct child *child)
{
    char text[1024];
    ssize_t n = read(child->pipes[COMPLAINT][READ_END], text, sizeof(text));
    size_t room = sizeof(child->complaint) - 1 - child->n_complaint;

    if (n == 0 || (n < 0 && errno != EINTR))
        shut(child, COMPLAINT, READ_END);
    if (n <= 0)
        return;
    room = room < (size_t)n ? room : (size_t)n;
    memcpy(child->complaint + child->n_complaint, text, room);
    child->n_complaint += room;
}

static int wait_ms(const struct stop *stop, uint64_t left_ns)
{
    uint64_t ms = left_ns / NS_PER_MS + 1;

    return stop && ms > SLICE_MS ? SLICE_MS : (int)ms;
}

/* Until everything of it has ended. */
static int attend(struct child *child, unsigned limit_ms, const struct stop *stop)
{
    uint64_t deadline_ns = clock_monotonic_ns() + (uint64_t)limit_ms * NS_PER_MS;
    int r = 0;

    while (r == 0 && child->pipes[ALIVE][READ_END] >= 0) {
        struct pollfd fds[N_PIPES] = {
            [INPUT] = {.fd = child->pipes[INPUT][WRITE_END], .events = POLLOUT},
            [OUTPUT] = {.fd = child->pipes[OUTPUT][READ_END], .events = POLLIN},
            [COMPLAINT] = {.fd = child->pipes[COMPLAINT][READ_END], .events = POLLIN},
            [ALIVE] = {.fd = child->pipes[ALIVE][READ_END], .events = POLLIN}};
        uint64_t now_ns = clock_monotonic_ns();

        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        if (stop_is_asked(stop))
            return -ECANCELED;
        if (poll(fds, N_PIPES, wait_ms(stop, deadline_ns - now_ns)) < 0)
            continue; /* a signal */
        if (fds[INPUT].revents)
            write_some(child);
        if (fds[OUTPUT].revents)
            r = read_output(child);
        if (fds[COMPLAINT].revents)
            read_complaint(child);
        if (fds[ALIVE].revents && !fds[OUTPUT].revents && !fds[COMPLAINT].revents)
            shut(child, ALIVE, READ_END);
    }
    return r;
}

static int fail(struct child *child, int r, int status, struct err *err)
{
    const char *name = child->job->argv[0];

    child->complaint[strcspn(child->complaint, "\n")] = '\0';
    text_printable(child->complaint);
    if (r == -ENOENT)
        return err_set(err, r, "there is no program '%.40s' in PATH", name);
    if (r == -ETIMEDOUT)
        return err_set(err, r, "'%.40s' did not end within %u s", name,
                       child->job->limit_ms / 1000);
    if (r == -ECANCELED)
        return err_set(err, r, "'%.40s' was ended because we are to stop", name);
    if (r == -EFBIG)
        return err_set(err, r, "'%.40s' wrote more than %zu MiB", name,
                       child->job->most_output >> 20);
    if (r < 0)
        return err_set(err, r, "cannot run '%.40s': %s", name, strerror(-r));
    if (WIFSIGNALED(status))
        return err_set(err, -EIO, "'%.40s' was ended by signal %d", name, WTERMSIG(status));
    return err_set(err, -EIO, "'%.40s' failed with exit status %d%s%s", name, WEXITSTATUS(status),
                   child->complaint[0] ? ": " : "", child->complaint);
}

int child_run(const struct child_job *job, char **ret, size_t *ret_n, struct err *err)
{
    struct child child = {.job = job, .pid = -1};
    int status = 0, r;

    memset(child.pipes, -1, sizeof(child.pipes));
    r = open_pipes(&child);
    if (r == 0)
        r = spawn(&child);
    shut(&child, INPUT, READ_END);
    for (int i = OUTPUT; i < N_PIPES; i++)
        shut(&child, i, WRITE_END);
    if (r == 0 && !job->n_input)
        shut(&child, INPUT, WRITE_END);
    if (r == 0)
        r = attend(&child, job->limit_ms, job->stop);
    if (r == -ECANCELED && job->grace_ms > 0) {
        kill(-child.pid, SIGTERM);
        attend(&child, job->grace_ms, NULL);
    }
    if (child.pid > 0) {
        if (r < 0)
            kill(-child.pid, SIGKILL);
        while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR)
            continue;
    }
    for (int i = 0; i < N_PIPES; i++)
        for (int end = 0; end < 2; end++)
            shut(&child, i, end);
    if (r == 0 && job->status && WIFEXITED(status)) {
        if (status != 0)
            fail(&child, r, status, err);
        *job->status = WEXITSTATUS(status);
        status = 0;
    }
    if (r < 0 || status != 0) {
        free(child.output);
        return fail(&child, r, status, err);
    }
    if (!child.output)
        child.output = malloc(1);
    if (!child.output)
        return err_set(err, -ENOMEM, "out of memory");
    child.output[child.n_output] = '\0';
    *ret = child.output;
    *ret_n = child.n_output;
    return 0;
}
