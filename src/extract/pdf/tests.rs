use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use flate2::{Compression, write::ZlibEncoder};

use super::*;

/// A file of these objects, numbered from one.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut res = b"%PDF-1.7\n".to_vec();
    for (number, object) in (1..).zip(objects) {
        res.extend(format!("{number} 0 obj\n").into_bytes());
        res.extend(object);
        res.extend(b"\nendobj\n");
    }
    res.extend(b"trailer << /Root 1 0 R >>\n%%EOF\n");
    res
}

fn stream(dict: &str, data: &[u8]) -> Vec<u8> {
    [format!("<< {dict} /Length {} >>\nstream\n", data.len()).as_bytes(), data, b"\nendstream"].concat()
}

fn deflated(data: &[u8]) -> Vec<u8> {
    let mut res = ZlibEncoder::new(Vec::new(), Compression::default());
    res.write_all(data).unwrap();
    res.finish().unwrap()
}

/// Lines of one font in the order of the pages, each at its height.
struct Sample {
    codes: BTreeMap<char, u16>,
    content: Vec<String>,
}

impl Sample {
    fn new() -> Self {
        Self { codes: BTreeMap::new(), content: Vec::new() }
    }

    fn hex(&mut self, text: &str) -> String {
        let mut res = String::new();
        for letter in text.chars() {
            let next = u16::try_from(self.codes.len() + 3).unwrap();
            write!(res, "{:04x}", self.codes.entry(letter).or_insert(next)).unwrap();
        }
        res
    }

    fn page(&mut self, lines: &[(&str, f32)]) {
        let mut content = "q BT /F1 12 Tf\n".to_owned();
        for (line, y) in lines {
            let hex = self.hex(line);
            writeln!(content, "1 0 0 1 72 {y} Tm [<{hex}>] TJ").unwrap();
        }
        self.content.push(content + "ET Q\n");
    }

    fn bytes(&self) -> Vec<u8> {
        let first = 6;
        let kids: Vec<String> = (0..self.content.len()).map(|it| format!("{} 0 R", first + 2 * it)).collect();
        let mut cmap = String::new();
        for (letter, code) in &self.codes {
            // All letters of the samples are of one unit.
            writeln!(cmap, "1 beginbfchar <{code:04x}> <{:04x}> endbfchar", u32::from(*letter)).unwrap();
        }
        let cmap = format!("begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange\n{cmap}endcmap");
        let mut objects = vec![
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            format!("<< /Type /Pages /Kids [{}] /Resources << /Font << /F1 3 0 R >> >> >>", kids.join(" "))
                .into_bytes(),
            b"<< /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [4 0 R] /ToUnicode 5 0 R >>"
                .to_vec(),
            b"<< /Type /Font /Subtype /CIDFontType2 /DW 500 >>".to_vec(),
            stream("/Filter /FlateDecode", &deflated(cmap.as_bytes())),
        ];
        for (at, content) in self.content.iter().enumerate() {
            objects.push(format!("<< /Type /Page /Parent 2 0 R /Contents {} 0 R >>", first + 2 * at + 1).into_bytes());
            objects.push(stream("/Filter /FlateDecode", &deflated(content.as_bytes())));
        }
        file(&objects)
    }
}

/// The paragraphs, each a line.
#[track_caller]
fn read(bytes: &[u8]) -> String {
    text(bytes).unwrap().paragraphs.join("\n")
}

#[test]
fn every_script_is_read() {
    for (first, second) in [
        ("The talks began on Monday", "in the old town hall."),
        ("Переговоры начались в понедельник", "в старой ратуше."),
        ("Переговори почалися в понеділок", "у старій ратуші: її відкрили."),
        ("Danışıqlar bazar ertəsi", "köhnə bələdiyyədə başlayıb."),
        ("Բանակցությունները սկսվել են", "երկուշաբթի՝ հին քաղաքապետարանում։"),
        ("მოლაპარაკება ორშაბათს დაიწყო", "ძველ მერიაში."),
        ("Görüşmeler pazartesi günü", "eski belediyede başladı."),
    ] {
        let mut sample = Sample::new();
        sample.page(&[(first, 700.0), (second, 686.0)]);
        assert_eq!(read(&sample.bytes()), format!("{first} {second}"));
    }
}

/// Letters are drawn from the left, in the shapes that they take in a word.
#[test]
fn what_is_read_from_the_right_is_put_in_order() {
    let mut sample = Sample::new();
    let drawn: String = "گفت‌وگوها در 27 آذر آغاز شد".replace("27", "72").chars().rev().collect();
    sample.page(&[(&drawn, 700.0), ("\u{fee1}\u{fefc}\u{feb3}", 600.0)]);
    assert_eq!(read(&sample.bytes()), "گفت‌وگوها در 27 آذر آغاز شد\nسلام");
}

