//! The signs and words that a query is made of, with their places.

use std::ops::Range;

use winnow::{
    LocatingSlice, ModalResult, Parser,
    ascii::multispace0,
    combinator::{alt, delimited, not, opt, preceded, repeat, terminated},
    token::{any, one_of, rest, take_till, take_while},
};

/// A sign or word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'q> {
    Open,
    Close,
    Comma,
    /// `>=` or `≥`.
    AtLeast,
    /// `[3]`; nothing where the number is none.
    Weight(Option<i32>),
    /// `-` before something to be excluded.
    Minus,
    /// `=`, `~` or `!` before a term.
    Mark(char),
    /// What stands between quotation marks, and whether the second one is there.
    Quoted(&'q str, bool),
    And,
    Or,
    Not,
    /// `NEAR/n`, or `ONEAR/n` for this order; nothing where the number is none.
    Near {
        is_ordered: bool,
        within: Option<usize>,
    },
    /// A word and the colon after it.
    Field(&'q str),
    Word(&'q str),
}

/// A token and where it stands, in bytes.
pub(super) type Placed<'q> = (Token<'q>, Range<usize>);

type Input<'q> = LocatingSlice<&'q str>;

/// The tokens of a query. Any text can be cut into tokens; the grammar refuses what makes no sense.
pub(super) fn tokens(query: &str) -> Vec<Placed<'_>> {
    let mut input = LocatingSlice::new(query);
    let mut all = repeat(0.., preceded(multispace0, token.with_span()));
    all.parse_next(&mut input).unwrap_or_default()
}

fn token<'q>(input: &mut Input<'q>) -> ModalResult<Token<'q>> {
    let sign = alt((
        '('.value(Token::Open),
        ')'.value(Token::Close),
        ','.value(Token::Comma),
        at_least.value(Token::AtLeast),
        '-'.value(Token::Minus),
        one_of(['=', '~', '!']).map(Token::Mark),
    ));
    alt((weight, quoted, sign, field, word)).parse_next(input)
}

fn weight<'q>(input: &mut Input<'q>) -> ModalResult<Token<'q>> {
    let inner = take_till(0.., [']', '(', ')', '"']);
    delimited('[', inner, opt(']')).map(|it: &str| Token::Weight(it.trim().parse().ok())).parse_next(input)
}

fn quoted<'q>(input: &mut Input<'q>) -> ModalResult<Token<'q>> {
    // Pasted text brings curly marks.
    const MARKS: [char; 6] = ['"', '“', '”', '„', '«', '»'];
    let text = take_till(0.., MARKS);
    (preceded(one_of(MARKS), text), opt(one_of(MARKS)))
        .map(|(text, end): (&str, _)| Token::Quoted(text, end.is_some()))
        .parse_next(input)
}

fn field<'q>(input: &mut Input<'q>) -> ModalResult<Token<'q>> {
    terminated(take_while(1.., char::is_alphanumeric), ':').map(Token::Field).parse_next(input)
}

fn word<'q>(input: &mut Input<'q>) -> ModalResult<Token<'q>> {
    let goes_on = |c: char| !c.is_whitespace() && !"()[\",“”„«»".contains(c);
    let letter = preceded(not(at_least), any.verify(move |it| goes_on(*it)));
    repeat::<_, _, (), _, _>(1.., letter).take().map(operator).parse_next(input)
}

fn at_least<'q>(input: &mut Input<'q>) -> ModalResult<&'q str> {
    alt((">=", "≥")).parse_next(input)
}

fn operator(word: &str) -> Token<'_> {
    match word {
        "AND" | "&&" => Token::And,
        "OR" | "||" => Token::Or,
        "NOT" => Token::Not,
        _ => near.parse(word).unwrap_or(Token::Word(word)),
    }
}

fn near<'q>(input: &mut &'q str) -> ModalResult<Token<'q>> {
    let name = alt(("ONEAR".value(true), "NEAR".value(false)));
    let within = opt(preceded('/', rest)).map(|it: Option<&str>| it.and_then(|it| it.parse().ok()));
    (name, within).map(|(is_ordered, within)| Token::Near { is_ordered, within }).parse_next(input)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_signs_and_words_with_their_places() {
        let all = |query| tokens(query).into_iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!(
            all("=\"Vinnikov\" AND -(ITPP, x) NEAR/10 title:a"),
            [
                Token::Mark('='),
                Token::Quoted("Vinnikov", true),
                Token::And,
                Token::Minus,
                Token::Open,
                Token::Word("ITPP"),
                Token::Comma,
                Token::Word("x"),
                Token::Close,
                Token::Near { is_ordered: false, within: Some(10) },
                Token::Field("title"),
                Token::Word("a"),
            ]
        );
        assert_eq!(
            all("[3] a, [-5] b >= 4 [x] [1"),
            [
                Token::Weight(Some(3)),
                Token::Word("a"),
                Token::Comma,
                Token::Weight(Some(-5)),
                Token::Word("b"),
                Token::AtLeast,
                Token::Word("4"),
                Token::Weight(None),
                Token::Weight(Some(1)),
            ]
        );
        let spaced = all("[3] a, [1] b >= 4");
        assert_eq!(all("[3]a,[1]b>=4"), spaced);
        assert_eq!(all("[3] a, [1] b≥ 4"), spaced);
        assert_eq!(all("a>b =>"), [Token::Word("a>b"), Token::Mark('='), Token::Word(">")]);
        assert_eq!(all("«Ви́нников» “open"), [Token::Quoted("Ви́нников", true), Token::Quoted("open", false)]);
        assert_eq!(
            all("O'Leary A.Vinnikov Berners-Lee NEARBY"),
            ["O'Leary", "A.Vinnikov", "Berners-Lee", "NEARBY"].map(Token::Word)
        );
        assert_eq!(tokens("a  Ви b").into_iter().map(|it| it.1).collect::<Vec<_>>(), [0..1, 3..7, 8..9]);
        assert_eq!(all(" \t "), []);
    }
}
