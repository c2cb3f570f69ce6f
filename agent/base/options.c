/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/options.h"

#include <argp.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/option_table.h"
#include "agent/base/option_values.h"

/* One parse under way. */
struct parse {
    struct options *options;
    struct err *err;
    bool has_interval;
    uint64_t seen; /* bit key - KEY_FIRST: that option was given */
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

/* What an option's value is, and where it goes: the member of struct options at offset. */
enum option_kind {
    IS_FLAG,
    IS_LEVEL,
    IS_ACTION,
    IS_TEXT,
    IS_MATCH,
    IS_OBJECTIVE,
    IS_PIN_LEVEL,
    IS_RECLAIM,
    IS_DECIMAL,
    IS_MIB,
    IS_PCPUS
};
struct option_rule {
    int key;
    enum option_kind kind;
    size_t offset;
    bool is_setting;  /* it changes a decision: a replay has its own */
    int value;        /* of a level or an action; the most that a decimal may be */
    const char *unit; /* of a decimal */
};

static const struct option_rule rules[] = {
    {KEY_CONNECT, IS_TEXT, offsetof(struct options, connect), false, 0, NULL},
    {KEY_MATCH, IS_MATCH, 0, false, 0, NULL},
    {KEY_ONCE, IS_FLAG, offsetof(struct options, once), false, 0, NULL},
    {KEY_DRY_RUN, IS_FLAG, offsetof(struct options, dry_run), false, 0, NULL},
    {KEY_EMIT_LP, IS_TEXT, offsetof(struct options, emit_lp), false, 0, NULL},
    {KEY_SIMULATE, IS_TEXT, offsetof(struct options, simulate), false, 0, NULL},
    {KEY_RECORD, IS_TEXT, offsetof(struct options, record), false, 0, NULL},
    {KEY_REPLAY, IS_TEXT, offsetof(struct options, replay), false, 0, NULL},
    {KEY_JSON, IS_FLAG, offsetof(struct options, json), false, 0, NULL},
    {KEY_QUIET, IS_LEVEL, offsetof(struct options, verbosity), false, -1, NULL},
    {KEY_VERBOSE, IS_LEVEL, offsetof(struct options, verbosity), false, 1, NULL},
    {KEY_RESTORE, IS_FLAG, offsetof(struct options, restore), false, 0, NULL},
    {KEY_STATE, IS_TEXT, offsetof(struct options, state), false, 0, NULL},
    {KEY_HELP, IS_ACTION, offsetof(struct options, action), false, OPTIONS_HELP, NULL},
    {KEY_VERSION, IS_ACTION, offsetof(struct options, action), false, OPTIONS_VERSION, NULL},
    {KEY_EXPLAIN, IS_FLAG, offsetof(struct options, explain), false, 0, NULL},
    {KEY_SHOW_TOPOLOGY, IS_FLAG, offsetof(struct options, show_topology), false, 0, NULL},
    {KEY_OBJECTIVE, IS_OBJECTIVE, offsetof(struct options, vcpu.objective), true, 0, NULL},
    {KEY_PENALTY, IS_DECIMAL, offsetof(struct options, vcpu.penalty_points), true, 100, "points"},
    {KEY_DEADBAND, IS_DECIMAL, offsetof(struct options, vcpu.deadband_points), true, 100, "points"},
    {KEY_RESERVE, IS_PCPUS, offsetof(struct options, reserve), true, 0, NULL},
    {KEY_LEVEL, IS_PIN_LEVEL, offsetof(struct options, vcpu.auto_level), true, 0, NULL},
    {KEY_WAITING, IS_DECIMAL, offsetof(struct options, vcpu.waiting_pct), true, 1000, "percent"},
    {KEY_PLAIN, IS_FLAG, offsetof(struct options, vcpu.plain), true, 0, NULL},
    {KEY_SOLVE_LIMIT, IS_DECIMAL, offsetof(struct options, solve_limit_s), false, 3600, "seconds"},
    {KEY_GUEST_UNUSED, IS_MIB, offsetof(struct options, memory.guest_unused_kib), true, 0, NULL},
    {KEY_GUEST_LEAST, IS_MIB, offsetof(struct options, memory.guest_least_kib), true, 0, NULL},
    {KEY_HOST_RESERVE, IS_MIB, offsetof(struct options, memory.host_reserve_kib), true, 0, NULL},
    {KEY_HOST_RESERVE_SHARE, IS_DECIMAL, offsetof(struct options, memory.host_reserve_pct), true,
     100, "percent"},
    {KEY_RECLAIM, IS_RECLAIM, offsetof(struct options, memory.only_pressed), true, 0, NULL},
    {KEY_PRESSURE, IS_DECIMAL, offsetof(struct options, memory.pressure_pct), true, 100, "percent"},
    {KEY_HOST_BUDGET, IS_MIB, offsetof(struct options, memory.host_budget_kib), true, 0, NULL},
};
enum { N_RULES = sizeof(rules) / sizeof(rules[0]) };

static const struct option_rule *find_rule(int key)
{
    for (size_t i = 0; i < N_RULES; i++) {
        if (rules[i].key == key)
            return &rules[i];
    }
    return NULL;
}

static bool is_given(const struct parse *parse, int key)
{
    return parse->seen >> (key - KEY_FIRST) & 1;
}

static bool has_setting(const struct parse *parse)
{
    for (size_t i = 0; i < N_RULES; i++) {
        if (rules[i].is_setting && is_given(parse, rules[i].key))
            return true;
    }
    return false;
}

static int take_value(const struct parse *parse, const struct option_rule *rule, const char *arg)
{
    struct options *options = parse->options;
    void *place = (char *)options + rule->offset;
    const char *name = option_name(rule->key);

    switch (rule->kind) {
    case IS_FLAG:
        *(bool *)place = true;
        return 0;
    case IS_LEVEL:
        *(int *)place = rule->value;
        return 0;
    case IS_ACTION:
        *(enum options_action *)place = (enum options_action)rule->value;
        return 0;
    case IS_TEXT:
        return option_text(name, arg, place, parse->err);
    case IS_MATCH:
        return option_text(name, arg, &options->match[options->n_match++], parse->err);
    case IS_OBJECTIVE:
        return option_objective(name, arg, place, parse->err);
    case IS_PIN_LEVEL:
        return option_pin_level(name, arg, place, parse->err);
    case IS_RECLAIM:
        return option_reclaim(name, arg, place, parse->err);
    case IS_DECIMAL:
        return option_decimal(name, arg, rule->value, rule->unit, place, parse->err);
    case IS_MIB:
        return option_mib(name, arg, place, parse->err);
    case IS_PCPUS:
        return option_pcpus(name, arg, place, parse->err);
    }
    return -EINVAL;
}

static int take_option(struct parse *parse, int key, const char *arg)
{
    const struct option_rule *rule = find_rule(key);

    if (key == ARGP_KEY_ARG)
        return take_interval(parse, arg);
    if (!rule)
        return ARGP_ERR_UNKNOWN;
    parse->seen |= UINT64_C(1) << (key - KEY_FIRST);
    return take_value(parse, rule, arg);
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
    const struct argp_option *option = find_option(option_common, name, n);

    if (!option)
        option = find_option(parse->options->program == PROGRAM_VCPU ? option_vcpu : option_memory,
                             name, n);
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

static const struct argp common_argp = {.options = option_common, .parser = parse_key};
static const struct argp_child common_child[] = {{&common_argp, 0, NULL, 0}, {0}};
static const struct argp vcpu_argp = {
    .options = option_vcpu,
    .parser = parse_key,
    .args_doc = "INTERVAL",
    .doc = "Keeps the pCPUs of a KVM host evenly loaded: every INTERVAL seconds it reads what each "
           "vCPU needs and re-pins the few that are worth moving.",
    .children = common_child,
};
static const struct argp memory_argp = {
    .options = option_memory,
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

    if (options->simulate && is_given(parse, KEY_CONNECT))
        return err_set(err, -EINVAL, "--simulate and --connect exclude each other: give one host");
    if (options->simulate && options->n_match)
        return err_set(err, -EINVAL,
                       "--match chooses among libvirt's guests; a scenario names its "
                       "own: leave it out with --simulate");
    if (options->replay && (options->simulate || options->record || options->restore ||
                            is_given(parse, KEY_CONNECT) || options->n_match))
        return err_set(err, -EINVAL,
                       "--replay reads its host from the recording: --connect, --match, "
                       "--simulate, --record and --restore do not go with it");
    if (options->replay && has_setting(parse))
        return err_set(err, -EINVAL,
                       "--replay takes its settings from the recording: leave out "
                       "the options that change a decision");
    if (is_given(parse, KEY_PRESSURE) && !options->memory.only_pressed)
        return err_set(err, -EINVAL,
                       "--pressure says when --reclaim pressure begins: give both, or none");
    if (is_given(parse, KEY_WAITING) && !options->vcpu.auto_level)
        return err_set(err, -EINVAL,
                       "--waiting says what pins may cost under --level auto: give both, or none");
    if (options->json && options->emit_lp && strcmp(options->emit_lp, "-") == 0)
        return err_set(err, -EINVAL,
                       "--json and '--emit-lp -' both want standard output: give "
                       "--emit-lp a folder");
    if (options->show_topology && (options->replay || options->record || options->restore))
        return err_set(err, -EINVAL,
                       "--show-topology looks at a host and ends: --replay, --record and --restore "
                       "do not go with it");
    if ((options->json || options->show_topology) && options->verbosity < 0)
        return err_set(err, -EINVAL, "--%s and --quiet exclude each other: give one",
                       options->json ? "json" : "show-topology");
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
    if (options->show_topology && !parse->has_interval)
        options->interval_s = 1; /* of no interval */
    else if (!parse->has_interval && !options->replay)
        return err_set(parse->err, -EINVAL,
                       "the interval is missing: a decimal number of seconds, as in '%s 2'",
                       program_name(options->program));
    r = check_together(parse);
    if (r < 0)
        return r;
    options->dry_run |= options->show_topology;
    options->vcpu.keep_lp = options->memory.keep_lp = options->emit_lp != NULL;
    if (options->replay) {
        options->dry_run = true;
        return 0;
    }
    options->memory.explain = options->explain;
    options->memory.use_old_reports = options->dry_run && !options->simulate;
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
    if (e == ENOMEM && !sentence.code)
        err_set(&sentence, -ENOMEM, "out of memory");
    r = e == ENOMEM ? -ENOMEM : e ? -EINVAL : check_all(&parse);
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
