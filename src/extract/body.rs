//! The body of an article: the lines of a page that belong to it.

mod copies;
mod frame;
mod others;

use std::collections::HashSet;

use crate::text::{ends_sentence, html::Line};

use super::{
    blocks::{Block, Blocks, share},
    clean, context,
    cues::{self, Cue, Starts},
    dates::written,
    features,
    head::Head,
    scorer::Scorer,
    weights,
    words::Kind,
};

/// Minimum score (0–1) of a line that belongs to the body. Below a half, because a lost paragraph costs more than a
/// superfluous line.
const SURE: f32 = 0.45;

/// Lines with a lower first score (0–1) are not judged again.
const SURE_NOT: f32 = 0.01;

/// Minimum score (0–1) of a sentence beside the body to belong to it.
const LIKELY: f32 = 0.15;

/// Minimum score (0–1) of a line above the body that is marked as a lead to belong to it.
const UNLIKELY: f32 = 0.05;

/// Minimum words of a sentence that begins as notices do and is text.
const MIN_WORDS: usize = 4;

/// Lines longer than this many letters are not cut as the tail of a page.
const SHORT: f32 = 100.0;

/// Maximum letters of a teaser.
const TEASER: f32 = 300.0;

/// Minimum boxes of a list of articles.
const MANY_CARDS: usize = 6;

/// What was read.
#[derive(Debug, Clone, Default)]
pub(super) struct Body {
    /// One paragraph a line.
    pub(super) text: String,
    /// Text that was cut, and why.
    pub(super) cut: Vec<(String, &'static str)>,
    /// Mean score (0–1) over the letters of the body.
    pub(super) sureness: f32,
    /// Share (0–1) of the kept letters that are the beginnings of other articles.
    pub(super) teasers: f32,
}

/// For each line the average score (0–1) with which the scorers assign it to the body.
pub(super) fn judged(blocks: &Blocks, head: &Head) -> Vec<f32> {
    let rows = features::rows(blocks, head);
    let (first, second) = (Scorer { trees: weights::LINES }, Scorer { trees: weights::CONTEXT });
    let mut judged: Vec<f32> = rows.iter().map(|it| first.judge(it)).collect();
    let context = context::rows(blocks, &judged);
    let mut both = Vec::with_capacity(300);
    for (sureness, (own, context)) in judged.iter_mut().zip(rows.iter().zip(context.iter())) {
        if *sureness > SURE_NOT {
            both.clear();
            both.extend_from_slice(own);
            both.extend_from_slice(context);
            *sureness = f32::midpoint(*sureness, second.judge(&both));
        }
    }
    judged
}

/// Reads the body from the lines as they are [`judged`]. `title` is dropped where the body repeats it at its head.
pub(super) fn read(blocks: &Blocks, judged: &[f32], title: &str) -> Body {
    let mut lines: Vec<Judged<'_>> = blocks
        .lines
        .iter()
        .zip(judged)
        .map(|(block, sureness)| Judged { block, starts: starts(block), sureness: *sureness, cut: None })
        .collect();
    for it in lines.iter_mut().filter(|it| it.sureness <= SURE) {
        it.cut = Some(if it.block.linked * 2.0 > it.block.letters { "links" } else { "not running text" });
    }
    for it in lines.iter_mut().filter(|it| is_for_programs(&it.block.text)) {
        it.cut = Some("for programs, not for readers");
    }
    keep_between(blocks, &mut lines);
    frame::cut(blocks, &mut lines);
    others::cut(blocks, &mut lines);
    frame::cut_invitations(blocks, &mut lines);
    copies::cut(&mut lines);
    cut_head(blocks, &mut lines);
    cut_related(&mut lines);
    cut_tail(&mut lines);
    let teasers = cut_teasers(blocks, &mut lines);
    cut_tail(&mut lines);
    let (mut sure, mut letters) = (0.0, 0.0);
    for it in lines.iter().filter(|it| it.cut.is_none()) {
        sure += it.sureness * it.block.letters;
        letters += it.block.letters;
    }
    let kept = lines.iter().filter(|it| it.cut.is_none()).map(|it| line(blocks, it.block)).collect();
    let cleaned = clean::body(kept, title);
    let mut cut: Vec<_> = lines.iter().filter_map(|it| Some((it.block.text.clone(), it.cut?))).collect();
    cut.extend(cleaned.cut);
    Body { text: cleaned.text, cut, sureness: share(sure, letters), teasers }
}

struct Judged<'a> {
    block: &'a Block,
    starts: Starts,
    sureness: f32,
    /// Why it is not part of the body; `None` if it is.
    cut: Option<&'static str>,
}

