//! What stands beside a name and says that it is one: given names and titles.

use super::{
    Closeness,
    common::is_common,
    index::{Index, Query, WordHit},
    judge::Judge,
    memo::{Memo, recall},
    reading::Stems,
    term::TermWord,
};

/// Given names of the region and of its news, in Latin letters; found in the other scripts by sound.
const GIVEN: &str = "
    Aaron Adam Adrian Ahmad Ahmed Alan Albert Alejandro Alex Alexander Alexei Ali Alice Alison Allan Amanda Amir Amy Ana
    Anatoly Andre Andrea Andreas Andrew Andrey Andrzej Angela Anna Anne Anthony Anton Antonio Antony Ara Aram Armen Arnold
    Arsen Arthur Artur Ashot Barack Barbara Ben Benjamin Bernard Bernie Beth Bill Bob Boris Brad Brendan Brett Brian Bruce Bryan
    Carl Carla Carlos Carol Caroline Catherine Chad Charles Charlotte Chris Christian Christina Christine Christopher Chuck
    Claire Claudia Colin Connor Craig Cristiano Cyril Dan Daniel Danny Darren Dave David Davit Dean Deborah Dennis Denis
    Diana Diego Dmitry Dominic Donald Doug Douglas Duncan Dustin Eddie Edgar Edward Elena Elizabeth Ellen Elmar Emily Emma
    Emmanuel Emmerson Enrico Erdem Eric Erik Ernest Eugene Eva Evelyn Fatima Federico Felix Fernando Fiona Florian Francis
    Francisco Francois Frank Franz Fred Frederick Gabriel Gareth Gary Gavin Geoffrey George Georgi Gerald Gerard Gerhard
    Giorgi Giorgio Giuseppe Glenn Gloria Gordon Grace Graham Grant Greg Gregory Grigory Gunter Guy Hagop Hakan Hans Harold
    Harrison Harry Hassan Heather Heinrich Helen Helena Henri Henrik Henry Herbert Hillary Holly Howard Hugh Hugo Husein
    Ian Igor Ilham Ilia Ilya Irakli Irina Isaac Isabel Ivan Jack Jackie Jacob Jacqueline Jacques Jaime James Jamie Jan Jane
    Janet Jason Javad Javier Jean Jeff Jeffrey Jennifer Jeremy Jerry Jesse Jessica Jesus Jill Jim Jimmy Joachim Joan Joe Joel
    Johann John Johnny Jon Jonathan Jordan Jorge Jose Josef Joseph Josh Joshua Juan Jude Judith Julia Julian Julie Jurgen
    Justin Kamala Kanye Karen Karim Karl Kate Katherine Kathryn Katie Kay Keith Kelly Ken Kenneth Kevin Kim Klaus Kurt Kyle Larry
    Laura Lauren Laurent Lawrence Leo Leon Leonard Leonid Leroy Lewis Liam Linda Lindsey Lisa Liz Lloyd Louis Luca Lucas
    Lucy Luis Luke Lynn Madeleine Magnus Mahmoud Manuel Marc Marco Marcus Margaret Maria Marie Marina Mario Marion Mark
    Martha Martin Mary Matt Matthew Maurice Max Megan Mehmet Melania Melissa Michael Michel Michelle Miguel Mike Mikhail
    Miriam Mitch Mohammad Mohammed Monica Muhammad Mustafa Nancy Natalia Natalie Nathan Neil Nelson Nicholas Nicola Nicolas
    Nicole Nigel Nika Nikita Nikol Nikola Nikolai Nino Noah Norman Oleg Oliver Olivia Olga Omar Oscar Pablo Pamela Patricia
    Patrick Paul Paula Pavel Pedro Peter Petro Phil Philip Philippe Pierre Rachel Rafael Ralph Ramon Randy Ray Raymond Rebecca
    Recep Reza Richard Rick Rob Robert Roberto Robin Rod Roger Roland Roman Ron Ronald Ronnie Rosa Ross Roy Russell Ruben
    Ruslan Rustam Ruth Ryan Salome Sam Samantha Samuel Sandra Sara Sarah Sargis Scott Sean Sebastian Serge Sergei Sergio
    Serzh Shane Shannon Sharon Shaun Simon Sofia Sophie Stefan Stella Stephanie Stephen Steve Steven Stuart Susan Suren
    Sylvia Tatiana Tayyip Ted Teresa Terry Theresa Theodore Thomas Tiger Tim Timothy Tina Todd Tom Tommy Tony Tracy Travis Trevor
    Tyler Ulrich Ursula Vahan Valentina Valeri Vasily Vera Veronica Victor Victoria Viktor Vincent Virginia Vitaly Vladimir
    Volodymyr Walter Warren Wayne Wendy Werner William Willy Wolfgang Xavier Yuri Yves Zaal Zachary Zohrab";

