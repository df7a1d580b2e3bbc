//! One of a few words, such as `OFF`.

use serde_json::{Value, json};

use super::Kind;
use super::moves::{self, Move};
use crate::text::nearest::{instead, nearest};
use crate::text::problem::rules;
use crate::text::reader::{Reader, quote};
use crate::text::yaml::{self, Node};

/// One of the words that SailPoint documents. A word that a tenant answers and that is not among them is kept and shown.
#[derive(Debug)]
pub struct Choice {
    /// The words.
    pub words: &'static [&'static str],
    /// Words of these that a reader who does not know the API needs told, each with what it means.
    pub meanings: &'static [(&'static str, &'static str)],
    /// What a value must be, to follow "expected".
    pub expects: &'static str,
    /// The ways in which it changes, each with a word before and one after.
    pub moves: &'static [(&'static str, &'static str, &'static str)],
}

impl Kind for Choice {
    fn expects(&self) -> &'static str {
        self.expects
    }

    fn read(&self, node: &Node<'_>, reader: &mut Reader) -> Option<Value> {
        let yaml::Value::Text { text, .. } = &node.value else {
            let help = match node.value {
                // YAML 1.1 took OFF for false; a program that writes YAML may still.
                yaml::Value::Bool(false) if self.words.contains(&"OFF") => "write OFF",
                _ => "",
            };
            return reader.unlike(node, rules::VALUE_KIND, self.expects, help);
        };
        if self.words.contains(&text.as_ref()) {
            return Some(Value::from(text.as_ref()));
        }
        let help = instead(nearest(&text.to_uppercase(), self.words.iter().copied()), self.words);
        reader.invalid(node, rules::WORD, &format!("expected {}, this is {}", self.expects, quote(text)), &help)
    }

    fn canonical(&self, live: &Value) -> Option<Value> {
        live.is_string().then(|| live.clone())
    }

    fn show(&self, value: &Value) -> String {
        super::steps::in_a_sentence(value.as_str().unwrap_or_default()).into_owned()
    }

    fn words(&self, value: &Value) -> String {
        let meaning = self.meanings.iter().find(|(word, _)| value == word);
        meaning.map_or_else(|| self.show(value), |(_, meaning)| (*meaning).to_owned())
    }

    fn examples(&self) -> &'static [&'static str] {
        self.words
    }

    fn moves(&self) -> Vec<Move> {
        let told = |(what, before, after): &(&'static str, &'static str, &'static str)| {
            Move::new(what, Value::from(*before), Value::from(*after))
        };
        if self.moves.is_empty() {
            return self
                .words
                .first()
                .zip(self.words.get(1))
                .map_or_else(Vec::new, |(one, other)| moves::of_choices(&Value::from(*one), &Value::from(*other)));
        }
        self.moves.iter().map(told).collect()
    }

    fn schema(&self) -> Value {
        json!({"enum": self.words})
    }
}
