//! Parser events to [`Node`]s.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_yaml::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StructureStyle, options};

use super::syntax::{Context, in_users_words};
use super::{Key, Node, Source, Value, scalar};
use crate::text::disk::Content;
use crate::text::printable::printable;
use crate::text::problem::{Problem, rules};

mod refuse;
mod runs;

use runs::{Run, Short};

/// Most lists and mappings inside one another that are read.
pub const MAX_DEPTH: usize = 64;

/// Most keys and values of one file that are read: room for a million ids with names, and a bound
/// on memory.
const MAX_NODES: usize = 8_000_000;

/// After so many problems the rest of the file is not read.
const MAX_PROBLEMS: usize = 100;

/// Reads the one YAML document in `source`, whatever it holds: a mapping, a list or a single value.
///
/// Plain values follow the core schema of YAML 1.2; additionally `1_000` and `0b1` are numbers, as
/// they are to YAML 1.1 readers. A date is text. Tags, anchors, aliases and merge keys are refused,
/// and so are keys that are not text.
///
/// # Errors
///
/// Every duplicate key, tag, anchor, alias and unfit key up to the first error of syntax, and that
/// error; reading stops after a hundred.
pub fn parse(source: &Arc<Source>) -> Result<Node<'_>, Vec<Problem>> {
    read(source).map_err(|problems| super::pasted::explained(source, problems))
}

fn read(source: &Arc<Source>) -> Result<Node<'_>, Vec<Problem>> {
    if source.text.len() as u64 > Content::Yaml.max_bytes() {
        return Err(vec![Content::Yaml.too_large(&source.name)]);
    }
    match read_short(source, runs::find(&source.text, runs::SHORTEST)) {
        Some(root) => Ok(root),
        None => read_whole(source),
    }
}

/// The events of a text, each with its place in it.
fn events(text: &str) -> impl Iterator<Item = Result<(Event<'_>, Span), ScanError>> {
    Parser::new_from_str_with_options(
        text,
        options! {
            emit_anchor_events: true,
            emit_unresolved_aliases: true,
            emit_comments: false,
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
        },
    )
}

/// Reads a file without the middle of its runs; `None` if there are none, if one of them is not a part of a list, or if
/// anything is wrong with the file: then the whole of it tells what.
fn read_short<'s>(source: &'s Arc<Source>, runs: Vec<Run<'s>>) -> Option<Node<'s>> {
    if runs.is_empty() {
        return None;
    }
    let short = Short::of(&source.text, &runs);
    let mut builder = Builder::new(source);
    let mut runs = runs.into_iter().peekable();
    let mut documents = 0;
    for event in events(&short.text) {
        let (event, span) = event.ok()?;
        if span.tag_span().is_some() {
            return None;
        }
        let byte = |offset: Option<usize>| short.whole(offset.unwrap_or_default().min(short.text.len()));
        let start = byte(span.start.byte_offset());
        let span = start..byte(span.end.byte_offset()).max(start);
        match event {
            Event::Scalar(text, style, ..) => {
                match runs.next_if(|run| run.ends().is_some_and(|(_, last)| *last == narrow(&span))) {
                    Some(run) => builder.run(run)?,
                    None => {
                        let written = source.text.get(span.clone()).filter(|written| **written == *text);
                        let text = written.map_or_else(|| Cow::Owned(text.to_string()), Cow::Borrowed);
                        builder.event(Event::Scalar(text, style, 0, None), span).ok()?;
                    }
                }
            }
            Event::Anchor(..) | Event::Alias(_) | Event::UnresolvedAlias(_) => return None,
            Event::DocumentStart(..) => documents += 1,
            event => builder.structure(&event, &span).ok()?,
        }
    }
    if documents > 1 || runs.next().is_some() { None } else { builder.finish().ok() }
}

