//! Files of the user with new text: rights, symbolic links and byte order marks stay, and all files are changed or none.

use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::read::{Content, read_bytes};
use super::shown;
use super::write::{persist, put, stage_like};

/// A byte order mark.
const MARK: &str = "\u{feff}";

/// A file with the text that it is to hold. Both texts are without a byte order mark.
#[derive(Clone, Copy, Debug)]
pub struct NewText<'a> {
    /// The file.
    pub path: &'a Path,
    /// What it holds now.
    pub old: &'a str,
    /// What it is to hold.
    pub new: &'a str,
}

/// Why files were not rewritten.
#[derive(Debug, thiserror::Error)]
#[error("{} cannot be written: {why}; {}", shown(path), state(changed))]
pub struct NotRewritten {
    path: PathBuf,
    why: io::Error,
    /// Files that keep the new text, because the old text could not be written again.
    changed: Vec<PathBuf>,
}

fn state(changed: &[PathBuf]) -> String {
    if changed.is_empty() {
        return "no file was changed".to_owned();
    }
    let names: Vec<String> = changed.iter().map(|path| shown(path)).collect();
    format!("changed already: {}", names.join(", "))
}

/// A file that is ready to take its name.
struct Staged<'a> {
    path: &'a Path,
    /// Where the file is, without links.
    target: PathBuf,
    old: String,
    new: String,
    file: NamedTempFile,
}

/// Writes every file or none: all new files are on disk before the first takes its place, and if a later one fails, the
/// earlier ones get their old text again.
///
/// # Errors
///
/// A file was changed meanwhile, or cannot be written.
pub fn rewrite(files: &[NewText<'_>]) -> Result<(), NotRewritten> {
    let mut staged: Vec<Staged<'_>> = Vec::new();
    for file in files {
        let why = |why| NotRewritten { path: file.path.to_owned(), why, changed: Vec::new() };
        let next = stage(file).map_err(why)?;
        match staged.iter().find(|earlier| earlier.target == next.target) {
            None => staged.push(next),
            Some(earlier) if earlier.new == next.new => {}
            Some(_) => return Err(why(io::Error::other("it is named twice, with two new texts"))),
        }
    }
    swap(staged)
}

fn stage<'a>(file: &NewText<'a>) -> io::Result<Staged<'a>> {
    let target = file.path.canonicalize()?;
    let bytes = read_bytes(&target, Content::Yaml).map_err(|problem| io::Error::other(problem.message))?;
    let mark = if bytes.starts_with(MARK.as_bytes()) { MARK } else { "" };
    let (old, new) = (format!("{mark}{}", file.old), format!("{mark}{}", file.new));
    if bytes != old.as_bytes() {
        return Err(io::Error::other("it was changed meanwhile"));
    }
    Ok(Staged { path: file.path, file: stage_like(&target, |file| file.write_all(new.as_bytes()))?, target, old, new })
}

fn swap(staged: Vec<Staged<'_>>) -> Result<(), NotRewritten> {
    let mut done: Vec<(&Path, PathBuf, String)> = Vec::new();
    for Staged { path, target, old, file, .. } in staged {
        if let Err(why) = persist(file, &target) {
            let kept = done.into_iter().filter(|(_, target, old)| put(target, old).is_err());
            let changed = kept.map(|(path, ..)| path.to_owned()).collect();
            return Err(NotRewritten { path: path.to_owned(), why, changed });
        }
        done.push((path, target, old));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_marks_and_line_ends_stay() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real.yaml"), folder.path().join("link.yaml"));
        fs::write(&real, "\u{feff}a: 1\r\n").unwrap();
        symlink("real.yaml", &link).unwrap();
        let new = |path| NewText { path, old: "a: 1\r\n", new: "a: 2\r\n" };
        // One file under two names.
        rewrite(&[new(&link), new(&real)]).unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&real).unwrap(), "\u{feff}a: 2\r\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_all_as_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a.yaml"), "a: 1\n").unwrap();
        fs::write(path("b.yaml"), "b: 2\n").unwrap();
        let (a, b) = (path("a.yaml"), path("b.yaml"));
        let new = |path, old| NewText { path, old, new: "new\n" };
        let refused = rewrite(&[new(&a, "a: 1\n"), new(&b, "b: 1\n")]).unwrap_err().to_string();
        let because = |why: &str| format!("{} cannot be written: {why}; no file was changed", b.display());
        assert_eq!(refused, because("it was changed meanwhile"));
        let different = NewText { new: "other\n", ..new(&a, "a: 1\n") };
        let refused = rewrite(&[new(&a, "a: 1\n"), different]).unwrap_err().to_string();
        assert!(refused.ends_with("it is named twice, with two new texts; no file was changed"), "{refused}");
        // The second cannot take its place any more after the first did.
        let staged = [new(&a, "a: 1\n"), new(&b, "b: 2\n")].map(|file| stage(&file).unwrap());
        fs::remove_file(&b).unwrap();
        fs::create_dir(&b).unwrap();
        let refused = swap(staged.into()).unwrap_err();
        assert_eq!(refused.to_string(), because("Is a directory (os error 21)"));
        // Had the first not got its old text back, the message would name it.
        let half = NotRewritten { changed: vec![a.clone()], ..refused };
        assert!(half.to_string().ends_with(&format!("(os error 21); changed already: {}", a.display())), "{half}");
        assert_eq!(fs::read_to_string(&a).unwrap(), "a: 1\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
