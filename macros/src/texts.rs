//! The texts of the files, as they are in the program.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// The texts of all files, one after the other.
pub(crate) enum Texts {
    /// As they are.
    Plain(Vec<u8>),
    /// Compressed with DEFLATE, as one stream: scripts resemble each other.
    Deflated(Vec<u8>),
}

/// The least that compression must save, in bytes: about what the code that undoes it takes.
const WORTH: usize = 64 * 1024;

/// The effort of the compression, of 10. In a build without optimization, a higher one takes seconds for a few mebibytes.
const LEVEL: u8 = 6;

impl Texts {
    pub(crate) fn of<'a>(files: impl Iterator<Item = &'a [u8]>) -> Self {
        let plain = files.collect::<Vec<_>>().concat();
        if plain.len() < WORTH {
            return Self::Plain(plain);
        }
        let deflated = miniz_oxide::deflate::compress_to_vec(&plain, LEVEL);
        if deflated.len() + WORTH < plain.len() { Self::Deflated(deflated) } else { Self::Plain(plain) }
    }

    /// Returns the expression for them.
    pub(crate) fn expand(&self, embedded: &TokenStream) -> TokenStream {
        match self {
            Self::Plain(bytes) => {
                let bytes = Literal::byte_string(bytes);
                quote!(#embedded::Texts::Plain(#bytes))
            }
            Self::Deflated(bytes) => {
                let bytes = Literal::byte_string(bytes);
                quote!(#embedded::Texts::Deflated(#bytes))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compressed_if_it_pays() {
        assert!(matches!(Texts::of([b"SELECT 1;".as_slice()].into_iter()), Texts::Plain(_)));
        let long = "INSERT INTO item (id, name) VALUES (1, 'one');\n".repeat(3000);
        let Texts::Deflated(bytes) = Texts::of([long.as_bytes(); 2].into_iter()) else { panic!("it pays") };
        assert!(bytes.len() < long.len() / 50, "{}", bytes.len());
        assert_eq!(miniz_oxide::inflate::decompress_to_vec(&bytes).expect("whole"), long.repeat(2).into_bytes());
    }
}