/// A glyph of two letters is one place in the line, and numbers are drawn as they are read.
#[test]
fn glyphs_of_several_letters_keep_their_order() {
    let content = b"BT /F1 12 Tf 72 700 Td <03> Tj <02> Tj <01> Tj 1 0 0 1 100 700 Tm <05> Tj <04> Tj ET";
    let map = b"1 begincodespacerange <00> <ff> endcodespacerange 5 beginbfchar <01> <0639> <02> <06440627> <03> <0645> <04> <06f1> \
        <05> <06f4> endbfchar";
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] >>".to_vec(),
        b"<< /Type /Page /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>".to_vec(),
        stream("", content),
        b"<< /Subtype /TrueType /ToUnicode 6 0 R >>".to_vec(),
        stream("", map),
    ];
    assert_eq!(read(&file(&objects)), "۴۱ علام");
}

#[test]
fn a_heading_goes_over_its_lines() {
    let content = b"BT /F 20 Tf 24 TL 72 700 Td (The bridge over) Tj T* (the gorge) Tj /F 10 Tf 12 TL 0 -30 Td (The text begins here.) Tj T* (It ends.) Tj T* (Here.) Tj ET";
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] >>".to_vec(),
        b"<< /Type /Page /Contents 4 0 R /Resources << /Font << /F << /Subtype /Type1 >> >> >> >>".to_vec(),
        stream("", content),
    ];
    let res = text(&file(&objects)).unwrap();
    assert_eq!(res.title.as_deref(), Some("The bridge over the gorge"));
    assert_eq!(res.paragraphs, ["The text begins here. It ends.", "Here."]);
}

#[test]
fn gaps_part_words_and_paragraphs() {
    let mut sample = Sample::new();
    sample.page(&[
        ("One day", 700.0),
        ("and two", 686.0),
        ("three.", 672.0),
        ("Four", 640.0),
        ("Four is apart,", 600.0),
        ("and five.", 586.0),
    ]);
    let (one, two) = (sample.hex("Left"), sample.hex("right"));
    sample
        .content
        .push(format!("BT /F1 10 Tf 1 0 0 1 72 500 Tm [<{one}> -300 <{two}> 20 <{one}>] TJ 80 0 Td <{two}> Tj ET"));
    assert_eq!(read(&sample.bytes()), "One day and two three.\nFour\nFour is apart, and five.\nLeft rightLeft right");
}

#[test]
fn broken_words_are_put_together_and_running_heads_are_cut() {
    let mut sample = Sample::new();
    for number in 1..=4 {
        let foot = format!("Page {number} of 4");
        let start = format!("Text number {} goes on, and the develop-", ["one", "two", "three", "four"][number - 1]);
        sample.page(&[("Ministry of Roads", 780.0), (&start, 700.0), ("ment was good.", 686.0), (&foot, 30.0)]);
    }
    let res = read(&sample.bytes());
    assert_eq!(res.lines().filter(|it| it.contains("the development was good.")).count(), 4, "{res}");
    assert!(!res.contains("Ministry") && !res.contains("Page"), "{res}");
}

#[test]
fn fonts_without_a_map_are_latin_or_named() {
    let content = b"BT /F1 12 Tf 72 700 Td (Caf\\351 \\223x\\224) Tj 0 -14 Td /F2 12 Tf (abc) Tj ET";
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] >>".to_vec(),
        b"<< /Type /Page /Contents 4 0 R /Resources << /Font << /F1 << /Subtype /Type1 >> /F2 5 0 R >> >> >>".to_vec(),
        stream("", content),
        b"<< /Subtype /Type1 /Encoding << /Differences [97 /afii10017 /uni0431 /quotedblleft] >> >>".to_vec(),
    ];
    assert_eq!(read(&file(&objects)), "Café “x” Аб“");
}

#[test]
fn objects_within_streams_and_forms_are_read() {
    let held = b"2 0 3 34 << /Type /Pages /Kids [3 0 R] >>    << /Type /Page /Contents [4 0 R] /Resources << /XObject << /X 5 0 R >> >> >>";
    let first = held.windows(2).position(|it| it == b"<<").unwrap();
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"null".to_vec(),
        b"null".to_vec(),
        stream("", b"/X Do"),
        stream("/Subtype /Form /Resources << /Font << /F << /Subtype /Type1 >> >> >>", b"BT /F 9 Tf (In a form) Tj ET"),
        stream(&format!("/Type /ObjStm /N 2 /First {first} /Filter /FlateDecode"), &deflated(held)),
    ];
    // The numbers that are held in the stream are not defined outside of it.
    let bytes = String::from_utf8_lossy(&file(&objects)).into_owned();
    assert!(bytes.contains("2 0 obj\nnull"));
    let mut all = file(&objects);
    for number in ["2", "3"] {
        let mark = format!("{number} 0 obj\nnull");
        let at = all.windows(mark.len()).position(|it| it == mark.as_bytes()).unwrap();
        all.splice(at..at + mark.len(), b"".iter().copied());
    }
    assert_eq!(read(&all), "In a form");
}