impl Judged<'_> {
    fn link_density(&self) -> f32 {
        share(self.block.linked, self.block.letters)
    }

    fn says(&self, cues: &[Cue]) -> bool {
        cues.iter().any(|it| self.starts.says(*it))
    }

    /// Short and without the end of a sentence.
    fn is_label(&self) -> bool {
        self.block.letters < 40.0
            && !ends_sentence(&self.block.text)
            && !self.block.text.ends_with(['"', '”', '»', ')'])
    }

    /// Whether it only begins as notices do: "Comments by Vinnikov angered the neighbours." Notices name nobody, as far as
    /// their script shows.
    fn is_sentence(&self) -> bool {
        let text = &self.block.text;
        let has_name = || {
            text.split_whitespace().skip(1).any(|it| it.starts_with(char::is_uppercase))
                || !text.contains(char::is_lowercase)
                || text.chars().all(|it| !it.is_uppercase())
        };
        let is_notice = || clean::starts_like_clutter(text) || cues::notices(&text.to_lowercase()) > 0;
        ends_sentence(text)
            && self.block.linked == 0.0
            && text.split_whitespace().nth(MIN_WORDS - 1).is_some()
            && has_name()
            && !is_notice()
    }
}

/// Whether a line is something that a template should have hidden or filled in: a time in ISO 8601, the address of a
/// picture, a placeholder. Not a long number: an account number may stand alone in a text.
fn is_for_programs(text: &str) -> bool {
    let is_moment = || {
        let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
        n_digits >= 12 && text.contains('T') && text.bytes().all(|it| it.is_ascii_digit() || b"-:.TZ+".contains(&it))
    };
    let is_picture = || {
        let is_address = text.starts_with("https://") || text.starts_with("http://");
        let is_picture = [".jpg", ".jpeg", ".png", ".gif", ".webp"].iter().any(|it| text.ends_with(it));
        is_address && is_picture && !text.contains(' ')
    };
    let between = |from, to| text.strip_prefix(from).and_then(|it| it.strip_suffix(to)).filter(|it| !it.is_empty());
    // A formula of TeX is between the same signs.
    let is_name = |it: &str| it.bytes().all(|it| it.is_ascii_uppercase() || it == b'_');
    let is_placeholder =
        || between("$$", "$$").is_some_and(is_name) || between("{{", "}}").or(between("{*", "*}")).is_some();
    is_moment() || is_picture() || is_placeholder()
}

fn starts(block: &Block) -> Starts {
    match block.letters < 200.0 {
        true => cues::of_start(&block.text.to_lowercase(), block.text.chars().count()),
        false => Starts::default(),
    }
}

fn line(blocks: &Blocks, block: &Block) -> Line {
    Line {
        block: blocks.element(block.element).tag.clone(),
        text: block.text.clone(),
        is_link: block.linked * 2.0 > block.letters,
        in_form: false,
    }
}

