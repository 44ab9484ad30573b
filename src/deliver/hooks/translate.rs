//! Asks a program or service of the user's for translations. A failure must never keep a digest from being sent.

use serde::Deserialize;
use serde_json::json;

use super::{Asker, Way, below, of_program, of_service};
use crate::digest::one_line;

/// A translation more than this many times as long as its original is rejected.
const MAX_GROWTH: usize = 4;

/// Translates titles and sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translator {
    /// A program, or a service with LibreTranslate's interface (`POST …/translate`).
    pub way: Way,
    /// Code of the language that it translates into.
    pub to: String,
}

#[derive(Deserialize)]
struct OfProgram {
    texts: Vec<String>,
}

#[derive(Deserialize)]
struct OfService {
    #[serde(rename = "translatedText")]
    texts: Vec<String>,
}

impl Translator {
    /// Translates texts of one language, each on a line of its own.
    ///
    /// # Errors
    ///
    /// Why there are no translations, in plain words.
    pub async fn translate(&self, asker: &Asker, from: &str, texts: &[String]) -> Result<Vec<String>, String> {
        let translated = match &self.way {
            Way::Command(program) => {
                let input =
                    json!({ "version": 1, "task": "translate", "source": from, "target": self.to, "texts": texts });
                of_program::<OfProgram>(program, &input).await?.texts
            }
            Way::Http { url, token, timeout } => {
                let mut body = json!({ "q": texts, "source": from, "target": self.to, "format": "text" });
                if let (Some(token), Some(fields)) = (token, body.as_object_mut()) {
                    fields.insert("api_key".to_owned(), token.reveal().into());
                }
                let url = below(url, &["translate"]);
                of_service::<OfService>(asker, *timeout, url, Vec::new(), &body).await?.texts
            }
        };
        if translated.len() != texts.len() {
            return Err(format!("it answered with {} texts for {}", translated.len(), texts.len()));
        }
        let line = |(text, translation): (&String, &String)| {
            one_line(translation, text.chars().count().saturating_mul(MAX_GROWTH).max(80))
        };
        Ok(texts.iter().zip(&translated).map(line).collect())
    }
}
