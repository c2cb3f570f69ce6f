/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* terminals */
#include "tests/libvirt/stop_states.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "agent/base/clock.h"

static void sleep_ms(long ms)
{
    struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
}

static void make_long_simulation(const char *path)
{
    write_file(path, "{\"duration_s\": 200000, \"step_ms\": 1,"
                     "\"guests\": [{\"name\": \"g\", \"count\": 8, \"pct\": 30}]}");
}

/* Much to weigh for a solver that gets no help. */
static void make_long_solve(const char *path)
{
    FILE *file = fopen(path, "w");

    if (!file)
        abort();
    fputs("{\"duration_s\": 200000, \"host\": {\"pcpus\": 12}, \"guests\": [", file);
    for (int i = 0; i < 60; i++)
        fprintf(file, "%s{\"name\": \"g%d\", \"affinity\": \"0\", \"pct\": %d.%d}", i ? "," : "", i,
                5 + i * 7 % 13, i % 10);
    fputs("]}", file);
    fclose(file);
}

static void make_fifo(const char *path)
{
    if (mkfifo(path, 0600) < 0)
        abort();
}

/* The start of a line that never ends, beyond what is read at once. */
static void make_endless_line(const char *path)
{
    static char half[1 << 20];

    memset(half, 'x', sizeof(half) - 1);
    make_fifo(path);
    if (fork() == 0) {
        int fd;

        alarm(20); /* whatever becomes of the test */
        fd = open(path, O_WRONLY);
        while (write(fd, half, 1000) > 0)
            sleep_ms(1);
        _exit(0);
    }
}

/* It takes connections and never answers, for as long as this process lives. */
static void make_silent_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 8) < 0)
        abort();
    /* cppcheck-suppress resourceLeak ; it has to stay open */
}

/* The calls of the second interval hang; see tests/faults/preload.c. */
static void make_hang_later(const char *path)
{
    if (fork() == 0) {
        sleep_ms(1200);
        write_file(path, "");
        _exit(0);
    }
}

const struct stop_state stop_states[] = {
    {"at rest", "vcpu_scheduler 3600 --connect test:///default", NULL, TO_FILE, 1000},
    {"a pipe that nobody reads", "vcpu_scheduler 0.01 --connect test:///default --verbose", NULL,
     TO_FULL_PIPE, 1500},
    {"a stopped terminal", "memory_coordinator 0.01 --connect test:///default", NULL,
     TO_STOPPED_TERMINAL, 1500},
    {"messages that nobody reads", "vcpu_scheduler 0.05 --connect test:///default --verbose", NULL,
     ERRORS_TO_FULL_PIPE, 1500},
    {"a simulation whose report nobody reads", "vcpu_scheduler 2 --simulate cpu-1 --verbose", NULL,
     TO_FULL_PIPE, 1000},
    {"a scenario from a pipe without a writer", "vcpu_scheduler 2 --simulate FILE", make_fifo,
     TO_FILE, 500},
    {"a recording from a pipe without a writer", "memory_coordinator --replay FILE", make_fifo,
     TO_FILE, 500},
    {"a line without an end", "memory_coordinator --replay FILE", make_endless_line, TO_FILE, 500},
    {"a long simulation", "vcpu_scheduler 86400 --simulate FILE --quiet", make_long_simulation,
     TO_FILE, 1000},
    {"a long solve", "vcpu_scheduler 2 --simulate FILE --quiet --plain --solve-limit 3600",
     make_long_solve, TO_FILE, 2000},
    {"a connection that is never answered",
     "vcpu_scheduler 2 --connect test+unix:///default?socket=FILE", make_silent_socket, TO_FILE,
     1000},
    {"a call that hangs", "memory_coordinator 1 --connect test:///default", make_hang_later,
     TO_FILE, 3000},
};
const size_t n_stop_states = sizeof(stop_states) / sizeof(stop_states[0]);

/* The program inherits the other end too, so that there is a reader; it does not know of it. */
static int full_pipe(void)
{
    static const char block[4096] = "";
    int ends[2];

    if (pipe(ends) < 0)
        abort();
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    while (write(ends[1], block, sizeof(block)) > 0)
        ;
    fcntl(ends[1], F_SETFL, 0);
    return ends[1];
}

static int stopped_terminal(void)
{
    int keyboard = posix_openpt(O_RDWR | O_NOCTTY), screen;

    if (keyboard < 0 || grantpt(keyboard) < 0 || unlockpt(keyboard) < 0)
        abort();
    screen = open(ptsname(keyboard), O_RDWR | O_NOCTTY);
    if (screen < 0 || tcflow(screen, TCOOFF) < 0)
        abort();
    return screen;
}

static void with_path(const char *line, const char *path, char *ret, size_t size)
{
    const char *mark = strstr(line, "FILE");

    if (mark)
        snprintf(ret, size, "%.*s%s%s", (int)(mark - line), line, path, mark + strlen("FILE"));
    else
        snprintf(ret, size, "%s", line);
}

static void run(const struct stop_state *state, const char *path)
{
    char line[512], program[256], *argv[16] = {0};
    int out = open("/dev/null", O_WRONLY), err = out, argc = 0;

    if (state->output == TO_FULL_PIPE)
        out = full_pipe();
    else if (state->output == TO_STOPPED_TERMINAL)
        out = stopped_terminal();
    else if (state->output == ERRORS_TO_FULL_PIPE)
        err = full_pipe();
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    with_path(state->line, path, line, sizeof(line));
    for (char *word = strtok(line, " "); word && argc < 15; word = strtok(NULL, " "))
        argv[argc++] = word;
    snprintf(program, sizeof(program), "%s/%s", BINARY_DIR, argv[0]);
    if (state->make == make_hang_later) {
        setenv("HANG_FILE", path, 1);
        setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
        setenv("LD_PRELOAD", BINARY_DIR "/libfaults.so", 1);
    }
    execv(program, argv);
    _exit(98);
}

/* Whether the program keeps the signal for itself; on a busy machine it takes its time until then. */
static bool listens(pid_t pid)
{
    unsigned long long blocked = 0;
    char path[64], line[256];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "SigBlk: %llx", &blocked) == 1)
            break;
    if (file)
        fclose(file);
    return blocked >> (SIGTERM - 1) & 1;
}

double stop_state_play(const struct stop_state *state, double limit_s, int *ret_status)
{
    char folder[] = "/tmp/stop-XXXXXX", path[64];
    uint64_t asked_ns;
    double took_s = -1;
    pid_t pid;
    int status;

    if (!mkdtemp(folder))
        abort();
    snprintf(path, sizeof(path), "%s/file", folder);
    if (state->make)
        state->make(path);
    pid = fork();
    if (pid == 0)
        run(state, path);
    for (int i = 0; i < 2000 && !listens(pid); i++)
        sleep_ms(10);
    sleep_ms(state->settle_ms);
    asked_ns = clock_monotonic_ns();
    kill(pid, SIGTERM);
    while (waitpid(pid, &status, WNOHANG) == 0) {
        if ((double)(clock_monotonic_ns() - asked_ns) > limit_s * 1e9) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            break;
        }
        sleep_ms(2);
    }
    if (!WIFSIGNALED(status))
        took_s = (double)(clock_monotonic_ns() - asked_ns) / 1e9;
    *ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    unlink(path);
    rmdir(folder);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    return took_s;
}