/// Cuts dates, bylines and the like above the first paragraph.
fn cut_head(blocks: &Blocks, lines: &mut [Judged<'_>]) {
    let is_text = |it: &Judged<'_>| {
        it.cut.is_none() && it.block.is_long() && !blocks.element(it.block.element).tag.starts_with('h')
    };
    let first = lines.iter().position(is_text).unwrap_or(0);
    for it in lines.iter_mut().take(first).filter(|it| it.cut.is_none() && it.block.text.chars().count() < 60) {
        let says = it.says(&[Cue::Byline, Cue::Published, Cue::ReadingTime, Cue::Picture, Cue::Share]);
        if !ends_sentence(&it.block.text) && (says || !written::find(&it.block.text, false).is_empty()) {
            it.cut = Some("a date or a byline");
        }
    }
}

/// Keeps short sentences beside the body in the same element: a lead, a last word.
fn keep_between(blocks: &Blocks, lines: &mut [Judged<'_>]) {
    let place = |it: &Judged<'_>| {
        let element = blocks.element(it.block.element);
        if element.tag == "p" { element.parent } else { it.block.element }
    };
    let is_kept = |it: &Judged<'_>| it.cut.is_none() && it.block.is_long();
    let beside = |at: usize, it: &Judged<'_>| {
        let before = at.checked_sub(1).and_then(|it| lines.get(it));
        let neighbours = [before, lines.get(at + 1)];
        neighbours.into_iter().flatten().any(|other| is_kept(other) && place(other) == place(it))
    };
    let is_sentence = |it: &Judged<'_>| {
        !it.starts.any() && it.link_density() < 0.1 && ends_sentence(&it.block.text) && it.sureness > LIKELY
    };
    let first = lines.iter().position(is_kept).unwrap_or(0);
    let is_lead = |at: usize, it: &Judged<'_>| {
        let near = blocks.element(it.block.element).near.is(Kind::Lead);
        near && at < first && at + 6 > first && ends_sentence(&it.block.text) && it.sureness > UNLIKELY
    };
    // A heading in an element of its own: what stands around it says that it belongs to the text.
    let is_heading = |at: usize, it: &Judged<'_>| {
        let is_text = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_some_and(is_kept);
        matches!(blocks.element(it.block.element).tag.as_str(), "h2" | "h3" | "h4")
            && it.block.linked == 0.0
            && !it.block.is_long()
            && !it.starts.any()
            && is_text(at.checked_sub(1))
            && is_text(Some(at + 1))
    };
    let found = lines.iter().enumerate().filter(|(at, it)| {
        it.cut.is_some() && (is_lead(*at, it) || (is_sentence(it) && beside(*at, it)) || is_heading(*at, it))
    });
    for at in found.map(|(at, _)| at).collect::<Vec<_>>() {
        if let Some(it) = lines.get_mut(at) {
            it.cut = None;
        }
    }
}

