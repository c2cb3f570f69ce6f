/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ask_often PROGRAM RATE SECONDS: asks a program on the system's bus for its status so often a second,
 * over one connection, and prints one line of JSON: how many were asked and answered, and how long the
 * answers took. ask_often PROGRAM 0 SECONDS: asks as fast as it can and never reads an answer. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <time.h>

enum { MAX_CALLS = 1 << 20, DEAF_TURN = 100 };

struct asker {
    sd_bus *bus;
    char name[80], path[80];
    double *took_ms;
    size_t n_sent, n_answered, n_failed;
};
struct call {
    struct asker *asker;
    uint64_t sent_ns;
};

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int on_answer(sd_bus_message *answer, void *userdata, sd_bus_error *error)
{
    struct call *call = userdata;
    struct asker *asker = call->asker;

    (void)error;
    asker->n_failed += sd_bus_message_is_method_error(answer, NULL) > 0;
    asker->took_ms[asker->n_answered++] = (double)(now_ns() - call->sent_ns) / 1e6;
    free(call);
    return 0;
}

static int ask(struct asker *asker)
{
    struct call *call = malloc(sizeof(*call));

    if (!call)
        return -ENOMEM;
    *call = (struct call){asker, now_ns()};
    asker->n_sent++;
    return sd_bus_call_method_async(asker->bus, NULL, asker->name, asker->path, asker->name,
                                    "Status", on_answer, call, "");
}

/* Answers that are there, for so long; < 0: the bus is lost. */
static int listen_until(struct asker *asker, uint64_t until_ns)
{
    int r;

    while ((r = sd_bus_process(asker->bus, NULL)) > 0)
        ;
    while (r >= 0 && now_ns() < until_ns) {
        r = sd_bus_wait(asker->bus, (until_ns - now_ns()) / 1000);
        while (r >= 0 && (r = sd_bus_process(asker->bus, NULL)) > 0)
            ;
    }
    return r;
}

static int ask_at_rate(struct asker *asker, double rate, double seconds)
{
    uint64_t began_ns = now_ns(), end_ns = began_ns + (uint64_t)(seconds * 1e9);
    int r = 0;

    while (r >= 0 && now_ns() < end_ns && asker->n_sent < MAX_CALLS) {
        uint64_t due_ns = began_ns + (uint64_t)(1e9 * (double)asker->n_sent / rate);

        r = now_ns() < due_ns ? listen_until(asker, due_ns) : sd_bus_process(asker->bus, NULL);
        if (r >= 0 && now_ns() >= due_ns)
            r = ask(asker);
    }
    for (int turn = 0; r >= 0 && turn < 100 && asker->n_answered < asker->n_sent; turn++)
        r = listen_until(asker, now_ns() + 100000000);
    return r;
}

/* Its own socket may be full, and the bus may end the connection: that is its own affair. */
static void never_listen(struct asker *asker, double seconds)
{
    uint64_t end_ns = now_ns() + (uint64_t)(seconds * 1e9);
    int r = 0;

    while (r >= 0 && now_ns() < end_ns) {
        for (int i = 0; i < DEAF_TURN && r >= 0; i++) {
            sd_bus_message *message = NULL;

            r = sd_bus_message_new_method_call(asker->bus, &message, asker->name, asker->path,
                                               asker->name, "Status");
            if (r >= 0)
                r = sd_bus_send(asker->bus, message, NULL);
            asker->n_sent += r >= 0;
            sd_bus_message_unref(message);
        }
        nanosleep(&(struct timespec){0, 10000000}, NULL);
    }
}

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double quantile(const struct asker *asker, double share)
{
    return asker->n_answered ? asker->took_ms[(size_t)(share * (double)(asker->n_answered - 1))]
                             : 0;
}

int main(int argc, char **argv)
{
    struct asker asker = {.took_ms = malloc(MAX_CALLS * sizeof(double))};
    double rate, seconds;
    int r;

    if (argc != 4 || !asker.took_ms)
        return 2;
    rate = strtod(argv[2], NULL);
    seconds = strtod(argv[3], NULL);
    snprintf(asker.name, sizeof(asker.name), "dev.evenkeel.%s", argv[1]);
    snprintf(asker.path, sizeof(asker.path), "/dev/evenkeel/%s", argv[1]);
    r = sd_bus_open_system(&asker.bus);
    if (r < 0)
        return 1;
    if (rate > 0)
        r = ask_at_rate(&asker, rate, seconds);
    else
        never_listen(&asker, seconds);
    qsort(asker.took_ms, asker.n_answered, sizeof(*asker.took_ms), compare);
    printf("{\"asked\": %zu, \"answered\": %zu, \"failed\": %zu, \"median_ms\": %.2f, \"p99_ms\": "
           "%.2f, \"max_ms\": %.2f}\n",
           asker.n_sent, asker.n_answered, asker.n_failed, quantile(&asker, 0.5),
           quantile(&asker, 0.99), quantile(&asker, 1));
    if (rate > 0)
        sd_bus_flush_close_unref(asker.bus);
    free(asker.took_ms);
    return r < 0 ? 1 : 0;
}
