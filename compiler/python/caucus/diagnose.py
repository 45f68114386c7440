"""Turns an exception into what the user is told: message, place in the program, remedy."""

from .errors import LanguageError
from .record import is_foreign, rec


def _columns(step):
    """(first, last) column of a traceback step, from 1; (None, None) if Python does not know."""
    code, at = step.tb_frame.f_code, step.tb_lasti
    if at < 0 or not hasattr(code, "co_positions"):
        return None, None
    for number, (line, end_line, column, end_column) in enumerate(code.co_positions()):
        if number == at // 2:
            if line is None or column is None or end_column is None:
                return None, None
            text = _line(code.co_filename, line)
            first = _character(text, column)
            last = _character(text, end_column) if end_line == line else len(text.rstrip()) + 1
            return first, max(last, first + 1)
    return None, None


def _line(filename, number):
    try:
        with open(filename, "rb") as file:
            lines = file.read().splitlines()
        return lines[number - 1].decode("utf-8", "replace")
    except (OSError, IndexError):
        return ""


def _character(text, byte):
    """A 1-based column in characters from an offset in bytes."""
    return len(text.encode("utf-8")[:byte].decode("utf-8", "replace")) + 1


def _users_step(trace):
    """The innermost step of a traceback that lies in the program."""
    found = None
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if not is_foreign(filename) and not filename.startswith("<"):
            found = trace
        trace = trace.tb_next
    return found


def _calls(trace, step, display, path):
    """How the program came to a step: "in f, called in line 3", the innermost call first."""
    steps = []
    while trace is not None and trace is not step:
        filename = trace.tb_frame.f_code.co_filename
        if not is_foreign(filename) and not filename.startswith("<"):
            steps.append(trace)
        trace = trace.tb_next
    calls = []
    inner = step
    for outer in reversed(steps):
        name = inner.tb_frame.f_code.co_name
        where = outer.tb_frame.f_code.co_filename
        place = "line %d" % outer.tb_lineno
        if where != inner.tb_frame.f_code.co_filename:
            place += " of %s" % (display if where == path else rec.display_name(where))
        if name == "<module>" or name != "_" and not name.startswith("<"):
            calls.append("in %s, called in %s" % (
                "the imported file" if name == "<module>" else name + "()", place))
        inner = outer
    if len(calls) > _MOST_CALLS:
        calls[_MOST_CALLS - 1:-1] = ["… %d more calls …" % (len(calls) - _MOST_CALLS)]
    return calls


#: How many calls are told.
_MOST_CALLS = 5


def describe(error, display, path):
    """The dictionary under "error" of the record."""
    # It takes long to import, and most programs are right.
    import traceback

    answer = {
        "code": "E0102", "message": "", "file": display, "line": None, "column": None,
        "end_column": None, "help": None, "kind": "exception",
        "traceback": "".join(traceback.format_exception(type(error), error, error.__traceback__)),
    }
    step = _users_step(error.__traceback__)
    if step is not None:
        filename = step.tb_frame.f_code.co_filename
        answer["file"] = display if filename == path else rec.display_name(filename)
        answer["line"] = step.tb_lineno
        answer["column"], answer["end_column"] = _columns(step)
        answer["calls"] = _calls(error.__traceback__, step, display, path)
    if isinstance(error, LanguageError):
        if error.position:
            answer["file"] = rec.files[error.position >> 32]
            answer["line"] = error.position & 0xffffffff
            answer["column"] = answer["end_column"] = None
        answer.update(code=error.code, message=error.message, help=error.help, kind="language")
    elif isinstance(error, SyntaxError) and (step is None or error.filename == path):
        _syntax(answer, error, display, path)
    elif isinstance(error, SystemExit):
        answer.update(code="E0103", message="the program ended the compiler with exit(%s)"
                      % ("" if error.code is None else error.code),
                      help="use runtime_error() or crash() to end the run")
    else:
        answer["message"] = _exception_text(error)
        answer["help"] = _suggestion(error, step)
    return answer


def _exception_text(error):
    name = type(error).__name__
    if isinstance(error, RecursionError):
        return "%s: the program calls itself too deeply" % name
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        return "%s: cannot open %r: %s" % (name, error.filename, error.strerror)
    text = str(error)
    return "%s: %s" % (name, text) if text else name


def _syntax(answer, error, display, path):
    filename = error.filename
    answer["file"] = display if filename in (path, None) else rec.display_name(filename)
    answer["line"] = error.lineno
    first = error.offset if error.offset and error.offset > 0 else None
    last = getattr(error, "end_offset", None)
    same_line = getattr(error, "end_lineno", error.lineno) in (error.lineno, None)
    answer["column"] = first
    answer["end_column"] = None
    if first is not None:
        answer["end_column"] = last if last and same_line and last > first else first + 1
    answer.update(code="E0101", kind="syntax", message="syntax error: %s" % error.msg,
                  help="look for a bracket, quote, colon or indentation that is missing here or above")


def _suggestion(error, step):
    """What to do about an exception of Python."""
    close = []
    if isinstance(error, NameError) and step is not None:
        frame = step.tb_frame
        known = [name for name in list(frame.f_locals) + list(frame.f_globals)
                 if not name.startswith("_")]
        close = _close(str(error).split("'")[1:2], known)
    elif isinstance(error, AttributeError):
        # Python tells which object it is from 3.10 on.
        known = [name for name in dir(getattr(error, "obj", None)) if not name.startswith("_")]
        close = _close([getattr(error, "name", None) or ""], known)
    elif isinstance(error, KeyError) and error.args:
        return "the key is not in the dictionary: use .get(key, default), or add it first"
    if close:
        return "did you mean %r?" % close[0]
    for kind, remedy in _REMEDIES:
        if isinstance(error, kind):
            return remedy
    return None


def _close(wanted, known):
    """The known name that is most like the wanted one, in a list."""
    # It takes long to import, and most programs are right.
    import difflib

    return difflib.get_close_matches(wanted[0], known, 1) if wanted else []


#: Remedies for Python's own exceptions, the special kinds first.
_REMEDIES = (
    (ModuleNotFoundError, "modules are searched beside the program, and among those installed for "
     "the Python that compiles"),
    (OSError, "file names are relative to the directory in which one compiles"),
    (NameError, "define it before this line"),
    (AttributeError, "docs/compatibility.md lists the names of the language"),
    (ZeroDivisionError, "this divides Python numbers, while the program is compiled"),
    (RecursionError, "end the recursion by a condition that is known while compiling"),
    (IndexError, "this is a list of Python: its indices go from 0 to its length - 1"),
)


def unreadable(error, display):
    """The answer for a program that cannot be read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return {"code": "E0104", "message": "cannot read the program: %s" % reason, "file": display,
            "line": None, "column": None, "end_column": None, "help": None, "kind": "usage",
            "traceback": ""}
