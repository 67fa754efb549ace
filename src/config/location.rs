//! Where each key and value of a YAML text stands, so that an error can point at it.
//!
//! Built from the parser's events: linear in the text, aliases are not followed, and nothing recurses, so a hostile
//! file costs no more than its size. Keys that are not plain scalars are skipped; no experiment file has them.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use saphyr_parser::{Event, Parser, Span};

/// One step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Segment {
    Key(String),
    Index(usize),
}

/// The way from the top of a file to a value, shown as `variants[2].train.epochs`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct KeyPath(Vec<Segment>);

impl KeyPath {
    pub fn root() -> Self {
        Self::default()
    }

    pub fn key(&self, name: &str) -> Self {
        self.join(Segment::Key(name.to_owned()))
    }

    pub fn index(&self, index: usize) -> Self {
        self.join(Segment::Index(index))
    }

    pub fn join(&self, segment: Segment) -> Self {
        Self(self.0.iter().cloned().chain([segment]).collect())
    }

    /// The way from the end of this one along another.
    pub fn append(&self, rest: &Self) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// The key that it ends at; `None` where that is an element of a list.
    pub fn last_key(&self) -> Option<&str> {
        match self.0.last() {
            Some(Segment::Key(name)) => Some(name),
            Some(Segment::Index(_)) | None => None,
        }
    }

    pub fn parent(&self) -> Self {
        Self(self.0[..self.0.len().saturating_sub(1)].to_vec())
    }

    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(name) if position == 0 => write!(f, "{}", name.escape_debug())?,
                Segment::Key(name) => write!(f, ".{}", name.escape_debug())?,
                Segment::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Which end of a `key: value` pair is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Key,
    Value,
}

/// The text cannot be used as YAML: why, and at which bytes.
#[derive(Debug)]
pub(super) struct SyntaxError {
    pub reason: String,
    pub help: &'static str,
    pub range: Range<usize>,
    /// The key that the one at `range` repeats.
    pub first: Option<Range<usize>>,
}

const CHECK_SPELLING: &str =
    "check indentation, quotes and brackets here; text that contains `: ` or ` #` needs quotes";

/// Byte ranges of every key and value of one YAML document.
#[derive(Debug, Default)]
pub(super) struct Index {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    key: Option<Range<usize>>,
    value: Range<usize>,
    children: HashMap<Segment, usize>,
}

impl Index {
    /// # Errors
    /// When `text` is not YAML, nests flow collections deeper than the parser allows (255), repeats a key, or
    /// holds a second document.
    pub fn of(text: &str) -> Result<Self, SyntaxError> {
        if let Some((at, character)) = text.char_indices().find(|&(_, character)| is_forbidden(character)) {
            let reason = format!("control character U+{:04X}", u32::from(character));
            let range = at..at + character.len_utf8();
            return Err(SyntaxError { reason, help: "remove it", range, first: None });
        }
        let mut builder = Builder::new(text);
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| {
                let at = builder.byte(error.marker().index());
                SyntaxError { reason: error.info().to_owned(), help: CHECK_SPELLING, range: at..at, first: None }
            })?;
            builder.take(event, span)?;
        }
        Ok(builder.index)
    }

    pub fn contains(&self, path: &KeyPath) -> bool {
        self.nearest(path).is_some_and(|(_, exact)| exact)
    }

    /// The bytes to underline for `path`: never more than one line, and the nearest enclosing key or line where the path
    /// itself is not in the text.
    pub fn range(&self, text: &str, path: &KeyPath, part: Part) -> Range<usize> {
        let Some((node, exact)) = self.nearest(path) else { return 0..0 };
        match &node.key {
            Some(key) if part == Part::Key || !exact || node.value.is_empty() => key.clone(),
            _ => first_line(text, &node.value),
        }
    }

    /// The deepest value on the way along `path`, and whether it is the end of the way.
    fn nearest(&self, path: &KeyPath) -> Option<(&Node, bool)> {
        let mut node = self.nodes.first()?;
        for segment in &path.0 {
            match node.children.get(segment) {
                Some(&child) => node = &self.nodes[child],
                None => return Some((node, false)),
            }
        }
        Some((node, true))
    }
}

