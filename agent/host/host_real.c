/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/host/host_real.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/base/clock.h"
#include "agent/host/hands.h"
#include "agent/host/host_libvirt_events.h"
#include "agent/host/request.h"
#include "agent/host/root_file.h"
#include "agent/host/strays.h"
#include "agent/host/worker.h"

/* A call may take longer than any healthy one: the bulk call of 1000 guests takes less than a
 * second. */
static const struct host_real_limits default_limits = {
    .call_ms = 10000,
    .left_out_ns = UINT64_C(60000000000),
    .given_up_ns = UINT64_C(60000000000),
};

struct real_host {
    struct host_real_options options;
    const struct originals *originals; /* borrowed; NULL: none yet */
    const atomic_uint *calls;          /* that the worker began */
    uint64_t calls_before;             /* that earlier ones began */
    struct worker *worker;             /* NULL: given up, the next sample makes a new one */
    struct strays strays;
    struct guest_store *store;
    struct libvirt_events *events;
};

static bool is_given_up(void *arg)
{
    const struct sampling *sampling = arg;

    return guest_store_is_left_behind(sampling->store, sampling->worker);
}

static int start_worker(struct real_host *host, struct err *err)
{
    const struct host_real_options *options = &host->options;
    struct sampling *sampling;
    int r;

    if (host->worker)
        return 0;
    r = strays_allow(&host->strays, options->limits.given_up_ns, options->uri, err);
    if (r < 0)
        return r;
    sampling = calloc(1, sizeof(*sampling));
    if (!sampling)
        return err_set(err, -ENOMEM, "out of memory");
    *sampling = (struct sampling){
        .uri = options->uri,
        .match = options->match,
        .n_match = options->n_match,
        .ignores_metadata = options->ignores_metadata,
        .root = options->root                       ? options->root
                : local_host_is_meant(options->uri) ? ""
                                                    : NULL,
        .read_only = options->read_only,
        .log = log_share(options->log),
        .libvirt = libvirt_new(host->events != NULL),
        .store = guest_store_share(host->store),
    };
    if (sampling->libvirt)
        sampling->libvirt->given_up = (struct stop){is_given_up, sampling};
    sampling->worker = guest_store_take_over(host->store, &sampling->guests);
    if (sampling->worker >= 0 &&
        (!host->originals || originals_copy(host->originals, &sampling->originals) >= 0) &&
        sampling->libvirt &&
        (host->worker = worker_new(sampling, request_free_sampling, &host->strays.n)) != NULL) {
        host->calls = &sampling->libvirt->calls;
        return 0;
    }
    request_free_sampling(sampling);
    return err_set(err, -ENOMEM, "cannot start a thread for libvirt");
}

/* Runs the job within the limit. On -ENOTCONN after a timeout the request is gone and *request
 * NULL. */
static int call(struct real_host *host, int (*run)(void *state, void *request),
                struct request **request, struct err *err)
{
    struct worker_job job = {run, *request, request_free, host->calls};
    const struct host_real_limits *limits = &host->options.limits;
    unsigned calls = atomic_load(host->calls); /* later it may be gone with a worker left behind */
    bool is_about_guest;
    int r = worker_run(host->worker, &job, limits->call_ms, host->options.is_stopping,
                       host->options.stopping_arg);

    if (r != -ETIMEDOUT && r != -ECANCELED) {
        if (r < 0)
            err_set(err, r, "%s", (*request)->err.text);
        return r;
    }
    host->worker = NULL;
    host->calls_before += calls;
    host->calls = NULL;
    *request = NULL;
    is_about_guest = r == -ETIMEDOUT &&
                     guest_store_blame(host->store, clock_monotonic_ns() + limits->left_out_ns);
    guest_store_leave_behind(host->store);
    return err_set(err, -ENOTCONN, "libvirt at '%.80s' did not answer within %s", host->options.uri,
                   r == -ECANCELED  ? "the time left to stop"
                   : is_about_guest ? "10 s, about one guest: it is left out for a minute"
                                    : "10 s, giving this connection up");
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
        request_free(request);
    return r;
}

static int real_sample_vcpus(void *self, struct vcpu_sample *ret, struct err *err)
{
    struct request *request = NULL;
    int r = ask(self, request_sample_vcpus, &request, err);

    if (r < 0)
        return r;
    assert(request);
    *ret = request->vcpus;
    request->vcpus = (struct vcpu_sample){0};
    request_free(request);
    return r;
}

static int real_topology(void *self, struct topology_facts *ret, struct err *err)
{
    struct request *request = NULL;
    int r = ask(self, request_topology, &request, err);

    if (r < 0)
        return r;
    assert(request);
    *ret = *request->topology;
    *request->topology = (struct topology_facts){0};
    request_free(request);
    return r;
}

static int sample_memory(void *self, int (*run)(void *state, void *request),
                         struct memory_sample *ret, struct err *err)
{
    struct request *request = NULL;
    int r = ask(self, run, &request, err);

    if (r < 0)
        return r;
    assert(request);
    *ret = request->memory;
    request->memory = (struct memory_sample){0};
    request_free(request);
    return r;
}

static int real_sample_memory(void *self, struct memory_sample *ret, struct err *err)
{
    return sample_memory(self, request_sample_memory, ret, err);
}

static int real_sample_all_memory(void *self, struct memory_sample *ret, struct err *err)
{
    return sample_memory(self, request_sample_all_memory, ret, err);
}

