/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/option_table.h"
#include "agent/base/option_values.h"

/* One parse under way. */
struct parse {
    struct options *options;
    struct err *err;
    bool has_interval;
    uint64_t seen; /* bit key: that option was given */
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

static bool is_given(const struct parse *parse, enum option_key key)
{
    return parse->seen >> key & 1;
}

static bool has_setting(const struct parse *parse)
{
    for (int key = 0; key < N_OPTIONS; key++) {
        if (option_row((enum option_key)key)->is_setting && is_given(parse, (enum option_key)key))
            return true;
    }
    return false;
}

static int take_value(const struct parse *parse, const struct option_row *row, const char *arg)
{
    struct options *options = parse->options;
    void *place = (char *)options + row->offset;
    int chosen = 0, r;

    switch (row->kind) {
    case IS_FLAG:
        *(bool *)place = true;
        return 0;
    case IS_LEVEL:
        *(int *)place = row->value;
        return 0;
    case IS_ACTION:
        *(enum options_action *)place = (enum options_action)row->value;
        return 0;
    case IS_TEXT:
        return option_text(row->name, arg, place, parse->err);
    case IS_MATCH:
        return option_text(row->name, arg, &options->match[options->n_match++], parse->err);
    case IS_CHOICE:
        return option_choice(row->name, row->words, arg, place, parse->err);
    case IS_EITHER:
        r = option_choice(row->name, row->words, arg, &chosen, parse->err);
        *(bool *)place = chosen == 1;
        return r;
    case IS_DECIMAL:
        return option_decimal(row->name, arg, row->value, row->unit, place, parse->err);
    case IS_MIB:
        return option_mib(row->name, arg, place, parse->err);
    case IS_PCPUS:
        return option_pcpus(row->name, arg, place, parse->err);
    }
    return -EINVAL;
}

static int take_option(struct parse *parse, int argp_key, const char *arg)
{
    enum option_key key = N_OPTIONS;
    const struct option_row *row = option_of_argp(argp_key, &key);

    if (argp_key == ARGP_KEY_ARG)
        return take_interval(parse, arg);
    if (!row)
        return ARGP_ERR_UNKNOWN;
    parse->seen |= UINT64_C(1) << key;
    return take_value(parse, row, arg);
}

static int program_options(enum program program)
{
    return program == PROGRAM_VCPU ? OF_VCPU : OF_MEMORY;
}

/* argp tells only that something about an option was wrong; this finds out which and what. */
static void explain_bad_option(struct parse *parse, const struct argp_state *state)
{
    const char *text = state->next > 0 ? state->argv[state->next - 1] : "";
    const char *name = text + strspn(text, "-");
    const struct option_row *row =
        option_named(program_options(parse->options->program), name, strcspn(name, "="));

    if (text[0] != '-' && state->next < state->argc)
        text = state->argv[state->next]; /* argp stays on a cluster of one-letter options */
    if (row && row->arg)
        err_set(parse->err, -EINVAL, "--%s needs a value: --%s %s", row->name, row->name, row->arg);
    else if (row)
        err_set(parse->err, -EINVAL, "--%s takes no value", row->name);
    else
        err_set(parse->err, -EINVAL, "option '%s' is not known; --help lists what is accepted",
                text);
}

static error_t parse_key(int key, char *arg, struct argp_state *state)
{
    struct parse *parse = state->input;
    int r;

    switch (key) {
    case ARGP_KEY_ERROR:
        if (!parse->err->code)
            explain_bad_option(parse, state);
        return 0;
    case ARGP_KEY_INIT:
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

static const char *const docs[] = {
    [PROGRAM_VCPU] = "Keeps the pCPUs of a KVM host evenly loaded: every INTERVAL seconds it reads "
                     "what each vCPU needs and re-pins the few that are worth moving.",
    [PROGRAM_MEMORY] = "Shares a KVM host's memory among its guests: every INTERVAL seconds it "
                       "reads what each guest needs and moves the balloons that differ.",
};

/* list is what option_list() made. */
static struct argp program_argp(enum program program, const struct argp_option *list)
{
    return (struct argp){
        .options = list, .parser = parse_key, .args_doc = "INTERVAL", .doc = docs[program]};
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
    struct argp_option list[N_OPTIONS + 1];
    struct argp argp = program_argp(program, list);
    error_t e;
    int r;

    options.match = calloc((size_t)argc + 1, sizeof(*options.match));
    if (!options.match)
        return err_set(err, -ENOMEM, "out of memory");
    vcpu_settings_default(&options.vcpu);
    memory_settings_default(&options.memory);
    option_list(program_options(program), list);
    e = argp_parse(&argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &parse);
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
    struct argp_option list[N_OPTIONS + 1];
    struct argp argp = program_argp(program, list);
    char name[32];

    option_list(program_options(program), list);
    snprintf(name, sizeof(name), "%s", program_name(program));
    argp_help(&argp, out, ARGP_HELP_LONG | ARGP_HELP_USAGE | ARGP_HELP_DOC, name);
}
