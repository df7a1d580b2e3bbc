//! Results on their way to standard output, piece by piece: no line of them is a command for a CI system, secrets are hidden,
//! and colours are taken out where they are not wanted.

use std::cell::Cell;
use std::io::{self, BufWriter, Write};
use std::str;

use anstream::adapter::StripBytes;

use crate::text::printable::log_line;
use crate::text::secrets::Hiding;

/// About how many bytes are written together.
const TOGETHER: usize = 1 << 16;

/// What is done to a result.
#[derive(Clone, Copy)]
pub(super) struct Treatment {
    /// A CI system reads it, and its lines are not commands.
    pub is_logged: bool,
    /// Colours are not wanted.
    pub is_plain: bool,
}

impl Treatment {
    /// Writes what `fill` writes. That the reader stops early is not a failure: `fill` then gets an error, and need not go on.
    ///
    /// # Errors
    ///
    /// `fill` fails, or `writer` cannot take it for another reason.
    pub(super) fn write<E: From<io::Error>>(
        self,
        writer: impl Write,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<(), E> {
        let is_gone = Cell::new(false);
        let reader = BufWriter::with_capacity(TOGETHER, Reader { writer, is_gone: &is_gone });
        let hiding = Hiding::new(Colours { taken_out: self.is_plain.then(StripBytes::new), writer: reader });
        let written = if self.is_logged {
            let mut lines = LogLines { text: Vec::new(), whole: 0, writer: hiding };
            fill(&mut lines).and_then(|()| Ok(lines.finish()?.finish()?.flush()?))
        } else {
            let mut hiding = hiding;
            fill(&mut hiding).and_then(|()| Ok(hiding.finish()?.flush()?))
        };
        if is_gone.get() { Ok(()) } else { written }
    }
}

/// Passes on whole lines, none of them a command for a CI system.
struct LogLines<W> {
    text: Vec<u8>,
    /// Where the last whole line of it ends.
    whole: usize,
    writer: W,
}

impl<W: Write> LogLines<W> {
    fn finish(mut self) -> io::Result<W> {
        self.whole = self.text.len();
        self.pass_on()?;
        Ok(self.writer)
    }

    fn pass_on(&mut self) -> io::Result<()> {
        let lines = str::from_utf8(self.text.get(..self.whole).unwrap_or_default())
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        self.writer.write_all(log_line(lines).as_bytes())?;
        self.text.drain(..self.whole);
        self.whole = 0;
        Ok(())
    }
}

impl<W: Write> Write for LogLines<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let taken = piece.get(..TOGETHER).unwrap_or(piece);
        if let Some(end) = taken.iter().rposition(|byte| *byte == b'\n') {
            self.whole = self.text.len() + end + 1;
        }
        self.text.extend_from_slice(taken);
        if self.whole > 0 && self.text.len() >= TOGETHER {
            self.pass_on()?;
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// Passes a text on, with its colours or without.
struct Colours<W> {
    taken_out: Option<StripBytes>,
    writer: W,
}

impl<W: Write> Write for Colours<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        match &mut self.taken_out {
            Some(colours) => colours.strip_next(piece).try_for_each(|plain| self.writer.write_all(plain))?,
            None => self.writer.write_all(piece)?,
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A writer whose reader may stop early.
struct Reader<'a, W> {
    writer: W,
    is_gone: &'a Cell<bool>,
}

impl<W> Reader<'_, W> {
    fn noted<T>(&self, outcome: io::Result<T>) -> io::Result<T> {
        let is_gone = outcome.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
        self.is_gone.set(self.is_gone.get() || is_gone);
        // Of the same kind: an interrupted call is made again.
        outcome.map_err(|error| io::Error::new(error.kind(), format!("standard output cannot be written: {error}")))
    }
}

impl<W: Write> Write for Reader<'_, W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let outcome = self.writer.write(piece);
        self.noted(outcome)
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.writer.flush();
        self.noted(outcome)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::hostile;
    use super::*;

    /// What is written of a text that comes in pieces of a length.
    fn written(treatment: Treatment, text: &str, length: usize) -> String {
        let mut written = Vec::new();
        let fill =
            |writer: &mut dyn Write| text.as_bytes().chunks(length).try_for_each(|piece| writer.write_all(piece));
        treatment.write(&mut written, fill).unwrap();
        String::from_utf8(written).unwrap()
    }

    /// A reader that takes so many bytes and then stops.
    struct Early(usize, io::ErrorKind);

    impl Write for Early {
        fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(piece.len()).ok_or(self.1)?;
            Ok(piece.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_stops_is_no_failure_and_ends_the_rendering() {
        let treatment = Treatment { is_logged: true, is_plain: true };
        let mut lines = 0;
        let mut fill = |writer: &mut dyn Write| {
            (0..1_000_000).try_for_each(|_| writer.write_all(b"A line of a long text.\n").inspect(|()| lines += 1))
        };
        treatment.write(Early(100_000, io::ErrorKind::BrokenPipe), &mut fill).unwrap();
        assert!(lines < 100_000, "{lines}");
        let full =
            treatment.write(Early(100_000, io::ErrorKind::StorageFull), |writer| writer.write_all(&[b'a'; 200_000]));
        assert_eq!(full.unwrap_err().kind(), io::ErrorKind::StorageFull);
        // What is left to write at the end, too.
        let full = treatment.write(Early(10, io::ErrorKind::StorageFull), |writer| writer.write_all(&[b'a'; 20]));
        assert_eq!(full.unwrap_err().kind(), io::ErrorKind::StorageFull);
        let failed = treatment.write(Vec::new(), |_| Err(io::Error::other("cannot be rendered")));
        assert_eq!(failed.unwrap_err().to_string(), "cannot be rendered");
    }

    proptest! {
        #[test]
        fn a_result_in_pieces_is_treated_as_a_whole(text in hostile(), length in 1..40_usize, times in 1..2_000_usize) {
            let whole = |is_logged, is_plain| {
                let logged = if is_logged { log_line(&text).into_owned() } else { text.clone() };
                if is_plain { anstream::adapter::strip_str(&logged).to_string() } else { logged }
            };
            for (is_logged, is_plain) in [(false, false), (false, true), (true, false), (true, true)] {
                let treatment = Treatment { is_logged, is_plain };
                prop_assert_eq!(written(treatment, &text, length), whole(is_logged, is_plain));
            }
            let line = text.replace(['\n', '\r', '\u{1b}'], "");
            let treatment = Treatment { is_logged: true, is_plain: true };
            let many = format!("{line}\n").repeat(times);
            prop_assert_eq!(written(treatment, &many, length * 100), log_line(&many));
        }
    }
}
