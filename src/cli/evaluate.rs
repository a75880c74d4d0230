//! `replydesk evaluate`: how good the content score is on labelled comments, and the seed it begins with.
//!
//! Rules, model and learning are the server's own. It opens no store, and knows nobody's past: signals
//! of senders, copies and captchas are not in it.

mod report;
mod rows;
mod seed;

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use clap::Args;
use serde_json::json;

pub(super) use rows::BadRow;
pub(super) use seed::{SeedModel, train};

use crate::{
    config::Config,
    domain::Scorecard,
    scoring::{
        Beside, Facts, Scorer, Shelf,
        learned::{Document, Input, Model, Seed},
    },
    text::Reading,
};
use report::Report;
use rows::Row;

/// `replydesk evaluate`
#[derive(Args)]
pub(super) struct Evaluate {
    /// Labelled comments, one JSON object a line: text (or body), label (1 spam, 0 not), id?, name?, url?, email?
    #[arg(value_name = "DATA.jsonl")]
    data: PathBuf,
    /// Learn these first, then learn no more; without it each line is scored, then learned
    #[arg(long, value_name = "DATA.jsonl")]
    train: Option<PathBuf>,
    /// Write a line {"id", "label", "score"} for each row, in their order; score is the risk in [0,1]
    #[arg(long, value_name = "SCORES.jsonl")]
    out: Option<PathBuf>,
    /// What the model knows before its first label: a file, or none; the shipped one where absent
    #[arg(long, value_name = "none|FILE")]
    seed: Option<String>,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

/// Scores the rows and prints how that agrees with their labels.
///
/// # Errors
/// [`BadRow`] for a line that is no labelled comment; files that cannot be read or written.
pub(super) fn run(asked: &Evaluate, config: &Config, out: &mut dyn Write) -> anyhow::Result<()> {
    let rows = rows::read(&asked.data)?;
    let lessons = asked.train.as_deref().map(rows::read).transpose()?;
    let mut bench = Bench::new(config, seed_of(asked.seed.as_deref())?)?;
    for row in lessons.iter().flatten() {
        bench.score(row, true);
    }
    let scored: Vec<(f64, bool)> =
        rows.iter().map(|row| (bench.score(row, lessons.is_none()).risk, row.spam)).collect();
    if let Some(file) = &asked.out {
        write_scores(file, &rows, &scored).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    Report::of(&scored).print(asked.json, out)
}

/// The seed asked for: a file, `none`, or the shipped one.
pub(super) fn seed_of(asked: Option<&str>) -> anyhow::Result<Seed> {
    match asked {
        None => Seed::shipped().context("the shipped seed cannot be read"),
        Some("none") => Ok(Seed::none()),
        Some(file) => {
            let bytes = std::fs::read(file).with_context(|| format!("the seed {file} cannot be read"))?;
            Seed::from_bytes(&bytes).with_context(|| format!("{file} is no seed: make one with scripts/seed-model"))
        }
    }
}

fn write_scores(file: &Path, rows: &[Row], scored: &[(f64, bool)]) -> std::io::Result<()> {
    let mut lines = BufWriter::new(File::create(file)?);
    for (row, (score, spam)) in rows.iter().zip(scored) {
        writeln!(lines, "{}", json!({"id": row.id, "label": u8::from(*spam), "score": score}))?;
    }
    lines.flush()
}

/// What a site scores and learns with.
struct Bench {
    scorer: Scorer,
    own_hosts: Vec<String>,
    model: Model,
}

impl Bench {
    /// By the settings of the first site.
    fn new(config: &Config, seed: Seed) -> anyhow::Result<Self> {
        let site = config.sites.first().context("there is no site")?;
        let scorer = Scorer::new(&site.scoring, &site.moderation.words, &mut Shelf::default()).speaking(&site.lang);
        Ok(Self { scorer, own_hosts: site.hosts(), model: Model::new(Arc::new(seed)) })
    }

    /// Scores a row and learns its label afterwards, if asked to.
    fn score(&mut self, row: &Row, learn: bool) -> Scorecard {
        let reading = Reading::of(&row.body);
        let (name, url, own_hosts) = (row.name.as_str(), row.url.as_deref(), self.own_hosts.as_slice());
        let facts = Facts {
            name,
            email: row.email.as_deref(),
            url,
            body: &row.body,
            reading: Some(&reading),
            own_hosts,
            ..Facts::default()
        };
        let card = self.scorer.score_with(&facts, Some(&self.model));
        if learn {
            let Beside { near_copy, rules } = Beside::of(&card.signals);
            let input = Input { name, url, body: &row.body, reading: &reading, own_hosts, near_copy, rules };
            let label = self.model.last_label() + 1;
            self.model.learn(&Document::new(&input), row.spam, label);
        }
        card
    }
}
