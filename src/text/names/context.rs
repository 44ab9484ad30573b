//! What stands beside a name and says that it is one: given names and titles.

use std::sync::LazyLock;

use super::{
    Closeness,
    common::is_common,
    index::{Building, Index, Query, WordHit},
    judge::Judge,
    memo::{Memo, recall},
    stems::Stems,
    term::TermWord,
};

/// Given names of the region and of its news, in Latin letters; found in the other scripts by sound.
const GIVEN: &str = "
    Aaron Abbas Adam Adrian Ahmad Ahmed Akbar Alan Albert Alejandro Alex Alexander Alexei Ali Alice Alison Allan Amanda Amir
    Amy Ana Anatoly Andre Andrea Andreas Andrew Andrey Andrzej Angela Anna Anne Anthony Anton Antonio Antony Ara Aram Archil
    Arkady Armen Arnold Arsen Artak Arthur Artur Asghar Ashot Avtandil Aziz Bahram Barack Barbara Behrouz Ben Benjamin
    Bernard Bernie Beth Bidzina Bill Bob Boris Brad Brendan Brett Brian Bruce Bryan Carl Carla Carlos Carol Caroline
    Catherine Chad Charles Charlotte Chris Christian Christina Christine Christopher Chuck Claire Claudia Colin Connor Craig
    Cristiano Cyril Dan Daniel Danny Darren Dave David Davit Dean Deborah Denis Dennis Diana Diego Dmitry Dominic Donald
    Doug Douglas Duncan Dustin Ebrahim Eddie Edgar Edmon Edward Eka Elchin Elena Elizabeth Ellen Elmar Elnur Emily Emin Emma
    Emmanuel Emmerson Enrico Erdem Eric Erik Ernest Esmail Eugene Eva Evelyn Farhad Farid Fatima Federico Felix Fernando
    Fiona Florian Francis Francisco Francois Frank Franz Fred Frederick Fuad Gabriel Gagik Gareth Gary Gavin Gela Geoffrey
    George Georgi Gerald Gerard Gerhard Gia Giorgi Giorgio Giuseppe Glenn Gloria Gor Gordon Grace Graham Grant Greg Gregory
    Grigory Gunter Guram Gurgen Guy Hagop Hakan Hamid Hans Harold Harrison Harry Hassan Hayk Heather Heinrich Helen Helena
    Henri Henrik Henry Herbert Heydar Hikmet Hillary Holly Hossein Hovik Howard Hrant Hrayr Hugh Hugo Husein Ian Igor Ilgar
    Ilham Ilia Ilya Irakli Irina Isaac Isabel Ivan Jack Jackie Jacob Jacqueline Jacques Jafar Jahangir Jaime James Jamie Jan
    Jane Janet Jason Javad Javier Jean Jeff Jeffrey Jennifer Jeremy Jerry Jesse Jessica Jesus Jeyhun Jill Jim Jimmy Joachim
    Joan Joe Joel Johann John Johnny Jon Jonathan Jordan Jorge Jose Josef Joseph Josh Joshua Juan Jude Judith Julia Julian
    Julie Jurgen Justin Kakha Kamala Kamran Kanye Karen Karim Karl Kate Katherine Kathryn Katie Kay Kazem Keith Kelly Ken
    Kenneth Ketevan Kevin Khosrow Kim Klaus Kurt Kyle Larry Lasha Laura Lauren Laurent Lawrence Leila Leo Leon Leonard
    Leonid Leroy Levan Levon Lewis Liam Linda Lindsey Lisa Liz Lloyd Louis Luca Lucas Lucy Luis Luke Lynn Madeleine Magnus
    Mahdi Mahmoud Maia Majid Mamuka Manuel Marc Marco Marcus Margaret Maria Mariam Marie Marina Mario Marion Mark Martha
    Martin Mary Masoud Matt Matthew Maurice Max Megan Mehdi Mehmet Mehriban Melania Melissa Merab Michael Michel Michelle
    Miguel Mike Mikhail Mikheil Miriam Mitch Mkrtich Mohammad Mohammed Mohsen Mojtaba Monica Morteza Muhammad Mustafa Nana
    Nancy Narek Naser Natalia Natalie Nathan Neil Nelson Nicholas Nicola Nicolas Nicole Nigel Nika Nikita Nikol Nikola
    Nikolai Nikoloz Nino Noah Norman Nugzar Oleg Olga Oliver Olivia Omar Oscar Otar Pablo Pamela Parviz Patricia Patrick
    Paul Paula Pavel Pedro Peter Petro Phil Philip Philippe Pierre Rachel Rafael Rahim Ralph Ramil Ramin Ramon Randy Rashid
    Ray Raymond Rebecca Recep Reza Richard Rick Rob Robert Roberto Robin Rod Roger Roland Roman Ron Ronald Ronnie Rosa Ross
    Rovshan Roy Ruben Ruslan Russell Rustam Ruth Ryan Saeed Sahib Salar Salome Sam Samantha Samuel Samvel Sandra Sara Sarah
    Sargis Scott Sean Sebastian Serge Sergei Sergio Serzh Shahin Shalva Shane Shannon Sharon Shaun Shota Simon Sofia Sophie
    Sopho Stefan Stella Stephanie Stephen Steve Steven Stuart Suren Susan Sylvia Tamar Tamara Tarlan Tatiana Tayyip Ted
    Temur Tengiz Teresa Terry Theodore Theresa Thomas Tiger Tigran Tim Timothy Tina Todd Tofig Tom Tommy Tony Tracy Travis
    Trevor Tyler Ulrich Ursula Vagif Vahan Vahid Vahram Vakhtang Valentina Valeri Vardan Vasily Vazgen Vera Veronica Victor
    Victoria Viktor Vincent Virginia Vitaly Vladimir Volodymyr Vugar Walter Warren Wayne Wendy Werner William Willy Wolfgang
    Xavier Yousef Yuri Yves Zaal Zachary Zakir Zaza Zohrab Zurab Zviad";

