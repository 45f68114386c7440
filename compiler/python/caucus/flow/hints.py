"""The remedies for secret conditions: the program's own lines, rewritten."""

import ast


def _text(node):
    return ast.unparse(node)


def _assignment(block):
    """(target, value) of a block that only assigns one name, else None."""
    if len(block) == 1 and isinstance(block[0], ast.Assign) and len(block[0].targets) == 1:
        return block[0].targets[0], block[0].value
    if len(block) == 1 and isinstance(block[0], ast.AugAssign):
        item = block[0]
        target = ast.parse(_text(item.target), mode="eval").body
        return item.target, ast.BinOp(target, item.op, item.value)
    return None


def _if(node):
    first = _assignment(node.body)
    second = _assignment(node.orelse)
    if first is None:
        return None
    target = _text(first[0])
    if node.orelse and (second is None or _text(second[0]) != target):
        return None
    other = _text(second[1]) if second else target
    return "write %s = (%s).if_else(%s, %s)" % (target, _text(node.test), _text(first[1]), other)


def _chain(node):
    terms, left = [], node.left
    for op, right in zip(node.ops, node.comparators):
        terms.append(_text(ast.Compare(left, [op], [right])))
        left = right
    return "(%s)" % terms[0] + "".join(".bit_and(%s)" % term for term in terms[1:])


def secret(site):
    """Message and remedy for a secret condition of a site."""
    node, help = site.node, None
    if isinstance(node, ast.If):
        help = _if(node) or "compute both ways and choose with (%s).if_else(a, b)" \
            % _text(node.test)
    elif isinstance(node, ast.IfExp):
        help = "write (%s).if_else(%s, %s)" % (_text(node.test), _text(node.body),
                                               _text(node.orelse))
    elif isinstance(node, ast.BoolOp):
        method = "bit_and" if isinstance(node.op, ast.And) else "bit_or"
        text = "(%s)" % _text(node.values[0])
        for value in node.values[1:]:
            text += ".%s(%s)" % (method, _text(value))
        help = "write %s" % text
    elif isinstance(node, ast.Compare):
        help = "write %s" % _chain(node)
    elif isinstance(node, ast.UnaryOp):
        help = "write (%s).bit_not()" % _text(node.operand)
    elif isinstance(node, ast.While):
        help = "loop up to a public maximum and use if_else, or open the condition with " \
            "(%s).reveal() if it may become public" % _text(node.test)
    shown = _text(node.test) if hasattr(node, "test") else _text(node)
    return "%s depends on a secret: the condition %s" % (site.what, shown), help
