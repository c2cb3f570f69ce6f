/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/one/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agent/base/input.h"
#include "agent/base/text.h"
#include "agent/one/answer.h"
#include "agent/one/storage.h"

/* All of a run; text is the document, which its records point into. */
struct job {
    const struct one_request *request;
    struct one_limits limits;
    char oned_conf[ONE_PATH_SIZE];
    char *text;
    struct one_document document;
    struct one_picture picture;
    struct one_decision decision;
};

static int read_document(struct job *job, struct err *err)
{
    struct input *input = NULL;
    int r = input_open("/dev/stdin", NULL, &input);
    ssize_t n = r < 0 ? r : input_all(input, ONE_MOST_BYTES, &job->text);

    input_free(input);
    if (n == -EFBIG)
        return err_set(err, -EFBIG, "the document is larger than %d MiB", ONE_MOST_BYTES >> 20);
    if (n < 0)
        return err_set(err, (int)n, "standard input cannot be read: %s", strerror((int)-n));
    return one_document_read(job->text, (size_t)n, job->request->job == ONE_OPTIMIZE,
                             &job->document, err);
}

static int check_cluster(const struct job *job, struct err *err)
{
    const struct one_cluster *cluster = &job->document.cluster;

    if (job->request->job == ONE_PLACE)
        return 0;
    if (job->request->cluster >= 0 && job->request->cluster != cluster->id)
        return err_set(err, -EINVAL,
                       "the document is of cluster %" PRId64 ", and cluster %" PRId64
                       " is asked about",
                       cluster->id, job->request->cluster);
    if (cluster->is_pack)
        return err_set(err, -EINVAL,
                       "cluster %" PRId64
                       " has POLICY=PACK, which is not offered here: set BALANCE "
                       "in its ONE_DRS, or another optimizer in SCHED_MAD",
                       cluster->id);
    return 0;
}

static void say_move(FILE *log, const struct job *job, const struct fleet_move *move,
                     const struct one_vm *vm)
{
    const struct fleet *fleet = &job->picture.cluster.fleet;

    if (job->request->job == ONE_OPTIMIZE)
        one_say(log, ONE_INFO, vm->id, "goes from '%s' to '%s': %s", fleet->hosts[move->from].name,
                fleet->hosts[move->to].name, move->reason);
    else
        one_say(log, ONE_INFO, vm->id, "goes to '%s'", fleet->hosts[move->to].name);
}

/* One after the other, as datastores fill up. */
static int write_actions(struct job *job, FILE *out, FILE *log, size_t *ret_migrations)
{
    struct one_storage *storage = one_storage_new(&job->document);
    const struct fleet_plan *plan = &job->decision.plan;

    if (!storage)
        return -ENOMEM;
    for (size_t k = 0; k < plan->n_moves; k++) {
        const struct fleet_move *move = &plan->moves[job->decision.order[k]];
        const struct one_vm *vm = &job->document.vms[job->picture.vm_of[move->guest]];
        const struct one_host *host = &job->document.hosts[move->to];
        struct one_choice choice;

        if (!one_storage_choose(storage, vm, host, &choice)) {
            one_say(log, ONE_WARN, vm->id,
                    "waits: datastores or networks of host '%s' have nothing left after others of "
                    "this round",
                    job->picture.cluster.fleet.hosts[move->to].name);
            continue;
        }
        one_answer_action(out, &(struct one_action){.vm = vm->id,
                                                    .host = host->id,
                                                    .store = choice.store,
                                                    .is_deploy = vm->state == ONE_PENDING,
                                                    .n_nics = choice.n_nics,
                                                    .nic = choice.nic,
                                                    .net = choice.net});
        *ret_migrations += vm->state != ONE_PENDING;
        say_move(log, job, move, vm);
    }
    one_storage_free(storage);
    return 0;
}

/* The level that oned shows to the VM's owner. */
static void say_left(FILE *log, const struct job *job)
{
    const struct fleet_plan *plan = &job->decision.plan;

    for (size_t k = 0; k < plan->n_stopped; k++) {
        int vm = job->picture.vm_of[plan->stopped[k].guest];

        if (vm >= 0)
            one_say(log, ONE_ERROR, job->document.vms[vm].id, "%s: %s",
                    job->request->job == ONE_PLACE ? "cannot be placed"
                                                   : "has to leave its host and cannot",
                    plan->stopped[k].reason);
    }
}

static int answer(struct job *job, struct err *err)
{
    char *text = NULL, *said = NULL;
    size_t n = 0, n_said = 0, migrations = 0;
    FILE *out = open_memstream(&text, &n), *log = open_memstream(&said, &n_said);
    int r = out && log ? 0 : -ENOMEM;

    if (r == 0) {
        one_answer_begin(out, job->document.cluster.id);
        r = write_actions(job, out, log, &migrations);
        one_answer_end(out);
        one_say_decision(log, &job->picture, job->request->job, &job->decision);
        say_left(log, job);
        one_say_limits(log, &job->limits, job->oned_conf, migrations);
    }
    if ((out && fclose(out) != 0) || (log && fclose(log) != 0))
        r = -ENOMEM;
    if (r == 0) {
        fputs(said, stderr);
        fputs(text, stdout);
        if (fflush(stdout) != 0 || ferror(stdout))
            r = err_set(err, -EIO, "standard output cannot be written: %s", strerror(errno));
    } else {
        err_set(err, r, "out of memory");
    }
    free(text);
    free(said);
    return r;
}

static int decide(struct job *job, struct err *err)
{
    int64_t most = job->document.cluster.most_moves;

    if (most >= 0)
        job->limits.per_plan = (size_t)most;
    return one_decide(&job->picture, job->request->job, &job->limits, &job->decision, err);
}

static int run(struct job *job, struct err *err)
{
    const struct one_request *request = job->request;
    int r = one_limits_read(request->oned_conf, &job->limits, job->oned_conf, err);

    if (r == 0)
        r = read_document(job, err);
    if (r == 0)
        r = check_cluster(job, err);
    if (r == 0)
        r = one_picture_new(&job->document, request->job, &job->picture, err);
    if (r == 0)
        r = decide(job, err);
    return r == 0 ? answer(job, err) : r;
}

int one_run(const struct one_request *request)
{
    struct job job = {.request = request};
    struct err err = {0};
    char shown[sizeof(err.text) * 2];
    int r = run(&job, &err);

    if (r < 0)
        fprintf(stderr, "evenkeel-one: %s\n", text_shown(err.text, shown, sizeof(shown)));
    one_decision_done(&job.decision);
    one_picture_done(&job.picture);
    one_document_done(&job.document);
    free(job.text);
    return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
