//! Texts from outside, sorted by the role that they can play in a world.
//!
//! Rows arrive as JSON lines of a known folder and file; what a row may be used for follows from the folder and from
//! its `kind`, never from its author. Files can be left out again ([`Corpus::without`]), so that some of them are kept
//! for final figures. Invariant: rows keep their order within a file, and files are walked by name.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Why a row cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The line is not a row.
    #[error("read corpus file {file}: a line is no JSON row of the expected fields")]
    Row {
        /// Stem of the file.
        file: String,
    },
    /// The folder has no role.
    #[error("read corpus file {file}: folder {folder} is neither benign nor distill")]
    Folder {
        /// Stem of the file.
        file: String,
        /// As given.
        folder: String,
    },
}

/// Where a world's texts come from.
#[derive(Debug, Default)]
pub enum Texts {
    /// Generated.
    #[default]
    Grammar,
    /// From outside as far as they reach, then generated.
    Corpus(Corpus),
}

/// One turn: what was asked, and what was answered (empty where unknown).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) system: Option<String>,
    pub(crate) prompt: String,
    pub(crate) response: String,
}

/// Rows of one file, by role.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// Conversations of people.
    pub(crate) talks: Vec<Vec<Turn>>,
    /// Conversations of people whose name is known, by name.
    pub(crate) people: BTreeMap<String, Vec<Vec<Turn>>>,
    /// Calls of one agent session, by session.
    pub(crate) agents: BTreeMap<String, Vec<Turn>>,
    /// Instructions of products.
    pub(crate) instructions: Vec<String>,
    /// Prompts that are passed round.
    pub(crate) personas: Vec<String>,
    /// Texts that a program sends, by the template around them.
    pub(crate) documents: BTreeMap<String, Vec<Turn>>,
    /// Questions to a help desk.
    pub(crate) questions: Vec<String>,
    /// Lists that evaluators run.
    pub(crate) benchmark: Vec<Turn>,
    /// Lists that harvesters run: bare tasks, or requests with their wrapper.
    pub(crate) harvest: Vec<Turn>,
    /// Instructions that harvesters put around their items.
    pub(crate) wrappers: Vec<String>,
}

/// Texts from outside.
#[derive(Debug, Clone, Default)]
pub struct Corpus {
    pub(crate) files: BTreeMap<String, Rows>,
}

#[derive(Deserialize)]
struct DistillRow {
    system: Option<String>,
    prompt: String,
    response: Option<String>,
    instruction: Option<String>,
    input: Option<String>,
}

#[derive(Deserialize)]
struct BenignRow {
    kind: String,
    user: Option<String>,
    messages: Vec<Message>,
    #[serde(default)]
    meta: Meta,
}

#[derive(Deserialize, Default)]
struct Meta {
    template_id: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: String,
}

impl Corpus {
    /// Takes one row of a file.
    ///
    /// # Errors
    /// When the line is no row of that folder's fields, or the folder is neither `benign` nor `distill`.
    pub fn parse_line(&mut self, folder: &str, file_stem: &str, json_line: &str) -> Result<(), Error> {
        let broken = |_| Error::Row { file: file_stem.to_owned() };
        let rows = self.files.entry(file_stem.to_owned()).or_default();
        match folder {
            "distill" => rows.take_distill(file_stem, serde_json::from_str(json_line).map_err(broken)?),
            "benign" => rows.take_benign(serde_json::from_str(json_line).map_err(broken)?),
            _ => return Err(Error::Folder { file: file_stem.to_owned(), folder: folder.to_owned() }),
        }
        Ok(())
    }

    /// Leaves the rows of a file out.
    pub fn without(&mut self, file_stem: &str) -> &mut Self {
        self.files.remove(file_stem);
        self
    }

    /// Keeps the rows of these files only.
    pub fn only(&mut self, file_stems: &[&str]) -> &mut Self {
        self.files.retain(|file, _| file_stems.contains(&file.as_str()));
        self
    }

    /// The files that rows were taken from, by name.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Every prompt with its file, and the user where known: what the repeat rate of the corpus is counted over.
    pub fn prompts(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.files
            .iter()
            .flat_map(|(file, rows)| rows.prompts().map(move |(user, prompt)| (file.as_str(), user, prompt)))
    }
}

impl Rows {
    fn take_distill(&mut self, file: &str, row: DistillRow) {
        if file == "_templates" {
            if !row.prompt.is_empty() && row.prompt.len() < 3_000 {
                self.wrappers.push(row.prompt);
            }
            return;
        }
        // The bare task where the file keeps it apart from its wrapper: a campaign brings its own.
        let input = row.input.filter(|input| !input.is_empty());
        let prompt = match (row.instruction, input) {
            (Some(task), Some(input)) => format!("{task}\n\n{input}"),
            (Some(task), None) => task,
            _ => row.prompt,
        };
        self.harvest.push(Turn {
            system: row.system.filter(|system| !system.is_empty()),
            prompt,
            response: row.response.unwrap_or_default(),
        });
    }

