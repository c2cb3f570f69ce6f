/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evenkeelctl release: a program that runs does it; else the installed one is started to do just that. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/base/config.h"
#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/client/ask.h"
#include "agent/control/bus_names.h"

enum { MAX_PATH_BYTES = 4096, MAX_WORDS = 16 };
extern char **environ;

/* Where this program is; false where that is not known. */
static bool own_folder(char ret[MAX_PATH_BYTES])
{
    ssize_t n = readlink("/proc/self/exe", ret, MAX_PATH_BYTES - 1);
    char *slash;

    if (n <= 0)
        return false;
    ret[n] = '\0';
    slash = strrchr(ret, '/');
    if (slash)
        *slash = '\0';
    return slash != NULL;
}

/* The program of this installation, or of this build. */
static bool find_program(enum program program, char ret[MAX_PATH_BYTES + 64])
{
    char folder[MAX_PATH_BYTES];

    for (size_t i = 0; own_folder(folder) && i < 2; i++) {
        snprintf(ret, MAX_PATH_BYTES + 64, "%s%s/%s", folder, i ? "/../sbin" : "",
                 program_name(program));
        if (access(ret, X_OK) == 0)
            return true;
    }
    return false;
}

/* Who started us may be a service whose manager waits for its word, and not for that of another program,
 * which would wait for libvirt as a service does. */
static void forget_manager(void)
{
    static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
                                        "JOURNAL_STREAM"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
}

static int run(const char *path, const char *const words[])
{
    char *argv[MAX_WORDS + 1];
    int status = 0;
    size_t n = 0;
    pid_t pid;

    for (; n < MAX_WORDS && words[n]; n++)
        argv[n] = (char *)words[n];
    argv[n] = NULL;
    if (posix_spawn(&pid, path, NULL, NULL, argv, environ) != 0)
        return CLIENT_FAILED;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return CLIENT_FAILED;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : CLIENT_FAILED;
}

struct words {
    const char *list[MAX_WORDS + 1];
    size_t n;
};

static void add(struct words *words, const char *option, const char *value)
{
    if (!value)
        return;
    words->list[words->n++] = option;
    words->list[words->n++] = value;
}

/* A configuration that is wrong must not keep anybody from getting back what is theirs. */
static bool is_config_right(const struct request_line *line, enum program program)
{
    struct options options;
    struct err err = {0};

    if (client_read_config(line, program, &options, &err) < 0) {
        client_complain(err.text);
        return false;
    }
    options_done(&options);
    return true;
}

/* What a program that does not run has left. */
static void tell(struct asking *asking, enum program program, bool is_done)
{
    const struct request_line *line = asking->line;
    char guest[300] = "", text[300];

    if (line->argument)
        snprintf(guest, sizeof(guest), " to %s", text_shown(line->argument, text, sizeof(text)));
    if (line->json)
        json_array_append_new(asking->all,
                              json_members("program", json_string(program_name(program)),
                                           "put_back", json_null(), "owed",
                                           is_done ? json_integer(0) : json_null(), NULL));
    else if (is_done)
        printf("%s: none acts, and nothing is owed%s any more\n", program_name(program), guest);
}

/* EXIT_SUCCESS, CLIENT_FAILED, or PROGRAM_GUEST_UNKNOWN. */
static int start(struct asking *asking, enum program program)
{
    const struct request_line *line = asking->line;
    char path[MAX_PATH_BYTES + 64], installed[MAX_PATH_BYTES];
    const char *config = line->config;
    struct words words = {{path, "--act", "--restore", "--once"}, 4};
    bool is_wrong, is_done;
    int status;

    if (!find_program(program, path))
        return client_complain("the programs are not installed beside evenkeelctl: start them with "
                               "--restore --once");
    if (!config && config_installed(installed, sizeof(installed)) && access(installed, F_OK) == 0)
        config = installed;
    is_wrong = config && !is_config_right(line, program);
    if (config && !is_wrong)
        add(&words, "--config", config);
    add(&words, "--connect", line->connect);
    add(&words, "--state", line->state);
    add(&words, "--guest", line->argument);
    words.list[words.n++] = "2";
    status = run(path, words.list);
    is_done = status == EXIT_SUCCESS || status == PROGRAM_GUEST_UNKNOWN;
    if (is_done && is_wrong && !(line->connect && line->state)) {
        client_complain("the configuration is wrong and was left out, and where it has what was "
                        "found is not known: mend it, or name both with --connect and --state");
        is_done = false;
    }
    tell(asking, program, is_done);
    return is_done ? status : CLIENT_FAILED;
}

/* What a running program answered; takes the answer over. Exit status. */
static int show(struct asking *asking, enum program program, sd_bus_message *answer)
{
    const char *guest = asking->line->argument;
    uint64_t done = 0, owed = 0;
    int r = sd_bus_message_read(answer, "tt", &done, &owed);

    sd_bus_message_unref(answer);
    if (r < 0)
        return client_complain("the answer is none");
    if (asking->line->json)
        json_array_append_new(asking->all,
                              json_pack("{sssIsI}", "program", program_name(program), "put_back",
                                        (json_int_t)done, "owed", (json_int_t)owed));
    else
        printf("%s: put back %llu, %llu are still owed; paused, until 'evenkeelctl resume%s%s'\n",
               program_name(program), (unsigned long long)done, (unsigned long long)owed,
               guest ? " " : "",
               !guest                ? ""
               : text_is_word(guest) ? guest
                                     : "GUEST");
    return owed ? CLIENT_FAILED : EXIT_SUCCESS;
}

static int one(struct asking *asking, enum program program)
{
    const struct request_line *line = asking->line;
    size_t failed = asking->n_failed + asking->n_unknown;
    sd_bus_message *answer = NULL;

    asking->said[0] = '\0';
    if (asking->bus && !line->connect && !line->state)
        answer = asking_call(asking, program, true, "Release", "s",
                             line->argument ? line->argument : "");
    if (answer)
        return show(asking, program, answer);
    if (asking->n_failed + asking->n_unknown > failed)
        return client_complain(asking->said);
    fflush(stdout);
    return start(asking, program);
}

/* A guest is known where one of the two knows it. */
static int both(int vcpu, int memory)
{
    if (vcpu == CLIENT_FAILED || memory == CLIENT_FAILED)
        return CLIENT_FAILED;
    if (vcpu == PROGRAM_GUEST_UNKNOWN && memory == PROGRAM_GUEST_UNKNOWN)
        return client_complain("nothing is owed to anybody, but nobody tells whether there is such "
                               "a guest");
    return EXIT_SUCCESS;
}

int client_release(const struct request_line *line)
{
    struct asking asking = {.line = line, .all = json_array()};
    int status;
    char *text;

    forget_manager();
    if (sd_bus_open_system(&asking.bus) < 0)
        asking.bus = NULL; /* whoever runs without one is named by the lock */
    status = one(&asking, PROGRAM_VCPU);
    status = both(status, one(&asking, PROGRAM_MEMORY));
    sd_bus_flush_close_unref(asking.bus);
    if (line->json && (text = json_dumps(asking.all, JSON_INDENT(2))) != NULL) {
        puts(text);
        free(text);
    }
    json_decref(asking.all);
    return fflush(stdout) == 0 ? status : CLIENT_FAILED;
}
