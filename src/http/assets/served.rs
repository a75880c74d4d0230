//! The files as they are sent, each with the hash of that: scripts and styles without their comments, some modules joined.
//!
//! What is made from a file is kept by the file's own hash: once for all in a release, and anew as soon as somebody saves
//! the file in a debug build, which reads the disk. Knows nothing of requests.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
};

use actix_web::web::Bytes;
use moka::sync::Cache;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest as _, Sha256};

use super::{
    super::encode::{Effort, Encoding},
    join::{self, Lines},
    slim,
};
use crate::telemetry::chain;

#[derive(RustEmbed)]
#[folder = "web/static/"]
struct Files;

#[derive(RustEmbed)]
#[folder = "web/texts/widget/"]
struct Texts;

/// The module that says where everything is; in a join the server writes it.
const PLACES: &str = "embed/places.js";
/// The widget's style sheet.
const STYLE: &str = "embed.css";

/// A module that is sent as one file with all that it imports.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(in crate::http) enum Entry {
    /// The widget, at `/embed.js`.
    Widget,
    /// What the widget loads once somebody acts, at `/embed-later.js`.
    Later,
    /// The form of our own pages, at `/assets/form.js`.
    Form,
}

impl Entry {
    fn module(self) -> &'static str {
        match self {
            Self::Widget => "embed/element.js",
            Self::Later => "embed/later.js",
            Self::Form => "form.js",
        }
    }

    /// From the joined file to the address below which all routes are.
    fn home(self) -> &'static str {
        match self {
            Self::Widget | Self::Later => "./",
            Self::Form => "../",
        }
    }
}

/// Bytes to send.
#[derive(Debug)]
pub(in crate::http) struct Served {
    /// As they are.
    pub(in crate::http) bytes: Bytes,
    /// The first 64 bits of their SHA-256 in hex.
    pub(in crate::http) hash: String,
}

impl Served {
    fn new(bytes: Bytes) -> Arc<Self> {
        let hash = hex(&Sha256::digest(&bytes));
        Arc::new(Self { bytes, hash })
    }

    /// In this coding, from the shelf where it has been made before; plain where it cannot be made.
    pub(in crate::http) fn coded(&self, encoding: Encoding) -> (Bytes, Option<&'static str>) {
        /// By hash and coding: some dozens, each made on its first use.
        static CODED: LazyLock<Cache<(String, Encoding), Bytes>> = LazyLock::new(|| Cache::new(512));
        let made = encoding.token().and_then(|token| {
            let make = || encoding.encode(&self.bytes, Effort::Kept).map(Bytes::from);
            let kept = CODED.try_get_with((self.hash.clone(), encoding), make);
            Some((kept.ok()?, Some(token)))
        });
        made.unwrap_or_else(|| (self.bytes.clone(), None))
    }
}

/// A file below `web/static`, none where there is no such file.
pub(in crate::http) fn file(name: &str) -> Option<Arc<Served>> {
    if name == Entry::Form.module() {
        return joined(Entry::Form);
    }
    let found = Files::get(name)?;
    Some(match Kind::of(name) {
        Kind::Whole => kept(found, |file| Served::new(whole(file))),
        kind => kept(found, |file| Served::new(slim::written(&kind.lines(file)).into())),
    })
}

/// The widget's style sheet.
pub(in crate::http) fn style() -> Option<Arc<Served>> {
    file(STYLE)
}

/// The widget's catalogue of a language.
pub(in crate::http) fn texts(language: &str) -> Option<Arc<Served>> {
    let found = Texts::get(&format!("{language}.json"))?;
    Some(kept(found, |file| Served::new(whole(file))))
}

/// One hash of all catalogues, so that the widget need not bring along one a language.
pub(in crate::http) fn texts_hash() -> String {
    static KNOWN: LazyLock<Cache<(), String>> = LazyLock::new(|| Cache::new(1));
    let make = || hash_of(Texts::iter(), |name| texts(name.strip_suffix(".json")?));
    if cfg!(debug_assertions) { make() } else { KNOWN.get_with((), make) }
}

