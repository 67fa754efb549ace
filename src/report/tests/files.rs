//! The files: complete, the same for the same data, self-contained, and well-formed.

use super::{complete, rendered, text};
use crate::config::native;
use crate::report::render;
use crate::report::sample::{self, EPOCHS, Ending, at, evidence};

fn everything_that_can_happen() -> crate::bundle::evidence::Evidence {
    let mut evidence = evidence(&[
        ("bn_dropout", true, true, Ending::SomeDiverge(vec![0.75, f64::NAN, 0.74])),
        ("dropout_only", false, true, at(&[0.1])),
        ("bn", true, false, Ending::Fail("the disk is full")),
        ("plain", false, false, Ending::Miss),
    ]);
    evidence.environment = None;
    evidence
}

#[test]
fn a_report_has_these_files() {
    let rendered = complete();
    let paths: Vec<_> = rendered.files.keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "badge.svg",
            "card.svg",
            "citation.bib",
            "claims.json",
            "claims/does_not_train.html",
            "claims/dropout_helps.html",
            "claims/gain.html",
            "claims/gradient_falls.html",
            "claims/reaches_75.html",
            "claims/signal_fades.html",
            "croissant.json",
            "details.md",
            "figures.html",
            "index.html",
            "inside.html",
            "junit.xml",
            "method.html",
            "plots/controls.svg",
            "plots/final-accuracy.svg",
            "plots/gradient.svg",
            "plots/masked-updates.svg",
            "plots/signal.svg",
            "plots/throughput-batch.svg",
            "plots/throughput-threads.svg",
            "plots/train-loss.svg",
            "plots/val-accuracy.svg",
            "plots/variance-shift.svg",
            "probes/gradient.json",
            "probes/masked-updates.json",
            "probes/signal.json",
            "probes/variance-shift.json",
            "report.md",
            "results.csv",
            "results.json",
            "results.tex",
            "ro-crate-metadata.json",
            "summary.md",
            "throughput.html",
            "variants/bn.html",
            "variants/bn_dropout.html",
            "variants/dropout_only.html",
            "variants/plain.html"
        ]
    );
}

#[test]
fn marks_tell_a_pointer_what_they_stand_for() {
    let rendered = complete();
    let tips =
        |plot: &str| text(&rendered, &format!("plots/{plot}.svg")).matches("pointer-events=\"all\"><title>").count();
    assert_eq!(tips("final-accuracy"), 4, "one for each variant");
    assert_eq!(tips("val-accuracy"), 4 * EPOCHS as usize, "one for each mean of an epoch");
    assert!(tips("throughput-batch") > 0 && tips("signal") > 0);
    assert!(text(&rendered, "plots/final-accuracy.svg").contains("<title>BN, dropout: 75.11% ("));
}

#[test]
fn a_report_without_all_of_its_trials_says_that_it_is_partial() {
    let whole = complete();
    let partial = rendered(&everything_that_can_happen());
    for path in ["index.html", "report.md", "summary.md"] {
        let says_so = |text: String| text.contains("This report is partial: 5 of 12 planned trials have not been run");
        assert!(says_so(text(&partial, path)), "{path}");
        assert!(!text(&whole, path).contains("This report is partial"), "{path}");
    }
    let results = |rendered| serde_json::from_str::<serde_json::Value>(&text(rendered, "results.json")).unwrap();
    let (whole, partial) = (results(&whole), results(&partial));
    assert_eq!((&whole["partial"], &partial["partial"]), (&false.into(), &true.into()));
    let counts = &partial["trial_counts"];
    assert_eq!((counts["planned"].as_u64(), counts["missing"].as_u64()), (Some(12), Some(5)));
}

#[test]
fn report_md_reads_as_recorded() {
    insta::assert_snapshot!(text(&rendered(&sample::learned_with_normalisation()), "report.md"));
}

#[test]
fn a_report_with_claims_and_probes_reads_as_recorded() {
    let rendered = complete();
    insta::assert_snapshot!(text(&rendered, "report.md"));
    insta::assert_snapshot!("details.md", text(&rendered, "details.md"));
}

#[test]
fn files_for_others_are_as_recorded() {
    let rendered = complete();
    for path in ["summary.md", "junit.xml", "results.tex", "citation.bib", "claims.json"] {
        insta::assert_snapshot!(path, text(&rendered, path));
    }
}

#[test]
fn results_json_is_as_recorded() {
    insta::assert_snapshot!(text(&rendered(&sample::learned_with_normalisation()), "results.json"));
}

#[test]
fn throughput_in_results_json_is_as_recorded() {
    let results: serde_json::Value = serde_json::from_str(&text(&complete(), "results.json")).unwrap();
    insta::assert_json_snapshot!(results["throughput"]["cells"][0]);
}

#[test]
fn results_csv_is_as_recorded() {
    insta::assert_snapshot!(text(&rendered(&everything_that_can_happen()), "results.csv"));
}

#[test]
fn a_report_of_a_run_in_which_everything_happened_reads_as_recorded() {
    insta::assert_snapshot!(text(&rendered(&everything_that_can_happen()), "report.md"));
}

#[test]
fn the_same_evidence_gives_the_same_bytes_in_whatever_order_trials_come() {
    let evidence = everything_that_can_happen();
    let mut reversed = evidence.clone();
    reversed.trials.reverse();
    assert_eq!(rendered(&evidence), rendered(&evidence));
    assert_eq!(rendered(&evidence), rendered(&reversed));

    let (evidence, judged) = sample::complete();
    let mut reversed = evidence.clone();
    reversed.trials.reverse();
    assert_eq!(render(&evidence, &judged).unwrap(), render(&reversed, &judged).unwrap());
}

