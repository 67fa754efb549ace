//! Everything that reads what a stranger wrote, fed with damaged versions of it: it may refuse, and may not panic, hang or
//! lose itself. `RETRIAL_FUZZ_SECONDS` is the time for each target (default 2), `RETRIAL_FUZZ_SEED` where the damage starts;
//! an input that fails is kept, and its file named.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use retrial::bundle::manifest::Manifest;
use retrial::bundle::{BundleFolder, pack, unpack};
use retrial::claims;
use retrial::config::{Experiment, load_str};
use retrial::data::{self, Cache};
use retrial::mlflow::Server;
use retrial::mlflow::runs::Names;
use retrial::provenance::dsse::Envelope;
use retrial::provenance::key::SecretKey;
use retrial::report::{Style, Templates, render_with};

use crate::answering::{Answer, Answering};
use crate::support::{Place, TINY};

/// The longest that a single input may take, on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);
const LARGEST: usize = 1 << 16;

/// What is put in besides copies of the input itself: what formats here are made of, and what is at their edges.
const PIECES: [&[u8]; 40] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b":",
    b",",
    b"\n",
    b"\r\n",
    b"\0",
    b"\xff",
    b"- ",
    b"&a ",
    b"*a",
    b"<<: ",
    b"!!binary ",
    b"? ",
    b"---\n",
    b"null",
    b"-1",
    b"1e999",
    b"NaN",
    b"18446744073709551616",
    b"0.1",
    b"true",
    b"\\u0000",
    b"\\ud800",
    b"{{ ",
    b" }}",
    b"{% for x in range(99999) %}",
    b"{% endfor %}",
    b"{% set a = ",
    b"|list",
    b"..",
    b"/",
    b"\xe2\x80\xae",
    b"\x1b[31m",
    b"schema",
    b"ustar",
    b"IDAT",
];

/// A small generator of damage (xorshift64*, Vigna 2016): what a seed gives, it gives again.
struct Damage(u64);

impl Damage {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % below.max(1)
    }

    fn range(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.next(length + 1);
        start..(start + self.next(64)).min(length)
    }

    /// A few changes to one of the inputs, perhaps with a part of another.
    fn done_to(&mut self, inputs: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = inputs[self.next(inputs.len())].clone();
        for _ in 0..=self.next(6) {
            let range = self.range(bytes.len());
            match self.next(8) {
                0 if !bytes.is_empty() => {
                    let at = self.next(bytes.len());
                    bytes[at] ^= 1 << self.next(8);
                }
                1 if !bytes.is_empty() => {
                    let at = self.next(bytes.len());
                    bytes[at] = self.next(256) as u8;
                }
                2 => drop(bytes.drain(range)),
                3 => bytes.truncate(range.start),
                4 => {
                    let other = &inputs[self.next(inputs.len())];
                    let part = other[self.range(other.len())].to_vec();
                    drop(bytes.splice(range, part));
                }
                5 => {
                    let part = bytes[range.clone()].repeat(1 + self.next(40));
                    drop(bytes.splice(range.start..range.start, part));
                }
                _ => {
                    let piece = PIECES[self.next(PIECES.len())];
                    let times = if self.next(8) == 0 { 1 + self.next(400) } else { 1 };
                    drop(bytes.splice(range.start..range.start, piece.repeat(times)));
                }
            }
            bytes.truncate(LARGEST);
        }
        bytes
    }
}

/// Feeds `target` for its time; says how often.
#[track_caller]
fn fuzz(name: &str, inputs: &[Vec<u8>], target: impl Fn(&[u8])) {
    let of = |variable: &str| std::env::var(variable).ok().and_then(|value| value.parse::<u64>().ok());
    let (seconds, seed) = (of("RETRIAL_FUZZ_SECONDS").unwrap_or(2), of("RETRIAL_FUZZ_SEED").unwrap_or(1));
    let mut damage = Damage(seed.max(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let (clock, mut number) = (Instant::now(), 0u64);
    // What is whole goes first: a target that refuses that tests nothing else.
    inputs.iter().for_each(|input| target(input));
    while clock.elapsed() < Duration::from_secs(seconds) {
        let input = damage.done_to(inputs);
        let started = Instant::now();
        let ended = catch_unwind(AssertUnwindSafe(|| target(&input)));
        let took = started.elapsed();
        if ended.is_err() || took > LONGEST {
            let kept = std::env::temp_dir().join(format!("retrial-fuzz-{name}-{seed}-{number}"));
            fs::write(&kept, &input).unwrap();
            panic!("{name}: input {number} of seed {seed} took {took:?} and failed; it is in {}", kept.display());
        }
        number += 1;
    }
    println!("{name}: {number} inputs in {:?}", clock.elapsed());
}

fn bytes(file: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/quick").join(file)).unwrap()
}

/// A bundle of one trial, which is judged and rendered in milliseconds.
fn small() -> Place {
    let place = Place::new();
    let claims = "claims: [{id: c, says: S, test: {metric: val_accuracy, of: bn, above: 0}}]";
    let timed = "throughput: {batch_sizes: [4], rounds: 2, seconds: 0.001, budget: 600}";
    let text = TINY.replace("seeds: [1, 2]", "seeds: [1]").replace("throughput: false", &format!("{timed}\n{claims}"));
    place.write("tiny.yaml", text);
    place.succeed(&["run", "tiny.yaml", "--out", "small", "--set", "variants=[bn]"]);
    place
}

fn experiment(text: &str) -> Experiment {
    load_str("x.yaml", text, Path::new(""), &[]).unwrap()
}

#[test]
fn experiment_files() {
    let configs = ["quick.yaml", "article.yaml", "template.yaml"];
    let configs =
        configs.map(|name| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("configs").join(name)).unwrap());
    let inputs = [&configs[..], &[bytes("experiment.yaml")]].concat();
    fuzz("experiment", &inputs, |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        if let Err(error) = load_str("x.yaml", text, Path::new(""), &[]) {
            // As it is shown, with its place in the file.
            let _ = format!("{:?}", miette::Report::new(*error));
        }
    });
}