/// Offices and forms of address, as they stand before a name.
const TITLES: &str = "
    პრეზიდენტი პრემიერი პრემიერ მინისტრი გენერალი პოლკოვნიკი ბატონი ქალბატონი პროფესორი დოქტორი სენატორი დეპუტატი
    ელჩი კანცლერი მეფე პრინცი გუბერნატორი მერი მწვრთნელი მოსამართლე დირექტორი თავმჯდომარე სპიკერი მდივანი
    აკადემიკოსი ადვოკატი პროკურორი მღვდელი პატრიარქი ლორდი სერი
    آقای خانم دکتر پرزیدنت وزیر ژنرال سرهنگ سردار سناتور فرماندار پروفسور سخنگوی سفیر نخستوزیر رئیسجمهور رییسجمهور
    جمهور شهردار صدراعظم ملکه شاهزاده دریاسالار سرتیپ قاضی مربی استاد مهندس جناب سرلشکر دادستان لرد";

const GIVEN_NAME: u32 = 0;
const TITLE: u32 = 1;

/// Given names and titles, ready to be looked for.
#[derive(Debug, Clone)]
pub(super) struct Context {
    index: Index,
    memo: Memo<Beside>,
}

/// What a word says of the one after it.
#[derive(Debug, Clone, Copy)]
struct Beside {
    is_title: bool,
    is_given: bool,
}

impl Default for Context {
    fn default() -> Self {
        let mut index = Index::default();
        for word in GIVEN.split_whitespace() {
            index.add(
                &TermWord::Name { word: word.to_lowercase(), needs_capital: true, is_loose: false, in_phrase: false },
                GIVEN_NAME,
            );
        }
        for word in TITLES.split_whitespace() {
            index.add(&TermWord::Plain(crate::text::fold(word)), TITLE);
        }
        Self { index, memo: Memo::default() }
    }
}

impl Context {
    /// Whether a word is a title.
    pub(super) fn is_title(
        &self,
        word: &Query<'_>,
        stems: &mut Stems,
        judge: &mut Judge,
        room: &mut Vec<WordHit>,
    ) -> bool {
        self.beside(word, stems, judge, room).is_some_and(|it| it.is_title)
    }

    /// Whether a word is a given name or a title.
    pub(super) fn announces(
        &self,
        word: &Query<'_>,
        stems: &mut Stems,
        judge: &mut Judge,
        room: &mut Vec<WordHit>,
    ) -> bool {
        self.beside(word, stems, judge, room).is_some_and(|it| it.is_title || it.is_given)
    }

    fn beside(
        &self,
        word: &Query<'_>,
        stems: &mut Stems,
        judge: &mut Judge,
        room: &mut Vec<WordHit>,
    ) -> Option<Beside> {
        let mut memo = self.memo.lock();
        let found = recall(&mut memo, word, || {
            self.index.find(word, stems, judge, room);
            let is_given = |it: &WordHit| it.word == GIVEN_NAME && it.found.closeness == Closeness::Transliterated;
            Beside {
                is_title: room.iter().any(|it| it.word == TITLE),
                is_given: room.iter().any(is_given) && !is_common(word.word, word.script),
            }
        });
        found.copied()
    }
}