    fn take_benign(&mut self, row: BenignRow) {
        let (kind, user) = (row.kind, row.user);
        let (system, turns) = turns(row.messages);
        let first = || turns.first().map(|turn| turn.prompt.clone()).unwrap_or_default();
        if kind.starts_with("eval_") {
            self.benchmark.extend(turns.into_iter().take(1).map(|turn| Turn { system: system.clone(), ..turn }));
        } else if kind == "agent_pipeline" {
            let session = self.agents.entry(user.unwrap_or_default()).or_default();
            session.extend(turns.into_iter().map(|turn| Turn { system: system.clone(), ..turn }));
        } else if kind.starts_with("slot_") {
            self.questions.push(first());
        } else if kind.starts_with("batch_") {
            self.documents.entry(row.meta.template_id.unwrap_or(kind)).or_default().extend(turns.into_iter().take(1));
        } else if kind == "persona_prompt" {
            self.personas.push(first());
        } else if turns.is_empty() {
            self.instructions.extend(system);
        } else if let Some(user) = user {
            self.people.entry(user).or_default().push(turns);
        } else {
            self.instructions.extend(system);
            self.talks.push(turns);
        }
    }

    fn prompts(&self) -> impl Iterator<Item = (&str, &str)> {
        fn spoken(talk: &[Turn]) -> impl Iterator<Item = &str> {
            talk.iter().map(|turn| turn.prompt.as_str())
        }
        let singles = self.documents.values().chain([&self.benchmark, &self.harvest]);
        let talks = self.talks.iter().flat_map(|talk| spoken(talk)).map(|prompt| ("", prompt));
        let people = self
            .people
            .iter()
            .flat_map(|(user, talks)| talks.iter().flat_map(|talk| spoken(talk)).map(|prompt| (user.as_str(), prompt)));
        let agents = self.agents.iter().flat_map(|(user, calls)| spoken(calls).map(|prompt| (user.as_str(), prompt)));
        let texts = self.personas.iter().chain(&self.questions).map(|prompt| ("", prompt.as_str()));
        talks
            .chain(people)
            .chain(agents)
            .chain(texts)
            .chain(singles.flat_map(|turns| spoken(turns)).map(|prompt| ("", prompt)))
    }
}

/// Pairs what users said with what was answered; the instruction apart.
fn turns(messages: Vec<Message>) -> (Option<String>, Vec<Turn>) {
    let (mut system, mut turns) = (None, Vec::<Turn>::new());
    for message in messages {
        match message.role.as_str() {
            "system" => system = Some(message.content),
            "user" => turns.push(Turn { prompt: message.content, ..Turn::default() }),
            _ => {
                if let Some(turn) = turns.last_mut() {
                    turn.response.push_str(&message.content);
                }
            }
        }
    }
    turns.retain(|turn| !turn.prompt.trim().is_empty());
    (system, turns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(folder: &str, file: &str, line: &str, count: impl Fn(&Rows) -> usize) {
        let mut corpus = Corpus::default();
        corpus.parse_line(folder, file, line).unwrap();
        assert_eq!(count(&corpus.files[file]), 1, "{line}");
        assert_eq!(corpus.without(file).files().count(), 0);
    }

    #[test]
    fn rows_go_where_their_kind_belongs() {
        let user = r#""messages":[{"role":"user","content":"a b"},{"role":"assistant","content":"c"}]"#;
        let row = |kind: &str, user_name: &str| format!(r#"{{"kind":"{kind}","user":{user_name},{user}}}"#);
        check("benign", "chat", &row("chat", "null"), |rows| rows.talks.len());
        check("benign", "users", &row("chat", "\"u\""), |rows| rows.people["u"].len());
        check("benign", "agents", &row("agent_pipeline", "\"s\""), |rows| rows.agents["s"].len());
        check("benign", "desk", &row("slot_support_ticket", "null"), |rows| rows.questions.len());
        check("benign", "batch", &row("batch_headline", "null"), |rows| rows.documents["batch_headline"].len());
        check("benign", "eval", &row("eval_harness", "null"), |rows| rows.benchmark.len());
        let product = r#"{"kind":"app_system_prompt","messages":[{"role":"system","content":"be brief"}]}"#;
        check("benign", "library", product, |rows| rows.instructions.len());
        check("distill", "list", r#"{"system":null,"prompt":"x","response":null}"#, |rows| rows.harvest.len());
        check("distill", "_templates", r#"{"system":null,"prompt":"x","response":null}"#, |rows| rows.wrappers.len());
    }

    #[test]
    fn broken_rows_are_refused_without_their_text() {
        let mut corpus = Corpus::default();
        let cut = corpus.parse_line("benign", "chat", r#"{"kind":"chat","messages":[{"role":"user","con"#).unwrap_err();
        assert_eq!(cut.to_string(), "read corpus file chat: a line is no JSON row of the expected fields");
        let folder = corpus.parse_line("other", "chat", "{}").unwrap_err();
        assert_eq!(folder.to_string(), "read corpus file chat: folder other is neither benign nor distill");
    }
}