#[test]
fn what_has_no_text_is_told() {
    assert_eq!(text(b"%PDF-1.4 nothing"), Err("it is a PDF document without text that can be read"));
    let encrypted = b"1 0 obj << /Type /Catalog >> endobj trailer << /Root 1 0 R /Encrypt 2 0 R >>";
    assert_eq!(text(encrypted), Err("it is an encrypted PDF document"));
}

/// Files that would cost much. What bounds them is counted, not timed: each would take hours or all memory.
#[test]
fn hostile_files_are_bounded() {
    let zeros = vec![b'0'; 20_000_000];
    let bomb = deflated(&deflated(&zeros));
    let page = |font: &str, content: Vec<u8>| {
        vec![
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R 3 0 R 2 0 R] >>".to_vec(),
            format!("<< /Type /Page /Contents [{}] /Resources << /Font << /F {font} >> >> >>", "4 0 R ".repeat(1_000))
                .into_bytes(),
            content,
        ]
    };
    let range = "1 beginbfrange <0000> <ffff> <0041> endbfrange\n".repeat(20_000);
    let mut map = page("5 0 R", stream("", &b"BT /F 9 Tf (aa) Tj ET ".repeat(1_000)));
    map.push(b"<< /Subtype /Type0 /ToUnicode 6 0 R >>".to_vec());
    map.push(stream("/Filter /FlateDecode", &deflated(range.as_bytes())));
    let mut calls = page("5 0 R", stream("", &b"/X Do ".repeat(10_000)));
    calls.push(b"<< /Subtype /Type1 >>".to_vec());
    let inline = "<< /Subtype /Type0 /DescendantFonts [<< /W [0 60000 5] >>] >>";
    let overlapping = {
        let head = (10..60_000).map(|it| it.to_string()).collect::<Vec<_>>().join(" 0 ") + " 0 ";
        let data = format!("{head}[{}]", "0 ".repeat(100_000));
        vec![stream(&format!("/Type /ObjStm /N 60000 /First {}", head.len()), data.as_bytes())]
    };
    for bytes in [
        file(&page("5 0 R", stream("/Filter [/FlateDecode /FlateDecode]", &bomb))),
        file(&page("5 0 R", stream("/Filter /FlateDecode", &deflated(&b"BT ".repeat(1_200_000))))),
        file(&map),
        file(&calls),
        file(&page(inline, stream("", &b"BT /F 9 Tf ".repeat(10_000)))),
        file(&overlapping),
        b"1 0 obj(".repeat(200_000),
        b"1 0 obj<<>>stream ".repeat(100_000),
        b"1 0 obj<</A[".repeat(100_000),
        [b"1 0 obj[".as_slice(), &b"0 ".repeat(1_000_000)].concat(),
        b"<".repeat(1_000_000),
        b"%".repeat(1_000_000),
    ] {
        let size = text(&bytes).map_or(0, |it| it.paragraphs.iter().map(String::len).sum::<usize>());
        assert!(size < 4_000_000, "{size}");
    }
}

/// A page whose content is shown in a font of which one letter is many.
fn expanding(content: &[u8], letters: usize) -> Vec<u8> {
    let map = format!("1 beginbfchar <61> <{}> endbfchar", "0915".repeat(letters));
    file(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] >>".to_vec(),
        b"<< /Type /Page /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>".to_vec(),
        stream("/Filter /FlateDecode", &deflated(content)),
        b"<< /Subtype /TrueType /ToUnicode 6 0 R >>".to_vec(),
        stream("", map.as_bytes()),
    ])
}

#[test]
fn what_is_shown_is_bounded_within_one_operator() {
    let string = format!("BT /F 9 Tf ({}) Tj ET", "a".repeat(1_000_000));
    let pieces = format!("BT /F 9 Tf [{}] TJ ET", "(a)".repeat(300_000));
    for content in [string, pieces] {
        let length = read(&expanding(content.as_bytes(), 32)).len();
        assert!((1_000_000..2_100_000).contains(&length), "{length}");
    }
}
