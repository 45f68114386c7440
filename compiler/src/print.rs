//! The text form of the IR, for golden tests and for those who work on passes.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::ir::{Block, Class, Loop, LoopKind, Module, Node, Reg, Regs};

/// The whole module as text: tables, then the tapes. A line number stands where it changes.
pub fn print(module: &Module) -> String {
    let mut out = format!("module {} ring {}\n", module.name, module.ring_bits);
    for (index, text) in module.texts.iter().enumerate() {
        let _ = writeln!(out, "text{index} = {text:?}");
    }
    for (index, constant) in module.constants.iter().enumerate() {
        let _ = writeln!(out, "const{index} = {constant}");
    }
    for (index, tape) in module.tapes.iter().enumerate() {
        let params: Vec<_> = tape.params.iter().map(|param| format!("i{param}")).collect();
        let _ = writeln!(out, "\ntape{index} {} ({})", tape.name, params.join(", "));
        let mut wide = BTreeSet::new();
        wide_registers(&tape.body, &module.regs, &mut wide);
        if !wide.is_empty() {
            let name = |reg: &Reg| format!("{reg}:{}", module.regs.lanes(*reg));
            let wide: Vec<_> = wide.iter().map(name).collect();
            let _ = writeln!(out, "  lanes {}", wide.join(" "));
        }
        Printer { module, out: &mut out, line: 0 }.block(&tape.body, 1);
    }
    out
}

/// Registers with more or less than one lane.
fn wide_registers(block: &Block, regs: &Regs, found: &mut BTreeSet<Reg>) {
    for stmt in &block.stmts {
        match &stmt.node {
            Node::Op(op) => {
                let all = op.registers().into_iter().map(|(reg, _)| reg);
                found.extend(all.filter(|reg| regs.lanes(*reg) != 1));
            }
            Node::Loop(it) => wide_registers(&it.body, regs, found),
            Node::If { then, otherwise, .. } => {
                wide_registers(then, regs, found);
                wide_registers(otherwise, regs, found);
            }
            Node::While { test, body, .. } => {
                wide_registers(test, regs, found);
                wide_registers(body, regs, found);
            }
            Node::Break | Node::Array(_) => {}
        }
    }
}

struct Printer<'a> {
    module: &'a Module,
    out: &'a mut String,
    line: u32,
}

impl Printer<'_> {
    fn text(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(depth));
    }

    fn block(&mut self, block: &Block, depth: usize) {
        for stmt in &block.stmts {
            let line = stmt.position.line;
            let note = if line != 0 && line != self.line {
                self.line = line;
                match stmt.position.file {
                    0 => format!("  ; {line}"),
                    _ => match self.module.files.get(stmt.position.file as usize) {
                        Some(file) => format!("  ; {file}:{line}"),
                        None => format!("  ; {line}"),
                    },
                }
            } else {
                String::new()
            };
            match &stmt.node {
                Node::Op(op) => self.text(depth, &format!("{op}{note}")),
                Node::Break => self.text(depth, &format!("break{note}")),
                Node::Array(index) => {
                    let text = match self.module.arrays.get(*index as usize) {
                        Some(it) => format!("{}[{}]", it.class.letter(), it.len),
                        None => "?".into(),
                    };
                    self.text(depth, &format!("array{index}: {text}{note}"));
                }
                Node::Loop(it) => {
                    self.text(depth, &format!("{} {{{note}", head(it)));
                    self.block(&it.body, depth + 1);
                    self.text(depth, "}");
                }
                Node::If { condition, then, otherwise } => {
                    self.text(depth, &format!("if i{condition} {{{note}"));
                    self.block(then, depth + 1);
                    if !otherwise.stmts.is_empty() {
                        self.text(depth, "} else {");
                        self.block(otherwise, depth + 1);
                    }
                    self.text(depth, "}");
                }
                Node::While { test, condition, body } => {
                    self.text(depth, &format!("while {{{note}"));
                    self.block(test, depth + 1);
                    self.text(depth, &format!("}} i{condition} {{"));
                    self.block(body, depth + 1);
                    self.text(depth, "}");
                }
            }
        }
    }
}

fn head(it: &Loop) -> String {
    let bodies = |unroll: Option<u64>| unroll.map_or(String::new(), |it| format!(" unroll {it}"));
    let kind = match it.kind {
        LoopKind::Sequential => String::new(),
        LoopKind::Parallel { unroll } => format!(" parallel{}", bodies(unroll)),
        LoopKind::Threads { threads, unroll } => format!(" threads {threads}{}", bodies(unroll)),
    };
    let index = Reg { class: Class::Int, index: it.index };
    format!("for {index} = i{}..i{} by {}{kind}", it.start, it.stop, it.step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::Builder;

    #[test]
    fn regions_are_indented_and_lines_shown_once() {
        let mut b = Builder::new();
        let (start, stop) = (b.int(0), b.int(3));
        let index = b.fresh(Class::Int, 1);
        b.at(2);
        b.region_loop(index, start, stop, 1, LoopKind::Parallel { unroll: Some(4) });
        b.at(3);
        b.region_if(index);
        b.node(Node::Break);
        b.region_else();
        b.int(7);
        b.end();
        b.end();
        let wanted = "\
module test ring 64

tape0 main ()
  ldi i0 0  ; 1
  ldi i1 3
  for i2 = i0..i1 by 1 parallel unroll 4 {  ; 2
    if i2 {  ; 3
      break
    } else {
      ldi i3 7
    }
  }
";
        assert_eq!(print(&b.finish()), wanted);
    }
}
