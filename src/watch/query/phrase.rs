//! The inside of a quotation: words, alternatives between brackets, words that may be absent.

use std::ops::Range;

use super::{MAX_FORMS, Reason};

/// A piece of a phrase: its alternatives, one of which is nothing where it may be absent.
type Piece = Vec<String>;

/// All phrases that a quotation stands for.
///
/// # Errors
///
/// What is wrong, and the bytes of `text` that are.
pub(super) fn forms(text: &str) -> Result<Vec<String>, (Range<usize>, Reason)> {
    let pieces = pieces(text)?;
    let whole = 0..text.len();
    if !pieces.is_empty() && pieces.iter().all(|it| it.iter().any(String::is_empty)) {
        return Err((whole, Reason::AllOptional));
    }
    let mut res = vec![String::new()];
    for piece in &pieces {
        if res.len() * piece.len() > MAX_FORMS {
            return Err((whole, Reason::ManyForms));
        }
        let joined = |start: &String, end: &String| match (start.is_empty(), end.is_empty()) {
            (true, _) => end.clone(),
            (_, true) => start.clone(),
            _ => format!("{start} {end}"),
        };
        res = res.iter().flat_map(|start| piece.iter().map(move |end| joined(start, end))).collect();
    }
    Ok(res)
}

fn pieces(text: &str) -> Result<Vec<Piece>, (Range<usize>, Reason)> {
    let mut res: Vec<Piece> = Vec::new();
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let at = text.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else { return Ok(res) };
        let end = match first {
            '(' => {
                let Some(end) = trimmed.find(')') else { return Err((at..text.len(), Reason::UnclosedAlternatives)) };
                let inner = trimmed.get(1..end).unwrap_or_default();
                let piece: Piece = inner.split('|').map(|it| it.trim().to_owned()).collect();
                if !inner.contains('(') && piece.iter().any(String::is_empty) {
                    return Err((at..at + end + 1, Reason::EmptyAlternative));
                }
                if let Some((stray, sign)) = inner.char_indices().find(|it| matches!(it.1, '(' | '?')) {
                    let reason = if sign == '(' { Reason::NestedAlternatives } else { Reason::StrayOptional };
                    return Err((at + 1 + stray..at + 2 + stray, reason));
                }
                res.push(piece);
                end + 1
            }
            '|' | ')' => return Err((at..at + 1, Reason::StrayAlternative)),
            '?' => return Err((at..at + 1, Reason::StrayOptional)),
            _ => {
                let end = trimmed.find(|c: char| c.is_whitespace() || "()|?".contains(c)).unwrap_or(trimmed.len());
                res.push(vec![trimmed.get(..end).unwrap_or_default().to_owned()]);
                end
            }
        };
        rest = trimmed.get(end..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix('?') {
            if let Some(piece) = res.last_mut() {
                piece.push(String::new());
            }
            rest = after;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_make_forms() {
        assert_eq!(forms("liaison office").unwrap(), ["liaison office"]);
        assert_eq!(
            forms("Individually (Tailored|Adapted) Partnership (Programme|Plan)?").unwrap(),
            [
                "Individually Tailored Partnership Programme",
                "Individually Tailored Partnership Plan",
                "Individually Tailored Partnership",
                "Individually Adapted Partnership Programme",
                "Individually Adapted Partnership Plan",
                "Individually Adapted Partnership",
            ]
        );
        assert_eq!(forms("the? border").unwrap(), ["the border", "border"]);
    }
}