#[test]
fn records() {
    const TRIAL: &str = "trials/bn/seed-1";
    let of_trial = ["trial.json", "metrics.jsonl", "fingerprints.jsonl", "probes.json", "environment.json"];
    let of_trial = of_trial.map(|file| format!("{TRIAL}/{file}"));
    let of_bundle = [
        "experiment.yaml",
        "dataset.json",
        "environment.json",
        "registration.json",
        "throughput/session.json",
        "throughput/samples.json",
    ];
    let place = small();
    let files: Vec<String> = of_trial.into_iter().chain(of_bundle.map(str::to_owned)).collect();
    let bundle = BundleFolder::new(place.path("small"));
    let whole = bundle.experiment().unwrap();
    for file in &files {
        let path = bundle.root().join(file);
        let original = fs::read(&path).unwrap();
        // What is read is also judged and rendered: a number may be well-formed and still too much for that.
        let read = |input: &[u8]| {
            fs::write(&path, input).unwrap();
            let experiment = bundle.experiment().unwrap_or_else(|_| whole.clone());
            let dataset = bundle.dataset().ok().flatten();
            for (variant, seed) in experiment.trials().take(50) {
                let _ = retrial::bundle::fault_of_trial(&bundle, variant, seed, dataset.as_ref());
            }
            if let Ok(evidence) = bundle.evidence(experiment) {
                let _ = retrial::report::render(&evidence, &claims::judge(&evidence));
            }
        };
        fuzz(&file.replace('/', "-"), std::slice::from_ref(&original), read);
        fs::write(&path, original).unwrap();
    }
}

#[test]
fn manifests_and_envelopes() {
    fuzz("manifest", &[bytes("manifest.json")], |input| {
        let Ok(text) = std::str::from_utf8(input) else { return };
        if let Ok(manifest) = Manifest::parse(text, Path::new("manifest.json")) {
            assert_eq!(manifest.text().unwrap(), text, "a manifest has one text");
        }
    });
    let key = SecretKey::from_bytes(&[7; 32]);
    let envelope = Envelope::sign("type", b"{\"payload\": 1}", &key).text().unwrap();
    fuzz("envelope", &[envelope.into_bytes()], |input| {
        let Ok(envelope) = Envelope::parse(&String::from_utf8_lossy(input)) else { return };
        if let Ok(payload) = envelope.verified("type", &key.public()) {
            assert_eq!(payload, b"{\"payload\": 1}", "nothing else was signed");
        }
    });
}

#[test]
fn packed_bundles() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("bundle");
    fs::create_dir_all(root.join("trials/bn/seed-1")).unwrap();
    for file in ["experiment.yaml", "dataset.json", "trials/bn/seed-1/trial.json"] {
        fs::write(root.join(file), bytes(file)).unwrap();
    }
    Manifest::write(&root).unwrap();
    let packed = folder.path().join("packed");
    pack(&root, &packed).unwrap();
    let whole = fs::read(&packed).unwrap();
    let target = folder.path().join("place/target");
    let outside = || fs::read_dir(folder.path()).unwrap().count();
    let before = outside() + 1;
    let unpacked = |input: &[u8]| {
        fs::write(&packed, input).unwrap();
        let is_whole = unpack(&packed, Some(&target)).is_ok();
        assert_eq!(target.exists(), is_whole, "all of it or nothing");
        let _ = fs::remove_dir_all(&target);
        let left = fs::read_dir(folder.path().join("place")).map_or(0, Iterator::count);
        assert_eq!(left, 0, "nothing is left beside it");
        assert!(outside() <= before, "nothing is written outside");
    };
    fuzz("packed", std::slice::from_ref(&whole), unpacked);
    // Damage below the compression, which its checksum would find.
    let tar = zstd::decode_all(whole.as_slice()).unwrap();
    fuzz("tar", &[tar], |input| unpacked(&zstd::encode_all(input, 1).unwrap()));
}

