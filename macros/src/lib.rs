//! The part of `dbmigrate::embed!` that runs in the compiler. Its documentation is there.

mod folder;
mod texts;

use std::path::PathBuf;

use folder::Folder;
use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token, parenthesized, parse_macro_input};
use texts::Texts;

/// Returns an expression for the scripts of a folder. `dbmigrate::embed!` calls it with the path of its own crate.
#[proc_macro]
pub fn embed_files(input: TokenStream) -> TokenStream {
    let arguments = parse_macro_input!(input as Arguments);
    arguments.expand().unwrap_or_else(syn::Error::into_compile_error).into()
}

/// The arguments of the macro: `($crate) "migrations", objects = "views"`.
struct Arguments {
    library: Tokens,
    folder: LitStr,
    objects: Option<LitStr>,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let library;
        parenthesized!(library in input);
        let library = library.parse()?;
        let folder = input.parse()?;
        let mut objects = None;
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let name = input.parse::<Ident>()?;
            if name != "objects" {
                return Err(syn::Error::new(name.span(), "the only option is objects = \"FOLDER\""));
            }
            input.parse::<Token![=]>()?;
            objects = Some(input.parse()?);
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(Self { library, folder, objects })
    }
}

impl Arguments {
    fn expand(&self) -> syn::Result<Tokens> {
        let failed = |message: String| syn::Error::new(self.folder.span(), message);
        // Cargo sets it for the crate that is compiled
        let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
        let objects = self.objects.as_ref().map(LitStr::value);
        let folder = Folder::read(&root, &self.folder.value(), objects.as_deref()).map_err(failed)?;
        let texts = Texts::of(folder.files.iter().map(|file| file.bytes.as_slice()));
        let library = &self.library;
        let embedded = quote!(#library::internals::embedded);
        let files = folder.files.iter().map(|file| {
            let (path, name, length) = (&file.shown, &file.object, file.bytes.len());
            let object = name.as_ref().map_or_else(
                || quote!(::core::option::Option::None),
                |name| quote!(::core::option::Option::Some(#name)),
            );
            let commit = file.commit.as_deref().unwrap_or_default();
            quote!(#embedded::File { path: #path, object: #object, length: #length, commit: #commit })
        });
        // the compiler looks at these files again when they change, and leaves the constant out of the program
        let watched = folder.files.iter().map(|file| &file.watched);
        let texts = texts.expand(&embedded);
        Ok(quote!({
            const _: &[&[::core::primitive::u8]] = &[#(::core::include_bytes!(#watched)),*];
            #embedded::scripts(&[#(#files),*], &#texts)
        }))
    }
}
