//! `sites/ftr/*.txt`: site patterns in the public format of ftr-site-config, one file a host. The file's name is the
//! host; a leading dot, which there means its subdomains, is allowed. What a file says and cannot be used is told, by
//! line.

mod xpath;

use std::path::Path;

use crate::{
    extract::{Pattern, Recipe, RecipeRule},
    parse,
};

use self::xpath::Css;

/// Keys that do not concern the text: how another program parses, what it is tested with, and pictures.
const BESIDE: &[&str] = &["test_url", "test_contains", "tidy", "prune", "parser", "strip_image_src", "native_ad_clue"];

/// What was read of a file.
#[derive(Debug)]
pub(super) struct Read {
    /// The recipe; `None` if no body can be found with it.
    pub(super) recipe: Option<Recipe>,
    /// What cannot be used and why, in plain words.
    pub(super) problems: Vec<String>,
}

/// Reads the text of a file.
pub(super) fn parse(file: &Path, text: &str) -> Read {
    let host = file.file_stem().and_then(|it| it.to_str()).unwrap_or_default().trim_start_matches('.');
    let mut rule = RecipeRule { name: format!("ftr/{host}"), hosts: vec![host.to_owned()], ..RecipeRule::default() };
    let mut problems = Vec::new();
    for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Err(problem) = read_line(line, &mut rule) {
            problems.push(format!("line {}: {problem}", at + 1));
        }
    }
    if rule.body.is_empty() {
        problems.push("there is no body: line of use, so that it is not used at all".to_owned());
        return Read { recipe: None, problems };
    }
    let recipe = Recipe::compile(&rule).map_err(|it| problems.push(it.to_string())).ok();
    Read { recipe, problems }
}

fn read_line(line: &str, rule: &mut RecipeRule) -> Result<(), String> {
    let (key, value) = line.split_once(':').ok_or_else(|| format!("{line:?} is no directive"))?;
    let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
    // Several lines of a kind are tried in order, the parts of one are taken together.
    match key.as_str() {
        "body" => rule.body.push(joined(value, &[])?),
        "title" => rule.title.push(joined(value, &["content"])?),
        "author" => rule.author.push(joined(value, &["content"])?),
        "date" => rule.date.push(joined(value, &["content", "datetime"])?),
        "strip" => rule.strip.extend(patterns(value, &[])?),
        "strip_id_or_class" => {
            let name = value.trim_matches(['\'', '"']);
            if name.is_empty() || name.contains(['"', '\\']) {
                return Err(format!("{value:?} is no id or class"));
            }
            rule.strip.push(Pattern::from(format!("[id*=\"{name}\"], [class*=\"{name}\"]").as_str()));
        }
        "next_page_link" => rule.next.push(joined(value, &["href"])?),
        it if BESIDE.contains(&it) => (),
        _ => return Err(format!("{key}: this is not supported")),
    }
    Ok(())
}

/// The parts of an expression; `attributes` are those that may stand at its end.
fn patterns(xpath: &str, attributes: &[&str]) -> Result<Vec<Pattern>, String> {
    let parts = xpath::css(xpath).map_err(|it| format!("{xpath} cannot be said in CSS: {it}"))?;
    let pattern = |it: Css| {
        if let Some(name) = it.attribute.filter(|it| !attributes.contains(&it.as_str())) {
            return Err(format!("{xpath}: the attribute {name} cannot be taken here"));
        }
        match parse::selector_flaw(&it.selector) {
            Some(flaw) => Err(format!("{xpath} cannot be said in CSS: {flaw}")),
            None => Ok(Pattern { css: it.selector, only_first: it.is_first }),
        }
    };
    parts.into_iter().map(pattern).collect()
}

/// An expression as one pattern.
fn joined(xpath: &str, attributes: &[&str]) -> Result<Pattern, String> {
    let mut parts = patterns(xpath, attributes)?;
    if parts.len() > 1 && parts.iter().any(|it| it.only_first) {
        return Err(format!("{xpath} cannot be said in CSS: a first element beside others"));
    }
    let only_first = parts.iter().any(|it| it.only_first);
    Ok(Pattern { css: parts.drain(..).map(|it| it.css).collect::<Vec<_>>().join(", "), only_first })
}

#[cfg(test)]
mod tests {
    use url::Url;

    use crate::{extract, model::Method};

    use super::*;

    const PAGE: &str = r#"<html><head><meta name="day" content="2026-03-04"></head><body><h1>Bridge opens</h1>
        <p class="by">Ann Sample</p><div class="lead story"><p>The bridge over the gorge opened on Wednesday morning.</p>
        <div class="promo-box">Win a ticket</div><p>Lorries may use it from May, the road office said.</p>
        <ul><li>One</li></ul></div><div class="story"><p>A second story, about a tunnel that is not open yet.</p></div></body></html>"#;

    fn read(text: &str) -> Read {
        parse(Path::new("sites/ftr/gazette.example.txt"), text)
    }

    #[test]
    fn a_page_is_read_by_it() {
        let text = "# A sample\nbody: //div[@id='none']\nbody: (//div[contains(@class, 'story')])[1]\ntitle: //h1\n\
            author: //p[@class='by']\ndate: //meta[@name='day']/@content\nstrip: //ul | //ol\nstrip_id_or_class: promo\n\
            prune: no\ntest_url: https://gazette.example/1\n";
        let Read { recipe, problems } = read(text);
        let recipe = recipe.unwrap();
        assert_eq!(problems, [""; 0]);
        assert!(recipe.covers("gazette.example") && recipe.covers("www.gazette.example"));
        let url = Url::parse("https://gazette.example/1").unwrap();
        let res = extract::page(PAGE, &url, Some(&recipe)).unwrap();
        let body = "The bridge over the gorge opened on Wednesday morning.\nLorries may use it from May, the road office said.";
        assert_eq!(res.body, body);
        assert_eq!(
            (res.title.as_deref(), res.authors.as_slice()),
            (Some("Bridge opens"), ["Ann Sample".to_owned()].as_slice())
        );
        assert_eq!(res.origins.published.unwrap().value.to_string(), "2026-03-04");
        assert_eq!(res.method, Method::Recipe("ftr/gazette.example".to_owned()));
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let text = "body: //article\nstrip: //p[contains(., 'Read')]\nhttp_header(user-agent): x\nnext_page_link: //a[@rel='next']\n\
            date: //time/@title\nnonsense\n";
        let Read { recipe, problems } = read(text);
        assert!(recipe.is_some());
        let starts =
            ["line 2: //p[contains(., 'Read')] cannot be", "line 3: http_header", "line 5: //time/@title", "line 6: "];
        assert_eq!(problems.len(), starts.len(), "{problems:?}");
        for (problem, start) in problems.iter().zip(starts) {
            assert!(problem.starts_with(start), "{problem}");
        }
    }

    #[test]
    fn without_a_body_it_is_not_used() {
        let Read { recipe, problems } = read("strip: //p\nbody: //p/..\n");
        assert!(recipe.is_none());
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
