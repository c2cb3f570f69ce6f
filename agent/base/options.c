/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/option_values.h"

enum {
    KEY_CONNECT = 0x100,
    KEY_MATCH,
    KEY_ONCE,
    KEY_DRY_RUN,
    KEY_EMIT_LP,
    KEY_SIMULATE,
    KEY_RECORD,
    KEY_REPLAY,
    KEY_JSON,
    KEY_QUIET,
    KEY_VERBOSE,
    KEY_RESTORE,
    KEY_HELP,
    KEY_VERSION,
    KEY_EXPLAIN,
    KEY_OBJECTIVE,
    KEY_PENALTY,
    KEY_DEADBAND,
    KEY_GUEST_UNUSED,
    KEY_GUEST_LEAST,
    KEY_HOST_RESERVE,
    KEY_HOST_RESERVE_SHARE,
    KEY_HOST_BUDGET,
    FIRST_SETTING = KEY_OBJECTIVE, /* what changes a decision */
    LAST_SETTING = KEY_HOST_BUDGET,
};

/* One parse under way. */
struct parse {
    struct options *options;
    struct err *err;
    bool has_interval, has_connect, has_setting;
};

static const struct argp_option common_options[] = {
    {"connect", KEY_CONNECT, "URI", 0, "libvirt connection (qemu:///system)", 1},
    {"match", KEY_MATCH, "GLOB", 0, "only guests whose name matches; may be repeated", 1},
    {"once", KEY_ONCE, NULL, 0, "end after the first decision", 1},
    {"dry-run", KEY_DRY_RUN, NULL, 0, "decide and report, but change nothing", 1},
    {"restore", KEY_RESTORE, NULL, 0, "on exit, put back what was found before the first change",
     1},
    {"simulate", KEY_SIMULATE, "NAME|FILE", 0,
     "run on a simulated host, in virtual time; 'help' lists the scenarios", 2},
    {"record", KEY_RECORD, "FILE", 0, "write every sample and plan to FILE", 2},
    {"replay", KEY_REPLAY, "FILE", 0, "plan a recording's samples again and report differences", 2},
    {"emit-lp", KEY_EMIT_LP, "DIR", 0,
     "write each solved model to DIR as a numbered CPLEX LP file; '-' for standard output", 2},
    {"json", KEY_JSON, NULL, 0, "one JSON object per interval on standard output", 3},
    {"quiet", KEY_QUIET, NULL, 0, "no report, only warnings and errors", 3},
    {"verbose", KEY_VERBOSE, NULL, 0, "more detail in report and messages", 3},
    {"help", KEY_HELP, NULL, 0, "print this help", -1},
    {"version", KEY_VERSION, NULL, 0, "print the version", -1},
    {0},
};

static const struct argp_option vcpu_options[] = {
    {"objective", KEY_OBJECTIVE, "NAME", 0,
     "what balance means: 'deviation' (largest distance of a pCPU from its fair share) or "
     "'variance'",
     4},
    {"penalty", KEY_PENALTY, "POINTS", 0,
     "percentage points of balance that one average move must gain; 0 = grows with the pCPUs", 4},
    {"deadband", KEY_DEADBAND, "POINTS", 0,
     "no plan while no pCPU is further than this from its fair share", 4},
    {0},
};

static const struct argp_option memory_options[] = {
    {"guest-unused", KEY_GUEST_UNUSED, "MIB", 0, "unused memory every guest keeps", 4},
    {"guest-least", KEY_GUEST_LEAST, "MIB", 0, "no guest gets less than this in all", 4},
    {"host-reserve", KEY_HOST_RESERVE, "MIB", 0, "host memory that is never handed out", 4},
    {"host-reserve-share", KEY_HOST_RESERVE_SHARE, "PERCENT", 0,
     "the same as a share of the host's memory; the larger one holds", 4},
    {"host-budget", KEY_HOST_BUDGET, "MIB", 0,
     "act as if the guests had only this much to share; 0 = all there is", 4},
    {"explain", KEY_EXPLAIN, NULL, 0, "say for each guest why it has its size", 3},
    {0},
};

const char *program_name(enum program program)
{
    return program == PROGRAM_VCPU ? "vcpu_scheduler" : "memory_coordinator";
}

static int take_interval(struct parse *parse, const char *text)
{
    if (parse->has_interval)
        return err_set(parse->err, -EINVAL,
                       "argument '%s' is one too many: only the interval is accepted", text);
    parse->has_interval = true;
    return option_interval(text, &parse->options->interval_s, parse->err);
}

