//! Everything a user can get wrong ends in a message that says what, where and what to do, and in the documented code.

use std::fs;

use crate::support::{Place, TINY, files_below};

/// Runs a changed tiny experiment and returns what was complained about.
#[track_caller]
fn complaint(place: &Place, from: &str, to: &str, code: i32) -> String {
    assert!(TINY.contains(from), "{from}");
    place.write("tiny.yaml", TINY.replace(from, to));
    let (found, stdout, stderr) = place.run(&["plan", "tiny.yaml"]);
    assert_eq!(found, code, "{stdout}{stderr}");
    stderr
}

#[test]
fn mistakes_in_an_experiment_file_are_shown_where_they_are() {
    let place = Place::new();
    let unknown = complaint(&place, "epochs: 2", "epoch: 2", 3);
    assert!(unknown.contains("tiny.yaml:6:") && unknown.contains("epochs"), "{unknown}");
    let rate = complaint(&place, "dropout: 0.1", "dropout: 1.5", 3);
    assert!(rate.contains("tiny.yaml:9:") && rate.contains("1.5"), "{rate}");
    let twice = complaint(&place, "seeds: [1, 2]", "seeds: [1, 1]", 3);
    assert!(twice.contains("tiny.yaml:4:"), "{twice}");
    let same = complaint(&place, "id: dropped", "id: bn", 3);
    assert!(same.contains("tiny.yaml:9:"), "{same}");
    let broken = complaint(&place, "seeds: [1, 2]", "seeds: [1, 2", 3);
    assert!(broken.contains("tiny.yaml"), "{broken}");
}

#[test]
fn a_network_input_too_small_for_the_network_is_refused_before_training() {
    let place = Place::new();
    let small = complaint(&place, "image_size: 32", "image_size: 16", 3);
    assert!(small.contains("tiny.yaml:6:") && small.contains("images of 16 x 16 pixels"), "{small}");
}

#[test]
fn a_wrong_override_is_named_as_such() {
    let place = Place::with_tiny();
    let (code, _, stderr) = place.run(&["plan", "tiny.yaml", "--set", "train.epochs=many"]);
    assert_eq!(code, 3);
    assert!(stderr.contains("--set train.epochs=many"), "{stderr}");
    let (code, _, stderr) = place.run(&["plan", "tiny.yaml", "--set", "train.epcohs=2"]);
    assert_eq!(code, 3);
    assert!(stderr.contains("epochs"), "{stderr}");
}

#[test]
fn a_missing_experiment_is_named() {
    let place = Place::new();
    let (code, _, stderr) = place.run(&["run", "nowhere.yaml"]);
    assert_eq!(code, 3);
    assert!(stderr.contains("nowhere.yaml"), "{stderr}");
}

#[test]
fn data_that_is_not_there_is_named_with_the_way_to_get_it() {
    let place = Place::with_tiny();
    let cifar = "data={source: cifar10, per_class: 5}";
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--set", cifar]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("retrial data fetch cifar10"), "{stderr}");
}

#[test]
fn asking_for_more_images_than_there_are_names_the_class() {
    let place = Place::with_tiny();
    let pixel = one_pixel_png();
    for split in ["train", "test"] {
        for class in ["a", "b"] {
            place.write(&format!("images/{split}/{class}/0.png"), &pixel);
        }
    }
    let images = "data={source: images, path: images, per_class: 2}";
    let (code, _, stderr) = place.run(&["plan", "tiny.yaml", "--set", images]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("`a`") || stderr.contains("class a"), "{stderr}");
}

#[test]
fn a_broken_image_is_named() {
    let place = Place::with_tiny();
    let pixel = one_pixel_png();
    for split in ["train", "test"] {
        place.write(&format!("images/{split}/a/0.png"), &pixel);
    }
    place.write("images/train/a/1.png", &pixel[..pixel.len() / 2]);
    let (code, _, stderr) = place.run(&["plan", "tiny.yaml", "--set", "data={source: images}", "--data", "images"]);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("1.png"), "{stderr}");
}

/// A 1 x 1 RGB image.
fn one_pixel_png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let image = image::RgbImage::from_pixel(1, 1, image::Rgb([1, 2, 3]));
    image.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes
}

