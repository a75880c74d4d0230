//! `replydesk seed-model`: makes the seed anew from labelled comments, for those who build the program.

use std::{io::Write, path::PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::rows::{self, Row};
use crate::{
    scoring::learned::{Document, Input, SeedTrainer},
    text::Reading,
};

/// Rows of one file that are taken at most, evenly over the file, so that no data set outweighs the others.
const MOST: usize = 6_000;

/// `replydesk seed-model`
#[derive(Args)]
pub(crate) struct SeedModel {
    /// The seed to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Labelled comments, as for evaluate
    #[arg(value_name = "DATA.jsonl", required_unless_present = "good")]
    data: Vec<PathBuf>,
    /// Labelled comments of which only those with label 0 are taken: what is rejected there is no spam
    #[arg(long, value_name = "DATA.jsonl")]
    good: Vec<PathBuf>,
}

/// Trains and writes the seed.
pub(crate) fn train(asked: &SeedModel, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut trainer = SeedTrainer::default();
    for (file, spam_too) in
        asked.data.iter().map(|file| (file, true)).chain(asked.good.iter().map(|file| (file, false)))
    {
        let mut rows = rows::read(file)?;
        rows.retain(|row| spam_too || !row.spam);
        let every = rows.len().div_ceil(MOST).max(1);
        rows.iter().step_by(every).for_each(|row| add(row, &mut trainer));
    }
    let bytes = trainer.train().to_bytes()?;
    std::fs::write(&asked.out, &bytes).with_context(|| format!("{} cannot be written", asked.out.display()))?;
    writeln!(out, "{} bytes in {}", bytes.len(), asked.out.display())?;
    Ok(())
}

/// Names are left out: people of other sites say nothing here.
fn add(row: &Row, trainer: &mut SeedTrainer) {
    let reading = Reading::of(&row.body);
    let input =
        Input { name: "", url: None, body: &row.body, reading: &reading, own_hosts: &[], near_copy: false, rules: 0.0 };
    trainer.add(&Document::new(&input), row.spam);
}