static int take_flag(struct options *options, int key)
{
    switch (key) {
    case KEY_ONCE:
        options->once = true;
        return 0;
    case KEY_DRY_RUN:
        options->dry_run = true;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case KEY_QUIET:
        options->verbosity = -1;
        return 0;
    case KEY_VERBOSE:
        options->verbosity = 1;
        return 0;
    case KEY_RESTORE:
        options->restore = true;
        return 0;
    case KEY_EXPLAIN:
        options->explain = true;
        return 0;
    case KEY_HELP:
        options->action = OPTIONS_HELP;
        return 0;
    case KEY_VERSION:
        options->action = OPTIONS_VERSION;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int take_setting(struct parse *parse, int key, const char *arg)
{
    struct vcpu_settings *vcpu = &parse->options->vcpu;
    struct memory_settings *memory = &parse->options->memory;
    struct err *err = parse->err;

    parse->has_setting = true;
    switch (key) {
    case KEY_OBJECTIVE:
        return option_objective(arg, &vcpu->objective, err);
    case KEY_PENALTY:
        return option_decimal("--penalty", arg, 100, "points", &vcpu->penalty_points, err);
    case KEY_DEADBAND:
        return option_decimal("--deadband", arg, 100, "points", &vcpu->deadband_points, err);
    case KEY_GUEST_UNUSED:
        return option_mib("--guest-unused", arg, &memory->guest_unused_kib, err);
    case KEY_GUEST_LEAST:
        return option_mib("--guest-least", arg, &memory->guest_least_kib, err);
    case KEY_HOST_RESERVE:
        return option_mib("--host-reserve", arg, &memory->host_reserve_kib, err);
    case KEY_HOST_RESERVE_SHARE:
        return option_decimal("--host-reserve-share", arg, 100, "percent",
                              &memory->host_reserve_pct, err);
    default:
        return option_mib("--host-budget", arg, &memory->host_budget_kib, err);
    }
}

static int take_option(struct parse *parse, int key, const char *arg)
{
    struct options *options = parse->options;
    struct err *err = parse->err;

    switch (key) {
    case KEY_CONNECT:
        parse->has_connect = true;
        return option_text("--connect", arg, &options->connect, err);
    case KEY_MATCH:
        return option_text("--match", arg, &options->match[options->n_match++], err);
    case KEY_EMIT_LP:
        return option_text("--emit-lp", arg, &options->emit_lp, err);
    case KEY_SIMULATE:
        return option_text("--simulate", arg, &options->simulate, err);
    case KEY_RECORD:
        return option_text("--record", arg, &options->record, err);
    case KEY_REPLAY:
        return option_text("--replay", arg, &options->replay, err);
    case ARGP_KEY_ARG:
        return take_interval(parse, arg);
    default:
        return key >= FIRST_SETTING && key <= LAST_SETTING ? take_setting(parse, key, arg)
                                                           : take_flag(options, key);
    }
}

static const struct argp_option *find_option(const struct argp_option *options, const char *name,
                                             size_t n)
{
    for (; options->name; options++) {
        if (strncmp(options->name, name, n) == 0 && !options->name[n])
            return options;
    }
    return NULL;
}

/* argp tells only that something about an option was wrong; this finds out which and what. */
static void explain_bad_option(struct parse *parse, const struct argp_state *state)
{
    const char *text = state->next > 0 ? state->argv[state->next - 1] : "";
    const char *name = text + strspn(text, "-");
    size_t n = strcspn(name, "=");
    const struct argp_option *option = find_option(common_options, name, n);

    if (!option)
        option = find_option(
            parse->options->program == PROGRAM_VCPU ? vcpu_options : memory_options, name, n);
    if (text[0] != '-' && state->next < state->argc)
        text = state->argv[state->next]; /* argp stays on a cluster of one-letter options */
    if (option && option->arg)
        err_set(parse->err, -EINVAL, "--%s needs a value: --%s %s", option->name, option->name,
                option->arg);
    else if (option)
        err_set(parse->err, -EINVAL, "--%s takes no value", option->name);
    else
        err_set(parse->err, -EINVAL, "option '%s' is not known; --help lists what is accepted",
                text);
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
    struct parse *parse = state->input;
    int r;

    switch (key) {
    case ARGP_KEY_INIT:
        if (state->root_argp->children && state->child_inputs)
            state->child_inputs[0] = parse;
        return 0;
    case ARGP_KEY_ERROR:
        if (!parse->err->code)
            explain_bad_option(parse, state);
        return 0;
    case ARGP_KEY_END:
    case ARGP_KEY_FINI:
    case ARGP_KEY_NO_ARGS:
    case ARGP_KEY_SUCCESS:
        return 0;
    default:
        r = take_option(parse, key, arg);
        return r < 0 ? -r : r;
    }
}

static const struct argp common_argp = {.options = common_options, .parser = parse_key};
static const struct argp_child common_child[] = {{&common_argp, 0, NULL, 0}, {0}};
static const struct argp vcpu_argp = {
    .options = vcpu_options,
    .parser = parse_key,
    .args_doc = "INTERVAL",
    .doc = "Keeps the pCPUs of a KVM host evenly loaded: every INTERVAL seconds it reads what each "
           "vCPU needs and re-pins the few that are worth moving.",
    .children = common_child,
};
static const struct argp memory_argp = {
    .options = memory_options,
    .parser = parse_key,
    .args_doc = "INTERVAL",
    .doc = "Shares a KVM host's memory among its guests: every INTERVAL seconds it reads what each "
           "guest needs and moves the balloons that differ.",
    .children = common_child,
};

static const struct argp *program_argp(enum program program)
{
    return program == PROGRAM_VCPU ? &vcpu_argp : &memory_argp;
}

/* One world at a time, one user of standard output. */
static int check_together(const struct parse *parse)
{
    const struct options *options = parse->options;
    struct err *err = parse->err;

    if (options->simulate && parse->has_connect)
        return err_set(err, -EINVAL, "--simulate and --connect exclude each other: give one host");
    if (options->simulate && options->n_match)
        return err_set(err, -EINVAL,
                       "--match chooses among libvirt's guests; a scenario names its "
                       "own: leave it out with --simulate");
    if (options->replay && (options->simulate || options->record || options->restore ||
                            parse->has_connect || options->n_match))
        return err_set(err, -EINVAL,
                       "--replay reads its host from the recording: --connect, --match, "
                       "--simulate, --record and --restore do not go with it");
    if (options->replay && parse->has_setting)
        return err_set(err, -EINVAL,
                       "--replay takes its settings from the recording: leave out "
                       "the options that change a decision");
    if (options->json && options->emit_lp && strcmp(options->emit_lp, "-") == 0)
        return err_set(err, -EINVAL,
                       "--json and '--emit-lp -' both want standard output: give "
                       "--emit-lp a folder");
    if (options->json && options->verbosity < 0)
        return err_set(err, -EINVAL, "--json and --quiet exclude each other: give one");
    return 0;
}

static int check_all(struct parse *parse)
{
    struct options *options = parse->options;
    int r;

    if (options->simulate && strcmp(options->simulate, "help") == 0 &&
        options->action == OPTIONS_RUN)
        options->action = OPTIONS_SCENARIOS;
    if (options->action != OPTIONS_RUN)
        return 0;
    if (!parse->has_interval && !options->replay)
        return err_set(parse->err, -EINVAL,
                       "the interval is missing: a decimal number of seconds, as in '%s 2'",
                       program_name(options->program));
    r = check_together(parse);
    if (r < 0)
        return r;
    options->vcpu.keep_lp = options->memory.keep_lp = options->emit_lp != NULL;
    if (options->replay) {
        options->dry_run = true;
        return 0;
    }
    options->memory.explain = options->explain;
    options->memory.interval_s = options->interval_s;
    if (options->program == PROGRAM_VCPU)
        return vcpu_settings_check(&options->vcpu, parse->err);
    return memory_settings_check(&options->memory, parse->err);
}

int options_parse(enum program program, int argc, char **argv, struct options *ret, struct err *err)
{
    struct options options = {.program = program, .connect = "qemu:///system"};
    struct err sentence = {0};
    struct parse parse = {.options = &options, .err = &sentence};
    error_t e;
    int r;

    options.match = calloc((size_t)argc + 1, sizeof(*options.match));
    if (!options.match)
        return err_set(err, -ENOMEM, "out of memory");
    vcpu_settings_default(&options.vcpu);
    memory_settings_default(&options.memory);
    e = argp_parse(program_argp(program), argc, argv, ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP,
                   NULL, &parse);
    r = e ? -EINVAL : check_all(&parse);
    if (r < 0) {
        options_done(&options);
        return err_set(err, r, "%s", sentence.text);
    }
    *ret = options;
    return 0;
}

void options_done(struct options *options)
{
    free(options->match);
    options->match = NULL;
    options->n_match = 0;
}

void options_help(enum program program, FILE *out)
{
    char name[32];

    snprintf(name, sizeof(name), "%s", program_name(program));
    argp_help(program_argp(program), out, ARGP_HELP_LONG | ARGP_HELP_USAGE | ARGP_HELP_DOC, name);
}
