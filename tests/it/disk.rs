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
        \"$0\" run tiny.yaml --out reports/out; echo \"code $?\"";
    let (stdout, stderr) = with_own_mounts(place, script)?;
    let (_, code) = stdout.rsplit_once("code ").unwrap();
    Some((code.trim().parse().unwrap(), stderr))
}

/// Runs a shell script with `retrial` as `$0`, in a place whose mounts are its own, which only Linux lets an ordinary user
/// change: what it printed, or `None` where nothing can be mounted here. The script mounts first, and exits with 99 where
/// that fails.
#[cfg(unix)]
fn with_own_mounts(place: &Place, script: &str) -> Option<(String, String)> {
    let output = Command::new("unshare")
        .args(["-rm", "sh", "-c", script, env!("CARGO_BIN_EXE_retrial")])
        .current_dir(place.path(""))
        .env("NO_COLOR", "1")
        .env_remove("RETRIAL_CACHE")
        .output();
    let Ok(output) = output else {
        eprintln!("SKIPPED: there is no unshare here");
        return None;
    };
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (code, stdout, stderr) = (output.status.code(), text(output.stdout), text(output.stderr));
    // What the script says comes only after it has mounted; `unshare` itself fails with 1.
    if code == Some(99) || (code != Some(98) && !stdout.contains("code")) {
        eprintln!("SKIPPED: no file system can be mounted here: {stderr}");
        return None;
    }
    Some((stdout, stderr))
}

/// A mount that is read-only is so for everybody, unlike a folder's permissions for the superuser.
#[test]
#[cfg(target_os = "linux")]
fn a_read_only_disk_is_an_error_and_what_is_on_it_stays_and_can_be_verified() {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "disk/out", "--only", "bn/1"]);
    place.succeed(&["report", "disk/out"]);
    let files = files_below(&place.path("disk"));
    let read = || files.iter().map(|file| std::fs::read(place.path("disk").join(file)).unwrap()).collect::<Vec<_>>();
    let before = read();
    let script = "mount --bind disk disk && mount -o remount,ro,bind disk || exit 99
        touch disk/probe 2>/dev/null && exit 98
        for what in 'run tiny.yaml --out disk/out' 'run tiny.yaml --out disk/new' 'report disk/out' \
            'collect disk/out --out disk/other' 'pack disk/out --out disk/out.tar.zst' 'sign disk/out --key key.pem'; do
            echo \"== $what\" >&2
            \"$0\" $what; echo \"$what: code $?\"
        done
        echo '== verify' >&2
        \"$0\" verify disk/out --tier replay; echo \"verify: code $?\"";
    place.succeed(&["keygen", "--out", "key"]);
    let Some((stdout, stderr)) = with_own_mounts(&place, script) else { return };
    let commands: Vec<&str> = stderr.split("== ").skip(1).collect();
    assert_eq!(commands.len(), 7, "{stdout}{stderr}");
    let (verified, refused) = commands.split_last().unwrap();
    for said in refused {
        let what = said.lines().next().unwrap();
        assert!(stdout.contains(&format!("{what}: code 6\n")), "{what}: {stdout}{stderr}");
        assert!(said.contains("Read-only file system") && said.contains("disk/"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
    assert!(stdout.contains("The bundle holds.\nverify: code 0\n"), "{stdout}{stderr}");
    assert!(verified.contains("note: audit.json is not written"), "{verified}");
    assert_eq!(files_below(&place.path("disk")), files, "nothing is new and nothing is lost");
    assert_eq!(read(), before, "and nothing is changed");
    // Where it can be written to again, it goes on.
    let (_, _, stderr) = place.run(&["run", "tiny.yaml", "--out", "disk/out"]);
    assert!(stderr.contains("3 of 4 trials to run"), "{stderr}");
}

/// On a file system of its own, of two megabytes.
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
    let Some((stdout, stderr)) = with_own_mounts(&place, script) else { return };
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
