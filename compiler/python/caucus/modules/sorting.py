"""Sorting of lists, arrays and matrices."""

from ..sorting import (chunkier_odd_even_merge_sort, chunky_odd_even_merge_sort, cond_swap,
                       loopy_odd_even_merge_sort, odd_even_merge_sort, radix_sort,
                       radix_sort_from_matrix, reveal_sort, sort)

__all__ = ["sort", "radix_sort", "radix_sort_from_matrix", "reveal_sort", "odd_even_merge_sort",
           "loopy_odd_even_merge_sort", "chunky_odd_even_merge_sort",
           "chunkier_odd_even_merge_sort", "cond_swap"]
