/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/host_real.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/host/libvirt_sample.h"
#include "agent/host/libvirt_sample_vcpus.h"
#include "agent/host/root_file.h"
#include "agent/host/worker.h"

/* Longer than any healthy call: the bulk call of 1000 guests takes less than a second. */
static const unsigned max_call_ms = 10000;
/* Calls left hanging, each with its thread and connection, before we stop trying. */
static const unsigned max_strays = 4;

struct real_host {
    struct host_real_options options;
    const struct originals *originals; /* borrowed; NULL: none yet */
    struct worker *worker;             /* NULL: given up, the next sample makes a new one */
    atomic_uint strays;
};

/* One call under way. Owned by the caller, or by a worker that was left behind. */
struct request {
    struct guest_id guest;
    unsigned vcpu;
    struct cpuset affinity;
    uint64_t target_kib;
    unsigned period_s;
    int run;
    const struct originals *originals; /* copied at once: never of a call that hangs */
    struct vcpu_sample vcpus;
    struct memory_sample memory;
    char identity[LIBVIRT_IDENTITY_SIZE];
    struct err err;
};

static void free_request(void *arg)
{
    struct request *request = arg;

    vcpu_sample_done(&request->vcpus);
    memory_sample_done(&request->memory);
    free(request);
}

static void free_sampling(void *arg)
{
    sampling_done(arg);
    free(arg);
}

static int run_connect(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    return libvirt_connect(sampling->libvirt, sampling->uri, sampling->read_only, &request->err);
}

static int run_identity(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    return libvirt_identity(sampling->libvirt, sampling->uri, request->identity, &request->err);
}

static int run_sample_vcpus(void *state, void *arg)
{
    struct request *request = arg;

    return sampling_vcpus(state, &request->vcpus, &request->err);
}

static int run_sample_memory(void *state, void *arg)
{
    struct request *request = arg;

    return sampling_memory(state, &request->memory, &request->err);
}

static int run_pin(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    return libvirt_pin(sampling->libvirt, &request->guest, request->vcpu, &request->affinity,
                       &request->err);
}

static int run_set_memory(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;
    uint64_t plugged_kib = guest_table_plugged_kib(&sampling->guests, request->guest.uuid);
    uint64_t target_kib = request->target_kib > plugged_kib ? request->target_kib - plugged_kib : 0;
    int r = libvirt_set_memory(sampling->libvirt, &request->guest, target_kib, &request->err);

    if (r == -EBUSY)
        guest_table_mark_busy(&sampling->guests, request->guest.uuid);
    return r;
}

/* The guest table has the period until the next reading of the definition. */
static int run_set_period(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;
    int r = libvirt_set_stats_period(sampling->libvirt, &request->guest, request->period_s,
                                     &request->err);

    guest_table_note_period(&sampling->guests, request->guest.uuid, request->period_s);
    return r;
}

static int run_bind(void *state, void *arg)
{
    struct sampling *sampling = state;
    const struct request *request = arg;

    originals_done(&sampling->originals);
    return originals_copy(request->originals, &sampling->originals);
}

static int run_run_of(void *state, void *arg)
{
    struct sampling *sampling = state;
    struct request *request = arg;

    return libvirt_run_of(sampling->libvirt, &request->guest, &request->run, &request->err);
}

static int start_worker(struct real_host *host, struct err *err)
{
    const struct host_real_options *options = &host->options;
    struct sampling *sampling;

    if (host->worker)
        return 0;
    if (atomic_load(&host->strays) >= max_strays)
        return err_set(err, -ENOTCONN, "libvirt at '%.80s' has stopped answering", options->uri);
    sampling = calloc(1, sizeof(*sampling));
    if (!sampling)
        return err_set(err, -ENOMEM, "out of memory");
    *sampling = (struct sampling){
        .uri = options->uri,
        .match = options->match,
        .n_match = options->n_match,
        .root = options->root                       ? options->root
                : local_host_is_meant(options->uri) ? ""
                                                    : NULL,
        .read_only = options->read_only,
        .log = log_share(options->log),
        .libvirt = libvirt_new(),
    };
    if ((!host->originals || originals_copy(host->originals, &sampling->originals) >= 0) &&
        sampling->libvirt &&
        (host->worker = worker_new(sampling, free_sampling, &host->strays)) != NULL)
        return 0;
    free_sampling(sampling);
    return err_set(err, -ENOMEM, "cannot start a thread for libvirt");
}

/* Runs the job within the limit. On -ENOTCONN after a timeout the request is gone and *request
 * NULL. */
static int call(struct real_host *host, int (*run)(void *state, void *request),
                struct request **request, struct err *err)
{
    struct worker_job job = {run, *request, free_request};
    int r = worker_run(host->worker, &job, max_call_ms, host->options.is_stopping,
                       host->options.stopping_arg);

    if (r != -ETIMEDOUT && r != -ECANCELED) {
        if (r < 0)
            err_set(err, r, "%s", (*request)->err.text);
        return r;
    }
    host->worker = NULL;
    *request = NULL;
    return err_set(err, -ENOTCONN, "libvirt at '%.80s' did not answer within %s", host->options.uri,
                   r == -ETIMEDOUT ? "10 s, giving this connection up" : "the time left to stop");
}

