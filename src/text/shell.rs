//! Words as a shell takes them.

use std::borrow::Cow;

/// Returns a word as it is typed in a shell: in quotes if the shell would read it in another way.
pub fn quoted(word: &str) -> Cow<'_, str> {
    // A backslash parts the folders of a path on Windows, and hides the next character from other shells.
    let is_plain =
        |letter: char| letter.is_alphanumeric() || "_-./:@%+,=".contains(letter) || (cfg!(windows) && letter == '\\');
    // zsh puts the path of a command in the place of a first `=`.
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(is_plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_reads_in_another_way_is_in_quotes() {
        for word in
            ["plan", "--tenant", "ring=a,b", "../x/y-1.yaml", "https://acme.api.identitynow.com:1", "größe", "a@b"]
        {
            assert_eq!(quoted(word), word);
        }
        for (word, typed) in [
            ("prod*", "'prod*'"),
            ("a b", "'a b'"),
            ("", "''"),
            ("ring!=prod", "'ring!=prod'"),
            ("$(x)", "'$(x)'"),
            ("~/x", "'~/x'"),
            ("=x", "'=x'"),
            ("it's", r"'it'\''s'"),
            ("a\nb", "'a\nb'"),
        ] {
            assert_eq!(quoted(word), typed);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_shell_reads_the_word_back() {
        for word in ["a b", "it's", "$HOME", "`id`", "prod*", "!x", "\\", "a\"b", "=ls", "~", "#x", "-x", "{a,b}"] {
            let script = format!("printf %s {}", quoted(word));
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }
    }
}
