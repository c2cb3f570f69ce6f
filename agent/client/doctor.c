/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/client/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/base/config.h"
#include "agent/base/json_values.h"
#include "agent/base/text.h"
#include "agent/host/hands.h"
#include "agent/host/root_file.h"

void doctor_find(struct asking *asking, enum finding finding, const char *check,
                 const char *way_out, const char *format, ...)
{
    static const char *const words[] = {"ok", "warn", "fail"};
    char text[1024], shown[1024];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    text_shown(text, shown, sizeof(shown));
    asking->n_running++;
    asking->n_done++;
    if (finding == FINDING_FAIL) {
        asking->n_failed++;
        snprintf(asking->said, sizeof(asking->said), "%zu finding%s from working", asking->n_failed,
                 asking->n_failed == 1 ? " keeps it" : "s keep it");
    }
    if (asking->line->json) {
        json_array_append_new(asking->all,
                              json_members("check", json_string(check), "result",
                                           json_string(words[finding]), "text",
                                           json_from_text(shown), "way_out",
                                           way_out ? json_from_text(way_out) : json_null(), NULL));
        return;
    }
    printf("%-5s %-18s %s\n", words[finding], check, shown);
    if (way_out)
        printf("      %-18s -> %s\n", "", text_shown(way_out, shown, sizeof(shown)));
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* One program's own words about itself. */
static void look_at_answer(struct asking *asking, const char *check, const json_t *status)
{
    const char *trouble = text_of(status, "reload_trouble");
    char at[CLIENT_AT_SIZE];
    const json_t *other;
    size_t i;

    if (json_object_get(status, "not_kept"))
        doctor_find(asking, FINDING_FAIL, check,
                    "make room or give back rights in the state folder",
                    "it changes nothing, because it cannot write down what it found: %s",
                    text_of(status, "not_kept"));
    if (trouble[0])
        doctor_find(asking, FINDING_WARN, check, "correct the line, then: evenkeelctl reload",
                    "the last reload failed: %s", trouble);
    if (json_array_size(json_object_get(status, "paused")))
        doctor_find(asking, FINDING_WARN, check, "evenkeelctl resume",
                    "it is paused, at least in part");
    json_array_foreach(json_object_get(status, "others"), i, other)
    {
        if (strcmp(text_of(other, "name"), hand_name(HAND_SECOND)) == 0)
            doctor_find(asking, FINDING_WARN, check, "end one of them", "%s",
                        text_of(other, "advice"));
    }
    if (!json_object_get(status, "interval"))
        doctor_find(asking, FINDING_FAIL, check, "see the lines on libvirt and rights below",
                    "it runs, and waits: %s", text_of(status, "note"));
    else
        doctor_find(asking, FINDING_OK, check, NULL, "it runs%s; last: %s%s",
                    json_is_true(json_object_get(status, "dry_run")) ? " and changes nothing" : "",
                    text_of(status, "verdict"), client_at(" at ", status, at));
}

static void look_at_program(struct asking *asking, enum program program)
{
    size_t running = asking->n_running, failed = asking->n_failed;
    const char *check = program_name(program);
    char before[sizeof(asking->said)], said[sizeof(asking->said)];
    json_t *status;

    memcpy(before, asking->said, sizeof(before));
    asking->said[0] = '\0';
    status = asking_json(asking_call(asking, program, false, "Status", ""));
    memcpy(said, asking->said, sizeof(said));
    memcpy(asking->said, before, sizeof(before));
    if (status) {
        look_at_answer(asking, check, status);
    } else if (asking->n_failed > failed) {
        asking->n_failed = failed; /* it is counted with its finding */
        doctor_find(asking, FINDING_FAIL, check, "be root or a member of libvirt's group", "%s",
                    said);
    } else if (asking->n_running == running) {
        doctor_find(asking, FINDING_WARN, check,
                    asking->bus ? "systemctl enable --now evenkeel.target"
                                : "start the system's D-Bus: without it nobody can ask",
                    asking->bus ? "it does not run" : "the system's bus cannot be reached");
    }
    json_decref(status);
}

/* The same that a program looks for while it runs. */
void doctor_look_for_others(struct asking *asking, const char *root)
{
    unsigned hands = hands_read(root, PROGRAM_VCPU, 0) | hands_read(root, PROGRAM_MEMORY, 0);
    size_t n_rivals = 0;

    for (int h = 0; h < HANDS; h++) {
        enum hand hand = (enum hand)h;
        bool is_rival = hand_is_rival(hand, PROGRAM_VCPU) || hand_is_rival(hand, PROGRAM_MEMORY);

        if (hand == HAND_SECOND || !hands_have(hands, hand))
            continue; /* our own programs were asked themselves */
        n_rivals += is_rival;
        if (hand == HAND_HIDDEN)
            doctor_find(asking, FINDING_WARN, "foreign hands", "ask as root", "%s",
                        hand_advice(hand));
        else
            doctor_find(asking, is_rival ? FINDING_WARN : FINDING_OK, "foreign hands",
                        is_rival ? hand_advice(hand) : NULL, "%s is active on this host%s%s",
                        hand_name(hand), is_rival ? "" : ": ", is_rival ? "" : hand_advice(hand));
    }
    if (!n_rivals)
        doctor_find(asking, FINDING_OK, "foreign hands", NULL,
                    "no program is seen that changes pins or sizes as well");
}

/* The files that a start would read. */
static void look_at_files(struct asking *asking, enum program program)
{
    struct options options;
    struct err err = {0};
    char path[ROOT_PATH_SIZE];

    if (client_read_config(asking->line, program, &options, &err) >= 0) {
        doctor_find(asking, FINDING_OK, "configuration", NULL, "%s: its files are well",
                    program_name(program));
        options_done(&options);
    } else if (!asking->line->config && config_installed(path, sizeof(path)) &&
               access(path, F_OK) < 0) {
        doctor_find(asking, FINDING_WARN, "configuration", "install it, or name one with --config",
                    "there is no '%s'", path);
    } else {
        doctor_find(asking, FINDING_FAIL, "configuration",
                    "correct the line, or the next start fails", "%s: %s", program_name(program),
                    err.text);
    }
}

static void one(struct asking *asking, enum program program)
{
    static const struct options usual = {.connect = options_usual_connection};
    struct options options;
    struct err err = {0};

    look_at_program(asking, program);
    look_at_files(asking, program);
    if (program == PROGRAM_VCPU)
        return;
    if (client_read_config(asking->line, program, &options, &err) >= 0) {
        doctor_look_at_host(asking, &options);
        options_done(&options);
    } else {
        doctor_look_at_host(asking, &usual);
    }
    doctor_look_for_others(asking, "");
}

int client_doctor(const struct request_line *line)
{
    return asking_run(line, ASKING_ALONE, one);
}