fn read_whole(source: &Arc<Source>) -> Result<Node<'_>, Vec<Problem>> {
    let mut builder = Builder::new(source);
    let mut documents = 0;
    let mut last = 0..0;
    for event in events(&source.text) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let at = builder.byte(error.marker().byte_offset());
                let context = Context { source, at, last, bracket: builder.innermost_bracket() };
                builder.problems.push(in_users_words(error.kind(), &context));
                return Err(builder.problems);
            }
        };
        let tag = span.tag_span().map(|tag| builder.range(&tag));
        let span = builder.range(&span);
        if let Event::DocumentStart(..) = event {
            documents += 1;
            if documents > 1 {
                builder.problem(&span, rules::SEVERAL_DOCUMENTS, "a second document begins here").help(
                    "keep one document per file: move this one to a file of its own, \
                        or remove the `---` or `...` line",
                );
                return Err(builder.problems);
            }
        }
        if let Some(tag) = tag {
            builder.refuse_tag(&tag);
        }
        let scalar = matches!(event, Event::Scalar(..));
        if builder.event(event, span.clone()).is_err() || builder.problems.len() >= MAX_PROBLEMS {
            return Err(builder.problems);
        }
        if scalar {
            last = span;
        }
    }
    builder.finish()
}

/// A list or mapping whose end has not been read yet.
struct Open<'s> {
    start: usize,
    flow: bool,
    /// Where the last child ends; a block collection ends there, before comments and blank lines.
    end: usize,
    items: Items<'s>,
}