/// Offices and forms of address, as they stand before a name.
const TITLES: &str = "
    პრეზიდენტი პრემიერი პრემიერ მინისტრი გენერალი პოლკოვნიკი ბატონი ქალბატონი პროფესორი დოქტორი სენატორი დეპუტატი
    ელჩი კანცლერი მეფე პრინცი გუბერნატორი მერი მწვრთნელი მოსამართლე დირექტორი თავმჯდომარე სპიკერი მდივანი
    აკადემიკოსი ადვოკატი პროკურორი მღვდელი პატრიარქი ლორდი სერი
    آقای خانم دکتر پرزیدنت وزیر ژنرال سرهنگ سردار سناتور فرماندار پروفسور سخنگوی سفیر نخستوزیر رئیسجمهور رییسجمهور
    جمهور شهردار صدراعظم ملکه شاهزاده دریاسالار سرتیپ قاضی مربی استاد مهندس جناب سرلشکر دادستان لرد";

const GIVEN_NAME: u32 = 0;
const TITLE: u32 = 1;

/// Given names and titles, ready to be looked for; made when a text asks.
static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let mut index = Building::default();
    for word in GIVEN.split_whitespace() {
        index.add(&TermWord::Name { word: word.to_lowercase(), is_loose: false, in_phrase: false }, GIVEN_NAME);
    }
    for word in TITLES.split_whitespace() {
        index.add(&TermWord::Plain(crate::text::fold(word)), TITLE);
    }
    index.ready()
});

/// What words say of those beside them.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    memo: Memo<Beside>,
}

/// What a word says of the one after it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Beside {
    pub(super) is_title: bool,
    pub(super) is_given: bool,
}

impl Beside {
    /// Whether a name is likely to follow.
    pub(super) fn announces(self) -> bool {
        self.is_title || self.is_given
    }
}

impl Context {
    /// What a word says of the name beside it.
    pub(super) fn beside(
        &self,
        word: &Query<'_>,
        stems: &mut Stems,
        judge: &mut Judge,
        room: &mut Vec<WordHit>,
    ) -> Beside {
        let mut memo = self.memo.lock();
        let found = recall(&mut memo, word, || {
            INDEX.find(word, stems, judge, room);
            let is_given = |it: &WordHit| it.word == GIVEN_NAME && it.found.closeness == Closeness::Transliterated;
            Beside {
                is_title: room.iter().any(|it| it.word == TITLE),
                is_given: room.iter().any(is_given) && !is_common(word.word, word.script),
            }
        });
        found.copied().unwrap_or_default()
    }
}
