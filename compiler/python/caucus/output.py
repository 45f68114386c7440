"""Printing, errors at run time, timers, barriers."""

from . import _ops
from .cells import MemValue
from .containers import Array, Container
from .errors import LanguageError, LanguageTypeError, LanguageValueError
from .matrix import MultiArray
from .personal import check_same_player, localint, personal
from .players import player_number
from .record import rec
from .regint import regint
from .values import Register


class _Parts:
    """Builds the parts of printed text; neighboring texts are joined."""

    def __init__(self, player, secrets=False):
        self.player = player
        self.secrets = secrets
        self.items = []

    def text(self, text):
        if self.items and isinstance(self.items[-1], str):
            self.items[-1] += text
        elif text:
            self.items.append(text)

    def value(self, value):
        if isinstance(value, Register):
            if value.letter == "b" or value.letter == "s" and not self.secrets:
                raise LanguageError(
                    "E0207", "a secret cannot be printed", "open it with .reveal()")
            if value.letter == "s":
                self.items.append((5, value.use()))
            elif getattr(value, "print_as_hex", False):
                self.items.append((8, value.use()))
            elif value.fixed:
                self.items.append((3, value.use(), value.f, value.k, rec.float_digits))
            else:
                self.items.append((1 if value.letter == "i" else 2, value.use()))
        elif isinstance(value, MemValue):
            self.value(value.read())
        elif isinstance(value, localint):
            self.value(value.value)
        elif isinstance(value, personal):
            if self.player is None:
                raise LanguageError(
                    "E0218", "this value is known to party %s only" % (value.player,),
                    "use print_ln_to(%s, …)" % (value.player,))
            check_same_player(value.player, self.player)
            self.value(value.value)
        elif isinstance(value, Array):
            self.array(value)
        elif isinstance(value, (list, tuple, MultiArray)):
            self.text("[")
            for index, item in enumerate(value):
                self.text(", " if index else "")
                self.value(item)
            self.text("]")
        elif isinstance(value, Container):
            self.value(value.as_register())
        else:
            self.text(str(value))

    def array(self, value):
        if value.length == 0:
            self.text("[]")
        elif value.length == 1:
            # A register of one lane prints without brackets.
            self.text("[")
            self.value(value[0])
            self.text("]")
        else:
            self.value(value.as_register())

    def words(self):
        words = [len(self.items)]
        for item in self.items:
            words += (0, rec.text(item)) if isinstance(item, str) else item
        return words


def _format(template, args, player=None, end="", secrets=False):
    if isinstance(template, (Register, Container, MemValue, personal, localint)):
        template, args = "%s", (template,) + args
    pieces = str(template).split("%s")
    if len(pieces) != len(args) + 1:
        raise LanguageValueError(
            "E0208", "the number of arguments is %d, but the text has %d times %%s"
            % (len(args), len(pieces) - 1), "give one argument for each %s")
    parts = _Parts(player, secrets)
    parts.text(pieces[0])
    for arg, piece in zip(args, pieces[1:]):
        parts.value(arg)
        parts.text(piece)
    parts.text(end)
    return parts.words()


def _print(template, args, end="", condition=None, player=None, secrets=False):
    words = _format(template, args, player, end, secrets)
    if words == [0]:
        return
    options = [0] if condition is None else [1, condition.use()]
    options += [0] if player is None else [1, player_number(player).use()]
    rec.emit(_ops.PRINT, *(options + words))


def print_ln(s="", *args, print_secrets=False):
    """Prints a line; each %s stands for an argument. With `print_secrets`, this party's shares."""
    _print(s, args, "\n", secrets=print_secrets)


def print_str(s, *args, print_secrets=False):
    """Prints without a line end."""
    _print(s, args, secrets=print_secrets)


def _output_condition(condition):
    """None for always, False for never, else a regint."""
    if isinstance(condition, localint):
        return condition.value
    if getattr(condition, "letter", "") == "s":
        raise LanguageTypeError("E0202", "the condition of an output is secret",
                                "open it with .reveal() if it may become public")
    if isinstance(condition, (Register, MemValue)):
        value = condition.read() if isinstance(condition, MemValue) else condition
        if value.letter == "s":
            return _output_condition(value)
        return value != 0 if value.letter == "c" else value
    if callable(condition):
        return _output_condition(condition())
    return None if condition else False


