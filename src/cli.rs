//! The command line.

mod alerts;
mod archive;
mod arguments;
mod check;
mod correcting;
mod damage;
mod demo;
mod digest;
mod error;
mod evidence;
mod healthcheck;
mod issues;
mod keeping;
mod logging;
mod outbox;
mod output;
mod poll;
mod proof;
mod run;
mod search;
mod setup;
mod source;
mod topics;
mod transfer;
mod trying;
mod watching;

use std::{path::Path, process::ExitCode};

use clap::{CommandFactory, Parser};

use self::{
    arguments::{Arguments, Command, ConfigCommand, LabelVerdict},
    error::CliError,
    output::Output,
};

/// Runs the program and says how it ended.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments::with_excluded_words(std::env::args_os())) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap prints them to standard output.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(error::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let out = Output::new(arguments.json, arguments.color);
    match dispatch(arguments, &out) {
        // A closed pipe: a reader that has seen enough, such as `head`.
        Ok(()) | Err(CliError::ClosedPipe) => ExitCode::SUCCESS,
        Err(error) => {
            out.error(&error);
            ExitCode::from(error.exit_code())
        }
    }
}

fn dispatch(arguments: Arguments, out: &Output) -> Result<(), CliError> {
    let needs_no_files =
        matches!(arguments.command, Command::Init | Command::Demo { .. } | Command::Completions { .. } | Command::Man);
    if let Some(dir) = arguments.config_dir.as_deref().filter(|it| !needs_no_files && !it.is_dir()) {
        // Without this check a typing error would poll all the shipped sources.
        let (is_file, dir) = (dir.is_file(), dir.display());
        return Err(CliError::NotFound(match is_file {
            true => format!("--config-dir {dir} is a file; name the directory that it is in"),
            false => format!("--config-dir {dir} is no directory; sitrepd init --config-dir {dir} makes it"),
        }));
    }
    let origin = setup::origin(arguments.config_dir, arguments.state_dir);
    match arguments.command {
        Command::Init => setup::init(&origin, out),
        Command::Run => run::run(&origin),
        Command::Demo { out: directory } => demo::run(&directory, out),
        Command::Poll { sources } => poll::run(&origin, &sources, out),
        Command::Digest { command: Some(command), .. } => issues::run(&origin, command, out),
        Command::Digest { options, command: None } => digest::run(&origin, options, out),
        Command::Search { query, options } => search::run(&origin, &query.join(" "), &options, out),
        Command::Show { article, page: Some(file), version, .. } => {
            evidence::page(&origin, &article, version, &file, out)
        }
        Command::Show { article, proof: true, .. } => proof::show(&origin, &article, out),
        Command::Show { article, diff: true, .. } => evidence::diff(&origin, &article, out),
        Command::Show { article, .. } => archive::show(&origin, &article, out),
        Command::Alerts { since, possible: true } => alerts::possible(&origin, since, out),
        Command::Alerts { since, possible: false } => alerts::run(&origin, since, out),
        Command::Stories { since, command: None } => archive::stories(&origin, since, out),
        Command::Stories { command: Some(command), .. } => correcting::run(&origin, command, out),
        Command::Label { article, topic, verdict } => {
            correcting::label(&origin, &article, &topic, verdict == LabelVerdict::Right, out)
        }
        Command::Outbox(command) => outbox::run(&origin, command, out),
        Command::Topics(command) => topics::run(&origin, command, out),
        Command::Stats { since } => archive::stats(&origin, since, out),
        Command::Metrics => source::metrics(&origin, out),
        Command::Healthcheck { fail_on_given_up } => healthcheck::run(&origin, fail_on_given_up, out),
        Command::Source(command) => source::run(&origin, command, out),
        Command::Watch(command) => watching::run(&origin, command, out),
        Command::Try(command) => trying::run(&origin, command, out),
        Command::Check => check::run(&origin, out),
        Command::Config(ConfigCommand::Show) => check::config(&origin, out),
        Command::Schedule { next } => check::schedule(&origin, next, out),
        Command::Verify { record: Some(file), .. } => proof::record_file(&file, out),
        Command::Verify { backup, record: None } => keeping::verify(&origin, backup.as_deref(), out),
        Command::Compact => keeping::compact(&origin, out),
        Command::Backup { dir } => keeping::backup(&origin, &dir, out),
        Command::Restore { dir } => keeping::restore(&origin, &dir, out),
        Command::Export { warc: Some(file), article, .. } => evidence::warc(&origin, &file, article.as_deref(), out),
        Command::Export { file, .. } => {
            transfer::export(&origin, file.as_deref().filter(|it| *it != Path::new("-")), out)
        }
        Command::Import { file } => transfer::import(&origin, &file, out),
        Command::Completions { shell } => {
            // It panics where it cannot write, as into a closed pipe; into memory it always can.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "sitrepd", &mut script);
            out.raw(|to| to.write_all(&script))
        }
        Command::Man => out.raw(|to| clap_mangen::Man::new(Arguments::command()).render(to)),
    }
}
