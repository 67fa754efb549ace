//! Signed bundles, and who signed them.

use std::process::Command;

use crate::support::Place;

fn signed() -> Place {
    let place = Place::with_tiny();
    place.succeed(&["run", "tiny.yaml", "--out", "out"]);
    place.succeed(&["keygen", "--out", "me"]);
    place.succeed(&["keygen", "--out", "other"]);
    place.succeed(&["sign", "out", "--key", "me.pem"]);
    place
}

#[test]
fn a_signature_holds_for_its_key_and_its_bundle_only() {
    let place = signed();
    let stdout = place.succeed(&["verify", "out", "--key", "me.pub.pem"]);
    assert!(stdout.contains("valid: signed by this key"), "{stdout}");
    let stdout = place.succeed(&["verify", "out"]);
    assert!(stdout.contains("says that it is by key"), "{stdout}");
    let (code, stdout, _) = place.run(&["verify", "out", "--key", "other.pub.pem"]);
    assert_eq!(code, 12, "{stdout}");
    assert!(stdout.contains("not by the given key"), "{stdout}");

    // It survives packing, and a change of the bundle that is honest about itself.
    place.succeed(&["pack", "out"]);
    place.succeed(&["unpack", "out.tar.zst", "--out", "theirs"]);
    place.succeed(&["verify", "theirs", "--key", "me.pub.pem"]);
    place.write("none/.keep", "");
    place.write("mine/style.css", "body { color: black }");
    place.succeed(&["report", "theirs", "--templates", "mine"]);
    let (code, stdout, _) = place.run(&["verify", "theirs", "--key", "me.pub.pem"]);
    assert_eq!(code, 12, "{stdout}");
    assert!(stdout.contains("about another bundle than this"), "{stdout}");
    place.succeed(&["report", "theirs", "--templates", "none"]);
    place.succeed(&["verify", "theirs", "--key", "me.pub.pem"]);
}

