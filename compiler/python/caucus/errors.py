"""What the front end refuses, with a code, a cause and a remedy.

Errors of the language are also the Python exceptions that programs expect (``TypeError``,
``IndexError``…), so that programs which catch those keep working.
"""

#: What each code means; the text of ``caucus explain``.
CODES = {
    "E0101": "The program is not valid Python.",
    "E0102": "The program raised an exception while it was compiled.",
    "E0103": "The program ended the compiler, for example by calling exit().",
    "E0104": "The program cannot be read.",
    "E0201": "An operation does not exist for values of these types.",
    "E0202": "A value that exists at run time only is needed while compiling, or a secret decides.",
    "E0203": "The index of a parallel loop cannot be changed.",
    "E0204": "An index is out of range or not usable as an index.",
    "E0205": "The bounds of a loop are not public integers.",
    "E0206": "An else part has no branch directly before it.",
    "E0207": "A secret cannot be printed.",
    "E0208": "The number of %s differs from the number of arguments.",
    "E0209": "Vectors or containers have lengths that do not fit.",
    "E0210": "A part of the language that is not available yet in this version.",
    "E0211": "A program argument is missing.",
    "E0212": "The body of a loop or branch takes other parameters than it is given.",
    "E0213": "The body of a branch returns a value, or that of a loop does not where it must.",
    "E0214": "A list of the program is changed in a run-time branch.",
    "E0215": "A number does not fit the domain.",
    "E0216": "break_loop() stands outside of a loop that can be left.",
    "E0217": "An array is used outside of the parallel loop that declares it.",
    "E0218": "A value known to one party is used at another.",
    "E0219": "An argument has a value that makes no sense here.",
    "E0220": "An operation needs more bits than the ring has.",
    "E0230": "A number of bits makes no sense here.",
    "E0231": "Opened bits are too many for a number of the ring.",
    "E0232": "A precision of fixed-point numbers of secret bits makes no sense.",
    "E0233": "The elements of an array of secret bits have no fixed length.",
    "E0234": "The file of a circuit is damaged.",
    "E0235": "There is no circuit with this name.",
    "E0236": "A circuit is given inputs that do not fit.",
    "E0237": "A hash takes whole bytes.",
    "E0240": "Only secrets can be put into a secret order.",
    "E0241": "A secret permutation is named by the number that sint.get_secure_shuffle gives.",
    "E0242": "A list that should be a permutation is none.",
    "E0243": "Random inverses exist in fields only.",
    "E0270": "A name is used that has no value on every way through a run-time branch or loop.",
    "E0271": "A function returns different things on the ways through a run-time branch.",
    "E0272": "A break would leave a loop that runs while the program is compiled.",
    "E0273": "A jump depends on a run-time condition at a place where it cannot.",
    "E0274": "An exception leaves a run-time branch or loop.",
    "E0275": "A name stands for values of different kinds in the passes of a run-time loop.",
    "E0276": "@export makes functions callable from a host program, which does not exist here.",
    "E0277": "An operation of fields is used in a ring.",
    "E0250": "Data of the program cannot be written to a party's input file.",
    "E0251": "Data of the program is input in a loop, branch or thread.",
    "E0252": "Files that all parties use in the same order are used in a thread.",
    "E0253": "Inputs of workers are taken where no node has a part of them.",
    "E0260": "Private inputs or outputs of clients are asked of a type that has none.",
    "E0261": "A message to or from a client has a type.",
    "E0290": "The program is too large.",
    "E0301": "A register of one thread is used in another.",
    "E0306": "A thread cannot start threads.",
    "E0309": "A distributed loop does what only the main node can do.",
    "E0311": "A checkpoint stands where a run cannot be continued.",
}


#: The remedy of each code, for errors that have no better one.
REMEDIES = {
    "E0201": "convert one side first; `caucus explain E0201` shows which types go together",
    "E0202": "make it a Python number, or keep to operations of the language "
             "(`caucus explain E0202`)",
    "E0203": "use @for_range, whose loop variable is the counter itself",
    "E0204": "an index is an integer from 0 to the length - 1; negative ones count from the end",
    "E0205": "bounds and step of a loop are public integers, and the step is not 0",
    "E0206": "every if_then() needs an end_if(), every @else_ an @if_e right above it",
    "E0207": "open it with .reveal()",
    "E0208": "give one argument for each %s",
    "E0209": "both must have the same length, or one of them length 1",
    "E0210": "docs/compatibility.md lists what is available",
    "E0211": "give it after the program's name on the command line",
    "E0212": "a loop gives its body one index for each dimension, a branch gives nothing",
    "E0213": "change a register that exists outside: x.update(value)",
    "E0214": "use an Array or a MemValue",
    "E0215": "use a larger ring (-R 128) or more bits",
    "E0216": "break_loop() works in @for_range, @while_do and @do_while",
    "E0217": "declare the array before the loop",
    "E0218": "open it to that party with reveal_to()",
    "E0219": "change the argument as the message says",
    "E0220": "use a larger ring (-R 128) or fewer bits",
    "E0230": "give 1 or more: sbits.get_type(8)",
    "E0232": "give the bits behind the point first, then all: set_precision(16, 31)",
    "E0236": "give one value for each input of the circuit, with its number of bits",
    "E0240": "use sint or sfix",
    "E0241": "take a number from sint.get_secure_shuffle(n)",
    "E0242": "give each of the numbers from 0 on once",
    "E0253": "give the loop around it the number of parts: @map_sum_multinode(n, [sint], parts=4)",
    "E0301": "threads share only memory: put the value into a MemValue or an Array before the loop",
    "E0306": "use @for_range_opt inside of threads",
    "E0311": "put it before or behind: at the top level, or into an @for_range, a for or a while",
}

#: Bits of the rings that the option -R takes.
RINGS = (64, 72, 128)


def larger_ring(bits):
    """The remedy for numbers that need so many bits, or None if no ring has them."""
    larger = [ring for ring in RINGS if ring >= bits]
    return "use a larger ring (-R %d)" % larger[0] if larger else None


class LanguageError(Exception):
    """A mistake in the use of the language; ``help`` is the remedy, else that of the code."""

    def __init__(self, code, message, help=None):
        Exception.__init__(self, message)
        self.code = code
        self.message = message
        self.help = help or REMEDIES.get(code)
        #: the place, as the record has it, where it is not that of the call.
        self.position = None

    def at(self, position):
        """The same error at another place."""
        self.position = position
        return self

    def __str__(self):
        return self.message


class LanguageTypeError(LanguageError, TypeError):
    """A mistake of types."""


class LanguageIndexError(LanguageError, IndexError):
    """An index that is known to be out of range."""


class LanguageValueError(LanguageError, ValueError):
    """An argument whose value makes no sense."""


class LanguageImportError(LanguageError, ImportError):
    """A module of the language that is not available."""


class VectorMismatch(LanguageError):
    """Vectors of different lengths in one operation."""

    def __init__(self, one, other):
        LanguageError.__init__(
            self, "E0209", "vectors of %d and %d elements do not fit" % (one, other),
            "both must have the same length, or one of them length 1")


def not_yet(what, instead=None):
    """The error for parts of the language that a later version has."""
    return LanguageError("E0210", "%s not available yet in this version" % what, instead)