#[test]
fn images() {
    let picture = |format| {
        let mut bytes = Vec::new();
        let image = image::RgbImage::from_fn(16, 16, |x, y| image::Rgb([x as u8 * 9, y as u8 * 7, 3]));
        image.write_to(&mut std::io::Cursor::new(&mut bytes), format).unwrap();
        bytes
    };
    use image::ImageFormat::{Bmp, Jpeg, Png, WebP};
    let (png, jpeg) = (picture(Png), picture(Jpeg));
    let archive = |one: &[u8], other: &[u8]| {
        let mut tar = tar::Builder::new(Vec::new());
        for folder in ["train/a", "train/b", "test/a", "test/b"] {
            for (name, bytes) in [("1.png", one), ("2.jpg", other)] {
                let mut header = tar::Header::new_gnu();
                header.set_size(bytes.len() as u64);
                tar.append_data(&mut header, format!("{folder}/{name}"), bytes).unwrap();
            }
        }
        tar.into_inner().unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("images.tar");
    let text = format!(
        "schema: 1\ntitle: T\ndata: {{source: images, path: {}, fit: 8}}\nseeds: [1]\ntrain: {{epochs: 1}}\nvariants: [{{id: a}}]\n",
        path.display()
    );
    let spec = experiment(&text).data.unwrap();
    let load = |tar: &[u8]| {
        fs::write(&path, tar).unwrap();
        let _ = data::load(&spec, &Cache::disabled(), &|_| {});
    };
    fuzz("image-archive", &[archive(&png, &jpeg)], load);
    fuzz("png", std::slice::from_ref(&png), |input| load(&archive(input, &jpeg)));
    fuzz("jpeg", std::slice::from_ref(&jpeg), |input| load(&archive(&png, input)));
    fuzz("webp", &[picture(WebP)], |input| load(&archive(&png, input)));
    fuzz("bmp", &[picture(Bmp)], |input| load(&archive(&png, input)));
}

#[test]
fn templates_and_texts() {
    let place = small();
    let bundle = BundleFolder::new(place.path("small"));
    let evidence = bundle.evidence(bundle.experiment().unwrap()).unwrap();
    let judged = claims::judge(&evidence);
    let source = |name: &str| fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("templates").join(name)).unwrap();
    for name in ["summary.md.j2", "report.md.j2", "fr.ftl"] {
        let input = source(if name == "fr.ftl" { "en.ftl" } else { name });
        fuzz(name, &[input], |input| {
            let own = [(name.to_owned(), String::from_utf8_lossy(input).into_owned())].into();
            let language = if name == "fr.ftl" { "fr" } else { "en" };
            let style = Style { templates: Templates::replacing(own).unwrap(), language: language.parse().unwrap() };
            let _ = render_with(&evidence, &judged, &style);
        });
    }
}

#[test]
fn answers_of_a_server() {
    let runs = r#"{"runs": [{"info": {"run_id": "a1", "run_name": "n", "status": "FINISHED", "start_time": 1,
        "lifecycle_stage": "active"}, "data": {"metrics": [{"key": "loss", "value": 0.5, "timestamp": 1, "step": 2}],
        "params": [{"key": "variant", "value": "a"}, {"key": "seed", "value": "3"}]}}], "next_page_token": ""}"#;
    let curve =
        r#"{"metrics": [{"key": "loss", "value": "NaN", "timestamp": "1", "step": 0}], "next_page_token": "n"}"#;
    let refusal = r#"{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no"}"#;
    let current = Arc::new(Mutex::new(Vec::new()));
    let said = Arc::clone(&current);
    // Whole answers to whatever is not being damaged: a damaged list of runs still leads to curves.
    let answering = Answering::with(move |asked| match asked.line.contains("get-history") {
        true if asked.line.contains("page_token") => Answer::json(r#"{"metrics": []}"#),
        _ => Answer::json(said.lock().unwrap().clone()),
    });
    let server = Server::at(&answering.address.parse().unwrap());
    let inputs = [runs, curve, refusal].map(|text| text.as_bytes().to_vec());
    fuzz("mlflow", &inputs, |input| {
        *current.lock().unwrap() = input.to_vec();
        if let Err(error) = server.take_over("1", Names::default()) {
            let _ = format!("{:?}", miette::Report::new(error));
        }
        let _ = server.experiment("x");
    });
}
