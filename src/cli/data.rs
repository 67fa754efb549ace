//! `retrial data`: fetch a data set, look at one.

use std::path::Path;

use super::args::{DataArguments, DataCommand, ExperimentArguments};
use super::exit::Exit;
use super::output::{out, outln};
use super::progress::{Manner, Progress};
use super::run::{images_of, load_data, load_experiment};
use super::summary::{Align, render_table};
use crate::bundle::record::{Conversion, DatasetRecord, DuplicatesRecord};
use crate::bundle::write_atomically;
use crate::data::{self, Cache, Dataset};
use crate::report::text::counted;

pub fn data(arguments: &DataArguments) -> miette::Result<Exit> {
    match &arguments.command {
        DataCommand::Fetch { cache, .. } => fetch(cache),
        DataCommand::Show { experiment, out, columns } => show(experiment, out, usize::from(*columns)),
    }
}

fn fetch(cache: &Path) -> miette::Result<Exit> {
    let progress = Progress::new(0, "bytes", Manner::of(false, false));
    let path = data::fetch_cifar10(&Cache::new(cache.join("data")), &|event| match event {
        data::LoadEvent::Note(text) => progress.line(&text),
        data::LoadEvent::Bytes { done, total } => progress.set(done, total),
    });
    progress.finish();
    outln!("{}", path?.display());
    Ok(Exit::Success)
}

fn show(arguments: &ExperimentArguments, out: &Path, columns: usize) -> miette::Result<Exit> {
    let experiment = load_experiment(arguments)?;
    let dataset = load_data(images_of(&experiment)?, arguments, Manner::of(false, false))?;
    let record = dataset.record();
    let mut rows = vec![["class", "train", "test"].map(str::to_owned).to_vec()];
    for (class, (train, test)) in record.classes.iter().zip(record.train.iter().zip(&record.test)) {
        rows.push(vec![class.clone(), train.to_string(), test.to_string()]);
    }
    outln!("{}, {} x {} pixels", record.description, record.image[0], record.image[1]);
    out!("{}", render_table(&rows, &[Align::Left, Align::Right, Align::Right]));
    outln!("digest   {}", record.digest);
    if let Some(archive) = record.archive {
        outln!("archive  {archive}");
    }
    if !record.conversions.is_empty() {
        let parts: Vec<String> = record
            .conversions
            .iter()
            .map(|(conversion, images)| format!("{images} {}", in_words(*conversion)))
            .collect();
        outln!("of all   {}", parts.join(", "));
    }
    show_duplicates(&dataset, &record);
    write_atomically(out, &data::contact_sheet(&dataset, columns)?)?;
    outln!("Sheet: {} (one row for each class, in this order)", out.display());
    show_alike(&dataset, &out.with_extension("alike.png"))?;
    Ok(Exit::Success)
}

/// Says which test images look like training images, and draws them side by side.
fn show_alike(dataset: &Dataset, out: &Path) -> miette::Result<()> {
    match data::near::alike(dataset) {
        None => outln!("There are too many images to look for test images that are nearly the same as training images"),
        Some(pairs) if pairs.is_empty() => {}
        Some(pairs) => {
            write_atomically(out, &data::near::sheet(dataset, &pairs)?)?;
            let count = counted(pairs.len(), "test-image");
            outln!("Alike: {count} and a training image each; look at them in {}", out.display());
        }
    }
    Ok(())
}

fn in_words(conversion: Conversion) -> &'static str {
    match conversion {
        Conversion::Gray => "gray (to three equal channels)",
        Conversion::Alpha => "with transparency (dropped)",
        Conversion::Cmyk => "CMYK (to RGB)",
        Conversion::SixteenBit => "of 16 bits (to 8)",
        Conversion::NotTurned => "with an EXIF orientation (not followed)",
    }
}

/// Says which test images are training images as well, and how many are there more than once.
fn show_duplicates(dataset: &Dataset, record: &DatasetRecord) {
    const MOST: usize = 20;
    let Some(found) = record.duplicates else { return };
    let DuplicatesRecord { across, across_classes, train, test } = found;
    outln!("twice    pixel for pixel: {across} in test and in train ({across_classes} of another class there),");
    outln!("         {train} within train, {test} within test");
    let pairs = data::duplicates::across(dataset);
    for pair in pairs.iter().take(MOST) {
        let [test, train] = [(&dataset.test, pair.test), (&dataset.train, pair.train)]
            .map(|(set, at)| set.names.get(at).cloned().unwrap_or_else(|| format!("image {at}")));
        outln!("  {test} = {train}");
    }
    if pairs.len() > MOST {
        outln!("  and {} more", pairs.len() - MOST);
    }
}
