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
    "E0301": "A register of one thread is used in another.",
    "E0306": "A thread cannot start threads.",
}


class LanguageError(Exception):
    """A mistake in the use of the language; ``help`` is the remedy, or None."""

    def __init__(self, code, message, help=None):
        Exception.__init__(self, message)
        self.code = code
        self.message = message
        self.help = help

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
