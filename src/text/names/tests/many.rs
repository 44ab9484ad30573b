//! Weapons and vehicles, of which the press tells in the genitive of many.

use super::*;

/// Found in a trial: the plural looks like a surname, and raised no alert for the weapon.
#[test]
fn many_of_a_weapon_are_it() {
    for (term, language, text, form) in [
        ("Iskander", "ru", "Удар «Искандеров» по Одессе", "Искандеров"),
        ("Leopard", "ru", "Колонна «Леопардов» под Бахмутом", "Леопардов"),
        ("Bayraktar", "uk", "Партія «Байрактарів» прибула", "Байрактарів"),
        ("Bayraktar", "ru", "Купили 12 Байрактаров", "Байрактаров"),
        ("Shahed", "ru", "В небе десятки Шахедов", "Шахедов"),
        ("Shahed", "uk", "Хвиля \"Шахедів\" над містом", "Шахедів"),
        ("Abrams", "ru", "Сгорели несколько Абрамсов", "Абрамсов"),
    ] {
        check(term, language, text, &[form]);
    }
}

#[test]
fn a_surname_in_ov_is_not_many() {
    for (term, text) in [
        ("Leopard", "Вчера Леопардов ответил, Пётр Леопардов тоже"),
        ("Leopard", "Атаку Леопардов отбил"),
        ("Leopard", "В 2024 Леопардов ответил"),
        ("Leopard", "Вчера «Пётр Леопардов» вышел в море"),
        ("Ivan", "Вчера в театре «Иванов» и несколько Иванов"),
        ("Az", "Вчера полк «Азов» ответил"),
    ] {
        check(term, "ru", text, &[]);
    }
}

/// Found in a review.
#[test]
fn what_is_called_after_a_person_is_not_many() {
    for (term, text) in [
        ("Nakhim", "Вчера крейсер «Нахимов» вышел в море"),
        ("Volk", "Вышел фильм «Волков»"),
        ("Baran", "Гол забил № 10 Баранов"),
        ("Гаран", "На льду пара Гаранов"),
    ] {
        assert_eq!(super::found(term, text, Some("ru")), [], "{term} in {text:?}");
    }
}