/// Cuts runs of links under a line that says that they lead to other articles, and single links that say so themselves.
fn cut_related(lines: &mut [Judged<'_>]) {
    let kept: Vec<usize> = (0..lines.len()).filter(|it| lines.get(*it).is_some_and(|it| it.cut.is_none())).collect();
    let of = |at: usize| kept.get(at).and_then(|it| lines.get(*it));
    // `Read also: the title of another article`, most of it a link.
    let is_pointer = |it: &usize| lines.get(*it).is_some_and(|it| it.says(&[Cue::Related]) && it.link_density() > 0.5);
    let mut runs: Vec<usize> = kept.iter().copied().filter(is_pointer).collect();
    let mut at = 0;
    while at < kept.len() {
        let is_link = |at: usize| of(at).is_some_and(|it| it.link_density() > 0.8 && it.block.letters > 12.0);
        let length = (at..kept.len()).take_while(|it| is_link(*it)).count();
        let says = |at: usize| of(at).is_some_and(|it| it.says(&[Cue::Related]));
        let label = at.checked_sub(1).filter(|it| says(*it));
        if length >= 2 && (label.is_some() || (at..at + length).any(says)) {
            let start = label.filter(|it| of(*it).is_some_and(Judged::is_label)).unwrap_or(at);
            runs.extend(kept.get(start..at + length).unwrap_or_default().to_vec());
        }
        at += length.max(1);
    }
    for it in runs {
        if let Some(line) = lines.get_mut(it) {
            line.cut = Some("leads to other articles");
        }
    }
}

/// Cuts similar boxes after the text, each with a title that is a link: the beginnings of other articles. Returns the
/// share (0–1) of the letters kept so far that are in such boxes.
fn cut_teasers(blocks: &Blocks, lines: &mut [Judged<'_>]) -> f32 {
    let titles = lines.iter().filter(|it| it.link_density() > 0.8 && it.block.letters > 12.0);
    let with_title: HashSet<usize> = titles.flat_map(|it| blocks.around(it.block.element).take(4)).collect();
    let card_of = |it: &Judged<'_>| {
        blocks.around(it.block.element).take(4).find(|it| {
            let card = blocks.element(*it);
            let is_small = card.under.letters < 2.0 * TEASER && card.under.lines > 1.0;
            is_small
                && card.siblings >= 3
                && with_title.contains(it)
                && !matches!(card.tag.as_str(), "p" | "td" | "tr" | "table")
        })
    };
    let is_teaser = |it: &Judged<'_>| it.block.letters < TEASER && card_of(it).is_some();
    let kept = || lines.iter().filter(|it| it.cut.is_none());
    let (all, mut of_teasers, mut cards) = (kept().map(|it| it.block.letters).sum(), 0.0, HashSet::new());
    for (it, card) in kept().filter_map(|it| Some((it, card_of(it).filter(|_| is_teaser(it))?))) {
        of_teasers += it.block.letters;
        cards.insert(card);
    }
    let of_teasers = if cards.len() < MANY_CARDS { 0.0 } else { share(of_teasers, all) };
    let Some(last) = lines.iter().rposition(|it| it.cut.is_none() && !is_teaser(it)) else { return of_teasers };
    for it in lines.iter_mut().skip(last + 1).filter(|it| it.cut.is_none()) {
        it.cut = Some("the beginning of another article");
    }
    of_teasers
}

/// Cuts links and notices after the last line of text, and headings above them.
fn cut_tail(lines: &mut [Judged<'_>]) {
    let mut has_cut = false;
    for it in lines.iter_mut().rev().filter(|it| it.cut.is_none()) {
        let is_short = it.block.letters < SHORT;
        let notices = [Cue::Share, Cue::Related, Cue::Subscribe, Cue::Comment, Cue::Rights, Cue::Tags];
        if is_short && (it.link_density() > 0.6 || (it.says(&notices) && !it.is_sentence())) {
            it.cut = Some("links and notices after the text");
            has_cut = true;
        } else if has_cut && it.is_label() {
            it.cut = Some("a heading of links after the text");
        } else {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::text::html;

    use super::*;

    const TEXTS: [&str; 4] = [
        "The delegation arrived on Monday evening, and the talks about the bridge began at once in the old town hall.",
        "Both sides want the road open before winter, since the villages beyond the pass have no other way to a hospital.",
        "Engineers will look at the pillars on Thursday; nobody has been under the bridge since the flood of last spring.",
        "The next round is planned for the end of the month, in the other capital, and will be about customs and guards.",
    ];

    /// The body where every line is judged to belong to it.
    fn kept(markup: &str) -> Vec<String> {
        let blocks = Blocks::read(&html::document(markup).unwrap());
        let judged = vec![0.9; blocks.lines.len()];
        read(&blocks, &judged, "").text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_last_sentence_is_no_notice() {
        let with = |last: &str| kept(&format!("<article>{}<p>{last}</p></article>", paragraphs()));
        for text in [
            "Comments by Vinnikov angered the neighbours.",
            "Share prices of the Poti Sea Port fell at once.",
            "Реклама Винникова в городе запрещена.",
            "Paylaşımında köprüdeki Vinnikov'u eleştirdi.",
            "Մեկնաբանելով լուրը՝ Վիննիկովն ասաց, որ չի գա։",
            "კომენტარში ვინიკოვმა ეს უარყო.",
        ] {
            assert_eq!(with(text).last().unwrap(), text);
        }
        for text in [
            "Share this story on Telegram.",
            "Follow us on Facebook, Telegram and elsewhere.",
            "Comments (5)",
            "Comments are moderated before they are published here.",
            "Paylaşmağı unutmayın, dostlar.",
        ] {
            assert_eq!(with(text), TEXTS, "{text}");
        }
    }

    fn paragraphs() -> String {
        TEXTS.map(|it| format!("<p>{it}</p>")).concat()
    }

    #[test]
    fn a_text_that_the_page_holds_again_is_read_once() {
        let text = paragraphs();
        assert_eq!(kept(&format!("<div class=wide>{text}</div><div class=narrow>{text}</div>")), TEXTS);
        assert_eq!(kept(&format!("<div>{text}</div><div>{text}</div><div>{text}</div>")), TEXTS);
        let line = TEXTS.join(" ");
        assert_eq!(kept(&format!("<ul><li>{line}</li></ul><div>{text}</div>")), TEXTS);
    }

    #[test]
    fn values_for_programs_are_no_text() {
        for text in [
            "2026-11-19T08:57:40+01:00",
            "2026-11-19T08:57:40.123Z",
            "https://example.org/pictures/a-500-250/b.jpg",
            "{* #signInForm *} {* emailAddress *}",
            "{{ story.more }}",
            "$$ARTICLEAD$$",
        ] {
            assert!(is_for_programs(text), "{text}");
            assert_eq!(kept(&format!("<div><p>{}</p><p>{text}</p><p>{}</p></div>", TEXTS[0], TEXTS[1])), TEXTS[..2]);
        }
        for text in
            ["2026-11-19", "40817810099910004312", "T+5", "https://example.org/paper.pdf", "$$E = mc^2$$", "$$$$", "{}"]
        {
            assert!(!is_for_programs(text), "{text}");
        }
    }

    #[test]
    fn a_heading_between_two_paragraphs_belongs_to_them() {
        let [a, b, ..] = TEXTS;
        let kept = |between: &str| {
            let page = format!("<div><p>{a}</p></div>{between}<div><p>{b}</p></div>");
            let blocks = Blocks::read(&html::document(&page).unwrap());
            let judged: Vec<f32> = blocks.lines.iter().map(|it| if it.is_long() { 0.9 } else { 0.1 }).collect();
            read(&blocks, &judged, "").text.lines().count()
        };
        assert_eq!(kept("<div class=box><h3>Who pays for it</h3></div>"), 3);
        for between in [
            "<div><h3><a href=/x>Who pays for it</a></h3></div>",
            "<h3>Read also</h3>",
            "<p>Who pays for it</p>",
            "<h3>Who pays for it</h3><p>Anna Sample</p>",
        ] {
            assert_eq!(kept(between), 2, "{between}");
        }
    }

    #[test]
    fn other_articles_in_full_are_no_part_of_this_one() {
        let [a, b, c, d] = TEXTS;
        let own = format!("<article><p>{a}</p><p>{b}</p></article>");
        let others = format!("<p>{c} {d}</p><p>{d} {c}</p>");
        for heading in ["You may also like", "Read also:", "Материалы по теме", "İlgili haberler", "მსგავსი სტატიები"]
        {
            for part in [
                format!("<section><h3 class=related-title>{heading}</h3>{others}</section>"),
                format!("<section class=related><header><h3>{heading}</h3></header>{others}</section>"),
                format!("<div><div class=related-title><h3 class=related>{heading}</h3></div>{others}</div>"),
            ] {
                assert_eq!(kept(&format!("{own}{part}")), [a, b], "{part}");
                // Above the text they are all there is to go by.
                assert!(kept(&format!("{part}{own}")).len() >= 4, "{part}");
            }
        }
    }

    #[test]
    fn the_text_itself_may_be_headed_like_other_articles() {
        let [a, b, c, d] = TEXTS;
        let own = format!("<header><p class=lead>{a} {b}</p></header>");
        for part in [
            format!("<section class=latest-updates><h2>Latest updates</h2><p>{c}</p><p>{d}</p></section>"),
            format!("<section><h3>Related violence in other towns</h3><p>{c}</p><p>{d}</p></section>"),
            format!("<div class=rest><div class=read-more>Continue reading</div><p>{c}</p><p>{d}</p></div>"),
            format!("<div class=article-body><p class=read-also>Читайте также</p><p>{c}</p><p>{d}</p></div>"),
            format!("<div class=article-body><h3 class=related>Читайте также</h3><p>{c}</p><p>{d}</p></div>"),
            format!("<div><p>{b}</p><h3 class=related-title>Read also</h3><p>{c}</p><p>{d}</p></div>"),
        ] {
            let kept = kept(&format!("{own}{part}"));
            assert!([c, d].iter().all(|it| kept.iter().any(|line| line == it)), "{part}: {kept:?}");
        }
    }

    #[test]
    fn what_recurs_in_a_text_stays() {
        // A refrain.
        let [a, b, c, d] = TEXTS;
        let refrain = [a, b, a, c, a, d].map(|it| format!("<p>{it}</p>")).concat();
        assert_eq!(kept(&refrain), [a, b, a, c, a, d]);
        // Terms that many entries end with.
        let terms = (1..9).map(|it| format!("<h3>Offer number {it}</h3><p>{a}</p>")).collect::<Vec<_>>().concat();
        assert_eq!(kept(&terms).iter().filter(|it| *it == a).count(), 8);
        // A short answer.
        let answers = format!("<p>{a}</p><p>No comment.</p><p>{b}</p><p>No comment.</p>");
        assert_eq!(kept(&answers).len(), 4);
    }

    #[test]
    fn what_stands_around_the_text_is_no_part_of_it() {
        let (text, [a, ..]) = (paragraphs(), TEXTS);
        let other =
            "A sentence of another kind, long enough to be running text and judged to be a part of the article.";
        for part in [
            format!("<footer><p>{other}</p></footer>"),
            format!("<aside><p>{other}</p></aside>"),
            format!("<div class=comments><ol class=comment-list><li class=comment><p>{other}</p></ol></div>"),
        ] {
            assert_eq!(kept(&format!("<div>{text}</div>{part}")), TEXTS, "{part}");
            // Where there is nothing else it is all there is.
            assert_eq!(kept(&part), [other], "{part}");
        }
        // What holds most of the text is the article, whatever it is called; and so is what is not shown yet.
        let lead = format!("<p class=standfirst>{other} {other}</p>");
        for open in [
            "<div class='post category-comment'>",
            "<div class='article-body comments-enabled'>",
            "<section class=section-comment>",
            "<div class=yorum-yazisi>",
            "<aside class=content>",
            "<footer>",
            "<div hidden>",
            "<div style='display:none'>",
        ] {
            let kept = kept(&format!("{lead}{open}{text}"));
            assert!(TEXTS.iter().all(|it| kept.iter().any(|line| line == it)), "{open}: {kept:?}");
        }
        // A list of comments is none, however long it is.
        let comment = format!("<li class=comment><p>{other}</p></li>");
        let comments: String = (1..9).map(|n| comment.replace("another", &format!("a {n}th"))).collect();
        assert_eq!(kept(&format!("<div>{text}</div><ol class=comment-list>{comments}</ol>")), TEXTS);
        // An article may have such parts of its own.
        for part in [format!("<aside><p>{other}</p></aside>"), format!("<div hidden><p>{other}</p></div>")] {
            assert_eq!(kept(&format!("<article><p>{a}</p>{part}<p>{a} So they say.</p></article>")).len(), 3, "{part}");
        }
    }
}
