use super::view::{AlertView, ItemView, Piece, SectionView, StoryView, View};

/// Lines are folded to this many characters where words allow (RFC 5322 §2.1.1).
const WIDTH: usize = 76;

/// No line is longer, whatever it holds (RFC 5322 §2.1.1 allows 998 bytes).
const MAX_LINE_BYTES: usize = 900;

/// Renders as plain text. Matched words stand between asterisks.
pub(super) fn render(view: &View) -> String {
    let mut page = Page::default();
    page.paragraph("", &view.title);
    for line in &view.intro {
        page.paragraph("", line);
    }
    if let Some(notice) = view.notice {
        page.blank();
        page.paragraph("", notice);
    }
    if !view.alerts.is_empty() {
        match view.alerts_heading {
            Some(heading) => page.heading(&heading.to_uppercase(), '='),
            None => page.blank(),
        }
        for alert in &view.alerts {
            page.alert(alert);
        }
        page.more(view.alerts_more.as_deref());
    }
    for group in &view.groups {
        page.heading(&group.name, '=');
        for section in &group.sections {
            page.section(section);
        }
    }
    page.list(&view.others_heading, &view.others, view.others_more.as_deref());
    page.list("Changed and withdrawn", &view.events, view.events_more.as_deref());
    page.list("First mentions in a month", &view.mentions, view.mentions_more.as_deref());
    if !view.volume.is_empty() {
        page.heading("Reports a day, 30 days", '=');
        for it in &view.volume {
            page.paragraph("* ", &it.name);
            page.line("  ", &it.bars);
            page.paragraph("  ", &it.told);
        }
        page.more(view.volume_more.as_deref());
    }
    if !view.quiet.is_empty() {
        page.heading("Quiet", '=');
        for it in &view.quiet {
            page.paragraph("", it);
        }
    }
    if !view.sick.is_empty() {
        page.heading("Sources in trouble", '=');
        for source in &view.sick {
            page.paragraph("* ", &format!("{} ({}): {}", source.name, source.state, source.reason));
        }
        page.more(view.sick_more.as_deref());
    }
    page.blank();
    // The mail convention for what is not the message itself.
    page.0.push_str("-- \n");
    page.paragraph("", &view.footer);
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn blank(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with("\n\n") {
            self.0.push('\n');
        }
    }

    fn heading(&mut self, title: &str, rule: char) {
        self.blank();
        self.paragraph("", title);
        self.0.extend(std::iter::repeat_n(rule, title.chars().count().min(WIDTH)));
        self.0.push_str("\n\n");
    }

    fn list(&mut self, heading: &str, items: &[ItemView], more: Option<&str>) {
        if items.is_empty() {
            return;
        }
        self.heading(heading, '=');
        for it in items {
            match &it.what {
                Some(what) => {
                    self.paragraph("* ", what);
                    self.paragraph("  ", &it.title);
                }
                None => self.paragraph("* ", &it.title),
            }
            self.paragraph("  ", &it.meta);
            self.paragraph("  ", it.link.as_deref().unwrap_or_default());
        }
        self.more(more);
    }

    fn more(&mut self, more: Option<&str>) {
        if let Some(more) = more {
            self.paragraph("  ", &format!("… {more}"));
        }
    }

    fn alert(&mut self, alert: &AlertView) {
        self.paragraph("! ", &format!("[{}] {}", alert.watch, alert.title));
        self.paragraph("  ", &alert.meta.join(" · "));
        for hit in &alert.hits {
            self.paragraph("  ", &format!("Found: {}", hit.found));
            self.paragraph("  > ", &starred(&hit.sentence));
        }
        self.more(alert.hits_more.as_deref());
        self.paragraph("  ", alert.link.as_deref().unwrap_or_default());
        self.blank();
    }

    fn section(&mut self, section: &SectionView) {
        if let Some(name) = &section.name {
            self.heading(name, '-');
        }
        for story in &section.stories {
            self.story(story);
        }
        self.more(section.more.as_deref());
    }

    fn story(&mut self, story: &StoryView) {
        self.paragraph("* ", &starred(&story.headline));
        self.paragraph("  ", &story.meta.join(" · "));
        if let Some(also) = &story.also {
            self.paragraph("  ", &format!("Also: {also}"));
        }
        for quote in &story.quotes {
            self.paragraph("  > ", &starred(&quote.sentence));
        }
        for report in &story.reports {
            let link = report.link.as_deref().unwrap_or("no link");
            match story.reports.len() {
                1 => self.paragraph("  ", link),
                _ => {
                    self.paragraph("  - ", &format!("{}, {}", report.outlet, report.note));
                    self.paragraph("    ", link);
                }
            }
        }
        self.more(story.reports_more.as_deref());
        self.blank();
    }

    /// Folds `text` behind `lead`, which becomes spaces from the second line on, but for a quote's `>`.
    fn paragraph(&mut self, lead: &str, text: &str) {
        let rest = lead.replace(['*', '-', '!'], " ");
        let mut line = String::new();
        let mut lead = lead;
        for word in text.split_whitespace() {
            let used = lead.chars().count() + line.chars().count();
            if !line.is_empty() && used + 1 + word.chars().count() > WIDTH {
                self.line(lead, &line);
                lead = &rest;
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            self.line(lead, &line);
        }
    }

    fn line(&mut self, lead: &str, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let cut =
                (0..=rest.len().min(MAX_LINE_BYTES)).rev().find(|&at| rest.is_char_boundary(at)).unwrap_or(rest.len());
            let (head, tail) = rest.split_at(cut);
            self.0.push_str(lead);
            self.0.push_str(head);
            self.0.push('\n');
            rest = tail;
        }
    }
}

fn starred(pieces: &[Piece]) -> String {
    pieces.iter().map(|it| if it.marked { format!("*{}*", it.text) } else { it.text.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_words_and_breaks_what_has_none() {
        let mut page = Page::default();
        page.paragraph("* ", &"слово ".repeat(40));
        page.paragraph("  > ", &"x".repeat(1_000_000));
        assert!(page.0.lines().all(|line| line.len() <= MAX_LINE_BYTES + 4));
        let folded = page.0.lines().take_while(|line| !line.contains('x')).collect::<Vec<_>>();
        assert!(folded.len() > 2 && folded.iter().all(|line| line.chars().count() <= WIDTH), "{folded:?}");
        assert!(folded[0].starts_with("* с") && folded[1].starts_with("  с"));
    }
}
