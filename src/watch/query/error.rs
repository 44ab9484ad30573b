//! Why a query is refused, in words that tell its writer what to change.

use std::{fmt, ops::Range};

use crate::text::names::TermError;

use super::{MAX_BYTES, MAX_DEPTH, MAX_FORMS, MAX_NEAR, MAX_TERMS, MAX_WEIGHT};

/// A query that is refused: where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// The bytes that it is about.
    pub span: Range<usize>,
    /// The characters before them.
    pub column: usize,
    /// The text there; shortened.
    pub text: String,
    /// What is wrong.
    pub reason: Reason,
}

/// Why a query is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// Nothing is there.
    #[error("the query is empty")]
    Empty,
    /// Too long.
    #[error("the query is longer than {MAX_BYTES} bytes")]
    Long,
    /// Too many terms.
    #[error("the query has more than {MAX_TERMS} terms")]
    ManyTerms,
    /// Brackets in brackets in brackets.
    #[error("brackets are nested more than {MAX_DEPTH} deep")]
    Deep,
    /// No closing bracket.
    #[error("this bracket is not closed")]
    Unclosed,
    /// A closing bracket too many.
    #[error("this bracket closes nothing")]
    Unopened,
    /// No second quotation mark.
    #[error("this quotation is not closed")]
    UnclosedQuote,
    /// `()`.
    #[error("there is nothing between these brackets")]
    EmptyGroup,
    /// `""`.
    #[error("there is nothing between these quotation marks")]
    EmptyQuote,
    /// An operator with nothing after it.
    #[error("something must stand after this")]
    NothingAfter,
    /// An operator with nothing before it.
    #[error("something must stand before this")]
    NothingBefore,
    /// Two terms with nothing between.
    #[error("write AND or OR before this, or put words that belong together between quotation marks")]
    NoOperator,
    /// `a|b`, `a;b`.
    #[error(
        "write OR between terms; alternatives of a phrase stand between brackets, as in \"(Tailored|Adapted) Plan\""
    )]
    Stroke,
    /// `and`, `or`, `not`, `near`.
    #[error("write {0} in capitals to join terms, or between quotation marks to look for the word")]
    SmallOperator(String),
    /// `Vinnikov?`, `a/b`.
    #[error(
        "{0} stands for nothing here; put what is to be found with it between quotation marks, and AND or OR between terms"
    )]
    Sign(char),
    /// `Vinnikov - NATO`.
    #[error("write - right before what is to be absent, and words with a hyphen between them without spaces")]
    MinusAlone,
    /// `Vinnikov --hockey`.
    #[error("write one - before what is to be absent")]
    TwoMinus,
    /// `Vinnikov–NATO`.
    #[error("a dash parts no terms; write AND or OR, or put words that belong together between quotation marks")]
    Dash,
    /// No field of that name.
    #[error("there is no field of that name; fields are title, body, source, lang, country and topic")]
    UnknownField,
    /// A field in a field.
    #[error("a field can't stand within another")]
    FieldInField,
    /// `lang:` with something else than a code.
    #[error("a language is given by its code of two or three letters, as in lang:ru")]
    Language,
    /// `country:` with something else than a code.
    #[error("a country is given by its code of two letters, as in country:ge")]
    Country,
    /// `topic:(a OR b)`.
    #[error("this field takes one word or quotation")]
    FieldTakesWord,
    /// Only negations.
    #[error("a query needs something that must be there: what is only not there is everywhere")]
    OnlyNot,
    /// `a OR NOT b`.
    #[error("OR NOT would fire on nearly every article")]
    OrNot,
    /// `a NOT a`.
    #[error("the same term is asked for and excluded, so this would never fire")]
    Contradiction,
    /// `lang:ru AND lang:en`.
    #[error("an article has one source, one language and one country, so this would never fire; write OR")]
    TwoValues,
    /// Only `source:` and the like.
    #[error("a query needs a term: fields alone would fire on every article of theirs")]
    OnlyFields,
    /// `NEAR` without a number.
    #[error("say within how many words, as in NEAR/10")]
    NearNumber,
    /// `NEAR/0`, `NEAR/900`.
    #[error("NEAR takes a number from 1 to {MAX_NEAR}")]
    NearRange,
    /// `NEAR` of something else than terms.
    #[error("NEAR joins terms, or terms joined by OR; what is excluded stands behind the pair")]
    NearOf,
    /// `a NEAR/5 b AND c`, fine; `a NEAR/5 b NEAR/6 c`, not.
    #[error("NEAR joins two; put brackets around the first pair or use AND")]
    NearChain,
    /// `=` before nothing.
    #[error("a term must stand right after this mark")]
    MarkAlone,
    /// `=~x`.
    #[error("a term takes one mark")]
    TwoMarks,
    /// `=part*`.
    #[error("a term with * takes no mark")]
    MarkedPrefix,
    /// `*kov`, `Vin*kov`.
    #[error("* stands only at the end of a word")]
    Star,
    /// `"Vin* x"`.
    #[error("* stands only at the end of the last word of a phrase")]
    StarInside,
    /// `[x]`.
    #[error("a weight is a whole number from -{MAX_WEIGHT} to {MAX_WEIGHT}, and not 0")]
    Weight,
    /// `3] Vinnikov`.
    #[error("a weight stands between two brackets, as in [3]")]
    WeightUnopened,
    /// Weights for some only.
    #[error("give each term of the list a weight, as in [3]")]
    Unweighted,
    /// No `>= n`.
    #[error("say how much is enough at the end, as in >= 4")]
    NoThreshold,
    /// `> 4`, `=> 4`.
    #[error("write >= before what is enough, as in [3] Vinnikov, [1] NATO >= 4")]
    AtLeastSign,
    /// `>=` without weights.
    #[error(">= stands after a list of terms with weights, as in [3] Vinnikov, [1] NATO >= 4")]
    ThresholdAlone,
    /// `>= x`.
    #[error("what is enough is a whole number from 1 to {0}")]
    Threshold(i32),
    /// All weights together are less.
    #[error("all weights together come to {0} only")]
    Unreachable(i32),
    /// A comma without weights.
    #[error("a comma parts terms with weights; use OR")]
    Comma,
    /// A weight within brackets.
    #[error("weights stand only before the terms of a list, not within")]
    WeightInside,
    /// `(a|b`.
    #[error("this bracket within the quotation is not closed")]
    UnclosedAlternatives,
    /// `(a|(b|c))`.
    #[error("brackets within brackets can't stand in a quotation; write all alternatives between one pair")]
    NestedAlternatives,
    /// `(a|)`.
    #[error("an alternative is empty; write ? after the bracket if the word may be absent")]
    EmptyAlternative,
    /// `|` or `)` outside brackets.
    #[error("alternatives stand between brackets, as in \"(Tailored|Adapted) Partnership\"")]
    StrayAlternative,
    /// `?` after nothing.
    #[error("? stands right after a word or bracket that may be absent")]
    StrayOptional,
    /// `"a? b?"`.
    #[error("every word of the phrase may be absent")]
    AllOptional,
    /// More forms than are looked for.
    #[error("the alternatives make more than {MAX_FORMS} phrases")]
    ManyForms,
    /// No term.
    #[error(transparent)]
    Term(#[from] TermError),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text.as_str() {
            "" => write!(f, "at character {}: {}", self.column + 1, self.reason),
            text => write!(f, "at character {}, “{text}”: {}", self.column + 1, self.reason),
        }
    }
}

impl std::error::Error for QueryError {}
