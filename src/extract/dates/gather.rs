//! Collects the days that a page names.

use serde_json::Value;
use url::Url;

use crate::{
    extract::{
        blocks::{Block, Blocks, Role},
        cues::{self, Cue, Starts},
        head::{Head, Key},
        ld, meta,
    },
    model::Timestamp,
    text,
};

use super::{
    Candidates, MAX_FROM_TITLE, Place, Standing,
    address::{day_of_address, year_and_month},
    said::{self, MAX_LABEL, Said},
    written::{self, Written},
};

/// The lines of a page, with what is needed to describe the place of one.
pub(super) struct Ground<'a> {
    blocks: &'a Blocks,
    /// The line of the title.
    title: f32,
    /// For each line the number of lines of running text above it.
    longs_above: Vec<f32>,
    /// Lines of running text.
    longs: f32,
}

impl<'a> Ground<'a> {
    pub(super) fn of(head: &Head, blocks: &'a Blocks, title: &str) -> Self {
        let mut longs = 0.0;
        let count = |it: &Block| {
            let above = longs;
            longs += if it.is_long() { 1.0 } else { 0.0 };
            above
        };
        let longs_above = blocks.lines.iter().map(count).collect();
        Self { blocks, title: title_line(head, blocks, title), longs_above, longs }
    }

    /// The place of a line, without its text.
    fn standing(&self, at: usize, element: usize) -> Standing {
        let longs_above = self.longs_above.get(at).copied().unwrap_or(self.longs);
        Standing {
            from_title: (at as f32 - self.title).clamp(-MAX_FROM_TITLE, MAX_FROM_TITLE),
            length: 0.0,
            near: self.blocks.element(element).near,
            starts: Starts::default(),
            said: None,
            said_before: self.label_before(at),
            nth: 0.0,
            of: 1.0,
            longs_above,
            longs_below: self.longs - longs_above,
        }
    }

    /// What a line says of its dates.
    fn said(&self, at: usize) -> Vec<Said> {
        let line = self.blocks.lines.get(at).filter(|it| it.text.len() <= 2 * MAX_LABEL);
        line.map_or_else(Vec::new, |it| said::in_line(&it.text))
    }

    /// What the line before says of a line: `Published`, with the date on the next line.
    fn label_before(&self, at: usize) -> Option<Said> {
        let before = self.blocks.lines.get(at.checked_sub(1)?)?;
        let is_label = before.text.len() <= 60 && !before.text.contains(char::is_numeric);
        if is_label { said::of_date(&said::in_line(&before.text), 0, 1) } else { None }
    }
}

impl Candidates {
    pub(super) fn of_json_ld(&mut self, head: &Head) {
        for (object, is_inside) in head.ld.objects_inside() {
            let is_article = ld::is_article(object) && !is_inside;
            for (key, place) in [
                ("datePublished", if is_article { Place::LdPublished } else { Place::LdOther }),
                ("dateCreated", Place::LdCreated),
                ("uploadDate", Place::LdCreated),
                ("dateModified", Place::LdModified),
            ] {
                let value = match object.get(key) {
                    Some(Value::String(it)) => written::value(it),
                    Some(Value::Number(it)) => written::value(&it.to_string()),
                    _ => None,
                };
                if let Some(it) = value {
                    self.add(it, place);
                }
            }
        }
    }

    pub(super) fn of_metas(&mut self, head: &Head) {
        for (names, place) in
            [(META_PUBLISHED, Place::MetaPublished), (META_DATE, Place::MetaDate), (META_MODIFIED, Place::MetaModified)]
        {
            for it in names.iter().flat_map(|it| head.metas(it)).filter_map(written::value) {
                self.add(it, place);
            }
        }
        let is_known = |name: &str| [META_PUBLISHED, META_DATE, META_MODIFIED].iter().any(|it| it.contains(&name));
        let is_of_event = |name: &str| META_EVENTS.iter().any(|it| name.contains(it));
        // A bare number is more often an account number than a time.
        let is_date = |text: &str| {
            text.len() <= MAX_META_DATE
                && text.starts_with(|it: char| it.is_ascii_digit())
                && !text.bytes().all(|it| it.is_ascii_digit())
        };
        for (name, content) in head.all_metas().filter(|(name, text)| is_date(text) && !is_known(name)) {
            if let Some(it) = written::value(content).filter(|_| !is_of_event(name)) {
                self.add(it, Place::MetaOther);
            }
        }
    }