#[test]
fn an_auditor_adds_a_statement_of_what_was_found() {
    let place = signed();
    place.succeed(&["verify", "out", "--tier", "replay"]);
    place.succeed(&["sign", "out", "--key", "other.pem", "--audit", "out/audit.json"]);
    let stdout = place.succeed(&["verify", "out", "--key", "me.pub.pem"]);
    assert!(stdout.contains("valid: signed by this key") && stdout.contains("not by the given key"), "{stdout}");
    let (code, stdout, _) = place.run(&["verify", "out", "--key", "other.pub.pem"]);
    assert_eq!(code, 12, "an audit is not a signature of the bundle: {stdout}");
    assert!(stdout.contains("an audit by this key found that the bundle holds"), "{stdout}");
    // An audit of another bundle is not signed as one of this.
    place.succeed(&["run", "tiny.yaml", "--out", "shorter", "--set", "train.epochs=1"]);
    place.succeed(&["verify", "shorter"]);
    let (code, _, stderr) = place.run(&["sign", "out", "--key", "other.pem", "--audit", "shorter/audit.json"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("no audit of this bundle"), "{stderr}");
}

#[test]
fn keys_are_private_and_never_overwritten_and_a_changed_bundle_is_not_signed() {
    let place = signed();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(place.path("me.pem")).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let before = place.read("me.pem");
    let (code, _, stderr) = place.run(&["keygen", "--out", "me"]);
    assert_eq!(code, 6, "{stderr}");
    assert_eq!(place.read("me.pem"), before);
    place.write("out/report.md", "else");
    let (code, _, stderr) = place.run(&["sign", "out", "--key", "me.pem"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("is not what its manifest says"), "{stderr}");
    let (code, _, stderr) = place.run(&["sign", "out", "--key", "me.pub.pem"]);
    assert_eq!(code, 6, "{stderr}");
    assert!(stderr.contains("no Ed25519 private key"), "{stderr}");
}

#[test]
fn a_signature_that_cannot_be_read_counts_for_nothing_and_is_named() {
    let place = signed();
    let path = std::fs::read_dir(place.path("out/signatures")).unwrap().next().unwrap().unwrap().path();
    std::fs::write(path, b"{\xff").unwrap();
    let stdout = place.succeed(&["verify", "out"]);
    assert!(stdout.contains("it is no DSSE envelope"), "{stdout}");
    let (code, stdout, _) = place.run(&["verify", "out", "--key", "me.pub.pem"]);
    assert_eq!(code, 12, "{stdout}");
}

/// OpenSSL is another implementation of all of it: keys, encoding and signature.
#[test]
fn openssl_agrees_with_the_signature() {
    let has_openssl = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !has_openssl {
        eprintln!("SKIPPED: there is no openssl here");
        return;
    }
    let place = signed();
    let folder = place.path("out/signatures");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let envelope: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let decode = |text: &serde_json::Value, to: &str| {
        place.write("base64", text.as_str().unwrap());
        let arguments = ["base64", "-d", "-A", "-in", "base64", "-out", to];
        assert!(Command::new("openssl").current_dir(place.path("")).args(arguments).status().unwrap().success());
        std::fs::read(place.path(to)).unwrap()
    };
    let payload = decode(&envelope["payload"], "payload");
    decode(&envelope["signatures"][0]["sig"], "signature");
    let kind = envelope["payloadType"].as_str().unwrap();
    let signed = [format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).as_bytes(), &payload].concat();
    place.write("signed", signed);
    let verify = |key: &str| {
        let arguments =
            ["pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", "signed", "-sigfile", "signature"];
        Command::new("openssl").current_dir(place.path("")).args(arguments).output().unwrap().status.success()
    };
    assert!(verify("me.pub.pem"));
    assert!(!verify("other.pub.pem"));
    let statement: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicate"]["trials"]["completed"], 4);
}

#[test]
fn the_last_line_is_the_verdict_of_files_and_signature_together() {
    let place = signed();
    let last = |arguments: &[&str]| place.run(arguments).1.lines().last().unwrap_or_default().to_owned();
    assert_eq!(last(&["verify", "out"]), "The bundle holds.");
    assert_eq!(last(&["verify", "out", "--key", "me.pub.pem"]), "The bundle holds, and is signed by the given key.");
    let unsigned = last(&["verify", "out", "--key", "other.pub.pem"]);
    assert_eq!(unsigned, "The bundle has no valid signature by the given key; otherwise it holds.");
    place.write("out/report.md", "else");
    assert_eq!(last(&["verify", "out", "--key", "me.pub.pem"]), "The bundle does not hold.");
    let neither = last(&["verify", "out", "--key", "other.pub.pem"]);
    assert_eq!(neither, "The bundle does not hold, and has no valid signature by the given key.");
}

#[test]
fn what_lies_outside_the_manifest_is_checked_against_it_or_a_signature_or_named_as_unchecked() {
    let place = signed();
    let before = |arguments: &[&str]| {
        let stdout = place.succeed(arguments);
        stdout.lines().find_map(|line| line.strip_prefix("audit.json before this one: ").map(str::to_owned))
    };
    assert_eq!(before(&["verify", "out"]), None);
    let vouched_by_nobody = "unchecked, it names this bundle, and nothing vouches for what else it says";
    assert_eq!(before(&["verify", "out"]).unwrap(), vouched_by_nobody);
    place.succeed(&["sign", "out", "--key", "me.pem", "--audit", "out/audit.json"]);
    let audit = place.read("out/audit.json");
    let with_key = ["verify", "out", "--key", "me.pub.pem"];
    assert_eq!(before(&with_key).unwrap(), "it is what the given key signed");
    // Every bit that is flipped in it takes that back.
    for place_of_bit in (0..audit.len() * 8).step_by(97) {
        let mut changed = audit.clone().into_bytes();
        changed[place_of_bit / 8] ^= 1 << (place_of_bit % 8);
        place.write("out/audit.json", &changed);
        let is_same = serde_json::from_slice::<serde_json::Value>(&changed).ok()
            == serde_json::from_str::<serde_json::Value>(&audit).ok();
        assert_eq!(before(&with_key).unwrap() == "it is what the given key signed", is_same, "bit {place_of_bit}");
    }
    let name = serde_json::from_str::<serde_json::Value>(&audit).unwrap()["bundle"].as_str().unwrap().to_owned();
    place.write("out/audit.json", audit.replace(&name, &"0".repeat(64)));
    assert_eq!(before(&["verify", "out"]).unwrap(), "it is about another bundle than this");
    place.write("out/audit.json", "{");
    assert_eq!(before(&["verify", "out"]).unwrap(), "unchecked, it cannot be read");
}
