use std::fmt::Write;

use super::view::{AlertView, ItemView, Piece, StoryView, View};

/// Renders as CommonMark. Matched words are bold.
pub(super) fn render(view: &View) -> String {
    let mut out = Out::default();
    out.block(&format!("# {}", escape(&view.title)));
    for line in &view.intro {
        out.block(&escape(line));
    }
    if let Some(notice) = view.notice {
        out.block(notice);
    }
    if !view.alerts.is_empty() {
        if let Some(heading) = view.alerts_heading {
            out.block(&format!("## {heading}"));
        }
        for alert in &view.alerts {
            out.alert(alert);
        }
        out.more(view.alerts_more.as_deref());
    }
    for group in &view.groups {
        out.block(&format!("## {}", escape(&group.name)));
        for section in &group.sections {
            if let Some(name) = &section.name {
                out.block(&format!("### {}", escape(name)));
            }
            for story in &section.stories {
                out.story(story);
            }
            out.more(section.more.as_deref());
        }
    }
    out.list(&view.others_heading, &view.others, view.others_more.as_deref());
    out.list("Changed and withdrawn", &view.events, view.events_more.as_deref());
    out.list("First mentions in a month", &view.mentions, view.mentions_more.as_deref());
    if !view.volume.is_empty() {
        out.block("## Reports a day, 30 days");
        let items = view.volume.iter().map(|it| format!("- {}: {} {}", escape(&it.name), it.bars, escape(&it.told)));
        out.block(&items.collect::<Vec<_>>().join("\n"));
        out.more(view.volume_more.as_deref());
    }
    if !view.quiet.is_empty() {
        out.block("## Quiet");
        view.quiet.iter().for_each(|it| out.block(&escape(it)));
    }
    if !view.sick.is_empty() {
        out.block("## Sources in trouble");
        let items = view
            .sick
            .iter()
            .map(|it| format!("- **{}** ({}): {}", escape(&it.name), escape(&it.state), escape(&it.reason)));
        out.block(&items.collect::<Vec<_>>().join("\n"));
        out.more(view.sick_more.as_deref());
    }
    out.block("---");
    out.block(&escape(&view.footer));
    out.0
}

#[derive(Default)]
struct Out(String);

impl Out {
    fn block(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn list(&mut self, heading: &str, items: &[ItemView], more: Option<&str>) {
        if items.is_empty() {
            return;
        }
        self.block(&format!("## {}", escape(heading)));
        let item = |it: &ItemView| {
            let what = it.what.as_ref().map(|it| format!("**{}**: ", escape(it))).unwrap_or_default();
            format!("- {what}{}, {}", linked(&escape(&it.title), it.link.as_deref()), escape(&it.meta))
        };
        self.block(&items.iter().map(item).collect::<Vec<_>>().join("\n"));
        self.more(more);
    }

    fn more(&mut self, more: Option<&str>) {
        if let Some(more) = more {
            self.block(&format!("… {more}"));
        }
    }

    fn alert(&mut self, alert: &AlertView) {
        let title = linked(&escape(&alert.title), alert.link.as_deref());
        self.block(&format!("**{}**: {title}\\\n{}", escape(&alert.watch), escape(&alert.meta.join(" · "))));
        for hit in &alert.hits {
            self.block(&format!("> {}\\\n> Found: {}", bold(&hit.sentence), escape(&hit.found)));
        }
        self.more(alert.hits_more.as_deref());
    }

    fn story(&mut self, story: &StoryView) {
        let headline = linked(&bold(&story.headline), story.link.as_deref());
        self.block(&format!("#### {headline}"));
        let mut meta = escape(&story.meta.join(" · "));
        if let Some(also) = &story.also {
            let _ = write!(meta, "\\\nAlso: {}", escape(also));
        }
        self.block(&meta);
        for quote in &story.quotes {
            self.block(&format!("> {}", bold(&quote.sentence)));
        }
        if story.reports.len() > 1 {
            let items = story
                .reports
                .iter()
                .map(|it| format!("- {}, {}", linked(&escape(&it.outlet), it.link.as_deref()), escape(&it.note)));
            self.block(&items.collect::<Vec<_>>().join("\n"));
        }
        self.more(story.reports_more.as_deref());
    }
}

fn bold(pieces: &[Piece]) -> String {
    pieces.iter().map(|it| if it.marked { format!("**{}**", escape(&it.text)) } else { escape(&it.text) }).collect()
}

/// The target stands between `<` and `>`, so that parentheses in it do not end it. A canonical URL holds neither
/// of these two, nor a space.
fn linked(text: &str, link: Option<&str>) -> String {
    match link {
        Some(link) => format!("[{text}](<{}>)", link.replace('\\', "%5C").replace('<', "%3C").replace('>', "%3E")),
        None => text.to_owned(),
    }
}

/// Puts a backslash before every character that can begin markup anywhere in a line (CommonMark §2.4), and before
/// a first character that can begin a block.
fn escape(text: &str) -> String {
    let mut res = String::with_capacity(text.len());
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    for (at, c) in text.char_indices() {
        let is_markup = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '|' | '~' | '!' | '$');
        let starts_block =
            (at == 0 && matches!(c, '+' | '-' | '=')) || (at > 0 && at == digits && matches!(c, '.' | ')'));
        if is_markup || starts_block {
            res.push('\\');
        }
        res.push(c);
    }
    res
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(escape(text), expected);
    }

    #[test]
    fn escapes_markup() {
        check("NATO & the *South* Caucasus", "NATO \\& the \\*South\\* Caucasus");
        check("<script>alert(1)</script>", "\\<script\\>alert(1)\\</script\\>");
        check("[x](javascript:1)", "\\[x\\](javascript:1)");
        check("# - 1. x", "\\# - 1. x");
        check("- x", "\\- x");
        check("12. x", "12\\. x");
        check("v1.2 x-y", "v1.2 x-y");
        assert_eq!(linked("t", Some("https://a.example/(x)?q=a\\b")), "[t](<https://a.example/(x)?q=a%5Cb>)");
    }
}