    pub(super) fn of_scripts(&mut self, head: &Head) {
        for (key, value) in &head.script_dates {
            if let Some(it) = written::value(value) {
                self.add(
                    it,
                    match key {
                        Key::Published => Place::ScriptPublished,
                        Key::Modified => Place::ScriptModified,
                        Key::Created => Place::ScriptCreated,
                    },
                );
            }
        }
    }

    pub(super) fn of_marks(&mut self, ground: &Ground<'_>) {
        for mark in &ground.blocks.marks {
            let Some(written) = written::value(&mark.value) else { continue };
            let place = match mark.role {
                Role::Published => Place::MarkPublished,
                Role::Modified => Place::MarkModified,
                Role::Unsaid if mark.is_time => Place::Time,
                Role::Unsaid => Place::Attribute,
            };
            let mut standing = ground.standing(mark.line, mark.element);
            standing.said = said::of_date(&ground.said(mark.line), 0, 1);
            self.add(written, place).stands(mark.line as f32, standing);
        }
    }

    pub(super) fn of_lines(&mut self, ground: &Ground<'_>, month_first: bool, now: Option<Timestamp>) {
        for (at, block) in ground.blocks.lines.iter().enumerate() {
            let n_chars = block.text.chars().count();
            let starts = match n_chars <= MAX_LABEL {
                true => cues::of_start(&block.text.to_lowercase(), n_chars),
                false => Starts::default(),
            };
            if starts.says(Cue::Rights) {
                let years = block.text.split(|it: char| !it.is_ascii_digit()).filter(|it| it.len() == 4);
                self.rights = years.filter_map(|it| it.parse().ok()).chain(self.rights).max();
            }
            let found = written::find(block.apart(), month_first);
            let relative = now.and_then(|now| written::relative(block.apart(), now));
            if found.is_empty() && relative.is_none() {
                continue;
            }
            let mut standing = Standing { length: n_chars as f32, starts, ..ground.standing(at, block.element) };
            standing.near = standing.near.with(block.inline);
            let (line, said, n_found) = (at as f32, ground.said(at), found.len());
            standing.of = n_found as f32;
            let place = if n_chars > 200 { Place::LongText } else { Place::Text };
            for (nth, it) in found.into_iter().take(4).enumerate() {
                standing.nth = nth as f32;
                standing.said = said::of_date(&said, nth, n_found);
                if let Some(day) = it.swapped {
                    let other = Written { day, swapped: None, ..it };
                    if !self.days.contains_key(&day) {
                        let added = self.add(other, Place::LongText);
                        added.is_swapped = true;
                        added.stands(line, standing);
                    }
                }
                self.add(it, place).stands(line, standing);
            }
            if let Some(it) = relative {
                let it = Written { day: it.date(), time: Some(it.time()), offset: None, swapped: None };
                self.add(it, Place::Relative).stands(line, standing);
            }
        }
    }

    pub(super) fn of_address(&mut self, url: &Url) {
        // An archive puts the time of its copy before the address.
        let path = url.path();
        let path = path.rsplit_once("/http").map_or(path, |(_, it)| it);
        self.address = year_and_month(path);
        if let Some(day) = day_of_address(path) {
            self.add(Written { day, time: None, offset: None, swapped: None }, Place::Address);
        }
    }
}

const META_PUBLISHED: &[&str] = &[
    "article:published_time",
    "article:published",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "date_published",
    "publishdate",
    "publish_date",
    "publish-date",
    "pubdate",
    "publication_date",
    "publication-date",
    "publicationdate",
    "published",
    "article_date_original",
    "article.published",
    "sailthru.date",
    "parsely-pub-date",
    "dc.date.issued",
    "dcterms.issued",
    "dcterms.created",
    "dc.date.created",
    "citation_publication_date",
    "citation_date",
    "bt:pubdate",
    "cxenseparse:recs:publishtime",
    "originalpublicationdate",
    "displaydate",
    "ptime",
    "release_date",
    "og:pubdate",
    "rnews:datepublished",
    "shareaholic:article_published_time",
    "vr:published_time",
    "og:question:published_time",
    "article:created",
    "created",
    "creation_date",
    "datecreated",
    "article:post_date",
    "mediator_published_time",
    "last-published",
    "published-date",
    "published_date",
    "published_at",
    "published_time",
    "og:publish_date",
];

