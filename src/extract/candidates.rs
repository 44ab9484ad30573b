//! Other sources of the body than the chosen lines: structured data, the element that microdata marks, and the state
//! from which scripts draw the page.

use std::collections::HashSet;

use super::{
    blocks::{Blocks, FAR, Near, share, weight},
    body::Body,
    clean::{self, Cleaned},
    features::runs,
    flight,
    head::Head,
    state,
    words::Kind,
};

/// Minimum letters of a candidate.
const LEAST: f32 = 300.0;

/// The better of the body read from the lines and the other candidates.
///
/// If they agree, the lines are taken, which have paragraphs and headings. Structured data is the publisher's own text,
/// and wins if the lines give less than half of it, as on pages drawn by scripts. If the lines give hardly anything,
/// the candidate that agrees most with the others is taken.
pub(super) fn better(body: Body, head: &Head, blocks: &Blocks, title: &str) -> Body {
    let of_lines = weight(&body.text);
    let of_data = head.article_body.as_deref().filter(|it| weight(it) >= LEAST);
    if of_lines >= LEAST {
        return match of_data.filter(|it| of_lines < 0.5 * weight(it)) {
            Some(text) => body.with_text(clean::body_text(text, title)),
            None => body,
        };
    }
    let is_longer = |it: &String| weight(it) >= LEAST.max(2.0 * of_lines);
    let of_state = head.state.as_deref().and_then(state::text);
    let others = [of_microdata(blocks), of_state, state::text_of_rows(flight::rows(&head.flight))];
    let others = others.into_iter().flatten().filter(is_longer);
    let of_data = of_data.filter(|it| of_lines < 0.5 * weight(it));
    match agreed(of_data.map(str::to_owned).into_iter().chain(others).collect()) {
        Some(text) => body.with_text(clean::body_text(&text, title)),
        None => body,
    }
}

impl Body {
    /// The body with another text.
    fn with_text(mut self, other: Cleaned) -> Self {
        self.cut.extend(other.cut);
        Self { text: other.text, teasers: 0.0, ..self }
    }
}

/// The text that has most in common with the others; the first of equals.
fn agreed(texts: Vec<String>) -> Option<String> {
    let words: Vec<HashSet<u64>> = texts.iter().map(|it| runs(it).into_iter().collect()).collect();
    let agreement = |own: &HashSet<u64>| -> f32 { words.iter().map(|it| alike(own, it)).sum() };
    let mut best: Option<(f32, String)> = None;
    for (text, own) in texts.into_iter().zip(&words) {
        let sum = agreement(own);
        if best.as_ref().is_none_or(|(most, _)| sum > *most) {
            best = Some((sum, text));
        }
    }
    best.map(|it| it.1)
}

/// Similarity (0–1) of two sets of runs.
#[expect(clippy::cast_precision_loss, reason = "counts of words are small")]
fn alike(a: &HashSet<u64>, b: &HashSet<u64>) -> f32 {
    2.0 * share(a.intersection(b).count() as f32, (a.len() + b.len()) as f32)
}

/// The lines of the element that microdata marks as the body, without the boxes inside it.
fn of_microdata(blocks: &Blocks) -> Option<String> {
    let boxes = [Kind::Comment, Kind::Related, Kind::Share, Kind::Ad, Kind::Subscribe, Kind::NavTag, Kind::FigureTag];
    let is_body = |near: &Near| {
        let body = near.to(Kind::ArticleBody);
        body < FAR && boxes.iter().all(|it| near.to(*it) >= body)
    };
    let lines =
        blocks.lines.iter().filter(|it| is_body(&blocks.element(it.element).near) && it.linked * 2.0 <= it.letters);
    let text = lines.map(|it| it.text.as_str()).collect::<Vec<_>>().join("\n");
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use crate::text::html;

    use super::*;

    const SENTENCE: &str =
        "The delegation arrived on Monday evening, and the talks about the bridge began at once in the old town hall.";

    fn better_than(body: Body, markup: &str) -> String {
        let document = html::document(markup).unwrap();
        better(body, &Head::read(&document), &Blocks::read(&document), "Title").text
    }

    fn body_of(markup: &str) -> String {
        better_than(Body::default(), markup)
    }

    #[test]
    fn structured_data_serves_where_the_page_is_empty() {
        let page = format!(
            r#"<script type="application/ld+json">{{"@type":"NewsArticle","articleBody":"{}"}}</script>"#,
            [SENTENCE; 5].join(" ")
        );
        assert_eq!(body_of(&page), [SENTENCE; 5].join(" "));
        let read = Body { text: [SENTENCE; 4].join("\n"), ..Body::default() };
        assert_eq!(better_than(read, &page), [SENTENCE; 4].join("\n"));
    }

    #[test]
    fn the_state_of_a_page_serves_where_nothing_else_does() {
        let paragraphs = vec![format!("{{\"type\":\"p\",\"text\":\"{SENTENCE}\"}}"); 5].join(",");
        let page = format!(
            r#"<script id="__NEXT_DATA__" type="application/json">{{"props":{{"blocks":[{paragraphs}]}}}}</script>"#
        );
        assert_eq!(body_of(&page), [SENTENCE; 5].join("\n"));
        let text: String = [SENTENCE; 5].map(|it| format!("<p>{it}</p>")).concat();
        let piece = format!("1:{{\"html\":\"$2\"}}\n2:T{:x},{text}3:null\n", text.len());
        let stream = serde_json::to_string(&(1, piece)).unwrap();
        let page = format!("<div id=root></div><script>self.__next_f.push({stream})</script>");
        assert_eq!(body_of(&page), [SENTENCE; 5].join("\n"));
        let code = r#"<script id="__NEXT_DATA__" type="application/json">{"a":"function x() { return 1; } and so on. And so on. And so on."}</script>"#;
        assert_eq!(body_of(code), "");
    }

    #[test]
    fn the_element_that_microdata_marks_serves_where_the_lines_do_not() {
        let text = format!("<p>{SENTENCE}</p>").repeat(5);
        let page =
            format!("<div itemprop=articleBody>{text}<div class=comments><p>{SENTENCE} So they say.</p></div></div>");
        assert_eq!(body_of(&page), [SENTENCE; 5].join("\n"));
        let read = Body { text: [SENTENCE; 4].join("\n"), ..Body::default() };
        assert_eq!(better_than(read, &page), [SENTENCE; 4].join("\n"));
    }

    #[test]
    fn the_candidate_that_others_agree_with_is_taken() {
        let other = "Cookies are small files that help us to show you what you like, and you may refuse all of them in the settings.";
        let (own, other) = ([SENTENCE; 5].join("\n"), [other; 5].join("\n"));
        assert_eq!(agreed(vec![other.clone(), own.clone(), own.clone()]), Some(own.clone()));
        assert_eq!(agreed(vec![own.clone(), other]), Some(own));
        assert_eq!(agreed(Vec::new()), None);
    }
}
