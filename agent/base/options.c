/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/base/options.h"

#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/config.h"
#include "agent/base/option_place.h"
#include "agent/base/option_table.h"

const char options_usual_connection[] = "qemu:///system";

/* One command line under way. */
struct parse {
    struct options *options;
    struct given *given; /* by the command line alone */
    struct err *err;
    bool has_interval;
};

const char *program_name(enum program program)
{
    return program == PROGRAM_VCPU ? "vcpu_scheduler" : "memory_coordinator";
}

static int add(struct parse *parse, enum option_key key, const char *text, const char *origin)
{
    int r = given_add(parse->given, key, GIVEN_BY_HAND, text, origin);

    return r < 0 ? err_set(parse->err, r, "out of memory") : 0;
}

static int take_interval(struct parse *parse, const char *text)
{
    if (parse->has_interval)
        return err_set(parse->err, -EINVAL,
                       "argument '%s' is one too many: only the interval is accepted", text);
    parse->has_interval = true;
    return add(parse, KEY_INTERVAL, text, "argument");
}

static bool is_given(const struct options *options, enum option_key key)
{
    for (size_t i = 0; i < options->given.n; i++) {
        if (options->given.list[i].key == key)
            return true;
    }
    return false;
}

static bool has_setting(const struct options *options)
{
    for (int key = 0; key < N_OPTIONS; key++) {
        if (option_row((enum option_key)key)->is_setting && is_given(options, (enum option_key)key))
            return true;
    }
    return false;
}

