/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef EVENKEEL_AGENT_CONTROL_STATE_H
#define EVENKEEL_AGENT_CONTROL_STATE_H

#include <pthread.h>

#include "agent/control/control.h"
#include "agent/control/scene.h"

/* What the loop and the thread of the bus share. */

/* One interval as it is told. */
struct snapshot {
    char *status;            /* a JSON object */
    char *verdict, *changes; /* JSON text of the changes, or NULL: there were none */
    char at[CLOCK_TEXT_SIZE];
    double objective, bound, gap;
    unsigned moves;
};

struct control {
    enum program program;
    bool can_reload;
    struct history *history; /* borrowed; may be NULL */
    struct metrics *metrics; /* borrowed */
    pthread_t thread;
    bool is_serving, yields_name;
    char *folder;           /* where pauses are kept; NULL: nowhere */
    int wake_fd;            /* the loop has something for the thread ... */
    int loop_fd;            /* ... and the other way; -1: the loop does not listen */
    struct pauses in_force; /* of the interval under way; the loop's alone */

    pthread_mutex_t lock; /* for all below */
    struct snapshot snapshot;
    struct scene *scene; /* NULL: there was no interval */
    bool has_news;       /* properties that are not signalled yet ... */
    bool has_changes;    /* ... and changes */
    bool is_ending;
    struct pauses pauses;
    json_t *config;     /* what is in force, or NULL: not told yet */
    uint64_t n_reloads; /* that have ended */
    char state_trouble[400];
    bool is_reload_asked;
    bool is_release_asked, is_release_done;
    char release_guest[PAUSE_NAME_SIZE];
    struct control_result release; /* its trouble is in: */
    char release_trouble[400];
    char reload_trouble[400];
};

/* Takes what is in the snapshot over, and wakes the thread. */
void control_publish(struct control *control, struct snapshot *snapshot);
void snapshot_done(struct snapshot *snapshot);

/* Answers, as JSON text to be freed: what runs, and what is known of one guest (NULL: nothing). */
char *control_status(struct control *control);
char *control_why(struct control *control, const char *guest);
char *control_config(struct control *control);
/* The last interval as the program's --json has it; NULL: there was none. */
char *control_report(struct control *control);

/* The guest that the last interval knew by that name or UUID. */
bool control_find_guest(struct control *control, const char *name, struct guest_id *ret);
/* Has the loop put back what was found of a guest, or of all (""). 0, or -EBUSY: it is at another one, or
 * nobody has taken what came of that. */
int control_ask_release(struct control *control, const char *guest);
/* Has it read the configuration again. */
void control_ask_reload(struct control *control);
/* Makes the descriptor of whoever listens readable; -1: nobody does. */
void control_wake(int fd);
/* One more reference to the scene, or NULL, and one less. */
struct scene *control_take_scene(struct control *control);
void control_drop_scene(struct control *control, struct scene *scene);
bool control_has_scene(struct control *control);

/* Takes the pauses up that are in the folder, which is made where it is missing. 0, or a negative errno with
 * a sentence. */
int control_keep(struct control *control, const char *folder, struct err *err);
/* Writes the pauses down. 0 or a negative errno. */
int control_save_pauses(struct control *control);

/* The thread: until control->is_ending. A bus that is lost, or not there yet (NULL), is waited for. bus.c. */
struct sd_bus;
int bus_open(struct control *control, struct sd_bus **ret, struct err *err);
void bus_run(struct control *control, struct sd_bus *bus);

#endif