/* Asks for something into a request, which *ret then owns. */
static int ask(struct real_host *host, int (*run)(void *state, void *request), struct request **ret,
               struct err *err)
{
    struct request *request;
    int r = start_worker(host, err);

    if (r < 0)
        return r;
    request = calloc(1, sizeof(*request));
    if (!request)
        return err_set(err, -ENOMEM, "out of memory");
    r = call(host, run, &request, err);
    if (r >= 0)
        *ret = request;
    else if (request)
        free_request(request);
    return r;
}

static int real_sample_vcpus(void *self, struct vcpu_sample *ret, struct err *err)
{
    struct request *request = NULL;
    int r = ask(self, run_sample_vcpus, &request, err);

    if (r < 0)
        return r;
    assert(request);
    *ret = request->vcpus;
    request->vcpus = (struct vcpu_sample){0};
    free_request(request);
    return r;
}

static int real_sample_memory(void *self, struct memory_sample *ret, struct err *err)
{
    struct request *request = NULL;
    int r = ask(self, run_sample_memory, &request, err);

    if (r < 0)
        return r;
    assert(request);
    *ret = request->memory;
    request->memory = (struct memory_sample){0};
    free_request(request);
    return r;
}

/* Connecting, one change, or one question, whose answer goes to *ret where that is not NULL. */
static int change(struct real_host *host, int (*run)(void *state, void *request),
                  const struct request *what, int *ret, struct err *err)
{
    struct request *request;
    int r;

    if (!host->worker)
        return err_set(err, -ENOTCONN, "guest '%.100s': not connected to libvirt",
                       what->guest.name);
    request = malloc(sizeof(*request));
    if (!request)
        return err_set(err, -ENOMEM, "out of memory");
    *request = *what;
    r = call(host, run, &request, err);
    if (request && ret)
        *ret = request->run;
    if (request)
        free_request(request);
    return r;
}

static int real_set_affinity(void *self, const struct guest_id *guest, unsigned vcpu,
                             const struct cpuset *affinity, struct err *err)
{
    const struct request what = {.guest = *guest, .vcpu = vcpu, .affinity = *affinity};

    return change(self, run_pin, &what, NULL, err);
}

static int real_set_balloon(void *self, const struct guest_id *guest, uint64_t target_kib,
                            struct err *err)
{
    const struct request what = {.guest = *guest, .target_kib = target_kib};

    return change(self, run_set_memory, &what, NULL, err);
}

static int real_run_of(void *self, const struct guest_id *guest, int *ret, struct err *err)
{
    const struct request what = {.guest = *guest};

    return change(self, run_run_of, &what, ret, err);
}

static int real_ask_for_stats(void *self, const struct guest_id *guest, unsigned period_s,
                              struct err *err)
{
    const struct request what = {.guest = *guest, .period_s = period_s};

    return change(self, run_set_period, &what, NULL, err);
}

void host_real_boot(const char *uri, char ret[HOST_IDENTITY_SIZE])
{
    ret[0] = '\0';
    if (local_host_is_meant(uri))
        root_file_text("", "/proc/sys/kernel/random/boot_id", ret, HOST_IDENTITY_SIZE);
}

int host_real_bind(const struct host *host, const struct originals *originals)
{
    struct real_host *real = host->self;
    const struct request what = {.originals = originals};

    real->originals = originals;
    return change(real, run_bind, &what, NULL, NULL);
}

int host_real_identity(const struct host *host, char ret[HOST_IDENTITY_SIZE], struct err *err)
{
    struct request *request = NULL;
    int r = ask(host->self, run_identity, &request, err);

    if (r < 0)
        return r;
    assert(request);
    snprintf(ret, HOST_IDENTITY_SIZE, "%s", request->identity);
    free_request(request);
    return r;
}

/* With calls still hanging the host outlives its user: they come back to its counter. */
static void real_close(void *self)
{
    struct real_host *host = self;

    worker_free(host->worker);
    host->worker = NULL;
    if (atomic_load(&host->strays) == 0)
        free(host);
}

int host_real_open(const struct host_real_options *options, struct host *ret, struct err *err)
{
    struct real_host *host = calloc(1, sizeof(*host));
    const struct request nothing = {0};
    int r;

    if (!host)
        return err_set(err, -ENOMEM, "out of memory");
    host->options = *options;
    atomic_init(&host->strays, 0);
    r = start_worker(host, err);
    if (r >= 0)
        r = change(host, run_connect, &nothing, NULL, err);
    if (r < 0) {
        real_close(host);
        return r;
    }
    *ret = (struct host){.self = host,
                         .sample_vcpus = real_sample_vcpus,
                         .set_affinity = real_set_affinity,
                         .sample_memory = real_sample_memory,
                         .set_balloon = real_set_balloon,
                         .run_of = real_run_of,
                         .ask_for_stats = real_ask_for_stats,
                         .close = real_close};
    return 0;
}
