use std::fmt;

use super::cursor::Token;

const MOST: u8 = 12;
const ROOM: usize = 128;

/// The first tokens at the top level of a statement: enough to determine what it is.
///
/// Unquoted words are in upper case. A quoted name is `"`, a string `'`, a number `0`, parentheses with their contents
/// `(`. Only the last part of a qualified name is kept, so `ALTER TABLE a.b` and `ALTER TABLE b` read the same.
/// Comments are skipped.
#[derive(Clone, PartialEq, Eq)]
pub struct Words {
    /// The tokens, each followed by a blank.
    buffer: [u8; ROOM],
    len: usize,
    count: u8,
    last: usize,
    after_dot: bool,
}

impl Words {
    pub(super) fn new() -> Self {
        Self { buffer: [0; ROOM], len: 0, count: 0, last: 0, after_dot: false }
    }

    /// Whether the statement has no tokens.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether the statement starts with these words (given in upper case).
    #[must_use]
    pub fn starts(&self, words: &[&str]) -> bool {
        let mut own = self.iter();
        words.iter().all(|word| own.next() == Some(word.as_bytes()))
    }

    /// Whether the statement consists of these words and nothing else.
    #[must_use]
    pub fn are(&self, words: &[&str]) -> bool {
        usize::from(self.count) == words.len() && self.starts(words)
    }

    /// Whether the word (given in upper case) is among the first tokens.
    #[must_use]
    pub fn contains(&self, word: &str) -> bool {
        self.iter().any(|own| own == word.as_bytes())
    }

    /// Returns the token at a position, if there is one.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&str> {
        self.iter().nth(index).and_then(|word| std::str::from_utf8(word).ok())
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let used = self.buffer.get(..self.len).unwrap_or_default();
        used.split(|&byte| byte == b' ').take(usize::from(self.count))
    }

    /// Whether further tokens make no difference.
    pub(super) fn is_full(&self) -> bool {
        self.count == MOST || self.len == ROOM
    }

    pub(super) fn push(&mut self, token: Token, text: &[u8]) {
        match token {
            Token::Symbol(b'.') => self.after_dot = true,
            Token::Word | Token::Symbol(_) => self.store(text),
            Token::Name => self.store(b"\""),
            Token::Text => self.store(b"'"),
            Token::Number => self.store(b"0"),
            Token::Blank | Token::Command | Token::Delimiter | Token::Mark | Token::End => {}
        }
    }

    fn store(&mut self, word: &[u8]) {
        if self.after_dot && self.count > 0 {
            self.len = self.last;
            self.count -= 1;
        }
        self.after_dot = false;
        self.last = self.len;
        self.count += 1;
        let free = self.buffer.get_mut(self.len..).unwrap_or_default();
        let (place, behind) = free.split_at_mut(free.len().min(word.len()));
        place.copy_from_slice(&word[..place.len()]);
        place.make_ascii_uppercase();
        if let Some(blank) = behind.first_mut() {
            *blank = b' ';
        }
        self.len = ROOM.min(self.len + word.len() + 1);
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(String::from_utf8_lossy)).finish()
    }
}
