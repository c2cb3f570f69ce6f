/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command line, one argument in each line, as both programs read it. */
#include <stdlib.h>
#include <string.h>

#include "agent/base/option_values.h"
#include "agent/base/options.h"
#include "tests/fuzz/fuzz.h"

enum { MAX_ARGUMENTS = 40 };

static void check(const struct options *options)
{
    struct err err = {0};

    must(option_is_interval(options->interval_s) || (options->interval_s == 0 && options->replay),
         "the interval is one, or the recording's");
    must(vcpu_settings_check(&options->vcpu, &err) == 0, "the scheduler's settings are in range");
    must(memory_settings_check(&options->memory, &err) == 0,
         "the coordinator's settings are in range");
    must(options->solve_limit_s >= 0 && options->solve_limit_s < 1e9, "a limit on time is one");
    must(options->verbosity >= -1 && options->verbosity <= 1, "there are three verbosities");
    must(!(options->simulate && options->replay), "there is one world");
    for (size_t i = 0; i < options->n_match; i++)
        must(options->match[i] != NULL, "a pattern is one");
}

static void try(enum program program, int argc, char **argv)
{
    struct options options = {0};
    struct err err = {0};
    char *copies[MAX_ARGUMENTS + 1];
    int r;

    /* The parser may change their order. */
    memcpy(copies, argv, sizeof(copies));
    r = options_parse(program, argc, copies, &options, &err);
    must(r == 0 || (r < 0 && err.text[0]), "a refusal has a sentence");
    if (r < 0)
        return;
    if (options.action == OPTIONS_RUN)
        check(&options);
    options_done(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    char *argv[MAX_ARGUMENTS + 1] = {"program"};
    int argc = 1;

    while (bytes.left && argc < MAX_ARGUMENTS)
        argv[argc++] = take_text(&bytes, '\n');
    try(PROGRAM_VCPU, argc, argv);
    try(PROGRAM_MEMORY, argc, argv);
    for (int i = 1; i < argc; i++)
        free(argv[i]);
    return 0;
}
