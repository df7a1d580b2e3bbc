//! The generations of the API that serve a document.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::key::Key;

/// One API generation of a resource.
#[derive(Debug)]
pub struct Generation {
    /// What a settings file writes as `apiVersion`.
    pub name: &'static str,
    /// The path below the tenant's base address; `{id}` and `{scope}` in it stand for the instance, see
    /// [`Generation::path_of`].
    pub path: &'static str,
    /// The path of writes, if it is another one.
    pub write_path: Option<&'static str>,
    /// Whether SailPoint calls it experimental: it may change with little or no notice. Words for people only: every
    /// request carries `X-SailPoint-Experimental: true`, because SailPoint moves that demand without notice.
    pub experimental: bool,
    /// Since when and until when, if SailPoint deprecated it.
    pub deprecation: Option<Deprecation>,
    /// When its paths go off, if SailPoint announced that without deprecating it.
    pub end: Option<End>,
    /// What else a write through it changes, if SailPoint keeps those settings elsewhere now.
    pub overrides: Option<Overrides>,
}

/// The end of a generation, as SailPoint's API change log and deprecation policy announce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deprecation {
    /// The day from which SailPoint asks to use its successor.
    pub since: &'static str,
    /// Until when it works, in words that follow "until".
    pub until: &'static str,
    /// The generation to use instead.
    pub successor: &'static str,
}

/// The announced end of a generation that is not deprecated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// When its paths go off, in words that follow "in".
    pub off: &'static str,
    /// The generation to use from then on.
    pub successor: &'static str,
}

/// An object of an old generation whose settings SailPoint moved elsewhere. A PUT that carries it writes it there too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overrides {
    /// Pointer of the object.
    pub object: &'static str,
    /// What a PUT with it does, as one sentence without a full stop.
    pub sentence: &'static str,
    /// What it writes, for an approver.
    pub what: &'static str,
    /// Where SailPoint keeps that now.
    pub kept_in: &'static str,
    /// Whether it does, to follow the change: "will also overwrite".
    pub does: &'static str,
    /// Whether a request that was made did, to follow it: "has also overwritten".
    pub did: &'static str,
}

impl Overrides {
    /// Of a request of which it is not known.
    pub const MAY_HAVE: &str = "may also have overwritten";

    /// Returns whether it is known that a request does.
    pub fn is_certain(&self) -> bool {
        self.did != Overrides::MAY_HAVE
    }

    /// Returns what a request that was made overwrote elsewhere, for a reader who does not know the API. `done` is whether the tenant
    /// made the change.
    pub fn overwritten(&self, done: bool) -> String {
        let Overrides { what, kept_in, did, .. } = self;
        let did = if done { did } else { Overrides::MAY_HAVE };
        format!(
            "the request {did} {what}, which SailPoint keeps in {kept_in} now; setting the values back does not undo that"
        )
    }
}

/// Generations are told apart by path: different resources may name theirs alike.
impl PartialEq for Generation {
    fn eq(&self, other: &Generation) -> bool {
        self.path == other.path
    }
}

impl Eq for Generation {}

impl Generation {
    /// Returns the path of a document below the tenant's base address, to read it. Where the id is that of the tenant, it
    /// has `{tenant}` in its place: the token names it.
    pub fn path_of(&self, key: &Key) -> Cow<'static, str> {
        expand(self.path, key)
    }

    /// Returns the path to write the document, as [`Generation::path_of`] does.
    pub fn write_path_of(&self, key: &Key) -> Cow<'static, str> {
        expand(self.write_path.unwrap_or(self.path), key)
    }

    /// Returns the generation that SailPoint names to use instead.
    pub fn successor(&self) -> Option<&'static str> {
        let deprecated = self.deprecation.map(|deprecation| deprecation.successor);
        deprecated.or_else(|| self.end.map(|end| end.successor))
    }

    /// Returns whether SailPoint deprecated the generation.
    pub fn deprecated(&self) -> bool {
        self.deprecation.is_some()
    }
}

/// What stands for itself in a segment of a path; a dot does not, for two of them lead out of it.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// Puts id and scope of an instance into a path, each as one segment.
fn expand(path: &'static str, key: &Key) -> Cow<'static, str> {
    let place = key.resource.instances.zip(key.instance.as_ref());
    let Some(place) = place.and_then(|(instances, name)| (instances.place)(name.as_str())) else {
        return Cow::Borrowed(path);
    };
    let segment = |text: &str| utf8_percent_encode(text, SEGMENT).to_string();
    let id = place.id.map_or_else(|| "{tenant}".to_owned(), |id| segment(&id));
    Cow::Owned(path.replace("{scope}", &segment(&place.scope)).replace("{id}", &id))
}
