//! Folders of photographs: of every kind and size, and some of them twice.

use image::{DynamicImage, GrayImage, Rgb, RgbImage};
use serde_json::Value;

use crate::support::Place;

const EXPERIMENT: &str = "\
schema: 1
title: Photographs
data: {source: images, path: photos, fit: {resize: 10, crop: 8}}
seeds: [1]
trainer: {command: [sh, -c, 'wc -c < $0/train-images.npy', '{images}'], metrics: {pattern: '^ *(?P<bytes>[0-9]+)$'}}
metrics: {bytes: {}}
variants: [{id: a}]
";

/// Four photographs of two sizes in two classes; one of the test images is a training image of the other class.
fn place() -> Place {
    let place = Place::new();
    place.write("photos.yaml", EXPERIMENT);
    let save = |name: &str, image: DynamicImage| {
        let path = place.path("photos").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        image.save(path).unwrap();
    };
    save("train/cat/1.png", RgbImage::from_pixel(20, 12, Rgb([1, 2, 3])).into());
    save("train/dog/1.webp", RgbImage::from_pixel(12, 20, Rgb([4, 5, 6])).into());
    save("val/cat/1.bmp", RgbImage::from_pixel(30, 30, Rgb([4, 5, 6])).into());
    save("val/dog/1.png", GrayImage::from_pixel(9, 9, image::Luma([7])).into());
    place.write("photos/train/cat/Thumbs.db", "left by a system");
    place
}

#[test]
fn photographs_of_every_kind_are_read_counted_and_shown() {
    let place = place();
    let said = place.succeed(&["data", "show", "photos.yaml"]);
    for words in [
        "8 x 8 pixels",
        "1 gray (to three equal channels)",
        "1 in test and in train (1 of another class there)",
        "val/cat/1.bmp = train/dog/1.webp",
    ] {
        assert!(said.contains(words), "{words} is missing from\n{said}");
    }
    let (_, _, said) = place.run(&["run", "photos.yaml"]);
    assert!(said.contains("Images that are in both train and test, pixel for pixel: 1"), "{said}");
    let metrics = place.read("runs/photos/trials/a/seed-1/metrics.jsonl");
    assert!(metrics.contains(&format!("\"bytes\":{}", 128 + 2 * 8 * 8 * 3)), "{metrics}");
    let record: Value = serde_json::from_str(&place.read("runs/photos/dataset.json")).unwrap();
    assert_eq!(record["conversions"], serde_json::json!({"gray": 1}));
    assert_eq!(record["duplicates"]["across"], 1);
    let gray = "1 was gray and got three equal channels";
    let twice = "1 test image is a training image as well, pixel for pixel";
    for (page, said) in [("details.md", gray), ("details.md", twice), ("method.html", gray), ("index.html", twice)] {
        assert!(place.read(&format!("runs/photos/{page}")).contains(said), "{page}: {said}");
    }
    place.succeed(&["verify", "runs/photos"]);
}

#[test]
fn test_images_that_look_like_training_images_are_drawn_beside_them() {
    let place = place();
    let slope = |lighter: u8| RgbImage::from_fn(20, 12, |x, y| Rgb([(x * 9) as u8 + lighter, (y * 9) as u8, 40]));
    for (name, lighter) in [("train/cat/2.png", 0), ("val/cat/2.png", 9)] {
        slope(lighter).save(place.path("photos").join(name)).unwrap();
    }
    let said = place.succeed(&["data", "show", "photos.yaml"]);
    // The second is a plain gray one, which is as good as another plain one.
    let alike = "Alike: 2 test images and a training image each; look at them in contact-sheet.alike.png";
    assert!(said.contains(alike), "{said}");
    assert!(image::open(place.path("contact-sheet.alike.png")).is_ok());
}

#[test]
fn a_gated_run_can_insist_that_no_image_is_in_both_splits() {
    let place = place();
    let insists = ["run", "photos.yaml", "--set", "data.leakage=fail"];
    let (code, _, said) = place.run(&[&insists[..], &["--gate"]].concat());
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("images that are in both train and test, pixel for pixel: 1"), "{said}");
    assert!(!place.path("runs/photos").exists(), "nothing is run");
    place.succeed(&insists);
}
