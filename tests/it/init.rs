//! An experiment of one's own from nothing, and what is made from the declaration of the command line.

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{Place, files_below};

#[test]
fn what_init_writes_loads_plans_and_runs_as_it_stands() {
    let place = Place::new();
    let stdout = place.succeed(&["init", "mine"]);
    assert!(stdout.starts_with("Experiment: mine/article.yaml\n"), "{stdout}");
    let names = place.succeed(&["plan", "mine/article.yaml", "--names"]);
    // Two variants with three seeds each, as the template says.
    let expected = ["with_norm/1", "with_norm/2", "with_norm/3", "without_norm/1", "without_norm/2", "without_norm/3"];
    assert_eq!(names.lines().collect::<Vec<_>>(), expected);
    place.succeed(&["run", "mine/article.yaml"]);
    let results: serde_json::Value = serde_json::from_str(&place.read("runs/article/claims.json")).unwrap();
    let claims = results["claims"].as_array().unwrap();
    assert_eq!(
        claims.iter().map(|claim| &claim["claim"]["id"]).collect::<Vec<_>>(),
        ["stays-at-chance", "normalisation-helps"]
    );
    assert_eq!(place.succeed(&["plan", "mine/article.yaml", "--names"]), "", "nothing is left to run");
}

#[test]
fn init_never_overwrites() {
    let place = Place::new();
    place.succeed(&["init"]);
    place.write("article.yaml", "mine");
    let (code, _, stderr) = place.run(&["init"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("article.yaml is there already") && stderr.contains("retrial init DIR"), "{stderr}");
    assert_eq!(place.read("article.yaml"), "mine");
    assert_eq!(files_below(&place.path("")), ["article.yaml"]);
}

#[test]
fn init_names_a_folder_that_cannot_be_made() {
    let place = Place::new();
    place.write("file", "");
    let (code, _, stderr) = place.run(&["init", "file/below"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("file/below"), "{stderr}");
}

/// The commands that `--help` lists are the commands that have a page and can be completed.
fn commands(place: &Place) -> Vec<String> {
    let help = place.succeed(&["--help"]);
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned));
    let commands: Vec<_> = names.filter(|name| !name.is_empty() && name != "help").collect();
    assert!(commands.contains(&"run".to_owned()), "{help}");
    commands
}

#[test]
fn every_command_has_a_manual_page() {
    let place = Place::new();
    place.succeed(&["man", "pages"]);
    for command in commands(&place) {
        let page = place.read(&format!("pages/retrial-{command}.1"));
        assert!(page.contains(".SH SYNOPSIS"), "{command}: {page}");
    }
    assert!(place.succeed(&["man"]).contains("Exit codes:"));
}

#[test]
fn every_command_can_be_completed_in_every_shell() {
    let place = Place::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = place.succeed(&["completions", shell]);
        for command in commands(&place) {
            assert!(script.contains(&command), "{shell} lacks {command}");
        }
    }
    let (code, _, stderr) = place.run(&["completions", "ed"]);
    assert_eq!(code, 2, "{stderr}");
}

#[test]
#[cfg(unix)]
fn bash_completes_an_option_of_run() {
    let place = Place::new();
    fs::write(place.path("retrial.bash"), place.succeed(&["completions", "bash"])).unwrap();
    let script = "source retrial.bash; COMP_WORDS=(retrial run --check); COMP_CWORD=2; \
                  _retrial retrial --check run; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").current_dir(place.path("")).args(["-c", script]).stderr(Stdio::piped()).output();
    let output = output.unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "--checkpoint-every", "{stderr}");
}
