//! What was typed as the answer to a question.

/// What was answered to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `yes`.
    Yes,
    /// Another word for it, which approves nothing: it is typed too easily.
    Nearly,
    /// Anything else.
    No,
    /// The input ended.
    Nothing,
}

impl Answer {
    pub(super) fn of(line: &str) -> Answer {
        const NEARLY: [&str; 7] = ["y", "ye", "yes", "ok", "true", "yep", "yeah"];
        let typed = line.trim();
        let word = typed.trim_matches(['\'', '"', '.', '!']).to_lowercase();
        match typed {
            "yes" => Answer::Yes,
            "" if line.is_empty() => Answer::Nothing,
            _ if NEARLY.contains(&word.as_str()) => Answer::Nearly,
            _ => Answer::No,
        }
    }

    /// Returns why nothing is done, after `not approved` or the like; `None` if it was approved.
    pub fn refusal(self) -> Option<&'static str> {
        match self {
            Answer::Yes => None,
            Answer::Nearly => Some(": the answer has to be yes, in full and in small letters"),
            Answer::No => Some(""),
            Answer::Nothing => Some(": there was no answer"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_yes_approves_and_what_comes_near_is_told_apart() {
        for (line, answer) in [
            ("yes\n", Answer::Yes),
            (" yes \r\n", Answer::Yes),
            ("y\n", Answer::Nearly),
            ("YES\n", Answer::Nearly),
            ("'yes'\n", Answer::Nearly),
            ("ok\n", Answer::Nearly),
            ("yes please\n", Answer::No),
            ("no\n", Answer::No),
            ("\n", Answer::No),
            ("", Answer::Nothing),
        ] {
            assert_eq!(Answer::of(line), answer, "{line:?}");
            assert_eq!(answer.refusal().is_none(), answer == Answer::Yes);
        }
    }
}
