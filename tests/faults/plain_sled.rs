//! sled alone, as the control of `power.py`: acknowledges what `flush` has returned for.
//!
//!     plain_sled write DIR       enters 0, 1, 2 … and prints each number once it is flushed
//!     plain_sled check DIR LAST  exits with 1 where one of 0..=LAST is missing, or sled cannot be opened

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for one test")]

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [mode, dir, rest @ ..] = arguments.as_slice() else { return ExitCode::from(2) };
    let Ok(db) = sled::open(dir) else { return ExitCode::FAILURE };
    if mode == "write" {
        for n in 0_u64.. {
            db.insert(n.to_be_bytes(), vec![7; 200]).unwrap();
            db.flush().unwrap();
            println!("{n}");
        }
    }
    let last: u64 = rest.first().and_then(|it| it.parse().ok()).unwrap_or(0);
    let missing = (0..=last).filter(|it| !matches!(db.get(it.to_be_bytes()), Ok(Some(_)))).count();
    println!("{missing} of {} missing", last + 1);
    ExitCode::from(u8::from(missing > 0))
}