def _print_if(condition, template, args, end):
    condition = _output_condition(condition)
    if condition is False:
        _format(template, args)
        return
    if condition is not None and condition.size != 1:
        raise LanguageTypeError("E0202", "the condition of an output is a vector")
    _print(template, args, end, condition)


def print_ln_if(cond, s, *args):
    """Prints a line if the condition is not 0."""
    _print_if(cond, s, args, "\n")


def print_str_if(cond, s, *args):
    """Prints without a line end if the condition is not 0."""
    _print_if(cond, s, args, "")


def print_ln_to(player, s, *args):
    """Prints a line at one party."""
    _print(s, args, "\n", player=player)


def print_str_to(player, s, *args):
    """Prints without a line end at one party."""
    _print(s, args, player=player)


def print_both(s, end="\n"):
    """Prints while compiling and at run time."""
    print(s, end=end)
    _print("%s", (str(s),), end)


def print_float_precision(n):
    """Significant digits of fixed-point numbers; integers are printed in full."""
    if not isinstance(n, int) or n < 1:
        raise LanguageValueError("E0219", "the number of digits must be at least 1, not %r" % (n,))
    rec.float_digits = n


def _fail(condition, words):
    condition = _output_condition(condition)
    if condition is False:
        return
    if condition is None:
        condition = regint(1)
    rec.emit(_ops.FAIL, condition.use(), *words)


def runtime_error(msg="", *args):
    """Ends the run with a message."""
    _fail(True, _format("User exception: %s" % msg, args))


def runtime_error_if(condition, msg="", *args):
    """Ends the run with a message if the condition is not 0."""
    _fail(condition, _format(msg, args))


def crash(condition=1):
    """Ends the run if the condition is not 0."""
    _fail(condition, [0])


def _timer(timer_id):
    if not isinstance(timer_id, int):
        raise LanguageTypeError("E0219", "the number of a timer must be known while compiling")
    return timer_id


def start_timer(timer_id=0):
    """Starts a timer."""
    rec.emit(_ops.TIMER_START, _timer(timer_id))


def stop_timer(timer_id=0):
    """Stops a timer and prints what it has measured."""
    rec.emit(_ops.TIMER_STOP, _timer(timer_id))


def break_point(name=""):
    """A barrier of other compilers: order is always kept where it matters."""


def check_point():
    """Checks everything opened so far."""
    rec.emit(_ops.CHECK)


def get_player_id():
    """The number of the party that runs this."""
    return localint.player_number()


def get_threshold():
    """How many parties may work together without learning secrets."""
    res = regint.fresh(1)
    rec.emit(_ops.THRESHOLD, res.reg)
    return res


def get_cmdline_arg(index):
    """An integer of the run's command line, which may differ between parties."""
    index = regint.conv(index)
    if index.size != 1:
        raise LanguageTypeError("E0209", "the number of an argument must be a single number")
    res = regint.fresh(1)
    rec.emit(_ops.CMDARG, res.reg, index.use())
    return localint(res)


def print_reg(register, comment=""):
    """Prints a public register with its number, for debugging."""
    print_ln("Reg[%s] = %s # %s", register.reg, register, comment)


def _output(self):
    """Prints the value without a line end; of secrets, this party's shares."""
    _print("%s", (self,), secrets=True)


def _binary_output(self, player=None):
    """Appends public numbers to the binary output file, 8 bytes each, at one party or all."""
    if self.letter == "s":
        raise LanguageTypeError("E0207", "a secret cannot be written to a file",
                                "open it: x.reveal_to_binary_output(player)")
    player = [0] if player is None else [1, player_number(player).use()]
    if self.fixed:
        rec.emit(_ops.WRITEF, *(player + [self.use(), self.f, self.k]))
    else:
        rec.emit(_ops.WRITEI, *(player + [regint.conv(self).use()]))


def _reveal_to_binary_output(self, player=None):
    """Opens the value into the binary output file, to one party or all."""
    if self.letter != "s":
        self.binary_output(player)
    elif player is None:
        self.reveal().binary_output()
    else:
        self.reveal_to(player).binary_output()


Register.output, Register.print_reg = _output, print_reg
Register.binary_output = _binary_output
Register.reveal_to_binary_output = _reveal_to_binary_output


def get_number_of_players():
    """The number of parties."""
    res = regint.fresh(1)
    rec.emit(_ops.NPARTIES, res.reg)
    return res
