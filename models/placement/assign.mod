# SPDX-License-Identifier: GPL-3.0-or-later
#
# Placement of items in bins, PLACEMENT_DEVIATION: the executable specification of models/placement/problem.h,
# from the same raw data. glpsol --math assign.mod --data FILE

param n, integer, >= 0;
param m, integer, >= 1;
set V := 0 .. n - 1; # vCPUs
set P := 0 .. m - 1; # bins

param demand {V}, >= 0;             # permille of one pCPU
param price {V, P}, >= 0;           # cost units of running there, at home too
param allowed {V, P}, binary;
param capacity {P}, > 0;            # permille
param background {P}, >= 0;         # permille
param kappa, >= 1;                  # cost units per point of deviation
param overload, >= 0;               # cost units per permille of overload
param group {V}, integer, >= -1;    # guest of a vCPU, -1: none
param together, >= 0;               # cost units for each of a guest beyond the first in a bin

# The water level: load per capacity once the k heaviest loads fill the k largest bins alone, for the
# k that leaves least to the others. Loads are the vCPUs and what the bins run beside them.
set L := (setof {v in V} (0, v)) union (setof {p in P} (1, p));
param load {(kind, i) in L} := if kind = 0 then demand[i] else background[i];
param load_rank {(kind, i) in L} :=
    card({(k, j) in L: load[k, j] > load[kind, i]
          or load[k, j] = load[kind, i] and (k < kind or k = kind and j < i)});
param capacity_rank {p in P} :=
    card({q in P: capacity[q] > capacity[p] or capacity[q] = capacity[p] and q < p});
param level := min {k in P}
    (sum {(kind, i) in L: load_rank[kind, i] >= k} load[kind, i])
    / (sum {p in P: capacity_rank[p] >= k} capacity[p]);

# Nothing counts more than the level and 5 points (or a quarter of a pCPU where that is more): one bin
# that must be full is not everybody's deviation. 1e-9 is for a level that is whole.
param cut {p in P} := max(250, floor(level * capacity[p] + 1e-9) + 50);
param weight {v in V} := min(demand[v], max {p in P} cut[p]);
param beside {p in P} := min(background[p], cut[p]);

# A deviation counts by how much smaller the bin is than the largest, to a thousandth.
param unit {p in P} := min(1000, round(1000 * (max {q in P} capacity[q]) / capacity[p]) / 1000);
param target {p in P} :=
    capacity[p] * (sum {v in V} weight[v] + sum {q in P} beside[q]) / sum {q in P} capacity[q];

# Overload: by uncut demands, beyond one point and beside something heavy, of which the cut hides 5
# points and which fills half a bin. No bin
# is expected to hold less than the level and 5 points, nor a vCPU to get more than the roomiest bin has. Half a
# bin is added on both sides where something is heavy. A vCPU of 2 points that can be in one bin only is none.
param limit {p in P} := max(capacity[p] + 10, cut[p]);
param uncut_beside {p in P} := min(background[p], limit[p]);
param room := max {p in P} (limit[p] - uncut_beside[p]);
param hidden {v in V} := min(demand[v], room) - weight[v];
param most := max {p in P} limit[p];
param heavy {v in V} := if hidden[v] >= 50 and 2 * min(demand[v], room) > most then 1 else 0;
param heavy_beside {p in P} :=
    if uncut_beside[p] - beside[p] >= 50 and 2 * uncut_beside[p] > most then 1 else 0;
param is_crumb {v in V} := if weight[v] <= 20 and (sum {p in P} allowed[v, p]) = 1 and m > 1 then 1 else 0;
param uncut {v in V} := (if is_crumb[v] then 0 else weight[v]) + heavy[v] * (hidden[v] + 500);
param counted := if overload > 0 and (sum {v in V} heavy[v] + sum {p in P} heavy_beside[p]) > 0 then 1 else 0;

# Groups: who wants something. A group of more members than bins is charged for each of its bins that it
# leaves empty, which is the same less what no placement avoids.
set G := setof {v in V: group[v] >= 0 and demand[v] > 0} group[v];
set members {g in G} := setof {v in V: group[v] = g and demand[v] > 0} v;
param may_enter {g in G, p in P} := sum {v in members[g]} allowed[v, p];
param bins {g in G} := card({p in P: may_enter[g, p] > 0});
param fills {g in G} := if card(members[g]) > bins[g] then 1 else 0;
set apart := setof {g in G, p in P: bins[g] > 1 and card(members[g]) > 1
                    and may_enter[g, p] > (if fills[g] then 0 else 1)} (g, p);

var x {v in V, p in P: allowed[v, p]}, binary; # v runs on p
var dev, >= 0; # points of the largest bin, and of smaller ones by their capacity
var full {P}, >= 0;                            # points
var together_in {apart}, >= 0;                      # of the group, beyond the first; or nobody is there

minimize objective: dev + sum {v in V, p in P: allowed[v, p]} price[v, p] / kappa * x[v, p]
    + sum {p in P} 10 * overload / kappa * full[p]
    + sum {(g, p) in apart} together / kappa * together_in[g, p];

s.t. place {v in V}: sum {p in P: allowed[v, p]} x[v, p] = 1;
s.t. over {p in P}:
    (beside[p] + sum {v in V: allowed[v, p]} weight[v] * x[v, p] - target[p]) / 10 <= dev / unit[p];
s.t. under {p in P}:
    (target[p] - beside[p] - sum {v in V: allowed[v, p]} weight[v] * x[v, p]) / 10 <= dev / unit[p];
s.t. room_in {p in P: counted = 1}:
    (uncut_beside[p] - (if heavy_beside[p] then 0 else 500) + sum {v in V: allowed[v, p]} uncut[v] * x[v, p] - limit[p]) / 10 <= full[p];
s.t. one_of {(g, p) in apart: fills[g] = 0}:
    sum {v in members[g]: allowed[v, p]} x[v, p] - together_in[g, p] <= 1;
s.t. some_of {(g, p) in apart: fills[g] = 1}:
    sum {v in members[g]: allowed[v, p]} x[v, p] + together_in[g, p] >= 1;

end;
