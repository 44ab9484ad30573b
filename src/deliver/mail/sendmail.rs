//! A mail through a program of the system, as `sendmail` of Postfix, Exim, OpenSMTPD or msmtp.

use std::path::PathBuf;

use lettre::Message;

use super::{MAX_REASON_CHARS, MailChannel};
use crate::{
    deliver::{DeliverError, program::Program},
    digest::one_line,
};

/// sysexits.h: the mail is not one, and there is no such recipient. Whatever else a program ends with may pass.
const REFUSALS: [i32; 2] = [65, 67];

impl MailChannel {
    /// Hands a mail over to the program, which is told sender and recipients by arguments (`-i -f SENDER -- RECIPIENT`), never by the mail.
    pub(super) async fn pipe(&self, mail: &Message) -> Result<(), DeliverError> {
        let reason = |what: String| one_line(&format!("{}: {what}", self.server()), MAX_REASON_CHARS);
        let transient = |what: String| DeliverError::Transient { reason: reason(what), source: None };
        let [program, arguments @ ..] = self.settings.sendmail.as_slice() else {
            return Err(transient("no program is named".to_owned()));
        };
        // A line with a dot alone ends no mail.
        let mut arguments = [arguments, &["-i".to_owned()]].concat();
        if let Some(from) = mail.envelope().from() {
            arguments.extend(["-f".to_owned(), from.to_string()]);
        }
        arguments.push("--".to_owned());
        arguments.extend(mail.envelope().to().iter().map(ToString::to_string));
        let program = Program { program: PathBuf::from(program), arguments, timeout: self.settings.timeout };
        // Programs want the line ends of the system.
        let bytes: Vec<u8> = mail.formatted().into_iter().filter(|it| *it != b'\r').collect();
        let ran = program.run(&bytes, 0).await.map_err(transient)?;
        match ran.status.code() {
            Some(0) => Ok(()),
            Some(code) if REFUSALS.contains(&code) => {
                Err(DeliverError::Permanent { reason: reason(format!("refused it: {}", ran.said)), source: None })
            }
            _ => Err(transient(format!("ended with {}: {}", ran.status, ran.said))),
        }
    }
}
