#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""evenkeel-one beside another scheduler driver of OpenNebula, on the same documents:
beside.py BUILD FAMILY:HOSTSxGUESTS[:SEED] ... -- COMMAND ...
The other command gets the document as oned would hand it over, and prints a PLAN. A line for each: moves, their
price, the largest deviation of a host from the fair share in points, our objective and OneDRS's, steps at which
a host is overfull if all actions are begun at once, and if each is done before the next begins, CPU seconds."""
import base64
import os
import resource
import subprocess
import sys
import tempfile

import judge


def timed(command, text):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, input=base64.b64encode(text), capture_output=True, check=False)
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = now.ru_utime + now.ru_stime - before.ru_utime - before.ru_stime
    return done.stdout.decode(), done.stderr.decode(), seconds


def kappa(seen):
    """planner/fleet/plan.c: a point is worth .04 mean prices on each host."""
    prices = sum(1 + int(vm["kib"]) // 1048576 for vm in seen.vm.values())
    return max(1, round(0.04 * len(seen.host) * prices / len(seen.vm)))


def theirs(seen, at):
    """OneDRS's objective: largest usage of what a host may hand out, and .01 of the share of migrations."""
    load = dict.fromkeys(seen.host, 0.0)
    for vm, host in at.items():
        load[host] += seen.vm[vm]["load"]
    moves = sum(host != seen.vm[vm]["host"] for vm, host in at.items())
    most = sum(len(hosts - {seen.vm[vm]["host"]}) for vm, hosts in seen.wanted.items())
    return max(load[host] / seen.host[host]["cpu"] for host in load) + 0.01 * 0.9 * moves / (2 * most + 1)


def line(name, who, seen, answer, seconds, said=""):
    actions = judge.actions_of(answer)
    at = judge.after(seen, actions)
    deviation, price = seen.deviation(at), seen.prices(at)
    print(f"{name:16} {who:14} {len(actions):3} moves {price:5} price {deviation:7.2f} points "
          f"{kappa(seen) * deviation + price:8.1f} ours {theirs(seen, at):9.6f} theirs {seen.overfull(actions):3} at once "
          f"{seen.overfull(actions, 'left'):3} in turn {seconds:7.2f} s {said}", flush=True)


def line_of_rounds(name, program, conf, text):
    """Round after round, what the engine would do done to the document, until there is nothing to do."""
    moves, price, overfull, seconds = 0, 0, 0, 0.0
    text = text.decode()
    for rounds in range(100):
        seen = judge.Document(text)
        answer, _, took = timed([program, "optimize", "--oned-conf", conf], text.encode())
        actions = judge.actions_of(answer)
        if not actions:
            break
        moves += len(actions)
        price += seen.prices(judge.after(seen, actions))
        overfull += seen.overfull(actions)
        seconds += took
        text = judge.moved(text, seen, actions)
    at = seen.home()
    print(f"{name:16} {rounds:2} rounds      {moves:3} moves {price:5} price {seen.deviation(at):7.2f} points "
          f"{kappa(seen) * seen.deviation(at) + price:8.1f} ours {theirs(seen, at):9.6f} theirs {overfull:3} at once "
          f"{'':11} {seconds:7.2f} s", flush=True)


def main():
    build, *rest = sys.argv[1:]
    other = rest[rest.index("--") + 1:] if "--" in rest else []
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as lifted, \
            tempfile.NamedTemporaryFile("w", suffix=".conf") as usual:
        lifted.write("MAX_ACTIONS_PER_HOST = 1000\nMAX_ACTIONS_PER_CLUSTER = 100000\nLIVE_RESCHEDS = 1\n")
        usual.write("MAX_ACTIONS_PER_HOST = 1\nMAX_ACTIONS_PER_CLUSTER = 30\nLIVE_RESCHEDS = 1\n")
        lifted.flush()
        usual.flush()
        for case in rest[:rest.index("--")] if "--" in rest else rest:
            family, size, seed = (case + ":1").split(":")[:3]
            hosts, guests = size.split("x")
            text = subprocess.run([os.path.join(build, "one_document"), family, hosts, guests, seed],
                                  capture_output=True, check=True).stdout
            seen = judge.Document(text)
            name = f"{family} {size}"
            line(name, "nothing", seen, "<PLAN/>", 0)
            program = os.path.join(build, "evenkeel-one")
            for who, conf in (("evenkeel-one", lifted), ("of a round", usual)):
                answer, said, seconds = timed([program, "optimize", "--oned-conf", conf.name], text)
                told = [one for one in said.splitlines() if "objective" in one]
                line(name, who, seen, answer, seconds, told[0][told[0].index("objective"):] if told else said)
            line_of_rounds(name, program, usual.name, text)
            if other:
                answer, said, seconds = timed(other, text)
                line(name, "the other", seen, answer, seconds, said.strip()[-300:])


main()