/* Connecting, one change, or one question. *ret is the request with its answer, or NULL. */
static int change_into(struct real_host *host, int (*run)(void *state, void *request),
                       const struct request *what, struct request **ret, struct err *err)
{
    struct request *request;
    int r;

    *ret = NULL;
    if (!host->worker)
        return err_set(err, -ENOTCONN, "guest '%.100s': not connected to libvirt",
                       what->guest.name);
    if (strays_change(&host->strays, &what->guest))
        return err_set(err, -EBUSY,
                       "guest '%.100s': an earlier change of it may still be carried out",
                       what->guest.name);
    request = malloc(sizeof(*request));
    if (!request)
        return err_set(err, -ENOMEM, "out of memory");
    *request = *what;
    r = call(host, run, &request, err);
    if (!request)
        strays_add_change(&host->strays, &what->guest);
    *ret = request;
    return r;
}

/* The answer goes to *ret where that is not NULL. */
static int change(struct real_host *host, int (*run)(void *state, void *request),
                  const struct request *what, int *ret, struct err *err)
{
    struct request *request;
    int r = change_into(host, run, what, &request, err);

    if (request && ret)
        *ret = request->run;
    if (request)
        request_free(request);
    return r;
}

static int real_set_affinity(void *self, const struct guest_id *guest, unsigned vcpu,
                             const struct cpuset *affinity, struct err *err)
{
    const struct request what = {.guest = *guest, .vcpu = vcpu, .affinity = *affinity};

    return change(self, request_pin, &what, NULL, err);
}

static int real_set_helpers(void *self, const struct guest_id *guest, unsigned iothread,
                            const struct cpuset *affinity, struct err *err)
{
    const struct request what = {.guest = *guest, .vcpu = iothread, .affinity = *affinity};

    return change(self, request_pin_helpers, &what, NULL, err);
}

static int real_set_balloon(void *self, const struct guest_id *guest, uint64_t target_kib,
                            struct err *err)
{
    const struct request what = {.guest = *guest, .target_kib = target_kib};

    return change(self, request_set_memory, &what, NULL, err);
}

static int real_run_of(void *self, const struct guest_id *guest, int *ret, struct err *err)
{
    const struct request what = {.guest = *guest};

    return change(self, request_run_of, &what, ret, err);
}

static int real_origin_of(void *self, const struct guest_id *guest, enum run_origin *ret,
                          struct err *err)
{
    const struct request what = {.guest = *guest};
    struct request *answer = NULL;
    int r = change_into(self, request_origin_of, &what, &answer, err);

    if (answer)
        *ret = answer->origin;
    if (answer)
        request_free(answer);
    return r;
}

static int real_ask_for_stats(void *self, const struct guest_id *guest, unsigned period_s,
                              struct err *err)
{
    const struct request what = {.guest = *guest, .period_s = period_s};

    return change(self, request_set_period, &what, NULL, err);
}

static bool real_is_changing(void *self, const struct guest_id *guest)
{
    struct real_host *host = self;

    return strays_change(&host->strays, guest);
}

static uint64_t real_calls(void *self)
{
    const struct real_host *host = self;

    return host->calls_before + (host->calls ? atomic_load(host->calls) : 0);
}

static const char *root_of(const struct host_real_options *options)
{
    return options->root ? options->root : local_host_is_meant(options->uri) ? "" : NULL;
}

/* Files of this machine's kernel, which make nobody wait. */
static unsigned real_hands(void *self)
{
    const struct real_host *host = self;

    return hands_read(root_of(&host->options), host->options.program, (long)getpid());
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
    struct request *request = calloc(1, sizeof(*request));
    int r = request ? originals_copy(originals, &request->originals) : -ENOMEM;

    real->originals = originals;
    if (r >= 0 && real->worker) /* the next one begins with them */
        r = call(real, request_bind, &request, NULL);
    if (request)
        request_free(request);
    return r == -ENOMEM ? r : 0;
}

int host_real_identity(const struct host *host, char ret[HOST_IDENTITY_SIZE], struct err *err)
{
    struct request *request = NULL;
    int r = ask(host->self, request_identity, &request, err);

    if (r < 0)
        return r;
    assert(request);
    snprintf(ret, HOST_IDENTITY_SIZE, "%s", request->identity);
    request_free(request);
    return r;
}

/* With calls still hanging the host outlives its user: they come back to its counter. */
static void real_close(void *self)
{
    struct real_host *host = self;

    worker_free(host->worker);
    host->worker = NULL;
    libvirt_events_stop(host->events);
    guest_store_free(host->store);
    if (atomic_load(&host->strays.n) == 0)
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
    if (!options->limits.call_ms)
        host->options.limits = default_limits;
    atomic_init(&host->strays.n, 0);
    host->store = guest_store_new();
    if (!host->store) {
        free(host);
        return err_set(err, -ENOMEM, "out of memory");
    }
    host->events = libvirt_events_start();
    r = start_worker(host, err);
    if (r >= 0)
        r = change(host, request_connect, &nothing, NULL, err);
    if (r < 0) {
        real_close(host);
        return r;
    }
    *ret = (struct host){.self = host,
                         .sample_vcpus = real_sample_vcpus,
                         .set_affinity = real_set_affinity,
                         .set_helpers = real_set_helpers,
                         .sample_memory = real_sample_memory,
                         .sample_all_memory = real_sample_all_memory,
                         .set_balloon = real_set_balloon,
                         .run_of = real_run_of,
                         .origin_of = real_origin_of,
                         .is_changing = real_is_changing,
                         .ask_for_stats = real_ask_for_stats,
                         .topology = real_topology,
                         .calls = real_calls,
                         .hands = root_of(options) ? real_hands : NULL,
                         .close = real_close};
    return 0;
}
