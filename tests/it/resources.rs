//! What a stranger's file may take in memory, time and disk, tried out with four gibibytes of address space.

use crate::support::Place;

const SMALL: &str = "\
schema: 1
title: Small
data: {source: synthetic, per_class: {train: 8, test: 4}}
seeds: [1]
model: {width: 0.35}
train: {epochs: 1, batch_size: 16, image_size: 32}
variants: [{id: bn, label: BN, model: {norm: batch}}]
throughput: false
";

fn bundle() -> Place {
    let place = Place::new();
    place.write("small.yaml", SMALL);
    place.succeed(&["run", "small.yaml", "--out", "one"]);
    place
}

fn restore(place: &Place) {
    let _ = std::fs::remove_dir_all(place.path("theirs"));
    for file in crate::support::files_below(&place.path("one")) {
        place.write(&format!("theirs/{file}"), std::fs::read(place.path(&format!("one/{file}"))).unwrap());
    }
}

/// Runs `retrial` where no more than so much memory and a minute of a processor can be had.
#[track_caller]
fn bounded(place: &Place, arguments: &[&str]) -> (i32, String) {
    let mut command = std::process::Command::new("sh");
    // In KiB. With libtorch, the libraries of CUDA alone take some before anything is done.
    let libraries = if cfg!(feature = "libtorch") { 16 << 20 } else { 0 };
    let limits = format!("ulimit -v {}; ulimit -t 60; exec \"$0\" \"$@\"", (4 << 20) + libraries);
    command.args(["-c", &limits, env!("CARGO_BIN_EXE_retrial")]).args(arguments);
    command.current_dir(place.path("")).env("NO_COLOR", "1").env_remove("RETRIAL_CACHE").env_remove("GITHUB_ACTIONS");
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap_or_else(|| panic!("{arguments:?} was killed: {said}"));
    assert!(said.len() < 100_000 && !said.contains("panicked"), "{arguments:?}: {} bytes", said.len());
    (code, said)
}