/// Control characters that YAML does not allow; its parsers either let them pass or cannot say where they are.
fn is_forbidden(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{85}')
}

fn first_line(text: &str, range: &Range<usize>) -> Range<usize> {
    let shown = text.get(range.clone()).unwrap_or_default();
    let line = shown.lines().next().unwrap_or_default().trim_end();
    range.start..range.start + line.len()
}

/// A collection whose end has not been seen yet.
enum Frame {
    Mapping { node: usize, key: Option<Key> },
    Sequence { node: usize, next: usize },
}

/// A mapping's key whose value comes next; without a name where it is not a scalar.
struct Key {
    name: Option<String>,
    range: Range<usize>,
}

struct Builder {
    /// Byte offset of every character: the parser counts characters.
    offsets: Vec<usize>,
    open: Vec<Frame>,
    index: Index,
}

impl Builder {
    fn new(text: &str) -> Self {
        let offsets = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
        Self { offsets, open: Vec::new(), index: Index::default() }
    }

    fn byte(&self, character: usize) -> usize {
        self.offsets.get(character).or(self.offsets.last()).copied().unwrap_or(0)
    }

    fn bytes(&self, span: Span) -> Range<usize> {
        self.byte(span.start.index())..self.byte(span.end.index())
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), SyntaxError> {
        let range = self.bytes(span);
        match event {
            Event::Scalar(text, ..) => self.leaf(Some(text.into_owned()), range)?,
            Event::Alias(_) => self.leaf(None, range)?,
            Event::MappingStart(..) => {
                let node = self.add(range)?;
                self.open.push(Frame::Mapping { node, key: None });
            }
            Event::SequenceStart(..) => {
                let node = self.add(range)?;
                self.open.push(Frame::Sequence { node, next: 0 });
            }
            Event::MappingEnd | Event::SequenceEnd => {
                if let Some(Frame::Mapping { node, .. } | Frame::Sequence { node, .. }) = self.open.pop() {
                    self.index.nodes[node].value.end = range.end;
                }
                self.complete(None, range);
            }
            Event::DocumentStart(_) if !self.index.nodes.is_empty() => {
                let reason = "a second document starts here".to_owned();
                return Err(SyntaxError {
                    reason,
                    help: "remove the line `---`, or split the file",
                    range,
                    first: None,
                });
            }
            _ => {}
        }
        Ok(())
    }

    fn leaf(&mut self, text: Option<String>, range: Range<usize>) -> Result<(), SyntaxError> {
        if !matches!(self.open.last(), Some(Frame::Mapping { key: None, .. })) {
            self.add(range.clone())?;
        }
        self.complete(text, range);
        Ok(())
    }

    /// Adds a node, below the collection that is open; one that stands where a key is due hangs nowhere.
    fn add(&mut self, value: Range<usize>) -> Result<usize, SyntaxError> {
        let id = self.index.nodes.len();
        let (parent, segment, key) = match self.open.last() {
            Some(Frame::Mapping { node, key: Some(Key { name: Some(name), range }) }) => {
                (Some(*node), Segment::Key(name.clone()), Some(range.clone()))
            }
            Some(Frame::Sequence { node, next }) => (Some(*node), Segment::Index(*next), None),
            _ => (None, Segment::Index(0), None),
        };
        if let Some(earlier) = parent.and_then(|parent| self.index.nodes[parent].children.insert(segment, id)) {
            return Err(SyntaxError {
                reason: "this key is given twice".to_owned(),
                help: "remove one of the two",
                range: key.unwrap_or(value),
                first: self.index.nodes[earlier].key.clone(),
            });
        }
        self.index.nodes.push(Node { key, value, children: HashMap::new() });
        Ok(id)
    }

    /// Tells the open collection that its current item (an element, a key, or a key's value) has been read.
    fn complete(&mut self, name: Option<String>, range: Range<usize>) {
        match self.open.last_mut() {
            Some(Frame::Mapping { key, .. }) => *key = if key.is_some() { None } else { Some(Key { name, range }) },
            Some(Frame::Sequence { next, .. }) => *next += 1,
            None => {}
        }
    }
}
