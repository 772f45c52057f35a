//! Scripts that the macro `embed!` put into the program.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use dbmigrate_files::{Found, What, look};

use super::folder::File as Read;
use super::{Scripts, Source};

/// A file of the folder that was embedded.
#[derive(Debug, Clone, Copy)]
pub struct File {
    /// Its path, as messages show it.
    pub path: &'static str,
    /// The name of an object file.
    pub object: Option<&'static str>,
    /// The length of its text, in bytes.
    pub length: usize,
    /// The commit that it comes from; empty if it is not known.
    pub commit: &'static str,
}

/// The texts of all files, one after the other.
#[derive(Debug, Clone, Copy)]
pub enum Texts {
    /// As they are.
    Plain(&'static [u8]),
    /// Compressed with DEFLATE.
    Deflated(&'static [u8]),
}

impl Texts {
    fn get(&self) -> Cow<'static, [u8]> {
        match self {
            Self::Plain(bytes) => Cow::Borrowed(bytes),
            Self::Deflated(bytes) => {
                miniz_oxide::inflate::decompress_to_vec(bytes).expect("the macro compressed it").into()
            }
        }
    }
}

/// Returns the scripts. The macro has checked them.
#[must_use]
pub fn scripts(files: &[File], texts: &Texts) -> Scripts {
    let (texts, mut end) = (texts.get(), 0);
    let read = files.iter().filter_map(|file| {
        let (start, path) = (end, Path::new(file.path));
        end += file.length;
        let text = match &texts {
            Cow::Borrowed(texts) => Cow::Borrowed(&texts[start..end]),
            Cow::Owned(texts) => Cow::Owned(texts[start..end].to_vec()),
        };
        let what = file.object.map_or_else(|| look(path), |name| Some(What::Object(name.to_owned())))?;
        Some(Read { found: Found { path: path.into(), what }, source: Source::Memory(text) })
    });
    let mut scripts = Scripts::of_files(read.collect());
    let known = files.iter().filter(|file| !file.commit.is_empty());
    let known = known.map(|file| (Path::new(file.path), file.commit)).collect::<BTreeMap<_, _>>();
    let commits = scripts.files().filter_map(|file| Some((file.name(), (*known.get(file.path())?).to_owned())));
    scripts.built_from = Some(Arc::new(commits.collect()));
    scripts
}
