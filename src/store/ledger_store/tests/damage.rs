//! Bits flipped and files cut anywhere in a store: no panic, nothing silent, each loss told with numbers.
//!
//! `SITREPD_DAMAGE=50 cargo test --release --lib damage` does 50 flips and 25 cuts in each of 12 stores, 600 and 300
//! in all; without it there are 4 and 2 in each.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{faults::copy_dir, *};

const STORES: u64 = 12;
const ARTICLES: u64 = 30;

/// The same numbers on every run (SplitMix64, Steele et al. 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((it ^ (it >> 31)) % end as u64).unwrap()
    }
}

fn settings(dir: &Path) -> Settings {
    // Several segments.
    Settings { clock: || at(0), segment_bytes: 4000, ..small(dir) }
}

/// The report that each article has in each version, and how many changes there are.
type Written = (BTreeMap<u64, Vec<Report>>, u64);

fn make(dir: &Path, numbers: &mut Numbers, has_sorted_rows: bool) -> Written {
    let (mut store, _) = LedgerStore::open(&settings(dir)).unwrap();
    let (mut written, mut changes) = (BTreeMap::<u64, Vec<Report>>::new(), 0);
    for n in 1..=ARTICLES {
        if n == ARTICLES / 2 && has_sorted_rows {
            // Made anew, the index has its rows in a file of their own.
            drop(store);
            fs::remove_dir_all(dir.join("index")).unwrap();
            store = LedgerStore::open(&settings(dir)).unwrap().0;
            assert!(dir.join("index/rows").exists());
        }
        let length = numbers.below(2000);
        let versions = 1 + u32::from(numbers.below(4) == 0);
        for version in 1..=versions {
            let mut it = if numbers.below(2) == 0 { alarming(n) } else { intent(n) };
            it.report.article.version = version;
            let letters = ('a'..='z').cycle().skip(numbers.below(26)).step_by(7);
            it.report.article.body = letters.take(length).collect();
            store.commit(&Change::Article(Box::new(it))).unwrap();
            changes += 1;
            written.entry(n).or_default().push(store.report(ArticleId(n)).unwrap().unwrap());
        }
    }
    store.sync().unwrap();
    (written, changes)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let all = ["ledger", "index"].into_iter().flat_map(|it| fs::read_dir(dir.join(it)).unwrap());
    let mut res: Vec<_> = all.map(|it| it.unwrap().path()).filter(|it| it.is_file()).collect();
    res.sort();
    res
}

/// Opens and reads all of it. Everything must be as it was written, or told of with numbers.
fn check(dir: &Path, (written, changes): &Written, what: &str) {
    let mut told = String::new();
    let mut read = BTreeMap::new();
    // The damage of an index may come to light in use: an error now, a rebuild at the next start.
    for _ in 0..2 {
        let (store, opened) = LedgerStore::open(&settings(dir)).unwrap_or_else(|error| panic!("{what}: {error:?}"));
        told = opened.to_string();
        read = written.keys().map(|n| (*n, store.report(ArticleId(*n)))).collect();
        let mut index_failed = false;
        for (n, report) in &read {
            match report {
                Err(StoreError::Damaged { .. }) => told += "; damaged on reading",
                Err(StoreError::Index { .. }) => index_failed = true,
                Err(error) => panic!("{what}: article {n}: {error:?}"),
                Ok(Some(it)) => {
                    let versions = &written[n];
                    assert!(versions.contains(it), "{what}: article {n} is none that was written: {it:?}");
                }
                Ok(None) => {}
            }
        }
        if !index_failed {
            let mut n_read = 0;
            let walked = store.changes(&mut |_, _| {
                n_read += 1;
                ControlFlow::Continue(())
            });
            let verified = store.verify().unwrap();
            let lost = changes - n_read;
            // Between two frames that are there, numbers say how many are missing; at the end, what was acknowledged
            // does.
            assert_eq!(verified.missing, lost, "{what}: told: {told}; {verified:?}");
            assert!(walked.is_ok() || !verified.damage.is_empty(), "{what}: {walked:?}, {verified:?}");
            let complete = read.iter().all(|(n, it)| it.as_ref().is_ok_and(|it| it.as_ref() == written[n].last()));
            assert!(
                complete || lost > 0,
                "{what}: a report is not the one last written, and no change is lost: {told}"
            );
            return;
        }
    }
    panic!("{what}: the index fails again after a rebuild: {told}; {read:?}");
}

#[test]
fn flipped_bits_and_cut_files_are_never_silent() {
    let rounds: usize = std::env::var("SITREPD_DAMAGE").ok().map_or(4, |it| it.parse().unwrap());
    for seed in 0..STORES {
        let mut numbers = Numbers(seed);
        let (sound, scratch) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let written = make(sound.path(), &mut numbers, seed % 2 == 1);
        let files = files(sound.path());
        for round in 0..rounds + rounds / 2 {
            let dir = scratch.path().join("damaged");
            if dir.exists() {
                fs::remove_dir_all(&dir).unwrap();
            }
            copy_dir(sound.path(), &dir);
            let file = &files[numbers.below(files.len())];
            let file = dir.join(file.strip_prefix(sound.path()).unwrap());
            let mut bytes = fs::read(&file).unwrap();
            if bytes.is_empty() {
                continue;
            }
            let place = match numbers.below(2) {
                // sled's file is mostly zeroes, which nobody reads.
                0 => {
                    let used: Vec<usize> = (0..bytes.len()).filter(|it| bytes[*it] != 0).collect();
                    used.get(numbers.below(used.len().max(1))).copied().unwrap_or(0)
                }
                _ => numbers.below(bytes.len()),
            };
            let what = if round < rounds {
                let bit = numbers.below(8);
                bytes[place] ^= 1 << bit;
                format!("store {seed}, bit {bit} of {place} in {}", file.display())
            } else {
                bytes.truncate(place);
                format!("store {seed}, {} cut to {place}", file.display())
            };
            fs::write(&file, bytes).unwrap();
            check(&dir, &written, &what);
        }
    }
}