#[test]
fn when_and_where_it_ran_change_nothing() {
    let evidence = sample::learned_with_normalisation();
    let mut elsewhere = evidence.clone();
    let environment = elsewhere.environment.as_mut().unwrap();
    environment.started = "2031-01-01T00:00:00Z".to_owned();
    environment.elapsed_seconds = 1.0;
    let (mut here, mut there) = (rendered(&evidence), rendered(&elsewhere));
    // A research repository wants a date; nothing that people read or compare has one.
    let metadata = [&mut here, &mut there].map(|rendered| rendered.files.remove("ro-crate-metadata.json").unwrap());
    assert_ne!(metadata[0], metadata[1]);
    assert_eq!(here, there);
}

#[test]
fn the_page_runs_nothing_and_loads_nothing() {
    for rendered in [complete(), rendered(&everything_that_can_happen())] {
        let pages = super::html_pages(&rendered);
        assert!(pages.iter().all(|(_, html)| html.contains("<meta http-equiv=\"Content-Security-Policy\"")));
        let html: String = pages.into_iter().map(|(_, html)| html).collect();
        assert!(html.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\""));
        for banned in ["<script", "javascript:", "<link", "<img", "<iframe", "src=", "@import", "url(", "onload"] {
            assert!(!html.contains(banned), "the page contains {banned}");
        }
        // The only addresses: links to follow, and the name of the SVG namespace.
        let addresses = html.match_indices("http").map(|(at, _)| &html[at.saturating_sub(9)..at]);
        for before in addresses {
            assert!(
                before.ends_with("href=\"") || before.ends_with("xmlns=\"") || before.ends_with("meta "),
                "{before}"
            );
        }
    }
}

#[test]
fn every_figure_of_the_results_stands_on_the_page() {
    let html: String =
        super::html_pages(&rendered(&sample::learned_with_normalisation())).into_iter().map(|(_, html)| html).collect();
    for figure in ["75.11%", "73.15% to 77.07%", "10.00%", "78.49%", "2.3033", "−3.38 points", "2,270,794", "0.7367"]
    {
        assert!(html.contains(figure), "{figure} is missing");
    }
}

#[test]
fn plots_say_what_they_show_to_those_who_cannot_see_them() {
    let svg = text(&rendered(&sample::learned_with_normalisation()), "plots/val-accuracy.svg");
    assert!(svg.contains("role=\"img\" aria-labelledby=\"val-accuracy-title val-accuracy-desc\""));
    assert!(svg.contains("<title id=\"val-accuracy-title\">Validation accuracy over epochs</title>"));
    assert!(svg.contains("BN, dropout: 75.11% at epoch 8"));
    for label in ["reported 75.11%", "chance 10.00%", ">\nepoch\n</text>"] {
        assert!(svg.contains(label), "{label} is missing");
    }
}

#[test]
fn losses_that_explode_do_not_flatten_the_others() {
    let mut evidence = everything_that_can_happen();
    evidence.trials[1].metrics[1].set(native::TRAIN_LOSS, 1e6);
    let svg = text(&rendered(&evidence), "plots/train-loss.svg");
    assert!(svg.contains("are drawn at the top edge"), "the cut is not mentioned");
    super::hostile::assert_well_formed(&svg);
}

#[test]
fn an_experiment_that_cites_nothing_and_asks_nothing_has_a_report() {
    let (mut evidence, judged) = sample::complete();
    (evidence.experiment.source, evidence.experiment.question) = (None, None);
    let rendered = render(&evidence, &judged).unwrap();
    for path in ["index.html", "report.md", "details.md", "claims/does_not_train.html"] {
        assert!(!text(&rendered, path).contains("What the source says"), "{path}");
    }
}

#[test]
fn without_a_single_epoch_there_are_pages_but_no_plots() {
    let rendered = rendered(&evidence(&[("a", true, true, Ending::Miss)]));
    assert!(rendered.files.keys().all(|path| !path.starts_with("plots/")));
    assert!(text(&rendered, "index.html").contains("no result"));
}

#[test]
fn one_epoch_and_many_variants_can_be_drawn() {
    let mut one = evidence(&[("a", true, true, at(&[0.5, 0.6]))]);
    one.experiment.variants[0].network_mut().train.epochs = 1;
    for trial in &mut one.trials {
        trial.metrics.drain(..EPOCHS as usize - 1);
        trial.metrics[0].at = 1;
    }
    assert_eq!(rendered(&one).files.keys().filter(|path| path.starts_with("plots/")).count(), 3);

    let names: Vec<_> = (0..40).map(|index| format!("v{index}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), true, true, at(&[0.5, 0.6]))).collect();
    let svg = text(&rendered(&evidence(&many)), "plots/val-accuracy.svg");
    super::hostile::assert_well_formed(&svg);
}

#[test]
fn plots_are_well_formed_xml() {
    let (large, judged) = sample::large();
    for rendered in [complete(), rendered(&everything_that_can_happen()), render(&large, &judged).unwrap()] {
        for (path, bytes) in rendered.files.iter().filter(|(path, _)| path.ends_with(".svg")) {
            super::hostile::assert_well_formed(std::str::from_utf8(bytes).expect(path));
        }
    }
}