static int take_option(struct parse *parse, int argp_key, const char *arg)
{
    enum option_key key = N_OPTIONS;
    const struct option_row *row = option_of_argp(argp_key, &key);
    char origin[40];

    if (argp_key == ARGP_KEY_ARG)
        return take_interval(parse, arg);
    if (!row)
        return ARGP_ERR_UNKNOWN;
    snprintf(origin, sizeof(origin), "--%s", row->name);
    return add(parse, key, arg ? arg : "yes", origin);
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
    if (row && row->arg && row->file != ONLY_IN_FILE)
        err_set(parse->err, -EINVAL, "--%s needs a value: --%s %s", row->name, row->name, row->arg);
    else if (row && row->file != ONLY_IN_FILE)
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

/* "FILE:LINE: " before a sentence about an option that a file has; else nothing. */
struct place {
    char text[512];
};
static struct place place_of(const struct options *options, enum option_key key)
{
    const struct given_value *value = given_last(&options->given, key);
    struct place place = {""};

    if (value && value->layer != GIVEN_BY_HAND)
        snprintf(place.text, sizeof(place.text), "%.500s: ", value->origin);
    return place;
}

/* One world at a time, one user of standard output. */
static int check_world(const struct options *options, struct err *err)
{
    if (options->simulate && is_given(options, KEY_CONNECT))
        return err_set(err, -EINVAL, "--simulate and --connect exclude each other: give one host");
    if (options->simulate && options->n_match)
        return err_set(err, -EINVAL,
                       "%s--match chooses among libvirt's guests; a scenario names its "
                       "own: leave it out with --simulate",
                       place_of(options, KEY_MATCH).text);
    if (options->pace_s > 0 && !options->simulate)
        return err_set(err, -EINVAL,
                       "--pace says how fast a simulated host goes: give --simulate as well");
    if (options->replay && (options->simulate || options->record || options->restore ||
                            is_given(options, KEY_CONNECT) || options->n_match))
        return err_set(err, -EINVAL,
                       "--replay reads its host from the recording: --connect, --match, "
                       "--simulate, --record and --restore do not go with it");
    if (options->replay && (has_setting(options) || options->config))
        return err_set(err, -EINVAL,
                       "--replay takes its settings from the recording: leave out "
                       "the options that change a decision");
    if (options->show_topology && (options->replay || options->record || options->restore))
        return err_set(err, -EINVAL,
                       "--show-topology looks at a host and ends: --replay, --record and --restore "
                       "do not go with it");
    return 0;
}

/* Where a value is the default, nothing was asked: what --show-config prints can be read again. */
static bool is_asked_for(const struct options *options, enum option_key key)
{
    struct vcpu_settings vcpu;
    struct memory_settings memory;

    vcpu_settings_default(&vcpu);
    memory_settings_default(&memory);
    return is_given(options, key) &&
           (key == KEY_WAITING ? options->vcpu.waiting_pct != vcpu.waiting_pct
                               : options->memory.pressure_pct != memory.pressure_pct);
}

static int check_together(const struct options *options, struct err *err)
{
    int r = check_world(options, err);

    if (r < 0)
        return r;
    if (options->guest && !(options->restore && options->once))
        return err_set(err, -EINVAL, "--guest says whom --restore --once is about: give all three");
    if (is_asked_for(options, KEY_PRESSURE) && !options->memory.only_pressed)
        return err_set(err, -EINVAL,
                       "%s--pressure says when --reclaim pressure begins: give both, or none",
                       place_of(options, KEY_PRESSURE).text);
    if (is_asked_for(options, KEY_WAITING) && options->vcpu.level != PIN_AUTO)
        return err_set(err, -EINVAL,
                       "%s--waiting says what pins may cost under --level auto: give both, or none",
                       place_of(options, KEY_WAITING).text);
    if (options->json && options->emit_lp && strcmp(options->emit_lp, "-") == 0)
        return err_set(err, -EINVAL,
                       "%s--json and '--emit-lp -' both want standard output: give "
                       "--emit-lp a folder",
                       place_of(options, KEY_EMIT_LP).text);
    if ((options->json || options->show_topology) && options->verbosity < 0)
        return err_set(err, -EINVAL, "%s--%s and --quiet exclude each other: give one",
                       place_of(options, KEY_QUIET).text, options->json ? "json" : "show-topology");
    return 0;
}

static int check_interval(struct options *options, struct err *err)
{
    if (options->action == OPTIONS_CHECK_CONFIG && !options->config)
        return err_set(err, -EINVAL, "--check-config looks at what --config names: give both");
    if (is_given(options, KEY_INTERVAL) || options->replay)
        return 0;
    if (!options->show_topology && options->action != OPTIONS_SHOW_CONFIG)
        return err_set(err, -EINVAL,
                       "the interval is missing: a decimal number of seconds, as in '%s 2'%s",
                       program_name(options->program),
                       options->config ? ", or a line 'interval = 2' in the configuration" : "");
    options->interval_s = 1; /* of no interval */
    return 0;
}

static bool is_talk(const struct options *options)
{
    return options->action == OPTIONS_HELP || options->action == OPTIONS_VERSION ||
           options->action == OPTIONS_SCENARIOS;
}

static int check_all(struct options *options, struct err *err)
{
    int r = check_interval(options, err);

    if (r == 0)
        r = check_together(options, err);
    if (r < 0)
        return r;
    options->dry_run |= options->show_topology;
    options->vcpu.keep_lp = options->memory.keep_lp = options->emit_lp != NULL;
    if (options->replay) {
        options->dry_run = true;
        return 0;
    }
    options->memory.explain = options->explain;
    options->memory.use_old_reports = !options_may_change(options) && !options->simulate;
    options->memory.interval_s = options->interval_s;
    if (options->program == PROGRAM_VCPU)
        return vcpu_settings_check(&options->vcpu, err);
    return memory_settings_check(&options->memory, err);
}

static int read_arguments(int argc, char **argv, struct options *options, struct given *ret,
                          struct err *err)
{
    struct parse parse = {.options = options, .given = ret, .err = err};
    struct argp_option list[N_OPTIONS + 1];
    struct argp argp = program_argp(options->program, list);
    error_t e;

    option_list(program_options(options->program), list);
    e = argp_parse(&argp, argc, argv, ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, NULL, &parse);
    if (e == ENOMEM && !err->code)
        err_set(err, -ENOMEM, "out of memory");
    return e ? (err->code ? err->code : -EINVAL) : 0;
}

/* The command line's values behind those of the files that it names. Who asks for help gets it
 * whatever the files are like. */
static int gather(const struct given *arguments, struct options *options, struct err *err)
{
    const char *path = NULL;
    bool wants_help = false;
    int r = 0;

    for (size_t i = 0; i < arguments->n; i++) {
        enum option_key key = arguments->list[i].key;

        if (key == KEY_CONFIG)
            path = arguments->list[i].text;
        wants_help |= key == KEY_HELP || key == KEY_VERSION;
    }
    if (path && !wants_help)
        r = config_read(path, program_options(options->program), &options->given, err);
    for (size_t i = 0; i < arguments->n && r == 0; i++) {
        const struct given_value *value = &arguments->list[i];

        r = given_add(&options->given, value->key, value->layer, value->text, value->origin);
        if (r < 0)
            err_set(err, r, "out of memory");
    }
    return r;
}

/* The other program's section, of which nobody else says before its next start that it is wrong. */
static int check_other(const struct options *options, struct err *err)
{
    enum program other = options->program == PROGRAM_VCPU ? PROGRAM_MEMORY : PROGRAM_VCPU;
    char interval[] = "1", show_it[] = "--show-config", config[] = "--config";
    char *argv[] = {(char *)program_name(other), interval, show_it, config,
                    (char *)options->config,     NULL};
    struct options read = {0};
    int r = options_parse(other, 5, argv, &read, err);

    if (r == 0)
        options_done(&read);
    return r;
}

int options_parse(enum program program, int argc, char **argv, struct options *ret, struct err *err)
{
    struct options options = {
        .program = program, .connect = options_usual_connection, .metadata = METADATA_LIMIT};
    struct given arguments = {0};
    struct err sentence = {0};
    int r;

    vcpu_settings_default(&options.vcpu);
    memory_settings_default(&options.memory);
    claim_limits_default(&options.claims);
    r = read_arguments(argc, argv, &options, &arguments, &sentence);
    if (r == 0)
        r = gather(&arguments, &options, &sentence);
    given_done(&arguments);
    if (r == 0)
        r = option_put_all(&options, &sentence);
    if (r == 0 && options.simulate && strcmp(options.simulate, "help") == 0 &&
        options.action == OPTIONS_RUN)
        options.action = OPTIONS_SCENARIOS;
    if (r == 0 && !is_talk(&options))
        r = check_all(&options, &sentence);
    if (r == 0 && options.action == OPTIONS_CHECK_CONFIG)
        r = check_other(&options, &sentence);
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
    given_done(&options->given);
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
