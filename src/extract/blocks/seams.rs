//! Where elements of one line touch that only their style sets apart: `<b>22 January 2026</b><i>4 min read</i>`.

/// A longer line is running text, in bytes with its white space: programs part words anywhere there.
pub(super) const MAX_PARTED: usize = 800;

/// A short line with spaces at those of its seams, in bytes, where nobody writes one word; `None` where there are none.
pub(super) fn parted(text: &str, seams: &[usize]) -> Option<String> {
    let are_apart = |at: usize| {
        let (before, after) = text.split_at_checked(at)?;
        let (before, after) = (before.chars().next_back()?, after.chars().next()?);
        Some(match (before.is_numeric(), after.is_numeric()) {
            (true, it) => it || after.is_alphabetic(),
            (false, true) => before.is_alphabetic(),
            _ => before.is_lowercase() && after.is_uppercase(),
        })
    };
    let seams: Vec<usize> = seams.iter().copied().filter(|it| are_apart(*it) == Some(true)).collect();
    if seams.is_empty() || text.len() > MAX_PARTED {
        return None;
    }
    let ends = seams.iter().copied().chain([text.len()]);
    let starts = [0].into_iter().chain(seams.iter().copied());
    let parts: Vec<&str> = starts.zip(ends).filter_map(|(start, end)| text.get(start..end)).collect();
    Some(parts.join(" "))
}

#[cfg(test)]
mod tests {
    use crate::{extract::blocks::Blocks, text::html};

    #[test]
    fn what_is_set_apart_by_style_alone_is_parted() {
        let read = |markup: &str| {
            let page = html::document(markup).unwrap();
            let lines = Blocks::read(&page).lines;
            (lines[0].text.clone(), lines[0].parted.clone())
        };
        for (markup, text, parted) in [
            ("<span>22 January 2026</span><span>14 min</span>", "22 January 202614 min", "22 January 2026 14 min"),
            ("<a href=/a>Umut Örnek</a><time>22 Ocak</time>", "Umut Örnek22 Ocak", "Umut Örnek 22 Ocak"),
            ("<b>Anna Sample</b><i><u>Baku</u></i>", "Anna SampleBaku", "Anna Sample Baku"),
            ("<i>22 Jan 2026</i><!-- --><i>Updated</i>", "22 Jan 2026Updated", "22 Jan 2026 Updated"),
        ] {
            assert_eq!(read(&format!("<p>{markup}</p>")), (text.to_owned(), Some(parted.to_owned())), "{markup}");
        }
        for markup in
            ["<b>A</b><b>n</b><b>na</b>", "<i>won</i><i>derful</i>", "15<sup>th</sup> May", "<i>a</i> <i>B</i>"]
        {
            assert_eq!(read(&format!("<p>{markup}</p>")).1, None, "{markup}");
        }
    }
}
