"""Rewrites break, continue and return in rewritten ifs and loops.

A jump first ends the helping loops of the ifs around it, and is done behind them. Where one of
those ifs is a run-time branch, the jump is recorded instead, or refused.
"""

import ast

from .templates import PREFIX, assign, expression, place, statements

#: Conditions that hold in the pass of a run-time loop, by the kind of loop.
ACTIVE = {"while": "L is not None", "for": "A", "forever": "L.active"}


class Jumps:
    """The part of the rewriter that knows about jumps."""

    def behind(self, helper, around, node):
        """The jumps out of a rewritten if, done behind it."""
        result = []
        for number, kind in ((1, "break"), (2, "continue")):
            if kind in helper.jumps:
                jump = self.jump(kind, node, around)
                result += statements("if F == N:\n    J", node, F=helper.part("f"), N=number,
                                     J=jump)
        if "return" in helper.jumps:
            result += statements("if F == 3:\n    J", node, F=helper.part("f"), J=self.give_back(
                expression("V", node, V=helper.part("v")), node, around))
        if "result" in helper.jumps:
            result += statements(
                "if C.__class__ is not $bool and C.returned:\n    J", node, C=helper.part("c"),
                J=self.give_back(expression("C.result", node, C=helper.part("c")), node, around))
        return result

    # break, continue, return

    def do_Break(self, node, around):
        """Out of the nearest loop."""
        return self.jump("break", node, around)

    def do_Continue(self, node, around):
        """To the next pass of the nearest loop."""
        return self.jump("continue", node, around)

    def jump(self, kind, node, around):
        """break or continue at a place."""
        loop = around.loop
        if around.chain:
            helper = around.chain[-1]
            helper.jumps.add(kind)
            if kind == "break":
                active = loop.variable() if loop.kind else "None"
                call = expression("$leave(C, L)", node, C=helper.part("c"),
                                  L=place(ast.parse(active, mode="eval").body, node))
            else:
                call = expression("$turn(C)", node, C=helper.part("c"))
            refusal = [] if kind == "break" or around.tail[0] else statements(
                "$refuse('continue', 0)", node)
            text = "if C.__class__ is not $bool:\n    R\n    Z\n    continue\nF = N\nbreak"
            return statements(text, node, C=helper.part("c"), R=refusal, F=helper.part("f"),
                              Z=[assign(helper.names, call, node)],
                              N=1 if kind == "break" else 2)
        plain_jump = place(ast.Break() if kind == "break" else ast.Continue(), node)
        if not loop.kind or kind == "continue" and loop.kind != "for":
            return [plain_jump]
        function = "$leave_and_finish" if kind == "break" else "$finish"
        call = expression(function + "(L)", node, L=loop.variable())
        return statements("if %s:\n    Z\nJ" % ACTIVE[loop.kind], node, L=loop.variable(),
                          A=loop.active(),
                          Z=[assign(loop.names, call, node)], J=[plain_jump])

    def do_Return(self, node, around):
        """Out of the function."""
        if node.value is not None:
            node.value = self.expressions.visit(node.value)
        if not around.outer:
            return node
        return self.give_back(node.value or place(ast.Constant(None), node), node, around)

    def give_back(self, value, node, around):
        """return at a place."""
        if not around.outer:
            return [place(ast.Return(value), node)]
        if around.tail[1] and around.chain:
            helper = around.chain[-1]
            helper.jumps |= {"return", "result"}
            call = expression("$returns(C, V)", node, C=helper.part("c"), V=helper.part("v"))
            return statements(
                "V = X\nif C.__class__ is not $bool:\n    Z\n    continue\nF = 3\nbreak", node,
                V=helper.part("v"), X=value, C=helper.part("c"), F=helper.part("f"),
                Z=[assign(helper.names, call, node)])
        variable = "%sv%d" % (PREFIX, self.numbers.next())
        result = statements("V = X", node, V=variable, X=value)
        for condition in around.outer:
            result += statements("if X:\n    $refuse('return', 0)", node, X=condition)
        return result + statements("return V", node, V=variable)