#[cfg(target_os = "linux")]
#[test]
fn a_template_comes_to_an_end_with_bounded_memory() {
    let place = bundle();
    let double = "{% set a %}{{ a }}{{ a }}{% endset %}".repeat(60);
    for template in [
        "{% for i in range(10000) %}{% for j in range(10000) %}{% for k in range(10000) %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(x='xxxxxxxx') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
        "{% for i in range(10000) %}{{ 'x' * 99999999 }}{% endfor %}",
        "{% macro d(x) %}{{ d(x ~ x) }}{% endmacro %}{{ d('x') }}",
        &format!("{{% set a %}}xxxxxxxx{{% endset %}}{double}{{{{ a }}}}"),
        &format!("{{{{ {}1{} }}}}", "(".repeat(400_000), ")".repeat(400_000)),
    ] {
        restore(&place);
        place.write("theirs/templates/report.md.j2", template);
        let (code, said) = bounded(&place, &["verify", "theirs"]);
        assert_eq!(code, 10, "{said}");
        let (code, said) = bounded(&place, &["report", "theirs"]);
        assert_eq!(code, 3, "{said}");
    }
    // Texts of a language that are made of each other, and of themselves.
    let mut texts = String::from("count-seed = {b0}\n-t = {-t}\n");
    (0..9).for_each(|n| texts += &format!("b{n} = {}\n", format!("{{b{}}}", n + 1).repeat(9)));
    restore(&place);
    place.write("theirs/templates/fr.ftl", texts + "b9 = xxxxxxxxxx\n");
    place.write("theirs/rendering.json", "{\n  \"schema\": 1,\n  \"language\": \"fr\"\n}\n");
    let (code, said) = bounded(&place, &["report", "theirs"]);
    assert!([0, 3].contains(&code), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn records_that_are_too_large_too_deep_or_no_files_are_refused() {
    let place = bundle();
    let trial = "theirs/trials/bn/seed-1";
    let readers: [&[&str]; 4] = [
        &["verify", "theirs"],
        &["report", "theirs"],
        &["diff", "one", "theirs"],
        &["collect", "theirs", "--out", "merged"],
    ];
    let all = |said: &str| {
        for reader in readers {
            let (code, text) = bounded(&place, reader);
            assert!([6, 10].contains(&code), "{reader:?}: {code} {text}");
            assert!(text.contains(said) || reader[0] == "collect", "{said}: {text}");
        }
    };
    for (file, text, said) in [
        (format!("{trial}/metrics.jsonl"), "{\"epoch\":1}\n".repeat(1_000_001), "more than 1000000 lines"),
        (format!("{trial}/trial.json"), "[".repeat(1 << 20), "recursion limit"),
        (format!("{trial}/trial.json"), format!("{{\"x\": [{}0]}}", "0,".repeat(16 << 20)), "unknown field `x`"),
        ("theirs/experiment.yaml".to_owned(), format!("schema: 1\ny: {}", "{a: ".repeat(250_000)), "not valid YAML"),
        ("theirs/experiment.yaml".to_owned(), "#".repeat(5 << 20), "more than 4194304 bytes"),
    ] {
        restore(&place);
        place.write(&file, text);
        all(said);
    }
    assert!(std::process::Command::new("mkfifo").arg(place.path("pipe")).status().unwrap().success());
    for file in ["trials/bn/seed-1/trial.json", "trials/bn/seed-1/metrics.jsonl", "dataset.json", "experiment.yaml"] {
        restore(&place);
        let path = place.path(&format!("theirs/{file}"));
        // Sparse: it takes no room, and would take a terabyte of memory.
        std::fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        all("larger than the limit");
        for never_ends in ["/dev/zero", "pipe"] {
            std::fs::remove_file(&path).unwrap();
            let to = if never_ends == "pipe" { place.path("pipe") } else { never_ends.into() };
            std::os::unix::fs::symlink(to, &path).unwrap();
            all("no plain file");
        }
    }
    for file in ["manifest.json", "audit.json", "index.html", "templates/report.md.j2", "signatures/x.dsse.json"] {
        restore(&place);
        let path = place.path(&format!("theirs/{file}"));
        let _ = std::fs::remove_file(&path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
        for reader in [&["verify", "theirs"][..], &["collect", "theirs", "--out", "merged"], &["site", "."]] {
            let (code, text) = bounded(&place, reader);
            assert!([0, 6, 10].contains(&code), "{reader:?}: {code} {text}");
        }
        let _ = std::fs::remove_dir_all(place.path("merged"));
    }
}

/// What a file may not ask for, a bundle's record may not either: `verify --tier replay` trains from it.
#[test]
fn a_record_cannot_ask_for_more_than_an_experiment_file() {
    let place = bundle();
    for (from, to) in [
        ("width: 0.35", "width: 1000000.0"),
        ("batch_size: 16", "batch_size: 4000000000"),
        ("image_size: 32", "image_size: 4000000"),
        ("train: 8", "train: 4000000000"),
    ] {
        restore(&place);
        let text = place.read("theirs/experiment.yaml");
        assert!(text.contains(from), "{from}: {text}");
        place.write("theirs/experiment.yaml", text.replace(from, to));
        let (code, said) = bounded(&place, &["verify", "theirs", "--tier", "rerun"]);
        assert_eq!(code, 10, "{said}");
        assert!(said.contains("is out of range"), "{said}");
    }
}

#[test]
fn an_experiment_of_too_many_trials_is_refused_where_its_seeds_are() {
    let place = Place::new();
    let variants: String =
        (0..11).map(|n| format!("  - {{id: v{n}, label: V{n}, train: {{learning_rate: 0.{:02}}}}}\n", n + 1)).collect();
    let text =
        SMALL.replace("variants: [{id: bn, label: BN, model: {norm: batch}}]\n", &format!("variants:\n{variants}"));
    place.write("many.yaml", text.replace("seeds: [1]", "seeds: 10000"));
    let (code, said) = bounded(&place, &["plan", "many.yaml"]);
    assert_eq!(code, 3, "{said}");
    assert!(
        said.contains("many.yaml:4:") && said.contains("110000 trials") && said.contains("limit is 100000"),
        "{said}"
    );
    let aliases: String =
        (1..10).map(|n| format!("x{n}: &x{n} [{}]\n", vec![format!("*x{}", n - 1); 9].join(","))).collect();
    place.write("bomb.yaml", format!("{SMALL}x0: &x0 [1,1,1,1,1,1,1,1,1]\n{aliases}"));
    assert_eq!(bounded(&place, &["plan", "bomb.yaml"]).0, 3);
}

#[cfg(unix)]
#[test]
fn data_that_never_ends_is_refused() {
    let place = Place::new();
    place.write("small.yaml", SMALL);
    std::os::unix::fs::symlink("/dev/zero", place.path("zero.tar")).unwrap();
    let images = ["plan", "small.yaml", "--set", "data={source: images}", "--data", "zero.tar"];
    let (code, said) = bounded(&place, &images);
    assert!(code == 4 && said.contains("zero.tar"), "{code} {said}");
    std::os::unix::fs::symlink("/dev/zero", place.path("zero.csv")).unwrap();
    let table = "schema: 1\ntitle: T\nseeds: [1]\nmetrics: {score: {better: higher}}\nvariants: [{id: a}]\ntrainer: {import: zero.csv}\n";
    place.write("table.yaml", table);
    let (code, said) = bounded(&place, &["plan", "table.yaml"]);
    assert!(code != 0 && said.contains("zero.csv"), "{code} {said}");
}