/// A module with all that it imports. One that cannot be joined is logged, and not there.
pub(in crate::http) fn joined(entry: Entry) -> Option<Arc<Served>> {
    static KNOWN: LazyLock<Cache<Entry, Option<Arc<Served>>>> = LazyLock::new(|| Cache::new(8));
    let make = || {
        let read = |path: &str| if path == PLACES { Some(places(entry)) } else { lines(path) };
        let text = join::join(entry.module(), read);
        let text = text.inspect_err(|fault| tracing::error!(error = chain(fault), "scripts cannot be joined")).ok()?;
        Some(Served::new(text.into()))
    };
    if cfg!(debug_assertions) { make() } else { KNOWN.get_with(entry, make) }
}

/// One hash of every name in a folder, and of what is sent under it.
pub(super) fn folder_hash(folder: &str) -> String {
    static KNOWN: LazyLock<Cache<String, String>> = LazyLock::new(|| Cache::new(8));
    let inside = |name: &str| name.split_once('/').is_some_and(|(first, _)| first == folder);
    let make = || hash_of(Files::iter().filter(|name| inside(name)), file);
    if cfg!(debug_assertions) { make() } else { KNOWN.get_with_by_ref(folder, make) }
}

/// Of every name and of what is sent under it.
fn hash_of(names: impl Iterator<Item = Cow<'static, str>>, read: impl Fn(&str) -> Option<Arc<Served>>) -> String {
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    let all = names
        .iter()
        .filter_map(|name| Some((name, read(name)?)))
        .fold(Sha256::new(), |all, (name, file)| all.chain_update(name.as_bytes()).chain_update(file.hash.as_bytes()));
    hex(&all.finalize())
}

/// Where the widget finds what it loads: next to the file it came in, so that it works behind any path and host.
/// Addresses carry hashes, so that what they lead to is kept for ever.
fn places(entry: Entry) -> Lines {
    let mark = |served: Option<Arc<Served>>| served.map_or_else(String::new, |served| format!("?v={}", served.hash));
    // What is loaded later is told by its arguments where things are, and names no place.
    let later = if entry == Entry::Widget { mark(joined(Entry::Later)) } else { String::new() };
    let source = format!(
        "export const PLACES = ((home) => ({{\n\
         home,\n\
         css: `${{home}}embed.css{css}`,\n\
         texts: (lang) => `${{home}}embed/texts/${{lang}}.json?v={texts}`,\n\
         solver: `${{home}}assets/proof.js{solver}`,\n\
         later: `${{home}}embed-later.js{later}`,\n\
         }}))(new URL('{home}', import.meta.url).href);\n",
        css = mark(style()),
        solver = mark(file("proof.js")),
        texts = texts_hash(),
        home = entry.home(),
    );
    Arc::new(slim::script(&source))
}

/// A script's lines without comments, kept by the file's hash.
fn lines(name: &str) -> Option<Lines> {
    static SLIM: LazyLock<Cache<[u8; 32], Lines>> = LazyLock::new(|| Cache::new(256));
    let found = Files::get(name)?;
    Some(SLIM.get_with(found.metadata.sha256_hash(), || Arc::new(Kind::Script.lines(&found))))
}

fn kept(file: EmbeddedFile, make: impl FnOnce(&EmbeddedFile) -> Arc<Served>) -> Arc<Served> {
    static KEPT: LazyLock<Cache<[u8; 32], Arc<Served>>> = LazyLock::new(|| Cache::new(256));
    KEPT.get_with(file.metadata.sha256_hash(), || make(&file))
}

fn whole(file: &EmbeddedFile) -> Bytes {
    Bytes::copy_from_slice(&file.data)
}

#[derive(Clone, Copy)]
enum Kind {
    Script,
    Style,
    Whole,
}

impl Kind {
    fn of(name: &str) -> Self {
        match name.rsplit_once('.') {
            Some((_, "js")) => Self::Script,
            Some((_, "css")) => Self::Style,
            _ => Self::Whole,
        }
    }

    fn lines(self, file: &EmbeddedFile) -> Vec<slim::Line> {
        let source = String::from_utf8_lossy(&file.data);
        if matches!(self, Self::Style) { slim::style(&source) } else { slim::script(&source) }
    }
}

fn hex(digest: &[u8]) -> String {
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
