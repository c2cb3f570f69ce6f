# SPDX-License-Identifier: GPL-3.0-or-later
"""The judge of the live CPU cases judges right."""

import unittest

from evenness import deviation, fewest_moves, is_worth_it, least_deviation

QUIET = [0, 0]


class Evenness(unittest.TestCase):
    def test_equal_guests_on_one_pcpu_need_half_of_them_moved(self):
        self.assertEqual(fewest_moves([(0.2, [4, 0])], QUIET), 2)
        self.assertEqual(fewest_moves([(0.2, [2, 2])], QUIET), 0)

    def test_an_odd_guest_may_lie_on_either_side(self):
        self.assertAlmostEqual(least_deviation([(0.2, [3, 2])], QUIET), 10)
        self.assertEqual(fewest_moves([(0.2, [3, 2])], QUIET), 0)
        self.assertEqual(fewest_moves([(0.2, [2, 3])], QUIET), 0)

    def test_each_kind_is_split(self):
        kinds = [(0.36, [2, 0]), (0.18, [0, 2])]
        self.assertAlmostEqual(deviation(kinds, QUIET), 18)
        self.assertEqual(fewest_moves(kinds, QUIET), 2)

    def test_what_else_runs_asks_for_moves(self):
        self.assertEqual(fewest_moves([(0.2, [2, 2])], [45, 0]), 1)
        self.assertEqual(fewest_moves([(0.2, [2, 2])], [8, 0]), 0)
        self.assertAlmostEqual(least_deviation([(0.2, [2, 2])], [45, 0]), 2.5)

    def test_a_move_that_evens_is_worth_it(self):
        self.assertTrue(is_worth_it([(0.2, [4, 0])], [(0.2, [3, 1])], 1, QUIET))
        self.assertTrue(is_worth_it([(0.2, [2, 2])], [(0.2, [1, 3])], 1, [45, 0]))

    def test_a_move_that_only_changes_is_not(self):
        self.assertFalse(is_worth_it([(0.2, [2, 2])], [(0.2, [1, 3])], 1, QUIET))
        self.assertFalse(is_worth_it([(0.2, [2, 2])], [(0.2, [1, 3])], 1, [15, 0]))

    def test_an_exchange_of_like_for_like_is_not(self):
        self.assertFalse(is_worth_it([(0.2, [4, 0])], [(0.2, [3, 1])], 3, QUIET))
        self.assertFalse(is_worth_it([(0.2, [2, 2])], [(0.2, [2, 2])], 2, QUIET))


if __name__ == "__main__":
    unittest.main()
