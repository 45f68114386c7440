"""Names of the language that programs find without an import.

Made by editor/generate.py from the front end.
"""

import typing as _t

class _Container:
    """What is kept in memory."""
    def __getattr__(self, name: str) -> _t.Any: ...

class _secret_has_no_truth_value_use_if_else: ...

class Array(_Container):
    """A row of elements in memory, or a view of a part of one."""
    check_indices: bool
    def __add__(self, other: _t.Any) -> _t.Any: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __init__(self, length: _t.Any, value_type: _t.Any, storage: _t.Any = ..., base: _t.Any = ..., stride: _t.Any = ...) -> _t.Any: ...
    def __iter__(self) -> _t.Any: ...
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any: ...
    def __ne__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> _t.Any: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pow__(self, other: _t.Any) -> _t.Any: ...
    def __radd__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rmul__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, other: _t.Any) -> _t.Any: ...
    def __rsub__(self, other: _t.Any) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any) -> _t.Any: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def __sub__(self, other: _t.Any) -> _t.Any: ...
    def __truediv__(self, other: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    def as_register(self) -> _t.Any:
        """The contents as one vector."""
    def assign(self, values: _t.Any, base: _t.Any = ...) -> _t.Any:
        """Writes a vector, list or container from `base` on; returns the array."""
    def assign_all(self, value: _t.Any) -> _t.Any:
        """Fills the array; returns it."""
    def assign_part_vector(self, vector: _t.Any, base: _t.Any = ...) -> _t.Any:
        """Writes a vector from `base` on; returns the array."""
    def assign_vector(self, vector: _t.Any, base: _t.Any = ...) -> _t.Any:
        """Writes a vector from `base` on; returns the array."""
    def binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Appends the elements to the binary output file, at one party or all."""
    def concat(self, other: _t.Any) -> _t.Any:
        """A new array with the elements of both."""
    @classmethod
    def create_from(cls, values: _t.Any) -> _t.Any:
        """A new array with these contents."""
    def delete(self) -> _t.Any:
        """Nothing: memory is planned by the compiler."""
    def dot(self, other: _t.Any, n_threads: _t.Any = ...) -> _t.Any:
        """The inner product."""
    def get(self, indices: _t.Any) -> _t.Any:
        """The elements at these indices as one vector."""
    def get_part(self, base: _t.Any, size: _t.Any) -> _t.Any:
        """A view of `size` elements from `base` on."""
    def get_part_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """`size` elements from `base` on as one vector."""
    def get_range(self, start: _t.Any, size: _t.Any) -> _t.Any:
        """A list of elements."""
    def get_sub(self, start: _t.Any, stop: _t.Any = ...) -> _t.Any:
        """A view of the elements from `start` to before `stop`."""
    def get_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """`size` elements from `base` on as one vector."""
    def iadd(self, other: _t.Any) -> _t.Any:
        """Adds element-wise in place."""
    def input_from(self, player: _t.Any, budget: _t.Any = ..., raw: _t.Any = ..., binary: _t.Any = ...) -> _t.Any:
        """Fills the container with a party's private inputs."""
    def inverse_permutation(self) -> _t.Any: ...
    def maybe_get(self, condition: _t.Any, index: _t.Any) -> _t.Any:
        """The element if the public condition is 1, else 0."""
    def maybe_set(self, condition: _t.Any, index: _t.Any, value: _t.Any) -> _t.Any:
        """Writes the element if the public condition is 1."""
    ndim: int
    def of_type(self, value_type: _t.Any) -> _t.Any:
        """A new array of the same length and another type."""
    def output(self) -> _t.Any:
        """Prints the elements without a line end; of secrets, this party's shares."""
    def permute(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    def print_reveal_nested(self, end: _t.Any = ...) -> _t.Any:
        """Opens and prints with brackets."""
    def randomize(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """Fills the container with random elements; the arguments are those of get_random."""
    def read_from_file(self, start: _t.Any, crash_if_missing: _t.Any = ...) -> _t.Any:
        """Fills the container with stored secrets; returns the position behind them."""
    def read_from_socket(self, socket: _t.Any) -> _t.Any:
        """Fills the container from what the same method of sending writes."""
    def reveal(self, check: _t.Any = ...) -> _t.Any:
        """A new container with the opened elements."""
    def reveal_list(self) -> _t.Any:
        """Nested lists of opened elements."""
    def reveal_nested(self) -> _t.Any:
        """Nested lists of opened elements."""
    def reveal_to(self, player: _t.Any) -> _t.Any:
        """A container that one party knows."""
    def reveal_to_binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Opens the elements into the binary output file, to one party or all."""
    def reveal_to_clients(self, clients: _t.Any) -> _t.Any:
        """Opens the contents to clients."""
    def same_shape(self) -> _t.Any:
        """A new array of the same length and type."""
    def secure_permute(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    def secure_shuffle(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """The rows in an order that no party knows."""
    def secure_shuffle_multinode(self) -> _t.Any:
        """Shuffles rows as secure_shuffle() does, spread over the nodes of each party."""
    def set_range(self, start: _t.Any, values: _t.Any) -> _t.Any:
        """Writes a list of elements."""
    @property
    def shape(self) -> _t.Any:
        """[length]."""
    def shuffle(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """The rows in a public random order."""
    @property
    def sizes(self) -> _t.Any:
        """[length]."""
    def sort(self, key_indices: _t.Any = ..., n_bits: _t.Any = ..., batcher: _t.Any = ..., n_threads: _t.Any = ...) -> _t.Any:
        """Sorts rows in place, by whole rows or by key columns of numbers of `n_bits` bits."""
    def sort_multinode(self, key_indices: _t.Any = ..., n_bits: _t.Any = ...) -> _t.Any:
        """Sorts rows in place as sort() does, spread over the nodes of each party."""
    def sum(self) -> _t.Any:
        """The sum of all elements."""
    def to_array(self) -> _t.Any:
        """Itself."""
    def to_column_matrix(self) -> _t.Any:
        """A view of one column."""
    def to_row_matrix(self) -> _t.Any:
        """A view of one row."""
    @property
    def total(self) -> _t.Any:
        """Number of elements."""
    @property
    def whole(self) -> _t.Any:
        """Whether the machine's check against the whole array is exact."""
    def write_fully_to_socket(self, socket: _t.Any) -> _t.Any:
        """Sends the contents in one message, or in several of a million values."""
    def write_share_to_socket(self, socket: _t.Any) -> _t.Any:
        """Sends this party's summands in one message, or in several of a million values."""
    def write_shares_to_socket(self, socket: _t.Any) -> _t.Any:
        """Sends this party's summands in one message, or in several of a million values."""
    def write_to_file(self, position: _t.Any = ...) -> _t.Any:
        """Stores all elements behind the last stored one, or from a position on."""
    def write_to_socket(self, socket: _t.Any) -> _t.Any:
        """Sends the contents in one message, or in several of a million values."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class Circuit:
    """A circuit that is called with vectors of bits: Programs/Circuits/NAME.txt, or one of ours."""
    def __call__(self, *inputs: _t.Any) -> _t.Any: ...
    def __init__(self, name: _t.Any) -> _t.Any: ...
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class ClientMessageType:
    """Numbers of kinds of messages, of which only the first one is in use."""
    ClearModpFix: int
    ClearModpInt: int
    Int32: int
    NoType: int
    TripleShares: int
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class CompilerError:
    """A mistake in the use of the language; ``help`` is the remedy, else that of the code."""
    __cause__: _t.Any
    __context__: _t.Any
    __delattr__: _t.Any
    def __init__(self, code: _t.Any, message: _t.Any, help: _t.Any = ...) -> _t.Any: ...
    __repr__: _t.Any
    __setstate__: _t.Any
    def __str__(self) -> str: ...
    __suppress_context__: _t.Any
    __traceback__: _t.Any
    add_note: _t.Any
    args: _t.Any
    def at(self, position: _t.Any) -> _t.Any:
        """The same error at another place."""
    with_traceback: _t.Any
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def FPDiv(a: _t.Any, b: _t.Any, k: _t.Any, f: _t.Any, kappa: _t.Any = ..., simplex_flag: _t.Any = ..., nearest: _t.Any = ...) -> _t.Any:
    """a / b in units of 2^-f, for secret integers of k bits in these units."""

def IntDivision(a: _t.Any, b: _t.Any, kappa: _t.Any = ...) -> _t.Any:
    """The quotient of secret integers, rounded down."""

class Matrix(MultiArray):
    """Rows and columns."""
    check_indices: bool
    def __init__(self, rows: _t.Any, columns: _t.Any, value_type: _t.Any) -> _t.Any: ...
    @classmethod
    def create_from(cls, rows: _t.Any) -> _t.Any:
        """A new matrix with the contents of nested lists, vectors or arrays."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class MemValue:
    """A cell of memory that reads itself in any operation."""
    def __abs__(self, name: _t.Any = ...) -> _t.Any: ...
    def __add__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __and__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __bool__(self, name: _t.Any = ...) -> bool: ...
    def __eq__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __float__(self, name: _t.Any = ...) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __ge__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __getitem__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __gt__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    __hash__: _t.Any
    def __index__(self, name: _t.Any = ...) -> _t.Any: ...
    def __init__(self, value: _t.Any) -> _t.Any: ...
    def __int__(self, name: _t.Any = ...) -> _t.Any: ...
    def __invert__(self, name: _t.Any = ...) -> _t.Any: ...
    def __iter__(self, name: _t.Any = ...) -> _t.Any: ...
    def __le__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __lt__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __mod__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __mul__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __ne__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __neg__(self, name: _t.Any = ...) -> _t.Any: ...
    def __or__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __pow__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __radd__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rand__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rlshift__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rmod__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rmul__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __ror__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rpow__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rrshift__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rshift__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rsub__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __rxor__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __sub__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __truediv__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def __xor__(self, other: _t.Any, name: _t.Any = ...) -> _t.Any: ...
    def as_register(self) -> _t.Any:
        """Loads the value."""
    def iadd(self, value: _t.Any) -> _t.Any:
        """Adds in place."""
    def read(self) -> _t.Any:
        """Loads the value."""
    def update(self, value: _t.Any) -> _t.Any:
        """Stores a value."""
    def write(self, value: _t.Any) -> _t.Any:
        """Stores a value."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class MultiArray(_Container):
    """Elements in two or more dimensions."""
    check_indices: bool
    def __add__(self, other: _t.Any) -> _t.Any: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __init__(self, sizes: _t.Any, value_type: _t.Any, storage: _t.Any = ..., base: _t.Any = ..., strides: _t.Any = ...) -> _t.Any: ...
    def __iter__(self) -> _t.Any: ...
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any: ...
    def __ne__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> _t.Any: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pow__(self, other: _t.Any) -> _t.Any: ...
    def __radd__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rmul__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, other: _t.Any) -> _t.Any: ...
    def __rsub__(self, other: _t.Any) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any) -> _t.Any: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def __sub__(self, other: _t.Any) -> _t.Any: ...
    def __truediv__(self, other: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    def as_register(self) -> _t.Any:
        """The contents as one vector."""
    def assign(self, values: _t.Any, base: _t.Any = ...) -> _t.Any:
        """Writes nested lists, a vector or a container; returns the container."""
    def assign_all(self, value: _t.Any) -> _t.Any:
        """Fills the container; returns it."""
    def assign_part_vector(self, vector: _t.Any, base: _t.Any = ...) -> _t.Any:
        """Writes a vector over the rows from `base` on."""
    def assign_vector(self, vector: _t.Any, base: _t.Any = ...) -> _t.Any:
        """Writes a vector in row-major order; returns the container."""
    def binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Appends the elements to the binary output file, at one party or all."""
    def columns(self) -> _t.Any:
        """A view with rows and columns exchanged."""
    def concat_columns(self, other: _t.Any) -> _t.Any:
        """A new matrix with the columns of both."""
    @classmethod
    def create_from(cls, items: _t.Any) -> _t.Any:
        """A new container with the contents of nested lists, vectors or containers."""
    def delete(self) -> _t.Any:
        """Nothing: memory is planned by the compiler."""
    def diag(self) -> _t.Any:
        """The diagonal as one vector."""
    def direct_mul(self, other: _t.Any, reduce: _t.Any = ..., indices: _t.Any = ...) -> _t.Any:
        """The matrix product as one vector.

        `indices` selects by vectors: rows and columns of this matrix, and of the other one.
        """
    def direct_mul_to_matrix(self, other: _t.Any, n_threads: _t.Any = ...) -> _t.Any:
        """The matrix product with a matrix or an array."""
    def dot(self, other: _t.Any, n_threads: _t.Any = ...) -> _t.Any:
        """The matrix product with a matrix or an array."""
    def get_column(self, index: _t.Any) -> _t.Any:
        """A column as one vector."""
    def get_part(self, base: _t.Any, size: _t.Any) -> _t.Any:
        """A view of `size` rows from `base` on."""
    def get_part_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """`size` rows from `base` on as one vector."""
    def get_slice_vector(self, indices: _t.Any) -> _t.Any:
        """The rows with these numbers, an array or vector, as one vector."""
    def get_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """Elements in row-major order as one vector."""
    def iadd(self, other: _t.Any) -> _t.Any:
        """Adds element-wise in place."""
    def input_from(self, player: _t.Any, budget: _t.Any = ..., raw: _t.Any = ..., binary: _t.Any = ...) -> _t.Any:
        """Fills the container with a party's private inputs."""
    def inverse_permutation(self) -> _t.Any: ...
    def levels(self) -> _t.Any:
        """The pattern of all elements in memory, row by row."""
    @property
    def ndim(self) -> _t.Any:
        """Number of dimensions."""
    def of_type(self, value_type: _t.Any) -> _t.Any:
        """A new container of the same shape and another type."""
    def output(self) -> _t.Any:
        """Prints the elements without a line end; of secrets, this party's shares."""
    def permute(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    def print_reveal_nested(self, end: _t.Any = ...) -> _t.Any:
        """Opens and prints with brackets."""
    def randomize(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """Fills the container with random elements; the arguments are those of get_random."""
    def read_from_file(self, start: _t.Any, crash_if_missing: _t.Any = ...) -> _t.Any:
        """Fills the container with stored secrets; returns the position behind them."""
    def read_from_socket(self, socket: _t.Any) -> _t.Any:
        """Fills the container from what the same method of sending writes."""
    def reveal(self, check: _t.Any = ...) -> _t.Any:
        """A new container with the opened elements."""
    def reveal_list(self) -> _t.Any:
        """Nested lists of opened elements."""
    def reveal_nested(self) -> _t.Any:
        """Nested lists of opened elements."""
    def reveal_to(self, player: _t.Any) -> _t.Any:
        """A container that one party knows."""
    def reveal_to_binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Opens the elements into the binary output file, to one party or all."""
    def reveal_to_clients(self, clients: _t.Any) -> _t.Any:
        """Opens the contents to clients."""
    def same_shape(self) -> _t.Any:
        """A new container of the same shape and type."""
    def secure_permute(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    def secure_shuffle(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """The rows in an order that no party knows."""
    def secure_shuffle_multinode(self) -> _t.Any:
        """Shuffles rows as secure_shuffle() does, spread over the nodes of each party."""
    def selected(self, rows: _t.Any, columns: _t.Any) -> _t.Any:
        """A new matrix of some rows and columns, which vectors name."""
    def set_column(self, index: _t.Any, values: _t.Any) -> _t.Any:
        """Writes a column."""
    @property
    def shape(self) -> _t.Any:
        """List of dimensions."""
    def shuffle(self, *args: _t.Any, **kwargs: _t.Any) -> _t.Any:
        """The rows in a public random order."""
    def sort(self, key_indices: _t.Any = ..., n_bits: _t.Any = ..., batcher: _t.Any = ..., n_threads: _t.Any = ...) -> _t.Any:
        """Sorts rows in place, by whole rows or by key columns of numbers of `n_bits` bits."""
    def sort_multinode(self, key_indices: _t.Any = ..., n_bits: _t.Any = ...) -> _t.Any:
        """Sorts rows in place as sort() does, spread over the nodes of each party."""
    def sum(self) -> _t.Any:
        """The sum of all elements."""
    def to_array(self) -> _t.Any:
        """A flat view."""
    def total_size(self) -> _t.Any:
        """Number of elements."""
    def trace(self) -> _t.Any:
        """The sum of the diagonal."""
    def transpose(self) -> _t.Any:
        """A new matrix with rows and columns exchanged."""
    def write_fully_to_socket(self, socket: _t.Any) -> _t.Any:
        """Sends the contents in one message, or in several of a million values."""
    def write_share_to_socket(self, socket: _t.Any) -> _t.Any:
        """Sends this party's summands in one message, or in several of a million values."""
    def write_shares_to_socket(self, socket: _t.Any) -> _t.Any:
        """Sends this party's summands in one message, or in several of a million values."""
    def write_to_file(self, position: _t.Any = ...) -> _t.Any:
        """Stores all elements behind the last stored one, or from a position on."""
    def write_to_socket(self, socket: _t.Any) -> _t.Any:
        """Sends the contents in one message, or in several of a million values."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def Norm(b: _t.Any, k: _t.Any, f: _t.Any = ..., kappa: _t.Any = ..., simplex_flag: _t.Any = ...) -> _t.Any:
    """(c, v) with c = b v from 2^(k-1) to 2^k, for an integer b of k bits and a sign; 0 for 0."""

class SubMultiArray(MultiArray):
    """The name under which programs know views."""
    check_indices: bool
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class VectorArray:
    """An array of equally long vectors."""
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __init__(self, length: _t.Any, value_type: _t.Any, size: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __repr__(self) -> str: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def assign_all(self, value: _t.Any) -> _t.Any:
        """Fills all vectors."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class VectorMismatch:
    """Vectors of different lengths in one operation."""
    __cause__: _t.Any
    __context__: _t.Any
    __delattr__: _t.Any
    def __init__(self, one: _t.Any, other: _t.Any) -> _t.Any: ...
    __repr__: _t.Any
    __setstate__: _t.Any
    def __str__(self) -> str: ...
    __suppress_context__: _t.Any
    __traceback__: _t.Any
    add_note: _t.Any
    args: _t.Any
    def at(self, position: _t.Any) -> _t.Any:
        """The same error at another place."""
    with_traceback: _t.Any
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def accept_client_connection(port: _t.Any) -> _t.Any:
    """Waits for a client and gives its number."""

def acceptclientconnection(destination: _t.Any, port: _t.Any) -> _t.Any:
    """The instruction form: the client's number goes to an existing regint."""

def and_(*terms: _t.Any) -> _t.Any:
    """A condition that holds if all terms (functions) do; later ones may not be evaluated."""

def break_loop() -> _t.Any:
    """Leaves the innermost run-time loop."""

def break_point(name: _t.Any = ...) -> _t.Any:
    """A barrier of other compilers: order is always kept where it matters."""

class cbits(cint):
    """A public number of n bits: + is the addition of integers."""
    def __init__(self, value: _t.Any = ..., n: _t.Any = ..., size: _t.Any = ...) -> _t.Any: ...
    def bit_decompose(self, bit_length: _t.Any = ...) -> list:
        """The lowest bits, lowest first."""
    @classmethod
    def from_opened(cls, opened: _t.Any) -> _t.Any:
        """The number whose bits are the lanes of a register."""
    @classmethod
    def get_type(cls, length: _t.Any) -> _t.Any:
        """The class of public numbers of `length` bits."""
    n: _t.Any
    def popcnt(self) -> _t.Any:
        """How many bits are 1."""
    def print_hex(self) -> _t.Any:
        """Prints in hexadecimal."""
    def print_reg(self, comment: _t.Any = ...) -> _t.Any:
        """Prints in hexadecimal, for looking at registers."""
    def reveal_print_hex(self) -> _t.Any:
        """Prints in hexadecimal."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class cfix:
    """A vector of fixed-point numbers that all parties know."""
    @_t.overload
    def __add__(self, other: _t.Union[float, regint, cint, cfix]) -> cfix: ...
    @_t.overload
    def __add__(self, other: _t.Union[sint, sfix]) -> sfix: ...
    @_t.overload
    def __add__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __sub__(self, other: _t.Union[float, regint, cint, cfix]) -> cfix: ...
    @_t.overload
    def __sub__(self, other: _t.Union[sint, sfix]) -> sfix: ...
    @_t.overload
    def __sub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __mul__(self, other: _t.Union[float, regint, cint, cfix]) -> cfix: ...
    @_t.overload
    def __mul__(self, other: _t.Union[sint, sfix]) -> sfix: ...
    @_t.overload
    def __mul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __radd__(self, other: _t.Union[float, regint, cint, cfix]) -> cfix: ...
    @_t.overload
    def __radd__(self, other: _t.Union[sint, sfix]) -> sfix: ...
    @_t.overload
    def __radd__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[float, regint, cint, cfix]) -> cfix: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[sint, sfix]) -> sfix: ...
    @_t.overload
    def __rsub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[float, regint, cint, cfix]) -> cfix: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[sint, sfix]) -> sfix: ...
    @_t.overload
    def __rmul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[float, regint, cint, cfix]) -> cfix: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[sint, sfix]) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[float, regint, cint, cfix]) -> cfix: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[sint, sfix]) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __lt__(self, other: _t.Union[float, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __lt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[float, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __le__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[float, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __gt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[float, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __ge__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[float, regint, cint, cfix]) -> regint: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[float, regint, cint, cfix]) -> regint: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    def __iter__(self) -> _t.Iterator[cfix]: ...
    @classmethod
    def Array(cls, length: _t.Any, *_: _t.Any, **__: _t.Any) -> Array: ...
    @classmethod
    def Matrix(cls, rows: _t.Any, columns: _t.Any, *_: _t.Any, **__: _t.Any) -> Matrix: ...
    @classmethod
    def MemValue(cls, value: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def Tensor(cls, shape: _t.Any) -> MultiArray: ...
    def __abs__(self) -> cfix: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __bool__(self) -> bool: ...
    def __complex__(self, *_: _t.Any) -> _t.Any: ...
    def __float__(self, *_: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __index__(self) -> _t.Any: ...
    def __init__(self, v: _t.Any = ..., k: _t.Any = ..., f: _t.Any = ..., size: _t.Any = ...) -> _t.Any: ...
    def __int__(self, *_: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> cfix: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pos__(self) -> cfix: ...
    def __pow__(self, exponent: _t.Any) -> _t.Any: ...
    def __rand__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rlshift__(self, other: _t.Any) -> _t.Any: ...
    def __rmod__(self, other: _t.Any) -> _t.Any: ...
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __round__(self, *_: _t.Any) -> _t.Any: ...
    def __rpow__(self, base: _t.Any) -> _t.Any: ...
    def __rrshift__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, other: _t.Any) -> _t.Any: ...
    def __rxor__(self, other: _t.Any) -> _t.Any: ...
    def __trunc__(self, *_: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    @classmethod
    def _new(cls, value: _t.Any, k: _t.Any = ..., f: _t.Any = ...) -> _t.Any:
        """The fixed-point number of an integer."""
    base: _t.Any
    def binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Appends public numbers to the binary output file, 8 bytes each, at one party or all."""
    def bit_and(self, other: _t.Any) -> _t.Any:
        """Logical and of 0/1 values."""
    @classmethod
    def bit_compose(cls, bits: _t.Any) -> _t.Any:
        """The sum of bits[i] * 2^i."""
    def bit_not(self) -> _t.Any:
        """1 - x."""
    def bit_or(self, other: _t.Any) -> _t.Any:
        """Logical or of 0/1 values."""
    def bit_xor(self, other: _t.Any) -> _t.Any:
        """Exclusive or of 0/1 values."""
    clear_type: _t.Any
    concat: _t.Any
    def cond_swap(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """(a, b) if this is 0, (b, a) if it is 1."""
    @classmethod
    def constant(cls, value: _t.Any, size: _t.Any = ...) -> _t.Any:
        """A register filled with a Python number."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def copy(self, size: _t.Any = ...) -> _t.Any:
        """A new register with the same value, or with one lane repeated."""
    def equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def expand_to_vector(self, size: _t.Any = ...) -> _t.Any:
        """One lane repeated."""
    f: int
    fixed: bool
    @classmethod
    def fresh(cls, size: _t.Any) -> _t.Any:
        """A new register without a value."""
    @classmethod
    def from_fixed(cls, value: _t.Any) -> _t.Any:
        """Conversion from fixed point."""
    @classmethod
    def from_value(cls, value: _t.Any, size: _t.Any = ...) -> _t.Any:
        """A register of this class for anything that can be converted."""
    @classmethod
    def get_input_from(cls, player: _t.Any, size: _t.Any = ..., binary: _t.Any = ...) -> cfix:
        """Private inputs of a party, decimal fractions, rounded to f bits."""
    @classmethod
    def get_prec_type(cls, f: _t.Any, k: _t.Any = ...) -> _t.Any:
        """The class with another precision."""
    @classmethod
    def get_random(cls, lower: _t.Any, upper: _t.Any, symmetric: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """Secrets that are uniform among the numbers of this precision from `lower` to before `upper`.

        With a range that is no power of two, no number is more likely than another one by a factor of
        more than 1 + 2^-28.
        """
    @classmethod
    def get_random_inverse(cls, *_: _t.Any, **__: _t.Any) -> _t.Any:
        """Not in a ring."""
    @classmethod
    def get_raw_input_from(cls, player: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Integers in units of 2^-f as they lie in a party's binary file."""
    def get_reverse_vector(self) -> cfix:
        """The lanes in reverse order."""
    @classmethod
    def get_type(cls, length: _t.Any) -> _t.Any:
        """The class for values of `length` bits, or vectors: itself."""
    def get_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> cfix:
        """`size` lanes from `base` on."""
    def greater_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def greater_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def hard_conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def iadd(self, value: _t.Any) -> _t.Any:
        """x.update(x + value)."""
    def if_else(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """`a` where this is 1, `b` where it is 0."""
    @classmethod
    def input_from_workers(cls, player: _t.Any, size: _t.Any = ...) -> cfix:
        """In a distributed loop with `parts=`: the next decimal fractions of the chunk's part."""
    @classmethod
    def input_tensor_from(cls, player: _t.Any, shape: _t.Any, binary: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def input_tensor_from_client(cls, client: _t.Any, shape: _t.Any) -> _t.Any:
        """A container of private inputs of a client."""
    @classmethod
    def input_tensor_via(cls, player: _t.Any, content: _t.Any = ..., shape: _t.Any = ..., binary: _t.Any = ..., one_hot: _t.Any = ..., skip_input: _t.Any = ..., n_bytes: _t.Any = ...) -> _t.Any:
        """A container of data that is known while compiling, and becomes a party's private input."""
    int_type: _t.Any
    integer: _t.Any
    @classmethod
    def joined(cls, parts: _t.Any) -> _t.Any:
        """The vectors of a list, one after the other."""
    k: int
    def less_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def less_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    letter: str
    def link(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def load_int(self, value: _t.Any) -> _t.Any:
        """Sets the value to a constant."""
    @classmethod
    def load_mem(cls, address: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Reads from a raw address of this class."""
    def max(self, other: _t.Any) -> cfix:
        """The larger value."""
    def min(self, other: _t.Any) -> cfix:
        """The smaller value."""
    def not_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def of_precision(cls, k: _t.Any = ..., f: _t.Any = ...) -> _t.Any:
        """The class of values with these bits, by default those of `cls` now."""
    ops: _t.Any
    def output(self) -> _t.Any:
        """Prints the value without a line end; of secrets, this party's shares."""
    def permute(self, order: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    def pick(self, offset: _t.Any, levels: _t.Any) -> _t.Any:
        """Lanes in a strided pattern."""
    def prefix_sum(self) -> _t.Any:
        """Running sums."""
    def print_reg(self, comment: _t.Any = ...) -> _t.Any:
        """Prints a public register with its number, for debugging."""
    @classmethod
    def raw(cls, value: _t.Any) -> _t.Any:
        """An operand as a Python int or a register in units of 2^-f, or None for other types."""
    @classmethod
    def read_from_file(cls, start: _t.Any, n_items: _t.Any = ..., crash_if_missing: _t.Any = ...) -> _t.Any:
        """(position behind them, list of n secrets); the position is -1 at the end, -2 without file."""
    @classmethod
    def read_from_socket(cls, socket: _t.Any, n: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """A value, or a list of n values, of `size` elements each, in one message."""
    @classmethod
    def receive_from_client(cls, n: _t.Any, client: _t.Any, *extra: _t.Any, size: _t.Any = ..., message_type: _t.Any = ...) -> _t.Any:
        """A list of n private inputs of a client, vectors of `size` elements each."""
    reg: _t.Any
    def reveal(self, check: _t.Any = ...) -> cfix:
        """Public values are known already."""
    def reveal_to_binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Opens the value into the binary output file, to one party or all."""
    reveal_to_clients: _t.Any
    @classmethod
    def rounded(cls, product: _t.Any, shift: _t.Any) -> _t.Any:
        """A product of k + shift bits divided by 2^shift."""
    @classmethod
    def rounding(cls) -> _t.Any:
        """How products and quotients of secrets are rounded."""
    @classmethod
    def scaled(cls, number: _t.Any) -> _t.Any:
        """The integer for a Python number."""
    def secure_permute(self, number: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    def secure_shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in an order that no party knows."""
    @classmethod
    def set_precision(cls, f: _t.Any, k: _t.Any = ...) -> _t.Any:
        """Fractional bits and, by default twice as many, total bits of values made from now on."""
    @classmethod
    def set_precision_from_args(cls, program: _t.Any, adapt_ring: _t.Any = ...) -> _t.Any:
        """Precision from arguments f16, k31, and rounding from the argument nearest.

        With `adapt_ring` the ring must have room for products; it is chosen by -R.
        """
    def shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in a public random order."""
    size: _t.Any
    def sqrt(self) -> _t.Any:
        """The square root is a function."""
    def square(self) -> cfix:
        """The value times itself."""
    def store_in_mem(self, address: _t.Any) -> _t.Any:
        """Writes to a raw address of this class."""
    def sum(self) -> cfix:
        """The sum of all lanes."""
    def update(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def use(self) -> _t.Any:
        """Its number, if it may be used here."""
    @property
    def v(self) -> _t.Any:
        """The integer."""
    @classmethod
    def view(cls, value: _t.Any) -> _t.Any:
        """The same register as one of this class."""
    @classmethod
    def wrap(cls, raw: _t.Any) -> _t.Any:
        """The number of this precision for a public or secret integer."""
    write_fully_to_socket: _t.Any
    write_share_to_socket: _t.Any
    write_shares_to_socket: _t.Any
    @classmethod
    def write_to_file(cls, values: _t.Any, position: _t.Any = ...) -> _t.Any:
        """Stores a list of secrets, or a container, behind the last one or from a position on."""
    write_to_socket: _t.Any

def check_point() -> _t.Any:
    """Checks everything opened so far."""

def checkpoint() -> _t.Any:
    """Marks a place from which the run can be continued: see the options --checkpoint and --resume."""

def chunkier_odd_even_merge_sort(values: _t.Any, sorted_length: _t.Any = ..., n_parallel: _t.Any = ..., n_threads: _t.Any = ...) -> _t.Any:
    """Sorts a list or an array in place."""

def chunky_odd_even_merge_sort(values: _t.Any, sorted_length: _t.Any = ..., n_parallel: _t.Any = ..., n_threads: _t.Any = ...) -> _t.Any:
    """Sorts a list or an array in place."""

class cint:
    """A vector of ring elements that all parties know."""
    @_t.overload
    def __add__(self, other: _t.Union[int, regint, cint]) -> cint: ...
    @_t.overload
    def __add__(self, other: sint) -> sint: ...
    @_t.overload
    def __add__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __add__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __add__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __sub__(self, other: _t.Union[int, regint, cint]) -> cint: ...
    @_t.overload
    def __sub__(self, other: sint) -> sint: ...
    @_t.overload
    def __sub__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __sub__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __sub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __mul__(self, other: _t.Union[int, regint, cint]) -> cint: ...
    @_t.overload
    def __mul__(self, other: sint) -> sint: ...
    @_t.overload
    def __mul__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __mul__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __mul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __radd__(self, other: _t.Union[int, regint, cint]) -> cint: ...
    @_t.overload
    def __radd__(self, other: sint) -> sint: ...
    @_t.overload
    def __radd__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __radd__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __radd__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[int, regint, cint]) -> cint: ...
    @_t.overload
    def __rsub__(self, other: sint) -> sint: ...
    @_t.overload
    def __rsub__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __rsub__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __rsub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[int, regint, cint]) -> cint: ...
    @_t.overload
    def __rmul__(self, other: sint) -> sint: ...
    @_t.overload
    def __rmul__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __rmul__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __rmul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[int, regint, cint]) -> cfix: ...
    @_t.overload
    def __truediv__(self, other: sint) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __truediv__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[int, regint, cint]) -> cfix: ...
    @_t.overload
    def __rtruediv__(self, other: sint) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __rtruediv__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __lt__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __lt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __le__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __gt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __ge__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    def __iter__(self) -> _t.Iterator[cint]: ...
    @classmethod
    def Array(cls, length: _t.Any, *_: _t.Any, **__: _t.Any) -> Array: ...
    @classmethod
    def Matrix(cls, rows: _t.Any, columns: _t.Any, *_: _t.Any, **__: _t.Any) -> Matrix: ...
    @classmethod
    def MemValue(cls, value: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def Tensor(cls, shape: _t.Any) -> MultiArray: ...
    def __abs__(self) -> cint: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __bool__(self) -> bool: ...
    def __complex__(self, *_: _t.Any) -> _t.Any: ...
    def __float__(self, *_: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __index__(self) -> _t.Any: ...
    def __init__(self, value: _t.Any = ..., size: _t.Any = ...) -> _t.Any: ...
    def __int__(self, *_: _t.Any) -> _t.Any: ...
    def __invert__(self) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> cint: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pos__(self) -> cint: ...
    def __pow__(self, exponent: _t.Any) -> _t.Any: ...
    def __rand__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rlshift__(self, other: _t.Any) -> _t.Any: ...
    def __rmod__(self, other: _t.Any) -> _t.Any: ...
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __round__(self, *_: _t.Any) -> _t.Any: ...
    def __rpow__(self, base: _t.Any) -> _t.Any: ...
    def __rrshift__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, other: _t.Any) -> _t.Any: ...
    def __rxor__(self, other: _t.Any) -> _t.Any: ...
    def __trunc__(self, *_: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    def binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Appends public numbers to the binary output file, 8 bytes each, at one party or all."""
    def bit_and(self, other: _t.Any) -> _t.Any:
        """Logical and of 0/1 values."""
    @classmethod
    def bit_compose(cls, bits: _t.Any) -> _t.Any:
        """The sum of bits[i] * 2^i."""
    def bit_decompose(self, bit_length: _t.Any = ...) -> list:
        """The lowest bits, lowest first."""
    def bit_not(self) -> _t.Any:
        """1 - x."""
    def bit_or(self, other: _t.Any) -> _t.Any:
        """Logical or of 0/1 values."""
    def bit_xor(self, other: _t.Any) -> _t.Any:
        """Exclusive or of 0/1 values."""
    concat: _t.Any
    def cond_swap(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """(a, b) if this is 0, (b, a) if it is 1."""
    @classmethod
    def constant(cls, value: _t.Any, size: _t.Any = ...) -> _t.Any:
        """A register filled with a Python int."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def copy(self, size: _t.Any = ...) -> _t.Any:
        """A new register with the same value, or with one lane repeated."""
    def digest(self, n_bytes: _t.Any) -> _t.Any:
        """A public hash of the number: the first bytes of its BLAKE2b hash, as a number."""
    @classmethod
    def dot_product(cls, x: _t.Any, y: _t.Any) -> _t.Any:
        """The inner product."""
    def equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self == other."""
    def expand_to_vector(self, size: _t.Any = ...) -> _t.Any:
        """One lane repeated."""
    def field_div(self, *_: _t.Any, **__: _t.Any) -> _t.Any: ...
    fixed: bool
    @classmethod
    def fresh(cls, size: _t.Any) -> _t.Any:
        """A new register without a value."""
    @classmethod
    def from_fixed(cls, value: _t.Any) -> _t.Any:
        """Conversion from fixed point."""
    @classmethod
    def from_register(cls, value: _t.Any) -> _t.Any:
        """Conversion from a machine integer."""
    def get_reverse_vector(self) -> cint:
        """The lanes in reverse order."""
    @classmethod
    def get_type(cls, length: _t.Any) -> _t.Any:
        """The class for values of `length` bits, or vectors: itself."""
    def get_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> cint:
        """`size` lanes from `base` on."""
    def greater_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self >= other."""
    def greater_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self > other."""
    @classmethod
    def hard_conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def iadd(self, value: _t.Any) -> _t.Any:
        """x.update(x + value)."""
    def if_else(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """`a` where this is 1, `b` where it is 0."""
    @classmethod
    def input_tensor_from(cls, player: _t.Any, shape: _t.Any, binary: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def input_tensor_from_client(cls, client: _t.Any, shape: _t.Any) -> _t.Any:
        """A container of private inputs of a client."""
    @classmethod
    def input_tensor_via(cls, player: _t.Any, content: _t.Any = ..., shape: _t.Any = ..., binary: _t.Any = ..., one_hot: _t.Any = ..., skip_input: _t.Any = ..., n_bytes: _t.Any = ...) -> _t.Any:
        """A container of data that is known while compiling, and becomes a party's private input."""
    def int_div(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """The quotient, rounded towards zero."""
    def int_mod(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """x - y * x.int_div(y)."""
    @classmethod
    def joined(cls, parts: _t.Any) -> _t.Any:
        """The vectors of a list, one after the other."""
    def legendre(self, *_: _t.Any, **__: _t.Any) -> _t.Any: ...
    def less_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self <= other."""
    def less_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self < other."""
    letter: str
    def link(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def load_int(self, value: _t.Any) -> _t.Any:
        """Sets the value to a constant."""
    @classmethod
    def load_mem(cls, address: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Reads from a raw address of this class."""
    def max(self, other: _t.Any) -> cint:
        """The larger value."""
    def min(self, other: _t.Any) -> cint:
        """The smaller value."""
    def mod2m(self, m: _t.Any, bit_length: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """The remainder modulo 2^m, at least 0."""
    def not_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self != other."""
    ops: _t.Any
    def output(self) -> _t.Any:
        """Prints the value without a line end; of secrets, this party's shares."""
    def permute(self, order: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    def pick(self, offset: _t.Any, levels: _t.Any) -> _t.Any:
        """Lanes in a strided pattern."""
    def popcnt(self) -> _t.Any:
        """How many bits are 1 in two's complement."""
    def pow2(self, bit_length: _t.Any = ...) -> _t.Any:
        """2^x for x that is not negative."""
    def prefix_sum(self) -> _t.Any:
        """Running sums."""
    def print_reg(self, comment: _t.Any = ...) -> _t.Any:
        """Prints a public register with its number, for debugging."""
    @classmethod
    def read_from_socket(cls, socket: _t.Any, n: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """A value, or a list of n values, of `size` elements each, in one message."""
    @classmethod
    def receive_from_client(cls, n: _t.Any, client: _t.Any, *extra: _t.Any, size: _t.Any = ..., message_type: _t.Any = ...) -> _t.Any:
        """A list of n private inputs of a client, vectors of `size` elements each."""
    reg: _t.Any
    def reveal(self, check: _t.Any = ...) -> cint:
        """Public values are known already."""
    def reveal_to_binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Opens the value into the binary output file, to one party or all."""
    reveal_to_clients: _t.Any
    def right_shift(self, m: _t.Any, bit_length: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """The number divided by 2^m, rounded down: unlike cint's >> also for negative numbers."""
    def round(self, k: _t.Any, m: _t.Any, nearest: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """The number divided by 2^m: the nearest integer, halves up."""
    def secure_permute(self, number: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    def secure_shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in an order that no party knows."""
    def shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in a public random order."""
    size: _t.Any
    def square(self) -> cint:
        """The value times itself."""
    def store_in_mem(self, address: _t.Any) -> _t.Any:
        """Writes to a raw address of this class."""
    def sum(self) -> cint:
        """The sum of all lanes."""
    def to_regint(self, n_bits: _t.Any = ..., dest: _t.Any = ...) -> _t.Any:
        """The number as a regint."""
    def update(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def use(self) -> _t.Any:
        """Its number, if it may be used here."""
    @classmethod
    def view(cls, value: _t.Any) -> _t.Any:
        """The same register as one of this class."""
    write_fully_to_socket: _t.Any
    write_share_to_socket: _t.Any
    write_shares_to_socket: _t.Any
    write_to_socket: _t.Any

def cint_cint_division(a: _t.Any, b: _t.Any, k: _t.Any, f: _t.Any) -> _t.Any:
    """a / b in units of 2^-f, for public integers in these units, rounded towards zero."""

def close_client_connection(socket: _t.Any) -> _t.Any:
    """Closes a connection."""

def closeclientconnection(socket: _t.Any) -> _t.Any:
    """Closes a connection."""

comparison: _t.Any

def cond_swap(a: _t.Any, b: _t.Any) -> _t.Any:
    """(smaller, larger) of two values."""

def crash(condition: _t.Any = ...) -> _t.Any:
    """Ends the run if the condition is not 0."""

def do_while(body: _t.Any) -> _t.Any:
    """@do_while: repeats the body as long as it returns a public value that is not 0."""

def else_(body: _t.Any) -> _t.Any:
    """@else_: the other part of the @if_e directly before."""

def else_then() -> _t.Any:
    """The other part of if_then."""

def end_if() -> _t.Any:
    """The end of if_then."""

def export(*_: _t.Any, **__: _t.Any) -> _t.Any:
    """@export is refused: there is no host program that could call the function."""

floatingpoint: _t.Any

def for_range(start: _t.Any, stop: _t.Any = ..., step: _t.Any = ...) -> _t.Any:
    """@for_range(n) or (start, stop, step): one pass after the other."""

def for_range_multithread(n_threads: _t.Any, n_parallel: _t.Any, n_loops: _t.Any, thread_mem_req: _t.Any = ...) -> _t.Any:
    """@for_range_multithread(t, p, n): t threads, p passes at a time in each."""

def for_range_opt(start: _t.Any, stop: _t.Any = ..., step: _t.Any = ..., budget: _t.Any = ...) -> _t.Any:
    """@for_range_opt(n), (start, stop, step) or ([n, m, …]): passes may be merged."""

def for_range_opt_multinode(start: _t.Any, stop: _t.Any = ..., step: _t.Any = ..., n_threads: _t.Any = ..., chunk: _t.Any = ..., parts: _t.Any = ...) -> _t.Any:
    """@for_range_opt_multinode(n), (start, stop, step) or ([n, m, …]): nodes × threads × lanes."""

def for_range_opt_multithread(n_threads: _t.Any, n_loops: _t.Any, budget: _t.Any = ...) -> _t.Any:
    """@for_range_opt_multithread(t, n): t threads, passes merged in each."""

def for_range_parallel(n_parallel: _t.Any, n_loops: _t.Any) -> _t.Any:
    """@for_range_parallel(p, n): p passes at a time."""

def foreach_enumerate(values: _t.Any) -> _t.Any:
    """@foreach_enumerate(list): a run-time loop over data that is known while compiling.

    The body gets the index and one element, or one for each item of the elements.
    """

def function(body: _t.Any) -> _t.Any:
    """Code that is compiled where it is called."""

def function_block(body: _t.Any) -> _t.Any:
    """Code that is compiled where it is called."""

def getNamedTupleType(*names: _t.Any) -> _t.Any:
    """A class of records with these fields."""

def get_arg() -> _t.Any:
    """The integer that the thread was started with, 0 in the main one."""

def get_cmdline_arg(index: _t.Any) -> _t.Any:
    """An integer of the run's command line, which may differ between parties."""

def get_number_of_players() -> _t.Any:
    """The number of parties."""

def get_player_id() -> _t.Any:
    """The number of the party that runs this."""

def get_thread_number() -> _t.Any:
    """The number of the thread that runs this: 0 for the main one."""

def get_threshold() -> _t.Any:
    """How many parties may work together without learning secrets."""

def if_(condition: _t.Any) -> _t.Any:
    """@if_(c): runs the body if the public condition is not 0."""

def if_e(condition: _t.Any) -> _t.Any:
    """@if_e(c): like if_, and the following @else_ gives the other part."""

def if_then(condition: _t.Any) -> _t.Any:
    """if_then(c); …; else_then(); …; end_if(): the form with statements."""

def init_client_connection(host: _t.Any, port: _t.Any, my_id: _t.Any, relative_port: _t.Any = ...) -> _t.Any:
    """Connects as client `my_id` to the same party of another computation."""

def listen(port: _t.Any) -> _t.Any:
    """Party i listens on `port` + i."""

def listen_for_clients(port: _t.Any) -> _t.Any:
    """Party i listens on `port` + i."""

class localint:
    """An integer that may differ between parties: for printing and errors only."""
    def __bool__(self) -> bool: ...
    def __eq__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __init__(self, value: _t.Any) -> _t.Any: ...
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __ne__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def output(self) -> _t.Any:
        """Prints the value without a line end."""
    @classmethod
    def player_number(cls) -> _t.Any:
        """The number of the party that runs the program."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def loopy_odd_even_merge_sort(values: _t.Any, sorted_length: _t.Any = ..., n_parallel: _t.Any = ..., n_threads: _t.Any = ...) -> _t.Any:
    """Sorts a list or an array in place."""

def map_reduce(n_threads: _t.Any, n_parallel: _t.Any, n_loops: _t.Any, initializer: _t.Any, reducer: _t.Any, thread_mem_req: _t.Any = ...) -> _t.Any:
    """@map_reduce(t, p, n, initializer, reducer): the reduction of what the body returns."""

def map_reduce_multinode(n_loops: _t.Any, initializer: _t.Any, reducer: _t.Any, n_threads: _t.Any = ..., chunk: _t.Any = ..., parts: _t.Any = ...) -> _t.Any:
    """@map_reduce_multinode(n, initializer, reducer): the reduction of what the body returns.

    The reducer gets two lists of values and returns one; it must be associative.
    """

def map_sum(n_threads: _t.Any, n_parallel: _t.Any, n_loops: _t.Any, n_items: _t.Any, types: _t.Any) -> _t.Any:
    """@map_sum(t, p, n, items, types): as map_sum_opt."""

def map_sum_multinode(n_loops: _t.Any, types: _t.Any, n_threads: _t.Any = ..., chunk: _t.Any = ..., parts: _t.Any = ...) -> _t.Any:
    """@map_sum_multinode(n, types): the sums of what the body returns over all passes."""

def map_sum_opt(n_threads: _t.Any, n_loops: _t.Any, types: _t.Any) -> _t.Any:
    """@map_sum_opt(t, n, types): the sums of what the body returns over all passes."""

def map_sum_simple(n_threads: _t.Any, n_loops: _t.Any, value_type: _t.Any, size: _t.Any) -> _t.Any:
    """@map_sum_simple(t, n, type, size): the sum of vectors."""

def memorize(value: _t.Any) -> _t.Any:
    """Puts a value, or each of a list, into memory."""

def method_block(body: _t.Any) -> _t.Any:
    """Code that is compiled where it is called."""

def multinode(n: _t.Any, chunk: _t.Any = ..., parts: _t.Any = ...) -> _t.Any:
    """@multinode(n): the body gets (start, length) of each chunk."""

def multithread(n_threads: _t.Any, n_items: _t.Any = ..., max_size: _t.Any = ...) -> _t.Any:
    """@multithread(t, n): the body gets (start, size) of each thread's part."""

def not_(term: _t.Any) -> _t.Any:
    """A condition that holds if the term (a function) does not."""

def odd_even_merge_sort(values: _t.Any) -> _t.Any:
    """Sorts a list or an array in place."""

def or_(*terms: _t.Any) -> _t.Any:
    """A condition that holds if one of the terms (functions) does."""

class personal:
    """A public value, or container of such, at one party; what the others have means nothing."""
    def __abs__(self) -> _t.Any: ...
    def __add__(self, other: _t.Any) -> _t.Any: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __init__(self, player: _t.Any, value: _t.Any) -> _t.Any: ...
    def __invert__(self) -> _t.Any: ...
    def __iter__(self) -> _t.Any: ...
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any: ...
    def __ne__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> _t.Any: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pow__(self, other: _t.Any) -> _t.Any: ...
    def __radd__(self, other: _t.Any) -> _t.Any: ...
    def __rand__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rlshift__(self, other: _t.Any) -> _t.Any: ...
    def __rmod__(self, other: _t.Any) -> _t.Any: ...
    def __rmul__(self, other: _t.Any) -> _t.Any: ...
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __rpow__(self, other: _t.Any) -> _t.Any: ...
    def __rrshift__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, other: _t.Any) -> _t.Any: ...
    def __rsub__(self, other: _t.Any) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any) -> _t.Any: ...
    def __rxor__(self, other: _t.Any) -> _t.Any: ...
    def __setitem__(self, index: _t.Any, value: _t.Any) -> None: ...
    def __sub__(self, other: _t.Any) -> _t.Any: ...
    def __truediv__(self, other: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    def binary_output(self) -> _t.Any:
        """Appends the value to the party's binary output file."""
    def bit_decompose(self, bit_length: _t.Any = ...) -> list:
        """The lowest bits, lowest first."""
    def if_else(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """`a` where this is 1, `b` where it is 0."""
    @classmethod
    def read_fix_from_socket(cls, player: _t.Any, socket: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Fixed-point numbers, as integers in their units, that one party's own client sends."""
    @classmethod
    def read_int_from_socket(cls, player: _t.Any, socket: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Integers that one party's own client sends to it alone."""
    def reveal_to(self, player: _t.Any) -> _t.Any:
        """Passes the value on to another party."""
    def secret(self) -> _t.Any:
        """The secret of the type that fits, which the party inputs."""
    def shared_as(self, cls: _t.Any) -> _t.Any:
        """A register of the secret class `cls`, which the party inputs."""
    @property
    def size(self) -> _t.Any:
        """Number of elements."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

def print_both(s: _t.Any, end: _t.Any = ...) -> _t.Any:
    """Prints while compiling and at run time."""

def print_float_precision(n: _t.Any) -> _t.Any:
    """Significant digits of fixed-point numbers; integers are printed in full."""

def print_ln(s: _t.Any = ..., *args: _t.Any, print_secrets: _t.Any = ...) -> _t.Any:
    """Prints a line; each %s stands for an argument. With `print_secrets`, this party's shares."""

def print_ln_if(cond: _t.Any, s: _t.Any, *args: _t.Any) -> _t.Any:
    """Prints a line if the condition is not 0."""

def print_ln_to(player: _t.Any, s: _t.Any, *args: _t.Any) -> _t.Any:
    """Prints a line at one party."""

def print_reg(register: _t.Any, comment: _t.Any = ...) -> _t.Any:
    """Prints a public register with its number, for debugging."""

def print_str(s: _t.Any, *args: _t.Any, print_secrets: _t.Any = ...) -> _t.Any:
    """Prints without a line end."""

def print_str_if(cond: _t.Any, s: _t.Any, *args: _t.Any) -> _t.Any:
    """Prints without a line end if the condition is not 0."""

def print_str_to(player: _t.Any, s: _t.Any, *args: _t.Any) -> _t.Any:
    """Prints without a line end at one party."""

class _Program:
    """The compilation in progress, as programs see it."""
    def __init__(self, path: _t.Any, args: _t.Any, ring_bits: _t.Any, budget: _t.Any, options: _t.Any, n_workers: _t.Any = ...) -> _t.Any: ...
    @property
    def active(self) -> _t.Any:
        """Whether clients get random products to check what they are sent."""
    @property
    def bit_length(self) -> _t.Any:
        """The bits of secret numbers, for operations that are given no length."""
    current: _t.Any
    def disable_memory_warnings(self) -> _t.Any:
        """There are none: order is kept."""
    @staticmethod
    def join_tape(number: _t.Any) -> _t.Any:
        """Waits for a thread."""
    @staticmethod
    def join_tapes(numbers: _t.Any) -> _t.Any:
        """Waits for threads."""
    def linear_rounds(self, change: _t.Any = ...) -> _t.Any:
        """A choice of method, which the protocol makes itself."""
    @staticmethod
    def new_tape(function: _t.Any, args: _t.Any = ..., name: _t.Any = ..., single_thread: _t.Any = ...) -> _t.Any:
        """Compiles a function as a code unit that threads can run."""
    def options_from_args(self) -> _t.Any:
        """Options in the arguments choose among methods; ours need no hints."""
    def protect_memory(self, status: _t.Any) -> _t.Any:
        """Memory is always in order."""
    @staticmethod
    def run_tape(handle: _t.Any, arg: _t.Any = ...) -> _t.Any:
        """Starts a thread."""
    @staticmethod
    def run_tapes(jobs: _t.Any) -> _t.Any:
        """Starts threads."""
    def set_bit_length(self, length: _t.Any) -> _t.Any:
        """Sets bit_length."""
    def set_ring_size(self, bits: _t.Any) -> _t.Any:
        """The ring is chosen by -R."""
    def set_security(self, security: _t.Any) -> _t.Any:
        """The statistical security parameter."""
    def use_edabit(self, change: _t.Any = ...) -> _t.Any:
        """A choice of method, which the protocol makes itself."""
    def use_invperm(self, change: _t.Any = ...) -> _t.Any:
        """A choice of method, which the protocol makes itself."""
    def use_mulm(self, change: _t.Any = ...) -> _t.Any:
        """A choice of method, which the protocol makes itself."""
    def use_split(self, change: _t.Any = ...) -> _t.Any:
        """A choice of method, which the protocol makes itself."""
    def use_square(self, change: _t.Any = ...) -> _t.Any:
        """A choice of method, which the protocol makes itself."""
    def use_unsplit(self, change: _t.Any = ...) -> _t.Any:
        """A choice of method, which the protocol makes itself."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

program: _Program

def public_input() -> _t.Any:
    """The next number of Programs/Public-Input/<program>, which all parties have."""

def readsharesfromfile(start: _t.Any, end: _t.Any, *values: _t.Any) -> _t.Any:
    """The instruction form: secrets and the position go to existing registers."""

class regint:
    """A vector of 64-bit integers; arithmetic wraps."""
    @_t.overload
    def __add__(self, other: _t.Union[int, regint]) -> regint: ...
    @_t.overload
    def __add__(self, other: cint) -> cint: ...
    @_t.overload
    def __add__(self, other: sint) -> sint: ...
    @_t.overload
    def __add__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __add__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __add__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __sub__(self, other: _t.Union[int, regint]) -> regint: ...
    @_t.overload
    def __sub__(self, other: cint) -> cint: ...
    @_t.overload
    def __sub__(self, other: sint) -> sint: ...
    @_t.overload
    def __sub__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __sub__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __sub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __mul__(self, other: _t.Union[int, regint]) -> regint: ...
    @_t.overload
    def __mul__(self, other: cint) -> cint: ...
    @_t.overload
    def __mul__(self, other: sint) -> sint: ...
    @_t.overload
    def __mul__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __mul__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __mul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __radd__(self, other: _t.Union[int, regint]) -> regint: ...
    @_t.overload
    def __radd__(self, other: cint) -> cint: ...
    @_t.overload
    def __radd__(self, other: sint) -> sint: ...
    @_t.overload
    def __radd__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __radd__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __radd__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[int, regint]) -> regint: ...
    @_t.overload
    def __rsub__(self, other: cint) -> cint: ...
    @_t.overload
    def __rsub__(self, other: sint) -> sint: ...
    @_t.overload
    def __rsub__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __rsub__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __rsub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[int, regint]) -> regint: ...
    @_t.overload
    def __rmul__(self, other: cint) -> cint: ...
    @_t.overload
    def __rmul__(self, other: sint) -> sint: ...
    @_t.overload
    def __rmul__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __rmul__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __rmul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[int, regint]) -> cfix: ...
    @_t.overload
    def __truediv__(self, other: cint) -> cfix: ...
    @_t.overload
    def __truediv__(self, other: sint) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __truediv__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[int, regint]) -> cfix: ...
    @_t.overload
    def __rtruediv__(self, other: cint) -> cfix: ...
    @_t.overload
    def __rtruediv__(self, other: sint) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: cfix) -> cfix: ...
    @_t.overload
    def __rtruediv__(self, other: sfix) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __lt__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __lt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __le__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __gt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...
    @_t.overload
    def __ge__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[int, regint, cint, cfix]) -> regint: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    def __iter__(self) -> _t.Iterator[regint]: ...
    @classmethod
    def Array(cls, length: _t.Any, *_: _t.Any, **__: _t.Any) -> Array: ...
    @classmethod
    def Matrix(cls, rows: _t.Any, columns: _t.Any, *_: _t.Any, **__: _t.Any) -> Matrix: ...
    @classmethod
    def MemValue(cls, value: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def Tensor(cls, shape: _t.Any) -> MultiArray: ...
    def __abs__(self) -> regint: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __bool__(self) -> bool: ...
    def __complex__(self, *_: _t.Any) -> _t.Any: ...
    def __float__(self, *_: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __index__(self) -> _t.Any: ...
    def __init__(self, value: _t.Any = ..., size: _t.Any = ...) -> _t.Any: ...
    def __int__(self, *_: _t.Any) -> _t.Any: ...
    def __invert__(self) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> regint: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pos__(self) -> regint: ...
    def __pow__(self, exponent: _t.Any) -> _t.Any: ...
    def __rand__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rlshift__(self, other: _t.Any) -> _t.Any: ...
    def __rmod__(self, other: _t.Any) -> _t.Any: ...
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __round__(self, *_: _t.Any) -> _t.Any: ...
    def __rpow__(self, base: _t.Any) -> _t.Any: ...
    def __rrshift__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, other: _t.Any) -> _t.Any: ...
    def __rxor__(self, other: _t.Any) -> _t.Any: ...
    def __trunc__(self, *_: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    def binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Appends public numbers to the binary output file, 8 bytes each, at one party or all."""
    def bit_and(self, other: _t.Any) -> _t.Any:
        """Logical and of 0/1 values."""
    @classmethod
    def bit_compose(cls, bits: _t.Any) -> _t.Any:
        """The sum of bits[i] * 2^i."""
    def bit_decompose(self, bit_length: _t.Any = ...) -> list:
        """The lowest bits, lowest first."""
    def bit_not(self) -> _t.Any:
        """1 - x."""
    def bit_or(self, other: _t.Any) -> _t.Any:
        """Logical or of 0/1 values."""
    def bit_xor(self, other: _t.Any) -> _t.Any:
        """Exclusive or of 0/1 values."""
    concat: _t.Any
    def cond_swap(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """(a, b) if this is 0, (b, a) if it is 1."""
    @classmethod
    def constant(cls, value: _t.Any, size: _t.Any = ...) -> _t.Any:
        """A register filled with a Python int."""
    @classmethod
    def constants(cls, values: _t.Any) -> _t.Any:
        """A vector of Python ints."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def copy(self, size: _t.Any = ...) -> _t.Any:
        """A new register with the same value, or with one lane repeated."""
    def digest(self, n_bytes: _t.Any) -> _t.Any:
        """A public hash of the number: the first bytes of its BLAKE2b hash, as a number."""
    @classmethod
    def dot_product(cls, x: _t.Any, y: _t.Any) -> _t.Any:
        """The inner product."""
    def equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self == other."""
    def expand_to_vector(self, size: _t.Any = ...) -> _t.Any:
        """One lane repeated."""
    def field_div(self, *_: _t.Any, **__: _t.Any) -> _t.Any: ...
    fixed: bool
    @classmethod
    def fresh(cls, size: _t.Any) -> _t.Any:
        """A new register without a value."""
    @classmethod
    def from_fixed(cls, value: _t.Any) -> _t.Any:
        """Conversion from fixed point."""
    @classmethod
    def from_register(cls, value: _t.Any) -> _t.Any:
        """Conversion from a public ring element."""
    @classmethod
    def get_random(cls, bit_length: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Public numbers, uniform from 0 to 2^bit_length - 1: a random secret is opened."""
    def get_reverse_vector(self) -> regint:
        """The lanes in reverse order."""
    @classmethod
    def get_type(cls, length: _t.Any) -> _t.Any:
        """The class for values of `length` bits, or vectors: itself."""
    def get_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> regint:
        """`size` lanes from `base` on."""
    def greater_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self >= other."""
    def greater_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self > other."""
    @classmethod
    def hard_conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def iadd(self, value: _t.Any) -> _t.Any:
        """x.update(x + value)."""
    def if_else(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """`a` where this is 1, `b` where it is 0."""
    @classmethod
    def inc(cls, size: _t.Any, base: _t.Any = ..., step: _t.Any = ..., repeat: _t.Any = ..., wrap: _t.Any = ...) -> _t.Any:
        """base + step * ((k // repeat) mod wrap) for k = 0 … size - 1."""
    @classmethod
    def input_tensor_from(cls, player: _t.Any, shape: _t.Any, binary: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def input_tensor_from_client(cls, client: _t.Any, shape: _t.Any) -> _t.Any:
        """A container of private inputs of a client."""
    @classmethod
    def input_tensor_via(cls, player: _t.Any, content: _t.Any = ..., shape: _t.Any = ..., binary: _t.Any = ..., one_hot: _t.Any = ..., skip_input: _t.Any = ..., n_bytes: _t.Any = ...) -> _t.Any:
        """A container of data that is known while compiling, and becomes a party's private input."""
    def int_div(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """The quotient, rounded towards zero."""
    def int_mod(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """x - y * x.int_div(y)."""
    @classmethod
    def joined(cls, parts: _t.Any) -> _t.Any:
        """The vectors of a list, one after the other."""
    def legendre(self, *_: _t.Any, **__: _t.Any) -> _t.Any: ...
    def less_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self <= other."""
    def less_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self < other."""
    letter: str
    def link(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def load_int(self, value: _t.Any) -> _t.Any:
        """Sets the value to a constant."""
    @classmethod
    def load_mem(cls, address: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Reads from a raw address of this class."""
    def max(self, other: _t.Any) -> regint:
        """The larger value."""
    def min(self, other: _t.Any) -> regint:
        """The smaller value."""
    def mod2m(self, m: _t.Any, bit_length: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """The remainder modulo 2^m, at least 0."""
    def not_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self != other."""
    ops: _t.Any
    def output(self) -> _t.Any:
        """Prints the value without a line end; of secrets, this party's shares."""
    def permute(self, order: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    def pick(self, offset: _t.Any, levels: _t.Any) -> _t.Any:
        """Lanes in a strided pattern."""
    def popcnt(self) -> _t.Any:
        """How many bits are 1 in two's complement."""
    def pow2(self, bit_length: _t.Any = ...) -> _t.Any:
        """2^x for x that is not negative."""
    def prefix_sum(self) -> _t.Any:
        """Running sums."""
    def print_reg(self, comment: _t.Any = ...) -> _t.Any:
        """Prints a public register with its number, for debugging."""
    range: _t.Any
    @classmethod
    def read_from_socket(cls, socket: _t.Any, n: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """A value, or a list of n values, of `size` elements each, in one message."""
    @classmethod
    def receive_from_client(cls, n: _t.Any, client: _t.Any, *extra: _t.Any, size: _t.Any = ..., message_type: _t.Any = ...) -> _t.Any:
        """A list of n private inputs of a client, vectors of `size` elements each."""
    reg: _t.Any
    def reveal(self, check: _t.Any = ...) -> regint:
        """Public values are known already."""
    def reveal_to_binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Opens the value into the binary output file, to one party or all."""
    reveal_to_clients: _t.Any
    def right_shift(self, m: _t.Any, bit_length: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """The number divided by 2^m, rounded down: unlike cint's >> also for negative numbers."""
    def round(self, k: _t.Any, m: _t.Any, nearest: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """The number divided by 2^m: the nearest integer, halves up."""
    def secure_permute(self, number: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    def secure_shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in an order that no party knows."""
    def shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in a public random order."""
    size: _t.Any
    def square(self) -> regint:
        """The value times itself."""
    def store_in_mem(self, address: _t.Any) -> _t.Any:
        """Writes to a raw address of this class."""
    def sum(self) -> regint:
        """The sum of all lanes."""
    def to_regint(self, n_bits: _t.Any = ..., dest: _t.Any = ...) -> _t.Any:
        """The number as a regint."""
    def update(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def use(self) -> _t.Any:
        """Its number, if it may be used here."""
    @classmethod
    def view(cls, value: _t.Any) -> _t.Any:
        """The same register as one of this class."""
    write_fully_to_socket: _t.Any
    write_share_to_socket: _t.Any
    write_shares_to_socket: _t.Any
    write_to_socket: _t.Any

def runtime_error(msg: _t.Any = ..., *args: _t.Any) -> _t.Any:
    """Ends the run with a message."""

def runtime_error_if(condition: _t.Any, msg: _t.Any = ..., *args: _t.Any) -> _t.Any:
    """Ends the run with a message if the condition is not 0."""

class sbit(sbits):
    """A string of secret bits."""
    n: int
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class sbitfix:
    """A vector of fixed-point numbers of secret bits: integers in units of 2^-f, of k bits."""
    def __abs__(self) -> _t.Any: ...
    def __add__(self, other: _t.Any) -> _t.Any: ...
    def __eq__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __init__(self, value: _t.Any = ..., k: _t.Any = ..., f: _t.Any = ...) -> _t.Any: ...
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, count: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any: ...
    def __ne__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> _t.Any: ...
    def __radd__(self, other: _t.Any) -> _t.Any: ...
    def __rmul__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, count: _t.Any) -> _t.Any: ...
    def __rsub__(self, other: _t.Any) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any) -> _t.Any: ...
    def __sub__(self, other: _t.Any) -> _t.Any: ...
    def __truediv__(self, other: _t.Any) -> _t.Any: ...
    @classmethod
    def _new(cls, value: _t.Any) -> _t.Any:
        """The numbers with these integers behind."""
    def coerce(self, other: _t.Any) -> _t.Any:
        """`other` as fixed-point numbers."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a vector of this class."""
    def elements(self) -> _t.Any:
        """The numbers one by one."""
    f: int
    @classmethod
    def get_input_from(cls, player: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Private inputs of a party: decimal fractions."""
    @classmethod
    def integers(cls) -> _t.Any:
        """The type of the integers behind."""
    k: int
    def reveal(self, check: _t.Any = ...) -> _t.Any:
        """Opens the numbers."""
    rows_of_bits: bool
    def selected(self, condition: _t.Any, other: _t.Any) -> _t.Any:
        """This where the bits of the condition are 1, else the other."""
    @classmethod
    def set_precision(cls, f: _t.Any, k: _t.Any = ...) -> _t.Any:
        """Sets the bits behind the point and of the whole number."""
    @property
    def size(self) -> _t.Any:
        """How many numbers there are."""
    def to_arithmetic(self, cls: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Secret fixed-point numbers of the ring."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class sbitfixvec:
    """A vector of fixed-point numbers of secret bits: integers in units of 2^-f, of k bits."""
    def __abs__(self) -> _t.Any: ...
    def __add__(self, other: _t.Any) -> _t.Any: ...
    def __eq__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __init__(self, value: _t.Any = ..., k: _t.Any = ..., f: _t.Any = ...) -> _t.Any: ...
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, count: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any: ...
    def __ne__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> _t.Any: ...
    def __radd__(self, other: _t.Any) -> _t.Any: ...
    def __rmul__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, count: _t.Any) -> _t.Any: ...
    def __rsub__(self, other: _t.Any) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any) -> _t.Any: ...
    def __sub__(self, other: _t.Any) -> _t.Any: ...
    def __truediv__(self, other: _t.Any) -> _t.Any: ...
    @classmethod
    def _new(cls, value: _t.Any) -> _t.Any:
        """The numbers with these integers behind."""
    def coerce(self, other: _t.Any) -> _t.Any:
        """`other` as fixed-point numbers."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a vector of this class."""
    def elements(self) -> _t.Any:
        """The numbers one by one."""
    f: int
    @classmethod
    def get_input_from(cls, player: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Private inputs of a party: decimal fractions."""
    @classmethod
    def integers(cls) -> _t.Any:
        """The type of the integers behind."""
    k: int
    def reveal(self, check: _t.Any = ...) -> _t.Any:
        """Opens the numbers."""
    rows_of_bits: bool
    def selected(self, condition: _t.Any, other: _t.Any) -> _t.Any:
        """This where the bits of the condition are 1, else the other."""
    @classmethod
    def set_precision(cls, f: _t.Any, k: _t.Any = ...) -> _t.Any:
        """Sets the bits behind the point and of the whole number."""
    @property
    def size(self) -> _t.Any:
        """How many numbers there are."""
    def to_arithmetic(self, cls: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Secret fixed-point numbers of the ring."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class sbitint(sbitvec):
    """A vector of signed numbers of n bits; results have as many, and wrap around."""
    linear_rounds: bool
    def __abs__(self) -> _t.Any: ...
    def __add__(self, other: _t.Any) -> _t.Any: ...
    def __eq__(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 for each pair of equal numbers."""
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any: ...
    def __ne__(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 for each pair of different numbers."""
    def __neg__(self) -> _t.Any: ...
    def __pow__(self, exponent: _t.Any) -> _t.Any: ...
    def __radd__(self, other: _t.Any) -> _t.Any: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rmul__(self, other: _t.Any) -> _t.Any: ...
    def __rsub__(self, other: _t.Any) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any) -> _t.Any: ...
    def __sub__(self, other: _t.Any) -> _t.Any: ...
    def __truediv__(self, other: _t.Any) -> _t.Any: ...
    family: bool
    def greater_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self >= other."""
    def greater_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self > other."""
    def less_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self <= other."""
    def less_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self < other."""
    def max(self, other: _t.Any) -> _t.Any:
        """The larger number."""
    def min(self, other: _t.Any) -> _t.Any:
        """The smaller number."""
    def reveal(self, check: _t.Any = ...) -> _t.Any:
        """Opens the numbers: a public vector."""
    signed: bool
    def square(self) -> _t.Any:
        """The number times itself."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class sbitintvec(sbitvec):
    """A vector of signed numbers of n bits; results have as many, and wrap around."""
    linear_rounds: bool
    def __abs__(self) -> _t.Any: ...
    def __add__(self, other: _t.Any) -> _t.Any: ...
    def __eq__(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 for each pair of equal numbers."""
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any: ...
    def __ne__(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 for each pair of different numbers."""
    def __neg__(self) -> _t.Any: ...
    def __pow__(self, exponent: _t.Any) -> _t.Any: ...
    def __radd__(self, other: _t.Any) -> _t.Any: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rmul__(self, other: _t.Any) -> _t.Any: ...
    def __rsub__(self, other: _t.Any) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any) -> _t.Any: ...
    def __sub__(self, other: _t.Any) -> _t.Any: ...
    def __truediv__(self, other: _t.Any) -> _t.Any: ...
    family: bool
    def greater_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self >= other."""
    def greater_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self > other."""
    def less_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self <= other."""
    def less_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self < other."""
    def max(self, other: _t.Any) -> _t.Any:
        """The larger number."""
    def min(self, other: _t.Any) -> _t.Any:
        """The smaller number."""
    def reveal(self, check: _t.Any = ...) -> _t.Any:
        """Opens the numbers: a public vector."""
    signed: bool
    def square(self) -> _t.Any:
        """The number times itself."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class sbits:
    """A string of secret bits."""
    @classmethod
    def Array(cls, length: _t.Any, *_: _t.Any, **__: _t.Any) -> Array:
        """An array of strings of bits."""
    @classmethod
    def Matrix(cls, rows: _t.Any, columns: _t.Any, *_: _t.Any, **__: _t.Any) -> Matrix:
        """A matrix of strings of bits."""
    @classmethod
    def MemValue(cls, value: _t.Any = ...) -> _t.Any:
        """A cell of memory."""
    @classmethod
    def Tensor(cls, shape: _t.Any) -> MultiArray: ...
    def __add__(self, value: _t.Any) -> _t.Any: ...
    def __and__(self, value: _t.Any) -> _t.Any: ...
    def __bool__(self) -> bool: ...
    def __complex__(self, *_: _t.Any) -> _t.Any: ...
    def __eq__(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 if all bits are equal."""
    def __float__(self, *_: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __ge__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    def __gt__(self, other: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __index__(self) -> _t.Any: ...
    def __init__(self, value: _t.Any = ..., n: _t.Any = ...) -> _t.Any: ...
    def __int__(self, *_: _t.Any) -> _t.Any: ...
    def __invert__(self) -> _t.Any: ...
    def __iter__(self) -> _t.Any: ...
    def __le__(self, other: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, count: _t.Any) -> _t.Any: ...
    def __lt__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any:
        """Selection: one of the factors is a single bit."""
    def __ne__(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 if some bits differ."""
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pos__(self) -> _t.Any: ...
    def __pow__(self, other: _t.Any) -> _t.Any: ...
    def __radd__(self, value: _t.Any) -> _t.Any: ...
    def __rand__(self, value: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rmul__(self, other: _t.Any) -> _t.Any:
        """Selection: one of the factors is a single bit."""
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __round__(self, *_: _t.Any) -> _t.Any: ...
    def __rpow__(self, base: _t.Any) -> _t.Any: ...
    def __rshift__(self, count: _t.Any) -> _t.Any: ...
    def __rsub__(self, other: _t.Any) -> _t.Any: ...
    def __rtruediv__(self, other: _t.Any) -> _t.Any: ...
    def __rxor__(self, value: _t.Any) -> _t.Any: ...
    def __sub__(self, other: _t.Any) -> _t.Any: ...
    def __truediv__(self, other: _t.Any) -> _t.Any: ...
    def __trunc__(self, *_: _t.Any) -> _t.Any: ...
    def __xor__(self, value: _t.Any) -> _t.Any: ...
    def binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Appends public numbers to the binary output file, 8 bytes each, at one party or all."""
    def bit_and(self, value: _t.Any) -> _t.Any: ...
    @classmethod
    def bit_compose(cls, bits: _t.Any) -> _t.Any:
        """Single bits as one string, the first one least significant."""
    def bit_decompose(self, bit_length: _t.Any = ...) -> list:
        """The lowest bits, lowest first."""
    def bit_not(self) -> _t.Any: ...
    def bit_or(self, other: _t.Any) -> _t.Any: ...
    def bit_xor(self, value: _t.Any) -> _t.Any: ...
    @classmethod
    def compose(cls, items: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """The low `bit_length` bits of each item as one string."""
    @classmethod
    def concat(cls, *parts: _t.Any) -> _t.Any:
        """Joins strings of bits."""
    def cond_swap(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """(a, b) if this is 0, (b, a) if it is 1."""
    @classmethod
    def constant(cls, value: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Bits of a Python int, in two's complement."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as bits of this class: cut or filled with zeros to its length."""
    def copy(self, size: _t.Any = ...) -> _t.Any:
        """A new register with the same value, or with one lane repeated."""
    def equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 if all bits are equal."""
    def expand_to_vector(self, size: _t.Any = ...) -> _t.Any:
        """One lane repeated."""
    fixed: bool
    @classmethod
    def fresh(cls, size: _t.Any) -> _t.Any:
        """A new register, of the class for its length."""
    @classmethod
    def from_fixed(cls, value: _t.Any) -> _t.Any:
        """Conversion from fixed point."""
    @classmethod
    def from_number(cls, value: _t.Any, length: _t.Any) -> _t.Any:
        """The low bits of the lanes of a register of numbers, bit-major."""
    @classmethod
    def get_input_from(cls, player: _t.Any, n_bits: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """A party's private input: an integer of so many bits."""
    @classmethod
    def get_random(cls, size: _t.Any = ...) -> _t.Any:
        """Uniformly random bits."""
    @classmethod
    def get_random_bit(cls, size: _t.Any = ...) -> _t.Any:
        """A random bit."""
    def get_reverse_vector(self) -> _t.Any:
        """The lanes in reverse order."""
    @classmethod
    def get_type(cls, length: _t.Any) -> _t.Any:
        """The class of strings of `length` bits."""
    def get_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """`size` lanes from `base` on."""
    def greater_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self >= other."""
    def greater_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self > other."""
    @classmethod
    def hard_conv(cls, value: _t.Any) -> _t.Any:
        """`value` as bits of this class: cut or filled with zeros to its length."""
    def iadd(self, value: _t.Any) -> _t.Any:
        """x.update(x + value)."""
    def if_else(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """`a` where this bit is 1, `b` where it is 0."""
    @classmethod
    def input_tensor_from(cls, player: _t.Any, shape: _t.Any, binary: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def input_tensor_via(cls, player: _t.Any, content: _t.Any = ..., shape: _t.Any = ..., binary: _t.Any = ..., one_hot: _t.Any = ..., skip_input: _t.Any = ..., n_bytes: _t.Any = ...) -> _t.Any:
        """A container of data that is known while compiling, and becomes a party's private input."""
    @classmethod
    def joined(cls, parts: _t.Any) -> _t.Any:
        """The vectors of a list, one after the other."""
    def less_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self <= other."""
    def less_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """self < other."""
    letter: str
    def link(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def load_int(self, value: _t.Any) -> _t.Any:
        """Sets the value to a constant."""
    @classmethod
    def load_mem(cls, address: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Reads from a raw address."""
    def max(self, other: _t.Any) -> _t.Any:
        """The larger value."""
    def min(self, other: _t.Any) -> _t.Any:
        """The smaller value."""
    n: _t.Any
    def not_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 if some bits differ."""
    ops: _t.Any
    def output(self) -> _t.Any:
        """Prints the value without a line end; of secrets, this party's shares."""
    def permute(self, order: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    def pick(self, offset: _t.Any, levels: _t.Any) -> _t.Any:
        """Lanes in a strided pattern."""
    def popcnt(self) -> _t.Any:
        """How many bits are 1, as a number that is not negative."""
    def prefix_sum(self) -> _t.Any:
        """Running sums."""
    def print_reg(self, comment: _t.Any = ...) -> _t.Any:
        """Prints a public register with its number, for debugging."""
    reg: _t.Any
    def resized(self, length: _t.Any) -> _t.Any:
        """The same bits, cut or filled with zeros."""
    def reveal(self, check: _t.Any = ...) -> _t.Any:
        """Opens the bits: a public number, negative if the highest bit is set."""
    def reveal_print_hex(self) -> _t.Any:
        """Opens and prints the bits in hexadecimal."""
    def reveal_to_binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Opens the value into the binary output file, to one party or all."""
    def secure_permute(self, number: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    def secure_shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in an order that no party knows."""
    def shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in a public random order."""
    size: _t.Any
    def square(self) -> _t.Any:
        """The value times itself."""
    def store_in_mem(self, address: _t.Any) -> _t.Any:
        """Writes to a raw address."""
    def sum(self) -> _t.Any:
        """The sum of all lanes."""
    def to_arithmetic(self, cls: _t.Any, size: _t.Any = ...) -> _t.Any:
        """The number without sign that the bits are, in another class."""
    @classmethod
    def trans(cls, rows: _t.Any) -> _t.Any:
        """The transpose of a matrix of bits: item k has bit k of each row."""
    def update(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def use(self) -> _t.Any:
        """Its number, if it may be used here."""
    @classmethod
    def view(cls, value: _t.Any) -> _t.Any:
        """The same register as one of this class."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class sbitvec:
    """A vector of strings of bits."""
    @classmethod
    def Array(cls, length: _t.Any, *_: _t.Any, **__: _t.Any) -> Array:
        """An array of numbers: elements are strings of bits of their length."""
    @classmethod
    def Matrix(cls, length: _t.Any, *_: _t.Any, **__: _t.Any) -> Matrix:
        """An array of numbers: elements are strings of bits of their length."""
    def __add__(self, other: _t.Any) -> _t.Any: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __bool__(self) -> bool: ...
    def __eq__(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 for each pair of equal numbers."""
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __init__(self, elements: _t.Any = ..., length: _t.Any = ..., input_length: _t.Any = ...) -> _t.Any: ...
    def __invert__(self) -> _t.Any: ...
    def __iter__(self) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, count: _t.Any) -> _t.Any: ...
    def __mul__(self, other: _t.Any) -> _t.Any:
        """Selection by a single bit, or one for each number."""
    def __ne__(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 for each pair of different numbers."""
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __radd__(self, other: _t.Any) -> _t.Any: ...
    def __rand__(self, other: _t.Any) -> _t.Any: ...
    def __rmul__(self, other: _t.Any) -> _t.Any:
        """Selection by a single bit, or one for each number."""
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, count: _t.Any) -> _t.Any: ...
    def __rxor__(self, other: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    @classmethod
    def bit_compose(cls, bits: _t.Any) -> _t.Any:
        """The vector with these rows, lowest first."""
    def bit_decompose(self, bit_length: _t.Any = ...) -> list:
        """The rows, lowest first."""
    def coerce(self, other: _t.Any) -> _t.Any:
        """`other` as a vector of this class, or an error."""
    @classmethod
    def compose(cls, items: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """Rows of all items, one after the other, `bit_length` of each."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a vector of this class."""
    def elements(self, start: _t.Any = ..., stop: _t.Any = ...) -> _t.Any:
        """The numbers as strings of bits, one each."""
    def equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 for each pair of equal numbers."""
    family: bool
    @classmethod
    def from_hex(cls, string: _t.Any, reverse: _t.Any = ...) -> _t.Any:
        """From hexadecimal digits of bytes, the first byte least significant.

        With `reverse` the first byte is the most significant one, as numbers are written.
        """
    @classmethod
    def from_matrix(cls, matrix: _t.Any) -> _t.Any:
        """From a matrix of bits: row j has bit j of all numbers."""
    @classmethod
    def from_vec(cls, vector: _t.Any) -> _t.Any:
        """From the list of rows: bit j of all numbers is string j."""
    @classmethod
    def get_input_from(cls, player: _t.Any, size: _t.Any = ..., n_bits: _t.Any = ...) -> _t.Any:
        """Private inputs of a party: `size` integers."""
    @classmethod
    def get_random(cls, size: _t.Any = ...) -> _t.Any:
        """Uniformly random numbers."""
    @classmethod
    def get_random_bit(cls, size: _t.Any = ...) -> _t.Any:
        """Random numbers 0 and 1 of one bit."""
    @classmethod
    def get_type(cls, length: _t.Any) -> _t.Any:
        """The class of vectors of numbers of `length` bits."""
    n: _t.Any
    def not_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """1 for each pair of different numbers."""
    @classmethod
    def of(cls, matrix: _t.Any, lanes: _t.Any) -> _t.Any:
        """The vector with this matrix."""
    def opened(self) -> _t.Any:
        """The numbers as a public vector, or bits if the ring is too small for them."""
    @classmethod
    def plain(cls) -> _t.Any:
        """The class without a fixed length, if results have another one."""
    def popcnt(self) -> _t.Any:
        """How many bits of each number are 1."""
    def reveal(self, check: _t.Any = ...) -> _t.Any:
        """Opens the numbers."""
    def reveal_print_hex(self) -> _t.Any:
        """Opens and prints in hexadecimal, one line for each number."""
    rows_of_bits: bool
    def selected(self, condition: _t.Any, other: _t.Any) -> _t.Any:
        """This where the bits of the condition are 1, else the other."""
    signed: bool
    def single(self) -> _t.Any:
        """The only number as a string of bits."""
    @property
    def size(self) -> _t.Any:
        """How many numbers there are."""
    def to_arithmetic(self, cls: _t.Any, size: _t.Any = ...) -> _t.Any:
        """A vector of secret numbers."""
    def update(self, value: _t.Any) -> _t.Any:
        """Gives other contents at run time."""
    @property
    def v(self) -> _t.Any:
        """The rows."""
    def __getattr__(self, name: str) -> _t.Any: ...
    def __setattr__(self, name: str, value: _t.Any) -> None: ...

class sfix:
    """A vector of secret fixed-point numbers."""
    @_t.overload
    def __add__(self, other: _t.Union[float, regint, cint, sint, cfix, sfix]) -> sfix: ...
    @_t.overload
    def __add__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __sub__(self, other: _t.Union[float, regint, cint, sint, cfix, sfix]) -> sfix: ...
    @_t.overload
    def __sub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __mul__(self, other: _t.Union[float, regint, cint, sint, cfix, sfix]) -> sfix: ...
    @_t.overload
    def __mul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __radd__(self, other: _t.Union[float, regint, cint, sint, cfix, sfix]) -> sfix: ...
    @_t.overload
    def __radd__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[float, regint, cint, sint, cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rsub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[float, regint, cint, sint, cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rmul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[float, regint, cint, sint, cfix, sfix]) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[float, regint, cint, sint, cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __lt__(self, other: _t.Union[float, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __lt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[float, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[float, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[float, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[float, regint, cint, cfix]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[float, regint, cint, cfix]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    def __bool__(self) -> _secret_has_no_truth_value_use_if_else: ...
    def __iter__(self) -> _t.Iterator[sfix]: ...
    @classmethod
    def Array(cls, length: _t.Any, *_: _t.Any, **__: _t.Any) -> Array: ...
    @classmethod
    def Matrix(cls, rows: _t.Any, columns: _t.Any, *_: _t.Any, **__: _t.Any) -> Matrix: ...
    @classmethod
    def MemValue(cls, value: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def Tensor(cls, shape: _t.Any) -> MultiArray: ...
    def __abs__(self) -> sfix: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __complex__(self, *_: _t.Any) -> _t.Any: ...
    def __float__(self, *_: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __index__(self) -> _t.Any: ...
    def __init__(self, v: _t.Any = ..., k: _t.Any = ..., f: _t.Any = ..., size: _t.Any = ...) -> _t.Any: ...
    def __int__(self, *_: _t.Any) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> sfix: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pos__(self) -> sfix: ...
    def __pow__(self, exponent: _t.Any) -> _t.Any: ...
    def __rand__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rlshift__(self, other: _t.Any) -> _t.Any: ...
    def __rmod__(self, other: _t.Any) -> _t.Any: ...
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __round__(self, *_: _t.Any) -> _t.Any: ...
    def __rpow__(self, base: _t.Any) -> _t.Any: ...
    def __rrshift__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, other: _t.Any) -> _t.Any: ...
    def __rxor__(self, other: _t.Any) -> _t.Any: ...
    def __trunc__(self, *_: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    @classmethod
    def _new(cls, value: _t.Any, k: _t.Any = ..., f: _t.Any = ...) -> _t.Any:
        """The fixed-point number of an integer."""
    base: _t.Any
    def binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Appends public numbers to the binary output file, 8 bytes each, at one party or all."""
    def bit_and(self, other: _t.Any) -> _t.Any:
        """Logical and of 0/1 values."""
    @classmethod
    def bit_compose(cls, bits: _t.Any) -> _t.Any:
        """The sum of bits[i] * 2^i."""
    def bit_not(self) -> _t.Any:
        """1 - x."""
    def bit_or(self, other: _t.Any) -> _t.Any:
        """Logical or of 0/1 values."""
    def bit_xor(self, other: _t.Any) -> _t.Any:
        """Exclusive or of 0/1 values."""
    clear_type: _t.Any
    concat: _t.Any
    def cond_swap(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """(a, b) if this is 0, (b, a) if it is 1."""
    @classmethod
    def constant(cls, value: _t.Any, size: _t.Any = ...) -> _t.Any:
        """A register filled with a Python number."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def copy(self, size: _t.Any = ...) -> _t.Any:
        """A new register with the same value, or with one lane repeated."""
    @classmethod
    def dot_product(cls, x: _t.Any, y: _t.Any) -> _t.Any:
        """The inner product, rounded once."""
    def equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def expand_to_vector(self, size: _t.Any = ...) -> _t.Any:
        """One lane repeated."""
    f: int
    fixed: bool
    @classmethod
    def fresh(cls, size: _t.Any) -> _t.Any:
        """A new register without a value."""
    @classmethod
    def from_fixed(cls, value: _t.Any) -> _t.Any:
        """Conversion from fixed point."""
    @classmethod
    def from_value(cls, value: _t.Any, size: _t.Any = ...) -> _t.Any:
        """A register of this class for anything that can be converted."""
    @classmethod
    def get_input_from(cls, player: _t.Any, size: _t.Any = ..., binary: _t.Any = ...) -> sfix:
        """Private inputs of a party, decimal fractions, rounded to f bits."""
    @classmethod
    def get_prec_type(cls, f: _t.Any, k: _t.Any = ...) -> _t.Any:
        """The class with another precision."""
    @classmethod
    def get_random(cls, lower: _t.Any, upper: _t.Any, symmetric: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """Secrets that are uniform among the numbers of this precision from `lower` to before `upper`.

        With a range that is no power of two, no number is more likely than another one by a factor of
        more than 1 + 2^-28.
        """
    @classmethod
    def get_random_inverse(cls, *_: _t.Any, **__: _t.Any) -> _t.Any:
        """Not in a ring."""
    @classmethod
    def get_raw_input_from(cls, player: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Integers in units of 2^-f as they lie in a party's binary file."""
    def get_reverse_vector(self) -> sfix:
        """The lanes in reverse order."""
    @classmethod
    def get_type(cls, length: _t.Any) -> _t.Any:
        """The class for values of `length` bits, or vectors: itself."""
    def get_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> sfix:
        """`size` lanes from `base` on."""
    def greater_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def greater_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def hard_conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def iadd(self, value: _t.Any) -> _t.Any:
        """x.update(x + value)."""
    def if_else(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """`a` where this is 1, `b` where it is 0."""
    @classmethod
    def input_from_workers(cls, player: _t.Any, size: _t.Any = ...) -> sfix:
        """In a distributed loop with `parts=`: the next decimal fractions of the chunk's part."""
    @classmethod
    def input_tensor_from(cls, player: _t.Any, shape: _t.Any, binary: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def input_tensor_from_client(cls, client: _t.Any, shape: _t.Any) -> _t.Any:
        """A container of private inputs of a client."""
    @classmethod
    def input_tensor_via(cls, player: _t.Any, content: _t.Any = ..., shape: _t.Any = ..., binary: _t.Any = ..., one_hot: _t.Any = ..., skip_input: _t.Any = ..., n_bytes: _t.Any = ...) -> _t.Any:
        """A container of data that is known while compiling, and becomes a party's private input."""
    int_type: _t.Any
    integer: _t.Any
    @classmethod
    def joined(cls, parts: _t.Any) -> _t.Any:
        """The vectors of a list, one after the other."""
    k: int
    def less_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def less_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    letter: str
    def link(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def load_int(self, value: _t.Any) -> _t.Any:
        """Sets the value to a constant."""
    @classmethod
    def load_mem(cls, address: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Reads from a raw address of this class."""
    def max(self, other: _t.Any) -> sfix:
        """The larger value."""
    def min(self, other: _t.Any) -> sfix:
        """The smaller value."""
    def not_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def of_precision(cls, k: _t.Any = ..., f: _t.Any = ...) -> _t.Any:
        """The class of values with these bits, by default those of `cls` now."""
    ops: _t.Any
    def output(self) -> _t.Any:
        """Prints the value without a line end; of secrets, this party's shares."""
    def permute(self, order: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    def pick(self, offset: _t.Any, levels: _t.Any) -> _t.Any:
        """Lanes in a strided pattern."""
    def prefix_sum(self) -> _t.Any:
        """Running sums."""
    def print_reg(self, comment: _t.Any = ...) -> _t.Any:
        """Prints a public register with its number, for debugging."""
    @classmethod
    def raw(cls, value: _t.Any) -> _t.Any:
        """An operand as a Python int or a register in units of 2^-f, or None for other types."""
    @classmethod
    def read_from_file(cls, start: _t.Any, n_items: _t.Any = ..., crash_if_missing: _t.Any = ...) -> _t.Any:
        """(position behind them, list of n secrets); the position is -1 at the end, -2 without file."""
    @classmethod
    def read_from_socket(cls, socket: _t.Any, n: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """A value, or a list of n values, of `size` elements each, in one message."""
    @classmethod
    def receive_from_client(cls, n: _t.Any, client: _t.Any, *extra: _t.Any, size: _t.Any = ..., message_type: _t.Any = ...) -> _t.Any:
        """A list of n private inputs of a client, vectors of `size` elements each."""
    reg: _t.Any
    def reveal(self, check: _t.Any = ...) -> cfix:
        """Opens the value to everybody."""
    def reveal_to(self, player: _t.Any) -> _t.Any:
        """Opens the value to one party."""
    def reveal_to_binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Opens the value into the binary output file, to one party or all."""
    reveal_to_clients: _t.Any
    round_nearest: bool
    @classmethod
    def rounded(cls, product: _t.Any, shift: _t.Any) -> _t.Any:
        """A product of k + shift bits divided by 2^shift."""
    @classmethod
    def rounding(cls) -> _t.Any:
        """How products and quotients of secrets are rounded."""
    @classmethod
    def scaled(cls, number: _t.Any) -> _t.Any:
        """The integer for a Python number."""
    def secure_permute(self, number: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    def secure_shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in an order that no party knows."""
    @classmethod
    def set_precision(cls, f: _t.Any, k: _t.Any = ...) -> _t.Any:
        """Fractional bits and, by default twice as many, total bits of values made from now on."""
    @classmethod
    def set_precision_from_args(cls, program: _t.Any, adapt_ring: _t.Any = ...) -> _t.Any:
        """Precision from arguments f16, k31, and rounding from the argument nearest.

        With `adapt_ring` the ring must have room for products; it is chosen by -R.
        """
    def shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in a public random order."""
    size: _t.Any
    def sqrt(self) -> _t.Any:
        """The square root is a function."""
    def square(self) -> sfix:
        """The value times itself."""
    def store_in_mem(self, address: _t.Any) -> _t.Any:
        """Writes to a raw address of this class."""
    def sum(self) -> sfix:
        """The sum of all lanes."""
    def update(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def use(self) -> _t.Any:
        """Its number, if it may be used here."""
    @property
    def v(self) -> _t.Any:
        """The integer."""
    @classmethod
    def view(cls, value: _t.Any) -> _t.Any:
        """The same register as one of this class."""
    @classmethod
    def wrap(cls, raw: _t.Any) -> _t.Any:
        """The number of this precision for a public or secret integer."""
    write_fully_to_socket: _t.Any
    write_share_to_socket: _t.Any
    write_shares_to_socket: _t.Any
    @classmethod
    def write_to_file(cls, values: _t.Any, position: _t.Any = ...) -> _t.Any:
        """Stores a list of secrets, or a container, behind the last one or from a position on."""
    write_to_socket: _t.Any

def sha256(x: _t.Any) -> _t.Any:
    """SHA-256 of each of a vector of messages: numbers whose first byte is the most significant."""

def sha3_256(x: _t.Any) -> _t.Any:
    """SHA3-256 of each of a vector of messages: bit 8·i + j is bit j of byte i (FIPS 202, B.1)."""

class sint:
    """A vector of secret ring elements."""
    @_t.overload
    def __add__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __add__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __add__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __sub__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __sub__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __sub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __mul__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __mul__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __mul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __radd__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __radd__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __radd__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rsub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rmul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[int, regint, cint, sint]) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[int, regint, cint, sint]) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __lt__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __lt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    def __bool__(self) -> _secret_has_no_truth_value_use_if_else: ...
    def __iter__(self) -> _t.Iterator[sint]: ...
    @classmethod
    def Array(cls, length: _t.Any, *_: _t.Any, **__: _t.Any) -> Array: ...
    @classmethod
    def Matrix(cls, rows: _t.Any, columns: _t.Any, *_: _t.Any, **__: _t.Any) -> Matrix: ...
    @classmethod
    def MemValue(cls, value: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def Tensor(cls, shape: _t.Any) -> MultiArray: ...
    def __abs__(self) -> sint: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __complex__(self, *_: _t.Any) -> _t.Any: ...
    def __float__(self, *_: _t.Any) -> _t.Any: ...
    def __floordiv__(self, other: _t.Any) -> _t.Any: ...
    def __getitem__(self, index: _t.Any) -> _t.Any: ...
    __hash__: _t.Any
    def __index__(self) -> _t.Any: ...
    def __init__(self, value: _t.Any = ..., size: _t.Any = ...) -> _t.Any: ...
    def __int__(self, *_: _t.Any) -> _t.Any: ...
    def __invert__(self) -> _t.Any: ...
    def __len__(self) -> int: ...
    def __lshift__(self, other: _t.Any) -> _t.Any: ...
    def __mod__(self, other: _t.Any) -> _t.Any: ...
    def __neg__(self) -> sint: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __pos__(self) -> sint: ...
    def __pow__(self, exponent: _t.Any) -> _t.Any: ...
    def __rand__(self, other: _t.Any) -> _t.Any: ...
    def __repr__(self) -> str: ...
    def __rfloordiv__(self, other: _t.Any) -> _t.Any: ...
    def __rlshift__(self, other: _t.Any) -> _t.Any: ...
    def __rmod__(self, other: _t.Any) -> _t.Any: ...
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __round__(self, *_: _t.Any) -> _t.Any: ...
    def __rpow__(self, base: _t.Any) -> _t.Any: ...
    def __rrshift__(self, other: _t.Any) -> _t.Any: ...
    def __rshift__(self, other: _t.Any) -> _t.Any: ...
    def __rxor__(self, other: _t.Any) -> _t.Any: ...
    def __trunc__(self, *_: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    def binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Appends public numbers to the binary output file, 8 bytes each, at one party or all."""
    def bit_and(self, other: _t.Any) -> _t.Any:
        """Logical and of 0/1 values."""
    @classmethod
    def bit_compose(cls, bits: _t.Any) -> _t.Any:
        """The sum of bits[i] * 2^i."""
    def bit_decompose(self, bit_length: _t.Any = ...) -> list:
        """The lowest bits, lowest first; two's complement for negative numbers."""
    def bit_not(self) -> _t.Any:
        """1 - x."""
    def bit_or(self, other: _t.Any) -> _t.Any:
        """Logical or of 0/1 values."""
    bit_type: _t.Any
    def bit_xor(self, other: _t.Any) -> _t.Any:
        """Exclusive or of 0/1 values."""
    concat: _t.Any
    def cond_swap(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """(a, b) if this is 0, (b, a) if it is 1."""
    @classmethod
    def constant(cls, value: _t.Any, size: _t.Any = ...) -> _t.Any:
        """A register filled with a Python int."""
    @classmethod
    def conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def copy(self, size: _t.Any = ...) -> _t.Any:
        """A new register with the same value, or with one lane repeated."""
    @classmethod
    def dot_product(cls, x: _t.Any, y: _t.Any) -> _t.Any:
        """The inner product at the cost of one multiplication."""
    def equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def expand_to_vector(self, size: _t.Any = ...) -> _t.Any:
        """One lane repeated."""
    def field_div(self, *_: _t.Any, **__: _t.Any) -> _t.Any: ...
    fixed: bool
    @classmethod
    def fresh(cls, size: _t.Any) -> _t.Any:
        """A new register without a value."""
    @classmethod
    def from_fixed(cls, value: _t.Any) -> _t.Any:
        """The nearest integer, halves up."""
    @classmethod
    def from_register(cls, value: _t.Any) -> _t.Any:
        """A sharing of a public value."""
    @classmethod
    def get_input_from(cls, player: _t.Any, size: _t.Any = ..., binary: _t.Any = ...) -> sint:
        """Private inputs of a party, `size` numbers."""
    @classmethod
    def get_random(cls, size: _t.Any = ...) -> _t.Any:
        """Uniformly random elements of the ring."""
    @classmethod
    def get_random_bit(cls, size: _t.Any = ...) -> _t.Any:
        """Random secrets that are 0 or 1."""
    @classmethod
    def get_random_int(cls, bits: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Random secrets from 0 to 2^bits - 1."""
    @classmethod
    def get_random_inverse(cls, *_: _t.Any, **__: _t.Any) -> _t.Any:
        """Not in a ring."""
    @classmethod
    def get_random_square(cls, size: _t.Any = ...) -> _t.Any:
        """a and a * a for a uniform a."""
    @classmethod
    def get_random_triple(cls, size: _t.Any = ...) -> _t.Any:
        """a, b and a * b for uniform a and b."""
    @classmethod
    def get_raw_input_from(cls, player: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Elements of the ring as they lie in a party's binary file."""
    def get_reverse_vector(self) -> sint:
        """The lanes in reverse order."""
    @classmethod
    def get_secure_shuffle(cls, n: _t.Any) -> _t.Any:
        """The number of a new permutation of n rows that no party knows."""
    @classmethod
    def get_type(cls, length: _t.Any) -> _t.Any:
        """The class for values of `length` bits, or vectors: itself."""
    def get_vector(self, base: _t.Any = ..., size: _t.Any = ...) -> sint:
        """`size` lanes from `base` on."""
    def greater_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def greater_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def hard_conv(cls, value: _t.Any) -> _t.Any:
        """`value` as a register of this class; itself if it is one."""
    def iadd(self, value: _t.Any) -> _t.Any:
        """x.update(x + value)."""
    def if_else(self, a: _t.Any, b: _t.Any) -> _t.Any:
        """`a` where this is 1, `b` where it is 0."""
    @classmethod
    def input_from_workers(cls, player: _t.Any, size: _t.Any = ...) -> sint:
        """In a distributed loop with `parts=`: the next `size` numbers of the chunk's part."""
    @classmethod
    def input_tensor_from(cls, player: _t.Any, shape: _t.Any, binary: _t.Any = ...) -> _t.Any: ...
    @classmethod
    def input_tensor_from_client(cls, client: _t.Any, shape: _t.Any) -> _t.Any:
        """A container of private inputs of a client."""
    @classmethod
    def input_tensor_via(cls, player: _t.Any, content: _t.Any = ..., shape: _t.Any = ..., binary: _t.Any = ..., one_hot: _t.Any = ..., skip_input: _t.Any = ..., n_bytes: _t.Any = ...) -> _t.Any:
        """A container of data that is known while compiling, and becomes a party's private input."""
    def int_div(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """The quotient of numbers of `bit_length` bits, rounded down; anything if `other` is 0."""
    def int_mod(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any:
        """x - y * x.int_div(y)."""
    def inverse_permutation(self) -> _t.Any:
        """For a vector that is a permutation of 0, 1, …: where each number stands."""
    @classmethod
    def joined(cls, parts: _t.Any) -> _t.Any:
        """The vectors of a list, one after the other."""
    def legendre(self, *_: _t.Any, **__: _t.Any) -> _t.Any: ...
    def less_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    def less_than(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    letter: str
    def link(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def load_int(self, value: _t.Any) -> _t.Any:
        """Sets the value to a constant."""
    @classmethod
    def load_mem(cls, address: _t.Any, size: _t.Any = ...) -> _t.Any:
        """Reads from a raw address of this class."""
    def max(self, other: _t.Any) -> sint:
        """The larger value."""
    def min(self, other: _t.Any) -> sint:
        """The smaller value."""
    def mod2m(self, m: _t.Any, bit_length: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """The remainder modulo 2^m, at least 0."""
    def not_equal(self, other: _t.Any, bit_length: _t.Any = ...) -> _t.Any: ...
    ops: _t.Any
    def output(self) -> _t.Any:
        """Prints the value without a line end; of secrets, this party's shares."""
    def permute(self, order: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """Row order[i] taken to place i; reversed, row i moved to place order[i]."""
    def pick(self, offset: _t.Any, levels: _t.Any) -> _t.Any:
        """Lanes in a strided pattern."""
    def popcnt(self, bit_length: _t.Any = ...) -> _t.Any:
        """How many of the lowest bits are 1; all of the program's length by default."""
    def pow2(self, bit_length: _t.Any = ...) -> _t.Any:
        """2^x, for x from 0 to `bit_length` - 1."""
    def prefix_sum(self) -> _t.Any:
        """Running sums."""
    def print_reg(self, comment: _t.Any = ...) -> _t.Any:
        """Prints a public register with its number, for debugging."""
    @classmethod
    def read_from_file(cls, start: _t.Any, n_items: _t.Any = ..., crash_if_missing: _t.Any = ...) -> _t.Any:
        """(position behind them, list of n secrets); the position is -1 at the end, -2 without file."""
    @classmethod
    def read_from_socket(cls, socket: _t.Any, n: _t.Any = ..., size: _t.Any = ...) -> _t.Any:
        """A value, or a list of n values, of `size` elements each, in one message."""
    @classmethod
    def receive_from_client(cls, n: _t.Any, client: _t.Any, *extra: _t.Any, size: _t.Any = ..., message_type: _t.Any = ...) -> _t.Any:
        """A list of n private inputs of a client, vectors of `size` elements each."""
    reg: _t.Any
    def reveal(self, check: _t.Any = ...) -> cint:
        """Opens the value to everybody."""
    def reveal_to(self, player: _t.Any) -> _t.Any:
        """Opens the value to one party."""
    def reveal_to_binary_output(self, player: _t.Any = ...) -> _t.Any:
        """Opens the value into the binary output file, to one party or all."""
    reveal_to_clients: _t.Any
    def right_shift(self, m: _t.Any, bit_length: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """The number divided by 2^m, rounded down."""
    def round(self, k: _t.Any, m: _t.Any, nearest: _t.Any = ..., signed: _t.Any = ...) -> _t.Any:
        """A number of k bits divided by 2^m, to a neighbor or the nearest integer."""
    def secure_permute(self, number: _t.Any, unit_size: _t.Any = ..., reverse: _t.Any = ...) -> _t.Any:
        """The rows permuted by a permutation of get_secure_shuffle, or put back in order."""
    def secure_shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in an order that no party knows."""
    def shuffle(self, unit_size: _t.Any = ...) -> _t.Any:
        """The rows in a public random order."""
    size: _t.Any
    def square(self) -> sint:
        """The value times itself."""
    def store_in_mem(self, address: _t.Any) -> _t.Any:
        """Writes to a raw address of this class."""
    def sum(self) -> sint:
        """The sum of all lanes."""
    def update(self, value: _t.Any) -> _t.Any:
        """Gives this register another value at run time."""
    def use(self) -> _t.Any:
        """Its number, if it may be used here."""
    @classmethod
    def view(cls, value: _t.Any) -> _t.Any:
        """The same register as one of this class."""
    write_fully_to_socket: _t.Any
    write_share_to_socket: _t.Any
    write_shares_to_socket: _t.Any
    @classmethod
    def write_to_file(cls, values: _t.Any, position: _t.Any = ...) -> _t.Any:
        """Stores a list of secrets, or a container, behind the last one or from a position on."""
    write_to_socket: _t.Any

def sint_cint_division(a: _t.Any, b: _t.Any, k: _t.Any, f: _t.Any, kappa: _t.Any = ..., nearest: _t.Any = ...) -> _t.Any:
    """a / b in units of 2^-f, for integers of k bits in these units, b public."""

class sintbit(sint):
    """A secret integer that is 0 or 1, so that & | ^ are logical."""
    @_t.overload
    def __add__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __add__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __add__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __sub__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __sub__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __sub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __mul__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __mul__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __mul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __radd__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __radd__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __radd__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __rsub__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rsub__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[int, regint, cint, sint]) -> sint: ...
    @_t.overload
    def __rmul__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rmul__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[int, regint, cint, sint]) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __truediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[int, regint, cint, sint]) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: _t.Union[cfix, sfix]) -> sfix: ...
    @_t.overload
    def __rtruediv__(self, other: _Container) -> _t.Any: ...
    @_t.overload
    def __lt__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __lt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __le__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __gt__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...
    @_t.overload
    def __ge__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __eq__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[int, regint, cint, cfix]) -> sintbit: ...  # type: ignore[override]
    @_t.overload  # type: ignore[override]
    def __ne__(self, other: _t.Union[sint, sfix, _Container]) -> sintbit: ...  # type: ignore[override]
    def __bool__(self) -> _secret_has_no_truth_value_use_if_else: ...
    def __iter__(self) -> _t.Iterator[sintbit]: ...
    def __and__(self, other: _t.Any) -> _t.Any: ...
    def __or__(self, other: _t.Any) -> _t.Any: ...
    def __rand__(self, other: _t.Any) -> _t.Any: ...
    def __ror__(self, other: _t.Any) -> _t.Any: ...
    def __rxor__(self, other: _t.Any) -> _t.Any: ...
    def __xor__(self, other: _t.Any) -> _t.Any: ...
    def bit_and(self, other: _t.Any) -> _t.Any:
        """Logical and."""
    def bit_not(self) -> _t.Any:
        """1 - x."""
    def bit_or(self, other: _t.Any) -> _t.Any:
        """Logical or."""
    def bit_xor(self, other: _t.Any) -> _t.Any:
        """Exclusive or."""

def sort(values: _t.Any) -> _t.Any:
    """A sorted list of the values of a list; arrays are sorted in place."""

def start_timer(timer_id: _t.Any = ...) -> _t.Any:
    """Starts a timer."""

def stop_timer(timer_id: _t.Any = ...) -> _t.Any:
    """Stops a timer and prints what it has measured."""

def sum(values: _t.Any, start: _t.Any = ...) -> _t.Any:
    """Python's sum; vectors and arrays are added by one instruction."""

def tree_reduce(function: _t.Any, sequence: _t.Any) -> _t.Any:
    """A balanced reduction of a list."""

def tree_reduce_multithread(n_threads: _t.Any, function: _t.Any, vector: _t.Any) -> _t.Any:
    """A balanced reduction of a vector: each step reduces all neighbors at once."""

def unmemorize(value: _t.Any) -> _t.Any:
    """Loads what memorize has stored."""

util: _t.Any

def while_do(condition: _t.Any, *state: _t.Any) -> _t.Any:
    """@while_do(f): repeats the body while f() is not 0; with more arguments, they are state."""

def writesharestofile(position: _t.Any, *values: _t.Any) -> _t.Any:
    """The instruction form: stores secrets from a position on, -1 for the end."""
