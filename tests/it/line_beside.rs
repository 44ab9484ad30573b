//! What feeds say beside their pages.

use sitrepd::model::Article;

use crate::support::{
    daemon::{Daemon, Home},
    site::{Item, Site, page, prose},
};

/// A home with the source "paper" and a watch.
fn home(site: &Site, watched: &str) -> Home {
    let home = Home::new(&[site.server.address().to_string()]);
    home.sources(&[("paper", site.url("/feed").as_str())]);
    home.write("watches.toml", &format!("[[watch]]\nname = \"w\"\nterms = [\"{watched}\"]\n"));
    home
}

fn article(daemon: &Daemon, title: &str) -> Article {
    daemon.reports().into_iter().map(|it| it.article).find(|it| it.title == title).unwrap()
}

/// How often a watch fires for an entry and its page.
async fn n_alerts(watched: &str, title: &str, of_feed: &str, of_page: &str) -> usize {
    let site = Site::start().await;
    site.page("/1", page(title, &[vec![of_page.to_owned()], prose(1), prose(2)].concat()));
    site.feed("/feed", &[Item::new(title, &site.url("/1"), of_feed)]);
    home(&site, watched).start().poll("paper").await.alerts.len()
}

#[tokio::test]
async fn a_name_that_the_feed_alone_has_is_found() {
    for (watched, of_feed, of_page) in [
        ("O'Brien", "O’Brien left the city.", "They left the city."),
        ("Куп'янськ", "Обстріл: Куп'янськ.", "Обстріл триває. Куп зерна край дороги."),
        ("Xi", "The ministers met Xi", "The ministers met traders of Xinjiang."),
        ("National Bank", "A fire in the National Bank.", "A fire in the national park, at the bank of a river."),
        ("Vinnikov", "Comments by Vinnikov angered them.", "Many were angered."),
        ("Винникова", "Реклама Винникова запрещена.", "Многое запрещено."),
        ("Vinnikov", "Paylaşımında Vinnikov'u eleştirdi.", "Paylaşımı eleştirdi."),
        ("ვინიკოვმა", "კომენტარში ვინიკოვმა ეს უარყო.", "ეს უარყო."),
        ("Vinnikov", "Talks begin in Poti with Vinnikov.", "Talks begin."),
    ] {
        assert_eq!(n_alerts(watched, "Talks begin in Poti", of_feed, of_page).await, 1, "{of_feed}");
    }
    // On the page alone, as its first paragraph.
    let lead = "Взрыв на складе в Батуми, сообщил Винников.";
    assert_eq!(n_alerts("Винников", "Взрыв на складе в Батуми", "", lead).await, 1);
}

#[tokio::test]
async fn what_leads_elsewhere_is_not_found() {
    for of_feed in [
        "Read also: Vinnikov arrested in Batumi on charges of fraud, and his partners sought in other countries",
        "Читайте также: Винников (Vinnikov) задержан.",
        "Related: Vinnikov arrested.",
    ] {
        assert_eq!(n_alerts("Vinnikov", "Talks begin in Poti", of_feed, "Talks begin.").await, 0, "{of_feed}");
    }
}

#[tokio::test]
async fn what_all_entries_say_is_no_text_of_one() {
    let site = Site::start().await;
    let footer = "Made with the support of the Marlinov fund.";
    let items: Vec<_> = (1..=4)
        .map(|n| {
            let path = format!("/{n}");
            site.page(&path, page(&path, &prose(n)));
            let text = format!("Standfirst of number {n}0.&lt;p>{footer}&lt;p>Продолжить чтение {path} →");
            Item::new(&path, &site.url(&path), &text)
        })
        .collect();
    let home = home(&site, "Marlinov");
    let daemon = home.start();
    site.feed("/feed", &items[..3]);
    assert_eq!(daemon.poll("paper").await.alerts.len(), 0);
    // One that comes later has the others beside it.
    site.feed("/feed", &items);
    let report = daemon.poll("paper").await;
    assert_eq!((report.new.len(), report.alerts.len()), (1, 0));
    assert_eq!(article(&daemon, "/4").text_of_feed(), Some("Standfirst of number 40."));
}
