//! A mail through a program of the system, as `sendmail` of Postfix, Exim, OpenSMTPD or msmtp.

use lettre::Message;

use crate::deliver::{DeliverError, program::Program};

/// sysexits.h: malformed mail, and no such recipient. Other failures may be temporary.
const REFUSALS: [i32; 2] = [65, 67];

/// Hands a mail over to a program, which is told sender and recipients by arguments (`-i -f SENDER -- RECIPIENT`),
/// never by the mail.
pub(super) async fn pipe(program: &Program, mail: &Message) -> Result<(), DeliverError> {
    let mut program = program.clone();
    // A line with a dot alone ends no mail.
    program.arguments.push("-i".to_owned());
    if let Some(from) = mail.envelope().from() {
        program.arguments.extend(["-f".to_owned(), from.to_string()]);
    }
    program.arguments.push("--".to_owned());
    program.arguments.extend(mail.envelope().to().iter().map(ToString::to_string));
    // Programs want the line ends of the system.
    let bytes: Vec<u8> = mail.formatted().into_iter().filter(|it| *it != b'\r').collect();
    program.take(&bytes, &REFUSALS).await
}
