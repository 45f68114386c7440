"""The names that a program finds without an import."""

import builtins

from . import (branches, checkpoint, inputs, later, loops, nodes, output, random_values, raw_division,  # noqa: F401
               reductions, sockets, sorting, stored, tapes, together, tuples)
from .bitint import sbitfix, sbitfixvec, sbitint, sbitintvec
from .bits import sbit, sbits
from .bristol import Circuit
from .bitvec import sbitvec
from .cbits import cbits
from .cells import MemValue
from .containers import Array
from .cint import cint
from .circuit_library import sha3_256, sha256
from .errors import LanguageError, VectorMismatch
from .fixed import cfix, sfix
from .matrix import Matrix, MultiArray, SubMultiArray, VectorArray
from .personal import localint, personal
from .regint import regint
from .sint import sint
from .sintbit import sintbit
from .values import Register


def sum(values, start=0):
    """Python's sum; vectors and arrays are added by one instruction."""
    if isinstance(values, Array):
        values = values.as_register()
    if isinstance(values, Register):
        total = values.sum()
        return total if isinstance(start, int) and start == 0 else total + start
    return builtins.sum(values, start)


def function(body):
    """Code that is compiled where it is called."""
    return body


def memorize(value):
    """Puts a value, or each of a list, into memory."""
    if isinstance(value, (list, tuple)):
        return type(value)(memorize(item) for item in value)
    return MemValue(value)


def unmemorize(value):
    """Loads what memorize has stored."""
    if isinstance(value, (list, tuple)):
        return type(value)(unmemorize(item) for item in value)
    return value.read()

_FROM_LOOPS = """for_range for_range_opt for_range_parallel for_range_multithread
for_range_opt_multithread multithread while_do do_while break_loop""".split()
_FROM_NODES = """multinode for_range_opt_multinode map_sum_multinode
map_reduce_multinode""".split()
_FROM_REDUCTIONS = """tree_reduce tree_reduce_multithread map_reduce map_sum map_sum_opt
map_sum_simple""".split()
_FROM_BRANCHES = "if_ if_e else_ if_then else_then end_if and_ or_ not_".split()
_FROM_OUTPUT = """print_ln print_str print_ln_if print_str_if print_ln_to print_str_to print_both
print_float_precision runtime_error runtime_error_if crash start_timer stop_timer break_point
check_point get_player_id get_number_of_players get_threshold get_cmdline_arg print_reg""".split()
_FROM_SORTING = """sort odd_even_merge_sort loopy_odd_even_merge_sort
chunky_odd_even_merge_sort chunkier_odd_even_merge_sort cond_swap""".split()
_FROM_TAPES = "get_arg get_thread_number export foreach_enumerate".split()
_FROM_DIVISION = "FPDiv sint_cint_division cint_cint_division IntDivision Norm".split()
_FROM_SOCKETS = """listen_for_clients accept_client_connection init_client_connection
close_client_connection closeclientconnection listen acceptclientconnection
ClientMessageType""".split()


def all_names(program):
    """The dictionary that programs and ``from Compiler.types import *`` see."""
    names = later.placeholders()
    for module, listed in ((loops, _FROM_LOOPS), (reductions, _FROM_REDUCTIONS),
                           (nodes, _FROM_NODES),
                           (branches, _FROM_BRANCHES),
                           (output, _FROM_OUTPUT), (sorting, _FROM_SORTING),
                           (tapes, _FROM_TAPES), (tuples, ["getNamedTupleType"]),
                           (sockets, _FROM_SOCKETS), (inputs, ["public_input"]),
                           (checkpoint, ["checkpoint"]),
                           (stored, ["writesharestofile", "readsharesfromfile"]),
                           (raw_division, _FROM_DIVISION)):
        for name in listed:
            names[name] = getattr(module, name)
    for value in (sint, cint, regint, sintbit, sfix, cfix, personal, localint, Array, Matrix,
                  MultiArray, SubMultiArray, VectorArray, MemValue, sum, function, memorize,
                  unmemorize, VectorMismatch, sbits, sbit, cbits, sbitvec, sbitintvec,
                  sbitfixvec, Circuit, sha256, sha3_256):
        names[value.__name__] = value
    names.update(sbitint=sbitint, sbitfix=sbitfix)
    names["function_block"] = names["method_block"] = function
    names["CompilerError"] = LanguageError
    names["program"] = program
    from .modules import comparison, floatingpoint, util
    names.update(util=util, comparison=comparison, floatingpoint=floatingpoint)
    return names
