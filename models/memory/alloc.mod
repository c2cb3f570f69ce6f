# SPDX-License-Identifier: GPL-3.0-or-later
#
# Guest memory as one program: the executable specification of problem.h. It takes the raw
# problem, finds the layer and the level at which memory runs out, and prices the pieces by itself.
# Sizes in KiB, weights in hundreds, the objective in price times MiB.

param n, integer, > 0;
set I := 0 .. n - 1;
param lower{I}, >= 0;
param floor_{I}, >= 0;
param cached{i in I}, >= floor_[i];
param wish{i in I}, >= cached[i];
param rest{i in I}, >= wish[i];
param current{i in I}, >= lower[i];
param weight{I}, > 0;
param capacity;
param fair_step, >= 0;

# Layers: 0 floor, 1 cache, 2 wish, 3 rest, 4 idle. Pieces of the scarce one: 0 clearly below the
# fair level, 1 near it and held, 2 near it and not held, 3 clearly above.
set L := 0 .. 4;
set P := 0 .. 3;
param price{l in L, p in P} := if l = 4 then -2 else 64 - 16 * l - 2 * p;
param short_price := 100;

param edge{i in I, e in 0 .. 5} :=
    if e = 0 then 0 else if e = 1 then floor_[i] else if e = 2 then cached[i]
    else if e = 3 then wish[i] else if e = 4 then rest[i] else current[i];
param foot{i in I, l in L} := max(edge[i, l], lower[i]);
param head{i in I, l in L} := max(edge[i, l + 1], foot[i, l]);

# Where memory runs out.
param spare := capacity - sum{i in I} lower[i];
param length{l in 0 .. 3} := sum{i in I} (head[i, l] - foot[i, l]);
param upto{l in 0 .. 3} := sum{k in 0 .. l} length[k];
param scarce := sum{l in 0 .. 3} (if upto[l] <= max(0, spare) then 1 else 0);
param left := max(0, spare) - (if scarce = 0 then 0 else upto[scarce - 1]);

# The fair level of that layer: sizes stand at origin + rate * level.
param origin{i in I} := if scarce <= 1 then floor_[i] else if scarce = 2 then cached[i] else wish[i];
param rate{i in I} := if scarce = 0 then 1 else weight[i];
set M := {i in I: scarce < 4 and head[i, scarce] > foot[i, scarce]};
param bend{i in M, k in 0 .. 1} :=
    ((if k = 0 then foot[i, scarce] else head[i, scarce]) - origin[i]) / rate[i];
param fill{i in M, k in 0 .. 1} := sum{j in M}
    (max(foot[j, scarce], min(head[j, scarce], origin[j] + rate[j] * bend[i, k])) - foot[j, scarce]);
param reached := if card(M) = 0 then 0
    else max{i in M, k in 0 .. 1: fill[i, k] <= left} bend[i, k];
param filled := sum{j in M}
    (max(foot[j, scarce], min(head[j, scarce], origin[j] + rate[j] * reached)) - foot[j, scarce]);
param pace := sum{j in M: bend[j, 0] <= reached and bend[j, 1] > reached} rate[j];
param level := if pace = 0 then 0 else floor(reached + (left - filled) / pace + 1e-9);

# Pieces.
param below{i in M} :=
    max(foot[i, scarce], min(head[i, scarce], origin[i] + rate[i] * (level - fair_step)));
param above{i in M} :=
    max(foot[i, scarce], min(head[i, scarce], origin[i] + rate[i] * (level + fair_step)));
param held{i in M} := max(below[i], min(above[i], current[i]));
param piece{i in I, l in L, p in P} :=
    if l <> scarce or l = 4 or i not in M then (if p = 0 then head[i, l] - foot[i, l] else 0)
    else if p = 0 then below[i] - foot[i, l]
    else if p = 1 then held[i] - below[i]
    else if p = 2 then above[i] - held[i]
    else head[i, l] - above[i];

var x{i in I, l in L, p in P}, >= 0, <= piece[i, l, p] / 1024;
var short, >= 0;

s.t. host: sum{i in I, l in L, p in P} x[i, l, p] - short <= spare / 1024;

minimize cost: short_price * short
    + sum{i in I, l in 0 .. 3, p in P} price[l, p] * (piece[i, l, p] / 1024 - x[i, l, p])
    - sum{i in I, p in P} price[4, p] * x[i, 4, p];

solve;
end;
