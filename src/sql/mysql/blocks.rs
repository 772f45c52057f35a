use crate::sql::cursor::Token;

/// The open blocks in a compound statement.
///
/// Words open and close blocks only where a statement can start: elsewhere `begin` and `end` may be columns, and `IF` a
/// function. Blocks that do not match count as open: then only the delimiter ends the statement.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    open: Vec<Block>,
    place: Place,
    /// The number of open `CASE` expressions in the current statement.
    expressions: usize,
    unknown: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Block {
    Begin,
    If,
    Case,
    Loop,
    While,
    Repeat,
    For,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a statement starts.
    Start,
    /// After a word that may be a label.
    Label,
    /// After `DECLARE`.
    Declare,
    /// After `DECLARE ... HANDLER`, before or in the handler's statement.
    Handler,
    /// After the `END` of this block.
    End(Block),
    Inside,
}

impl Blocks {
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), place: Place::Start, expressions: 0, unknown: false }
    }

    /// Returns blocks of a language that is not parsed: Oracle's.
    pub(super) fn unknown() -> Self {
        Self { unknown: true, ..Self::new() }
    }

    pub(super) fn are_open(&self) -> bool {
        self.unknown || !self.open.is_empty()
    }

    pub(super) fn take(&mut self, token: Token, text: &[u8]) {
        if let Place::End(block) = self.place {
            self.unknown |= !block.is_closed_by(token, text);
        }
        match token {
            Token::Symbol(b';') => {
                self.place = Place::Start;
                self.expressions = 0;
            }
            Token::Word => self.word(text),
            Token::Name if self.place == Place::Start => self.place = Place::Label,
            Token::Symbol(b':') if self.place == Place::Label => self.place = Place::Start,
            // Oracle's labels
            Token::Symbol(b'<') if self.place == Place::Start => self.unknown = true,
            _ if matches!(self.place, Place::Start | Place::Label | Place::End(_)) => self.place = Place::Inside,
            _ => {}
        }
    }

    fn word(&mut self, word: &[u8]) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        if self.expressions > 0 {
            self.expressions += usize::from(is("CASE"));
            self.expressions -= usize::from(is("END"));
            return;
        }
        match self.place {
            Place::Start => self.place = self.starting(word),
            Place::Handler if Block::of(word).is_some_and(|block| block != Block::For) => {
                self.place = self.starting(word);
            }
            Place::Handler => {}
            _ => self.place = self.inside(word),
        }
    }

    /// Takes a word that starts a statement.
    fn starting(&mut self, word: &[u8]) -> Place {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        if let Some(block) = Block::of(word) {
            self.open.push(block);
            return match block {
                Block::Begin | Block::Loop | Block::Repeat => Place::Start,
                Block::If | Block::Case | Block::While | Block::For => Place::Inside,
            };
        }
        match () {
            () if is("END") => self.close(),
            () if ["NOT", "ATOMIC", "ELSE"].iter().any(|word| is(word)) => Place::Start,
            () if ["ELSEIF", "WHEN", "UNTIL", "DO"].iter().any(|word| is(word)) => Place::Inside,
            () if is("DECLARE") => Place::Declare,
            () => Place::Label,
        }
    }

    fn inside(&mut self, word: &[u8]) -> Place {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        let innermost = self.open.last().copied();
        let loops = matches!(innermost, Some(Block::While | Block::For));
        match () {
            () if is("CASE") && !matches!(self.place, Place::End(_)) => {
                self.expressions = 1;
                Place::Inside
            }
            () if is("THEN") || is("ELSE") || loops && (is("DO") || is("LOOP")) => Place::Start,
            // UNTIL condition END REPEAT
            () if is("END") && innermost == Some(Block::Repeat) => self.close(),
            () if is("HANDLER") && self.place == Place::Declare => Place::Handler,
            () if self.place == Place::Declare => Place::Declare,
            () => Place::Inside,
        }
    }

    fn close(&mut self) -> Place {
        match self.open.pop() {
            Some(block) => Place::End(block),
            None => Place::Inside,
        }
    }
}

impl Block {
    fn of(word: &[u8]) -> Option<Self> {
        let all = [Self::Begin, Self::If, Self::Case, Self::Loop, Self::While, Self::Repeat, Self::For];
        all.into_iter().find(|block| word.eq_ignore_ascii_case(block.word().as_bytes()))
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Begin => "BEGIN",
            Self::If => "IF",
            Self::Case => "CASE",
            Self::Loop => "LOOP",
            Self::While => "WHILE",
            Self::Repeat => "REPEAT",
            Self::For => "FOR",
        }
    }

    /// Whether `END` and this token close the block: `END IF`, but `END` or `END label` for `BEGIN`.
    fn is_closed_by(self, token: Token, text: &[u8]) -> bool {
        let block = (token == Token::Word).then(|| Self::of(text)).flatten();
        if self == Self::Begin { block.is_none() } else { block == Some(self) }
    }
}
