//! Disks that are full, and folders that cannot be written to.

use std::process::Command;

use crate::support::{Place, files_below};

#[test]
fn a_place_that_cannot_be_written_to_is_named() {
    let place = Place::with_tiny();
    place.write("file", "not a folder");
    let (code, _, stderr) = place.run(&["run", "tiny.yaml", "--out", "file/bundle"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("file/"), "{stderr}");
    // Without checkpoints a killed run costs more, but one that is not killed loses nothing.
    let with_cache = ["run", "tiny.yaml", "--out", "out", "--cache", "file/cache", "--checkpoint-every", "0"];
    let (code, _, stderr) = place.run(&with_cache);
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("warning: no checkpoint") && stderr.contains("file/cache"), "{stderr}");
    assert_eq!(place.read("file"), "not a folder");
}

#[test]
#[cfg(unix)]
fn a_read_only_folder_is_an_error_and_what_is_in_it_stays() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "reports/out", "--only", "bn/1"]);
    let before = files_below(&place.path("reports"));
    let folder = place.path("reports/out");
    let set = |mode| std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).unwrap();
    set(0o555);
    let run = |out: &str| place.run(&["run", "tiny.yaml", "--out", out]);
    let may_write_all = std::fs::write(folder.join("probe"), "").is_ok();
    let (code, stderr) = if may_write_all {
        std::fs::remove_file(folder.join("probe")).unwrap();
        let Some(ended) = with_read_only_mount(&place) else {
            set(0o755);
            eprintln!("SKIPPED: this user may write to read-only folders, and nothing can be mounted here");
            return;
        };
        ended
    } else {
        let (code, _, stderr) = run("reports/out");
        (code, stderr)
    };
    set(0o755);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("cannot write") && stderr.contains("reports/out"), "{stderr}");
    assert_eq!(files_below(&place.path("reports")), before);
    run("reports/out");
    assert!(place.path("reports/out/trials/bn/seed-2").exists(), "it goes on where it may write again");
}

/// The same run with `reports/out` mounted read-only, which binds root as well. `None` where that cannot be done.
#[cfg(unix)]
fn with_read_only_mount(place: &Place) -> Option<(i32, String)> {
    let script = "mount --bind reports/out reports/out && mount -o remount,bind,ro reports/out || exit 99
        exec \"$0\" run tiny.yaml --out reports/out";
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_retrial")])
        .current_dir(place.path(""))
        .env("NO_COLOR", "1")
        .output()
        .ok()?;
    let code = output.status.code().filter(|code| *code != 99 && *code != 1)?;
    Some((code, String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// On a file system of its own, of two megabytes, which only Linux lets an ordinary user mount.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_and_finished_trials_are_kept() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "whole"]);
    std::fs::create_dir(place.path("small")).unwrap();
    let script = "mount -t tmpfs -o size=2m tmpfs small || exit 99
        \"$0\" run tiny.yaml --out small/out --cache cache --only bn/1 --only bn/2 >&2 || exit 98
        head -c 4m /dev/zero > small/filler 2>/dev/null
        \"$0\" run tiny.yaml --out small/out --cache cache; echo \"code $?\"
        rm small/filler
        cp -r small/out kept
        \"$0\" run tiny.yaml --out small/out --cache cache >&2 && cp -r small/out after";
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_retrial")])
        .current_dir(place.path(""))
        .env("NO_COLOR", "1")
        .output();
    let Ok(output) = output.map(|output| (output.status.code(), output)) else {
        eprintln!("SKIPPED: there is no unshare here");
        return;
    };
    let (code, output) = output;
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !stdout.contains("code") && code != Some(98) {
        eprintln!("SKIPPED: no file system can be mounted here: {stderr}");
        return;
    }
    assert!(stdout.contains("code 6"), "{stdout}{stderr}");
    assert!(stderr.contains("No space left on device") && stderr.contains("the disk is not full"), "{stderr}");
    for seed in [1, 2] {
        let trial = format!("trials/bn/seed-{seed}/metrics.jsonl");
        assert_eq!(place.read(&format!("kept/{trial}")), place.read(&format!("whole/{trial}")));
    }
    let torn: Vec<_> =
        files_below(&place.path("after")).into_iter().filter(|file| file.contains(".writing-")).collect();
    assert!(torn.is_empty(), "{torn:?}");
    assert_eq!(
        place.read("after/results.csv"),
        place.read("whole/results.csv"),
        "it goes on where there is room again"
    );
}