const META_DATE: &[&str] = &[
    "date",
    "dc.date",
    "dcterms.date",
    "dc:date",
    "dcterm.date",
    "og:date",
    "pdate",
    "time",
    "article:date",
    "news_date",
    "article-date",
    "meta-date",
];

const META_MODIFIED: &[&str] = &[
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "lastmod",
    "modified",
    "modified_time",
    "updated",
    "dcterms.modified",
    "dc.date.modified",
    "og:modified_time",
    "revised",
    "lastmodified",
    "updated_time",
    "article:modified",
    "last-update",
    "dateupdate",
];

/// Parts of the names of `<meta>` elements whose dates are of no text.
const META_EVENTS: &[&str] = &["expir", "birth", "event", "start", "end", "until", "verif", "version"];

/// A content of more bytes is no date alone.
const MAX_META_DATE: usize = 40;

/// Where the title stands, or where no line says it, the first heading; the first line where there is neither.
fn title_line(head: &Head, blocks: &Blocks, title: &str) -> f32 {
    let heading = || blocks.lines.iter().position(|it| Some(&it.text) == head.heading.as_ref());
    meta::line_of(title, blocks).or_else(heading).unwrap_or(0) as f32
}

/// Whether the page is written where the month is put first: in English, and not known to be of another country than
/// the United States. Templates call pages of all languages English: it is the text that tells.
pub(super) fn is_month_first(head: &Head, blocks: &Blocks, url: &Url) -> bool {
    let language = head.language.as_deref().unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    let locale = head.meta(&["og:locale"]).unwrap_or_default().to_ascii_lowercase().replace('_', "-");
    let host = url.host_str().unwrap_or_default();
    let elsewhere = host.rsplit('.').next().is_some_and(|it| it.len() == 2 && it != "us");
    let is_english = language.is_empty() || language.starts_with("en");
    let is_told = is_english && !elsewhere && !language.ends_with("-gb") && !locale.ends_with("-gb");
    is_told && text_language(blocks).is_none_or(|it| it == "en")
}

/// The language of the running text, of all lines where there is none.
fn text_language(blocks: &Blocks) -> Option<&'static str> {
    let joined = |is_read: &dyn Fn(&Block) -> bool| {
        let mut text = String::new();
        for it in blocks.lines.iter().filter(|it| is_read(it)) {
            if text.len() > LANGUAGE_BYTES {
                break;
            }
            text.push_str(&it.text);
            text.push('\n');
        }
        text
    };
    text::language(&joined(&Block::is_long)).or_else(|| text::language(&joined(&|_| true)))
}

/// The language is told from so many bytes.
const LANGUAGE_BYTES: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::html;

    #[track_caller]
    fn check(language: &str, host: &str, text: &str, expected: bool) {
        let page = format!("<html lang='{language}'><p>05/11/2026</p><p>{text}</p><p>{text}</p>");
        let document = html::document(&page).unwrap();
        let url = Url::parse(&format!("https://{host}/a")).unwrap();
        assert_eq!(is_month_first(&Head::read(&document), &Blocks::read(&document), &url), expected, "{page} {host}");
    }

    #[test]
    fn the_month_is_first_in_english_of_the_united_states() {
        let english = "The delegation arrived on Monday evening, and the talks about the bridge began at once.";
        for language in ["", "en", "en-US"] {
            check(language, "gazette.com", english, true);
            check(language, "gazette.co.uk", english, false);
            for other in [
                "Делегация прибыла в понедельник вечером, и переговоры о мосте начались сразу же.",
                "Делегація прибула в понеділок увечері, і переговори про міст почалися одразу.",
                "Nümayəndə heyəti bazar ertəsi axşam gəldi və körpü ilə bağlı danışıqlar dərhal başladı.",
                "Heyet pazartesi akşamı geldi ve köprüyle ilgili görüşmeler hemen eski belediye binasında başladı.",
                "Պատվիրակությունը ժամանեց երկուշաբթի երեկոյան, և կամրջի մասին բանակցությունները սկսվեցին միանգամից։",
                "დელეგაცია ორშაბათს საღამოს ჩამოვიდა და ხიდის შესახებ მოლაპარაკება მაშინვე დაიწყო.",
                "هیئت دوشنبه شب وارد شد و گفتگوها درباره پل بلافاصله در ساختمان قدیمی شهرداری آغاز شد.",
            ] {
                check(language, "gazette.com", other, false);
            }
        }
        check("en-GB", "gazette.com", english, false);
        check("de", "gazette.com", english, false);
    }
}
