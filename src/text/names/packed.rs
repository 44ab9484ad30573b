//! The readings of names by their keys, in compact memory: a word is compared with all names of its key, and fetching
//! them from memory takes longer than excluding them.

use crate::text::fnv::Map;

use super::{
    Script,
    dropped::{self, Behind},
    judge::Measure,
    key::{Key, Packed},
};

/// What stands before the codes of a reading.
const HEAD: usize = 3;

/// The readings of names, by their keys.
#[derive(Debug, Clone, Default)]
pub(super) struct Readings {
    places: Map<u64, Place>,
    /// For each reading its head and the codes of its key, those of one key side by side.
    records: Vec<u16>,
    /// For each reading the name it belongs to.
    names: Vec<Named>,
}

/// Where the readings of one key stand.
#[derive(Debug, Clone, Copy)]
struct Place {
    record: u32,
    name: u32,
    len: u32,
}

/// The name of a reading. Needed only for readings that are not excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Named {
    /// The number of the name, and of its form.
    pub(super) name: u32,
    pub(super) variant: u8,
    /// The number of the word of a term.
    pub(super) number: u32,
    /// Where the steps of its readings stand among those of all, how many they are, and the nodes.
    pub(super) steps: (u32, u16, u16),
}

/// A form of a name, as far as its limit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Form {
    pub(super) measure: Measure,
    /// What stands behind it.
    pub(super) behind: Behind,
    /// What taking it costs.
    pub(super) cost: u8,
}

/// A reading of a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'r> {
    pub(super) form: Form,
    pub(super) key: Packed<'r>,
    pub(super) name: &'r Named,
}

impl Readings {
    /// The readings with the key of a word, in the order in which they were added.
    #[inline]
    pub(super) fn of(&self, key: &Key) -> impl Iterator<Item = Reading<'_>> {
        let place = self.places.get(&key.hash()).copied().unwrap_or(Place { record: 0, name: 0, len: 0 });
        let width = HEAD + Packed::width(key.len());
        let (record, name, len) = (place.record as usize, place.name as usize, place.len as usize);
        let records = self.records.get(record..record + len * width).unwrap_or_default();
        let names = self.names.get(name..name + len).unwrap_or_default();
        let of = |(record, name)| Some(Reading { name, ..reading(record, key.len(), name)? });
        records.chunks_exact(width).zip(names).filter_map(of)
    }
}

#[inline]
fn reading<'r>(record: &'r [u16], len: usize, name: &'r Named) -> Option<Reading<'r>> {
    let (head, codes) = record.split_first_chunk::<HEAD>()?;
    let [[length, looseness], [script, behind], [cost, unusual]] = head.map(u16::to_le_bytes);
    let script = *SCRIPTS.get(usize::from(script))?;
    let form = Form { measure: Measure { script, length, looseness }, behind: dropped::of_number(behind), cost };
    Some(Reading { form, key: Packed::new(codes, len, unusual), name })
}

/// By their numbers, which are written down.
const SCRIPTS: [Script; 6] =
    [Script::Latin, Script::Cyrillic, Script::Armenian, Script::Georgian, Script::Arabic, Script::Other];

/// Readings that are being gathered.
#[derive(Debug, Default)]
pub(super) struct Gathering(Map<u64, (Vec<u16>, Vec<Named>)>);

impl Gathering {
    /// Adds a reading.
    pub(super) fn add(&mut self, key: &Key, form: Form, name: Named) {
        let (records, names) = self.0.entry(key.hash()).or_default();
        let pair = |a: u8, b: u8| u16::from_le_bytes([a, b]);
        let Measure { script, length, looseness } = form.measure;
        records.extend([
            pair(length, looseness),
            pair(script as u8, form.behind as u8),
            pair(form.cost, key.unusual()),
        ]);
        key.pack(records);
        names.push(name);
    }

    /// All of them, ready to be looked up.
    pub(super) fn ready(self) -> Readings {
        let mut res = Readings::default();
        res.places.reserve(self.0.len());
        let narrow = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
        for (key, (records, names)) in self.0 {
            let place =
                Place { record: narrow(res.records.len()), name: narrow(res.names.len()), len: narrow(names.len()) };
            res.places.insert(key, place);
            res.records.extend(records);
            res.names.extend(names);
        }
        res
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::names::{name::Name, rules::Rules};

    #[test]
    fn scripts_stand_by_their_numbers() {
        for (at, script) in SCRIPTS.into_iter().enumerate() {
            assert_eq!(script as usize, at, "{script:?}");
        }
    }

    #[test]
    fn readings_come_out_as_they_were_put_in_and_in_that_order() {
        let rules = Rules::default();
        let words =
            ["kocharyan", "kocarian", "кочарян", "քոչարյան", "კოჩარიანი", "کوچاریان", "li", "ли", "schwarzenegger"];
        let mut gathering = Gathering::default();
        let mut added = Vec::new();
        for (word, number) in words.into_iter().zip(0_u8..) {
            let name = Name::new(word, u16::from(number % 5), &rules).unwrap();
            for (variant, at) in name.variants.iter().zip(0..) {
                let form = Form { measure: name.measure(), behind: variant.behind, cost: number * 7 };
                for key in name.keys(variant) {
                    let n = u32::try_from(added.len()).unwrap();
                    let named = Named { name: n, variant: at, number: n * 3, steps: (n, u16::from(number), 1000) };
                    gathering.add(&key, form, named);
                    added.push((key, form, named));
                }
            }
        }
        let readings = gathering.ready();
        for (key, ..) in &added {
            let expected: Vec<_> = added.iter().filter(|it| it.0.hash() == key.hash()).collect();
            let found: Vec<_> = readings.of(key).collect();
            assert_eq!(found.len(), expected.len());
            for (found, (key, form, named)) in found.iter().zip(expected) {
                let mut codes = Vec::new();
                key.pack(&mut codes);
                assert_eq!(codes.len(), Packed::width(key.len()));
                assert_eq!(found.key, Packed::new(&codes, key.len(), key.unusual()));
                assert_eq!((found.form, *found.name), (*form, *named));
            }
        }
        assert_eq!(readings.of(&Key::default()).count(), 0);
    }
}