#[test]
fn a_device_that_is_not_there_is_refused_with_advice() {
    let place = Place::with_tiny();
    let (code, _, stderr) = place.run(&["plan", "tiny.yaml", "--device", "quantum"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("quantum") && stderr.contains("flex"), "{stderr}");
}

#[test]
fn a_folder_that_is_no_bundle_is_refused() {
    let place = Place::new();
    let (code, _, stderr) = place.run(&["report", "."]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("experiment.yaml"), "{stderr}");
}

#[test]
fn a_newer_or_damaged_record_is_refused_by_name() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--set", "variants=[bn]", "--set", "seeds=[1]", "--set", "train.epochs=1"]);
    let record = "runs/tiny/trials/bn/seed-1/trial.json";
    let original = place.read(record);
    place.write(record, original.replace("\"schema\": 1", "\"schema\": 2"));
    let (code, _, stderr) = place.run(&["report", "runs/tiny"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("trial.json") && stderr.contains("version 2"), "{stderr}");
    place.write(record, &original[..original.len() / 2]);
    let (code, _, stderr) = place.run(&["report", "runs/tiny"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("trial.json"), "{stderr}");
}

/// What has a version and is written for others: no command reads it back, and `verify` compares it byte for byte.
fn is_rendered(file: &str) -> bool {
    ["results.json", "claims.json"].contains(&file) || file.starts_with("probes/")
}

/// The file's text with its version made 2; `None` where it has none.
fn newer(text: &str) -> Option<String> {
    let forms = [("\"schema\": 1", "\"schema\": 2"), ("\"schema\":1", "\"schema\":2"), ("schema: 1\n", "schema: 2\n")];
    forms.into_iter().find(|(old, _)| text.contains(old)).map(|(old, new)| text.replacen(old, new, 1))
}

#[test]
fn every_file_of_a_bundle_in_a_newer_format_is_refused_by_name() {
    let place = Place::new();
    let throughput = "throughput: {batch_sizes: [4], rounds: 2, seconds: 0.001, budget: 600}";
    let claims = "claims: [{id: c, says: S, test: {metric: val_accuracy, of: bn, above: 0}}]";
    let text = TINY.replace("throughput: false", &format!("{throughput}\n{claims}"));
    place.write("tiny.yaml", text.replace("seeds: [1, 2]", "seeds: [1]").replace("epochs: 2", "epochs: 1"));
    place.succeed(&["run", "tiny.yaml", "--lang", "zh-Hant", "--set", "variants=[bn]"]);
    place.succeed(&["keygen", "--out", "me"]);
    place.succeed(&["verify", "runs/tiny", "--tier", "digests"]);
    let mut seen = Vec::new();
    for file in files_below(&place.path("runs/tiny")) {
        let path = format!("runs/tiny/{file}");
        let text = place.read(&path);
        let Some(newer) = newer(&text).filter(|_| !is_rendered(&file)) else { continue };
        place.write(&path, newer);
        let reader: &[&str] = match file.as_str() {
            "manifest.json" => &["verify", "runs/tiny"],
            "audit.json" => &["sign", "runs/tiny", "--key", "me.pem", "--audit", "runs/tiny/audit.json"],
            _ => &["report", "runs/tiny"],
        };
        let (code, stdout, stderr) = place.run(reader);
        let refusal = format!("{path} has schema version 2");
        if file == "manifest.json" {
            // A flipped bit looks the same, so to an audit it is something that does not hold.
            assert_eq!(code, 10, "{stdout}{stderr}");
            assert!(stdout.contains(&refusal), "{stdout}");
        } else {
            assert_eq!(code, 6, "{file}: {stdout}{stderr}");
            assert!(stderr.contains(&refusal), "{file}: {stderr}");
            assert!(stderr.contains("read it with a newer retrial"), "{file}: {stderr}");
        }
        place.write(&path, text);
        seen.push(file);
    }
    let expected = [
        "audit.json",
        "dataset.json",
        "experiment.yaml",
        "manifest.json",
        "registration.json",
        "rendering.json",
        "throughput/samples.json",
        "throughput/session.json",
        "trials/bn/seed-1/probes.json",
        "trials/bn/seed-1/trial.json",
    ];
    assert_eq!(seen, expected, "every file with a version, and no other");
    // This one has none; a later retrial may give it one.
    let environment = "runs/tiny/environment.json";
    let text = place.read(environment);
    place.write(environment, text.replacen('{', "{\"schema\": 2,", 1));
    let (code, _, stderr) = place.run(&["report", "runs/tiny"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains(&format!("{environment} has schema version 2")), "{stderr}");
    place.write(environment, text);
    // The record of the experiment is an experiment file, too.
    let record = "runs/tiny/experiment.yaml";
    place.write(record, newer(&place.read(record)).unwrap());
    let (code, _, stderr) = place.run(&["run", record]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains(record) && stderr.contains("format version 2 is newer than this program"), "{stderr}");
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let place = Place::with_tiny();
    place.write("file", "");
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--out", "file/bundle"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("file/bundle"), "{stderr}");
}

#[test]
fn help_and_readme_list_every_exit_code_alike() {
    let place = Place::new();
    let help = place.succeed(&["--help"]);
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    for exit in retrial::cli::Exit::ALL {
        let (code, meaning) = (exit as u8, exit.meaning());
        assert!(help.contains(&format!("{code}  {meaning}")), "--help lacks {code}");
        assert!(readme.contains(&format!("| {code} | {meaning} |")), "README lacks {code}");
    }
}
