//! Terms that stand across the end of a line.

use super::*;

/// Found by a tester: mails and plain texts are wrapped.
#[test]
fn a_term_may_stand_across_the_end_of_a_line() {
    check("Nikol Pashinyan", "en", "The statement was signed by Nikol\nPashinyan at the House", &["Nikol\nPashinyan"]);
    check("Nikol Pashinyan", "ru", "Заявление подписали сегодня Никол\r\nПашинян и другие", &["Никол\r\nПашинян"]);
    check("Mikheil Saakashvili", "ka", "განცხადება გაავრცელა დღეს მიხეილ\nსააკაშვილმა და", &["მიხეილ\nსააკაშვილმა"]);
    check(
        "Ursula von der Leyen",
        "en",
        "This is what she said: Ursula von\nder Leyen on Monday",
        &["Ursula von\nder Leyen"],
    );
    for text in [
        "The statement was signed by Nikol.\nPashinyan left",
        "The statement was signed by Nikol\n\nPashinyan left",
        "The statement was signed by Nikol\n- Pashinyan left",
        "The statement was signed by Pashinyan\nNikol Sargsyan",
        "Sargsyan Nikol\nPashinyan Anna",
    ] {
        check("Nikol Pashinyan", "en", text, &[]);
    }
    check("Пашинян Никол", "ru", "Анна\nНикол", &[]);
    check("Pashinyan", "en", "Nikol\nPashinyan and\nPashinyan", &["Pashinyan", "Pashinyan"]);
}

/// Found in a review: the third word before the end of a line was taken for the first of a sentence.
#[test]
fn the_seam_of_two_lines_begins_no_sentence() {
    let terms: Vec<_> = ["Vucic", "Foo Bar"].iter().map(|it| NameTerm::parse(it, Manner::Name).unwrap()).collect();
    let text = "С заявлением выступил Вучич на встрече\nс прессой в субботу";
    let found = NameSet::compile(&terms).scan(text, Some("ru"));
    assert!(found.iter().any(|it| it.closeness.is_sure()), "{found:?}");
}
