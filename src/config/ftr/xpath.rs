//! Translates the XPath of site patterns to CSS: paths of elements, with conditions on attributes, on content, and on
//! places among siblings. XPath can express more; what CSS cannot is an error that names it.

/// Maximum depth of nested brackets: each is a nested call.
const MAX_DEPTH: usize = 24;

/// A path in CSS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Css {
    pub(super) selector: String,
    /// Only the first of the elements is meant.
    pub(super) is_first: bool,
    /// The attribute that the path ends in.
    pub(super) attribute: Option<String>,
}

/// Translates an expression: the parts between its `|`. The error names what has no form in CSS.
pub(super) fn css(xpath: &str) -> Result<Vec<Css>, String> {
    let (mut depth, mut deepest) = (0_usize, 0);
    for c in xpath.chars() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => (),
        }
        deepest = deepest.max(depth);
    }
    if deepest > MAX_DEPTH {
        return Err("brackets too deep in brackets".to_owned());
    }
    let mut reader = Reader { rest: xpath };
    let mut res = vec![reader.part()?];
    while reader.eat("|") {
        res.push(reader.part()?);
    }
    match reader.rest.trim() {
        "" => Ok(res),
        rest => Err(shown(rest)),
    }
}

fn shown(rest: &str) -> String {
    format!("{:?}", crate::text::capped(rest.trim(), 40))
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn eat(&mut self, text: &str) -> bool {
        match self.rest.trim_start().strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start().strip_prefix(word);
        match rest.filter(|it| !it.starts_with(is_name)) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, text: &str) -> Result<(), String> {
        if self.eat(text) { Ok(()) } else { Err(self.here()) }
    }

    fn here(&self) -> String {
        match self.rest.trim() {
            "" => "an end too early".to_owned(),
            rest => shown(rest),
        }
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return Err(self.here());
        }
        self.rest = after;
        Ok(name)
    }

    fn number(&mut self) -> Option<u32> {
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, after) = rest.split_at_checked(end)?;
        let res = digits.parse().ok()?;
        self.rest = after;
        Some(res)
    }

    /// A text in quotes, as CSS writes it.
    fn literal(&mut self) -> Result<&'a str, String> {
        let rest = self.rest.trim_start();
        let quote = rest.chars().next().filter(|it| ['\'', '"'].contains(it)).ok_or_else(|| self.here())?;
        let (text, after) = rest.get(1..).and_then(|it| it.split_once(quote)).ok_or_else(|| self.here())?;
        if text.is_empty() || text.contains(['"', '\\', '\n']) {
            return Err(self.here());
        }
        self.rest = after;
        Ok(text)
    }

    /// A path from the root, or a group of them in parentheses.
    fn part(&mut self) -> Result<Css, String> {
        if !self.eat("(") {
            let (selector, attribute) = self.steps("", true)?;
            return Ok(Css { selector, is_first: false, attribute });
        }
        let mut group = vec![self.part()?];
        while self.eat("|") {
            group.push(self.part()?);
        }
        self.expect(")")?;
        let is_first = self.eat("[");
        if is_first {
            match self.number() {
                Some(1) => self.expect("]")?,
                _ => return Err("a place in a group other than the first".to_owned()),
            }
        }
        let attribute = group.first().and_then(|it| it.attribute.clone());
        if group.iter().any(|it| it.is_first || it.attribute != attribute) {
            return Err("a group of groups".to_owned());
        }
        let selector = group.into_iter().map(|it| it.selector).collect::<Vec<_>>().join(", ");
        if !self.rest.trim_start().starts_with('/') {
            return Ok(Css { selector, is_first, attribute });
        }
        if is_first || attribute.is_some() {
            return Err(format!("a step after a group, {}", self.here()));
        }
        let (selector, attribute) = self.steps(&format!(":is({selector})"), false)?;
        Ok(Css { selector, is_first, attribute })
    }

    /// The steps that go on from `start`; from the root they begin with a slash or two.
    fn steps(&mut self, start: &str, from_root: bool) -> Result<(String, Option<String>), String> {
        let mut res = start.to_owned();
        loop {
            let is_begin = res.is_empty();
            let mut between = match (self.eat("//"), is_begin) {
                (true, true) => "",
                (true, false) => " ",
                (false, begin) if self.eat("/") => {
                    if begin && !self.rest.trim_start().starts_with("html") {
                        return Err(self.here());
                    }
                    if begin { "" } else { " > " }
                }
                (false, true) if from_root => return Err(self.here()),
                (false, _) => return Ok((res, None)),
            };
            if self.eat("@") {
                let name = self.name()?.to_ascii_lowercase();
                if is_begin {
                    return Err(format!("attributes of any element, @{name}"));
                }
                return Ok((res, Some(name)));
            }
            if between == " > " && self.eat("text()") {
                return Ok((res, None));
            }
            if between == " > " && self.eat("following-sibling::") {
                between = " ~ ";
            } else if self.eat("descendant::") {
                between = if is_begin { "" } else { " " };
            }
            let step = self.step()?;
            res.push_str(between);
            res.push_str(&step);
        }
    }

    /// An element with its conditions.
    fn step(&mut self) -> Result<String, String> {
        let before = self.rest;
        let is_any = self.eat("*");
        let mut res = if is_any { "*".to_owned() } else { self.name()?.to_ascii_lowercase() };
        if self.rest.starts_with(['(', ':']) {
            return Err(shown(before));
        }
        let mut is_first = true;
        while self.eat("[") {
            let condition = match self.place()? {
                Some(_) if !is_first => return Err("a place among those that fit a condition".to_owned()),
                Some(place) if is_any => place.replace("of-type", "child"),
                Some(place) => place,
                None => self.any_of()?,
            };
            res.push_str(&condition);
            self.expect("]")?;
            is_first = false;
        }
        Ok(res)
    }

    /// A place among siblings of the same name.
    fn place(&mut self) -> Result<Option<String>, String> {
        if self.eat("last()") {
            return Ok(Some(":nth-last-of-type(1)".to_owned()));
        }
        if self.eat("position()") {
            self.expect("=")?;
            return self.number().map(|it| Some(format!(":nth-of-type({it})"))).ok_or_else(|| self.here());
        }
        Ok(self.number().map(|it| format!(":nth-of-type({it})")))
    }

    fn any_of(&mut self) -> Result<String, String> {
        let mut all = vec![self.all_of()?];
        while self.eat_word("or") {
            all.push(self.all_of()?);
        }
        Ok(match all.as_slice() {
            [only] => only.clone(),
            _ => format!(":is({})", all.join(", ")),
        })
    }

    fn all_of(&mut self) -> Result<String, String> {
        let mut res = self.condition()?;
        while self.eat_word("and") {
            res.push_str(&self.condition()?);
        }
        Ok(res)
    }

    fn condition(&mut self) -> Result<String, String> {
        if self.eat("(") {
            let res = self.any_of()?;
            self.expect(")")?;
            return Ok(res);
        }
        if self.eat("not(") {
            let res = self.any_of()?;
            self.expect(")")?;
            return Ok(format!(":not({res})"));
        }
        for (function, operator) in [("contains(", "*="), ("starts-with(", "^="), ("ends-with(", "$=")] {
            if self.eat(function) {
                return self.holds(operator);
            }
        }
        if self.eat("@") {
            let name = self.name()?.to_ascii_lowercase();
            if self.eat("!=") {
                return Ok(format!("[{name}]:not([{name}=\"{}\"])", self.literal()?));
            }
            return match self.eat("=") {
                true => Ok(format!("[{name}=\"{}\"]", self.literal()?)),
                false => Ok(format!("[{name}]")),
            };
        }
        self.inside()
    }

    /// The rest of `contains(` and its like.
    fn holds(&mut self, operator: &str) -> Result<String, String> {
        let is_padded = self.eat("concat(");
        if is_padded {
            self.space()?;
            self.expect(",")?;
        }
        let is_trimmed = self.eat("normalize-space(");
        if !self.eat("@") {
            return Err(format!("a condition on text, {}", self.here()));
        }
        let name = self.name()?.to_ascii_lowercase();
        if is_trimmed {
            self.expect(")")?;
        }
        if is_padded {
            self.expect(",")?;
            self.space()?;
            self.expect(")")?;
        }
        self.expect(",")?;
        let value = self.literal()?;
        self.expect(")")?;
        if !is_padded {
            return Ok(format!("[{name}{operator}\"{value}\"]"));
        }
        // A word between spaces is one of a list of words.
        let word = value.strip_prefix(' ').and_then(|it| it.strip_suffix(' '));
        match word.filter(|it| operator == "*=" && !it.is_empty() && !it.contains(char::is_whitespace)) {
            Some(word) => Ok(format!("[{name}~=\"{word}\"]")),
            None => Err(format!("a part of a padded attribute, {value:?}")),
        }
    }

    fn space(&mut self) -> Result<(), String> {
        if self.literal()? == " " { Ok(()) } else { Err("concat() with more than spaces".to_owned()) }
    }

    /// A path inside the element.
    fn inside(&mut self) -> Result<String, String> {
        let start = if self.eat(".//") {
            ""
        } else {
            let _ = self.eat("./");
            "> "
        };
        let first = self.step()?;
        let (path, attribute) = self.steps(&format!("{start}{first}"), false)?;
        if self.rest.trim_start().starts_with(['=', '!', '<', '>']) {
            return Err(format!("a comparison, {}", self.here()));
        }
        let attribute = attribute.map(|it| format!("[{it}]")).unwrap_or_default();
        Ok(format!(":has({path}{attribute})"))
    }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(xpath: &str, expected: &str) {
        let res = css(xpath).unwrap_or_else(|it| panic!("{xpath}: {it}"));
        let write = |it: &Css| {
            let attribute = it.attribute.as_ref().map(|it| format!(" @{it}")).unwrap_or_default();
            format!("{}{}{attribute}", if it.is_first { "first of " } else { "" }, it.selector)
        };
        assert_eq!(res.iter().map(write).collect::<Vec<_>>().join(" | "), expected, "{xpath}");
        for it in res {
            assert_eq!(crate::parse::selector_flaw(&it.selector), None, "{}", it.selector);
        }
    }

    #[track_caller]
    fn check_not(xpath: &str, said: &str) {
        let error = css(xpath).expect_err(xpath);
        assert!(error.contains(said), "{xpath}: {error}");
    }

    #[test]
    fn paths() {
        check("//div", "div");
        check("//DIV/p", "div > p");
        check("//main//section / p", "main section > p");
        check("/html/body/div", "html > body > div");
        check("//h2/following-sibling::p", "h2 ~ p");
        check("//h1/text()", "h1");
        check("//meta[@name='author']/@content", "meta[name=\"author\"] @content");
        check("//a | //b", "a | b");
        check("(//article)[1]", "first of article");
        check("(//article | //main)[1]", "first of article, main");
        check("(//article | //main)//p", ":is(article, main) p");
    }

    #[test]
    fn conditions() {
        check("//div[@id]", "div[id]");
        check("//div[@id='text']", "div[id=\"text\"]");
        check("//div[@class=\"a b\"]", "div[class=\"a b\"]");
        check("//*[contains(@class, 'text')]", "*[class*=\"text\"]");
        check("//p[starts-with(@id, 'x')]", "p[id^=\"x\"]");
        check("//div[contains(concat(' ', normalize-space(@class), ' '), ' body ')]", "div[class~=\"body\"]");
        check("//div[contains(concat(' ',@class,' '),' body ')]", "div[class~=\"body\"]");
        check("//div[@a and @b='1']", "div[a][b=\"1\"]");
        check("//div[@id='a' or @id='b' and @c]", "div:is([id=\"a\"], [id=\"b\"][c])");
        check("//div[not(@id)]", "div:not([id])");
        check("//div[@id!='a']", "div[id]:not([id=\"a\"])");
        check("//div[not(@a or (@b))]/p[@c]", "div:not(:is([a], [b])) > p[c]");
        check("//p[a]", "p:has(> a)");
        check("//p[.//img[@src]]", "p:has(img[src])");
        check("//div[./h2/a/@href]", "div:has(> h2 > a[href])");
    }

    #[test]
    fn places() {
        check("//div[2]", "div:nth-of-type(2)");
        check("//main/*[1]", "main > *:nth-child(1)");
        check("//p[last()][@id]", "p:nth-last-of-type(1)[id]");
        check("//p[position()=3]", "p:nth-of-type(3)");
    }

    #[test]
    fn what_css_cannot_say() {
        check_not("//div[contains(., 'Read')]", "a condition on text");
        check_not("//div[contains(text(), 'Read')]", "a condition on text");
        check_not("//div[@class='a'][1]", "a place among those");
        check_not("(//p)[2]", "a place in a group");
        check_not("//p/..", "\"..\"");
        check_not("//p/ancestor::div", "ancestor");
        check_not("//p/parent::div", "parent");
        check_not("//div[string-length(@class) = 15]", "string-length");
        check_not("substring-before(//title, '|')", "substring-before");
        check_not("//a[.//b = 'x']", "a comparison");
        check_not("//div[contains(concat(' ',@class,' '),' body-')]", "a padded attribute");
        check_not("//div[@id='a", "");
        check_not("//div]", "]");
        check_not(&"(".repeat(100_000), "too deep");
        check_not(&format!("//a{}", "[a".repeat(100_000)), "too deep");
        check_not("//", "an end too early");
        check_not("", "an end too early");
        check_not("div", "div");
    }
}