enum Items<'s> {
    List(Vec<Node<'s>>),
    Map(Vec<(Key<'s>, Node<'s>)>, Next<'s>),
}

/// What the next node inside a mapping is.
enum Next<'s> {
    Key,
    Value(Key<'s>),
    /// The value of a key that was refused: read, for the problems in it, and dropped.
    Dropped,
}

/// Reading stops; the reason is the last problem.
struct Stop;

struct Builder<'s> {
    source: &'s Arc<Source>,
    text: &'s str,
    root: Option<Node<'s>>,
    open: Vec<Open<'s>>,
    nodes: usize,
    problems: Vec<Problem>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s Arc<Source>) -> Builder<'s> {
        Builder { source, text: &source.text, root: None, open: Vec::new(), nodes: 0, problems: Vec::new() }
    }

    /// Puts the items of a run into the list that has its first one already; `None` if there is no such list.
    fn run(&mut self, run: Run<'s>) -> Option<()> {
        self.nodes = self.nodes.checked_add(run.items.len() - 1).filter(|nodes| *nodes <= MAX_NODES)?;
        let (first, last) = run.ends()?;
        let Some(Open { flow: false, end, items: Items::List(items), .. }) = self.open.last_mut() else { return None };
        items.pop().filter(|item| item.span == *first)?;
        *end = (*end).max(last.end as usize);
        if items.is_empty() {
            *items = run.items;
        } else {
            items.extend(run.items);
        }
        Some(())
    }

    fn event(&mut self, event: Event<'s>, span: Range<usize>) -> Result<(), Stop> {
        match event {
            Event::Scalar(text, style, ..) => {
                // Only lines that were folded into one text make it shorter than what is written.
                if matches!(style, ScalarStyle::Plain) && text.len() < span.len() {
                    self.refuse_swallowed_item(&span);
                }
                let node = scalar::resolve(self.text, text, style, &span);
                self.node(node, span)?;
            }
            Event::Anchor(..) => {
                self.problem(&span, rules::YAML_ANCHOR, "anchors are not supported").label("an anchor").help(
                    "remove it and write the value out where it is needed; to write \
                        text that starts with `&`, put it in quotes",
                );
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.problem(&span, rules::YAML_ALIAS, "aliases are not supported").label("an alias").help(
                    "write the value out here; to write text that starts with `*`, \
                        put it in quotes",
                );
                self.node(Value::Null, span)?;
            }
            event => self.structure(&event, &span)?,
        }
        Ok(())
    }

    /// Opens and closes lists and mappings.
    fn structure(&mut self, event: &Event<'_>, span: &Range<usize>) -> Result<(), Stop> {
        match event {
            Event::SequenceStart(style, ..) => self.open(*style, span, Items::List(Vec::new())),
            Event::MappingStart(style, ..) => self.open(*style, span, Items::Map(Vec::new(), Next::Key)),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            _ => Ok(()),
        }
    }

    fn open(&mut self, style: StructureStyle, span: &Range<usize>, items: Items<'s>) -> Result<(), Stop> {
        if self.open.len() >= MAX_DEPTH {
            self.problem(
                span,
                rules::YAML_TOO_DEEP,
                format!("more than {MAX_DEPTH} lists and mappings inside one another"),
            )
            .help("no setting is that deep; check the brackets and the indentation");
            return Err(Stop);
        }
        let flow = matches!(style, StructureStyle::Flow);
        self.open.push(Open { start: span.start, flow, end: span.end, items });
        Ok(())
    }

    fn close(&mut self, span: &Range<usize>) -> Result<(), Stop> {
        let Some(Open { start, flow, mut end, items }) = self.open.pop() else {
            return Ok(());
        };
        if flow {
            end = end.max(span.end);
        }
        let value = match items {
            Items::List(items) => Value::List(items),
            Items::Map(entries, _) => {
                self.refuse_duplicates(&entries);
                Value::Map(entries)
            }
        };
        self.node(value, start..end)
    }

    /// Puts a finished node where it belongs.
    fn node(&mut self, value: Value<'s>, mut span: Range<usize>) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.problem(&span, rules::YAML_TOO_MANY, format!("more than {MAX_NODES} keys and values in one file"))
                .help("split the file into several and list them one after the other");
            return Err(Stop);
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(Node { span: narrow(&span), value });
            return Ok(());
        };
        if let Items::Map(_, Next::Value(key)) = &parent.items
            && let Value::Nothing = value
        {
            span = after_colon(self.text, &key.span);
        }
        parent.end = parent.end.max(span.end);
        let here = narrow(&span);
        match &mut parent.items {
            Items::List(items) => items.push(Node { span: here, value }),
            Items::Map(entries, next) => match std::mem::replace(next, Next::Key) {
                Next::Value(key) => entries.push((key, Node { span: here, value })),
                Next::Dropped => {}
                Next::Key => {
                    *next = Next::Dropped;
                    if let Some(text) = self.key(value, &span)
                        && let Some(Open { items: Items::Map(_, next), .. }) = self.open.last_mut()
                    {
                        *next = Next::Value(Key { span: narrow(&span), text });
                    }
                }
            },
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Node<'s>, Vec<Problem>> {
        let root = self.root.take().filter(|root| !matches!(root.value, Value::Nothing));
        if root.is_none() && self.problems.is_empty() {
            let empty = Problem::error(rules::EMPTY_FILE, format!("`{}` is empty", printable(&self.source.name))).help(
                "write the keys it should have, or `{}` for none, or `[]` for an \
                    empty list; comments do not count",
            );
            return Err(vec![empty.at(Source::new(self.source.name.as_str(), "").place(0..0))]);
        }
        if let Some(root) = &root {
            self.refuse_missing_space(root);
        }
        match root {
            Some(root) if self.problems.is_empty() => Ok(root),
            _ => {
                self.problems.sort_by_key(|problem| problem.place.as_ref().map(|place| place.span.start));
                Err(self.problems)
            }
        }
    }

    /// The bracket of the list or mapping in brackets that is open at this point.
    fn innermost_bracket(&self) -> Option<usize> {
        let bracket = |open: &&Open<'_>| self.text.get(open.start..).is_some_and(|text| text.starts_with(['[', '{']));
        self.open.iter().rev().take_while(|open| open.flow).find(bracket).map(|open| open.start)
    }

    fn range(&self, span: &Span) -> Range<usize> {
        let start = self.byte(span.start.byte_offset());
        start..self.byte(span.end.byte_offset()).max(start)
    }

    /// The parser gives byte offsets for every text in memory.
    fn byte(&self, offset: Option<usize>) -> usize {
        offset.unwrap_or_default().min(self.text.len())
    }
}

/// Files end at 64 MiB, so every offset fits.
fn narrow(span: &Range<usize>) -> Range<u32> {
    let fit = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    fit(span.start)..fit(span.end)
}

/// Where a missing value should be: after the colon, which the parser leaves out.
fn after_colon(text: &str, key: &Range<u32>) -> Range<usize> {
    let end = key.end as usize;
    let rest = text.get(end..).unwrap_or_default();
    let at = match rest.trim_start_matches([' ', '\t']).strip_prefix(':') {
        Some(rest) => text.len() - rest.len(),
        None => end,
    };
    at..at
}

#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod tests;
