use super::*;

const CLASSES: usize = TEXTURES.len();

fn drawn(seed: u64, train: u32, test: u32) -> Decoded {
    draw(seed, Counts { train, test })
}

/// First blessed on x86-64 Linux. It holds on every machine, or trials of different machines cannot be compared.
#[test]
fn the_same_seed_draws_the_same_bytes_on_every_machine() {
    assert_eq!(drawn(1, 3, 2).digest().to_string(), "210b4b09a9b48e54cb21ece6dc3feb6e2f54c8c231e105047c8cda55d5a1b124");
}

#[test]
fn another_seed_or_split_draws_other_images() {
    let (one, other) = (drawn(1, 2, 2), drawn(2, 2, 2));
    assert_ne!(one.train.pixels, other.train.pixels);
    assert_ne!(one.train.pixels, one.test.pixels);
}

#[test]
fn drawing_more_images_changes_none_of_the_first() {
    let (few, many) = (drawn(7, 2, 1), drawn(7, 5, 1));
    for class in 0..CLASSES {
        let images = |set: &ImageSet, per_class: usize| {
            set.pixels[class * per_class * IMAGE_BYTES..][..2 * IMAGE_BYTES].to_vec()
        };
        assert_eq!(images(&few.train, 2), images(&many.train, 5), "class {class}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(pool.install(|| drawn(3, 4, 4)), drawn(3, 4, 4));
}

#[test]
fn counts_that_are_missing_or_beyond_memory_are_refused() {
    let missing = counts(PerClass { train: Some(1), test: None }).unwrap_err();
    assert_eq!(missing.to_string(), "synthetic images need `per_class` for `test`: there is no fixed number of them");
    let many = counts(PerClass { train: Some(u32::MAX), test: Some(u32::MAX) }).unwrap_err();
    assert!(matches!(many, DataError::TooLarge { .. }), "{many}");
}

/// Feature vectors of equal length, one after another, with their labels.
struct Samples {
    features: Vec<f32>,
    labels: Vec<u8>,
}

impl Samples {
    fn of(set: &ImageSet, extract: impl Fn(&[u8]) -> Vec<f32>) -> Self {
        let features = set.pixels.chunks_exact(IMAGE_BYTES).flat_map(extract).collect();
        Self { features, labels: set.labels.clone() }
    }

    fn width(&self) -> usize {
        self.features.len() / self.labels.len()
    }

    /// Zero mean and unit variance by the statistics of `reference`.
    fn standardised(&self, reference: &Self) -> Self {
        let width = self.width();
        let count = reference.labels.len() as f32;
        let (mut mean, mut deviation) = (vec![0.0; width], vec![0.0; width]);
        for row in reference.features.chunks_exact(width) {
            mean.iter_mut().zip(row).for_each(|(mean, x)| *mean += x / count);
        }
        for row in reference.features.chunks_exact(width) {
            deviation.iter_mut().zip(row).zip(&mean).for_each(|((d, x), mean)| *d += (x - mean).powi(2) / count);
        }
        let scale = |(at, x): (usize, &f32)| (x - mean[at % width]) / (deviation[at % width].sqrt() + 1e-6);
        Self { features: self.features.iter().enumerate().map(scale).collect(), labels: self.labels.clone() }
    }
}

/// Multinomial logistic regression.
struct Linear {
    /// Class-major.
    weights: Vec<f32>,
    biases: [f32; CLASSES],
}

impl Linear {
    fn scores(&self, row: &[f32]) -> [f32; CLASSES] {
        let mut scores = self.biases;
        for (score, weights) in scores.iter_mut().zip(self.weights.chunks_exact(row.len())) {
            *score += weights.iter().zip(row).map(|(w, x)| w * x).sum::<f32>();
        }
        scores
    }

    /// One step of gradient descent on one sample, with L2.
    fn learn(&mut self, row: &[f32], label: u8, rate: f32) {
        let scores = self.scores(row);
        let highest = scores.iter().copied().fold(f32::MIN, f32::max);
        let exponentials = scores.map(|score| (score - highest).exp());
        let total: f32 = exponentials.iter().sum();
        for (class, weights) in self.weights.chunks_exact_mut(row.len()).enumerate() {
            let error = exponentials[class] / total - f32::from(u8::from(class == usize::from(label)));
            self.biases[class] -= rate * error;
            weights.iter_mut().zip(row).for_each(|(w, x)| *w -= rate * (error * x + 1e-4 * *w));
        }
    }

    fn trained(samples: &Samples, epochs: u32, rate: f32) -> Self {
        let width = samples.width();
        let mut model = Self { weights: vec![0.0; CLASSES * width], biases: [0.0; CLASSES] };
        for epoch in 0..epochs {
            let address = Address { seed: 0, stream: Stream::Order, epoch, step: 0, layer: 0 };
            for index in address.draws().permutation(samples.labels.len() as u32) {
                let index = index as usize;
                model.learn(&samples.features[index * width..][..width], samples.labels[index], rate);
            }
        }
        model
    }

    fn accuracy(&self, samples: &Samples) -> f64 {
        let best = |row: &[f32]| {
            let scores = self.scores(row);
            (0..CLASSES).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap() as u8
        };
        let rows = samples.features.chunks_exact(samples.width());
        let right = rows.zip(&samples.labels).filter(|&(row, &label)| best(row) == label).count();
        right as f64 / samples.labels.len() as f64
    }
}

/// Test accuracy of logistic regression on features.
fn linear_accuracy(data: &Decoded, epochs: u32, rate: f32, extract: impl Fn(&[u8]) -> Vec<f32>) -> f64 {
    let train = Samples::of(&data.train, &extract);
    let test = Samples::of(&data.test, &extract).standardised(&train);
    let train = train.standardised(&train);
    Linear::trained(&train, epochs, rate).accuracy(&test)
}

fn grey(image: &[u8]) -> Vec<f32> {
    image.chunks_exact(3).map(|rgb| rgb.iter().map(|&byte| f32::from(byte)).sum::<f32>() / 3.0).collect()
}

/// Share of gradient energy in each of 12 orientations (light-dark direction ignored), overall; then how strongly the
/// picture repeats itself at shifts of up to 6 pixels.
fn texture_features(image: &[u8]) -> Vec<f32> {
    let grey = grey(image);
    let at = |x: usize, y: usize| grey[y * SIDE + x];
    let mut energy = [0.0; 12];
    for y in 1..SIDE - 1 {
        for x in 1..SIDE - 1 {
            let (across, down) = (at(x + 1, y) - at(x - 1, y), at(x, y + 1) - at(x, y - 1));
            let turn = down.atan2(across).rem_euclid(std::f32::consts::PI) / std::f32::consts::PI;
            energy[(turn * 12.0 + 0.5) as usize % 12] += across * across + down * down;
        }
    }
    let total: f32 = energy.iter().sum();
    let mut features: Vec<f32> = energy.iter().map(|energy| (energy / total).ln()).collect();
    let mean = grey.iter().sum::<f32>() / grey.len() as f32;
    let variance: f32 = grey.iter().map(|value| (value - mean).powi(2)).sum::<f32>() / grey.len() as f32;
    for (dx, dy) in [(3, 0), (6, 0), (0, 3), (0, 6), (3, 3), (6, 6)] {
        let mut sum = 0.0;
        for y in 0..SIDE - dy {
            for x in 0..SIDE - dx {
                sum += (at(x, y) - mean) * (at(x + dx, y + dy) - mean);
            }
        }
        features.push(sum / variance / ((SIDE - dx) * (SIDE - dy)) as f32);
    }
    features
}

#[test]
fn a_linear_model_of_the_pixels_fails_and_one_of_local_structure_succeeds() {
    let data = drawn(1, 400, 100);
    let pixels = linear_accuracy(&data, 8, 0.0005, |image| image.iter().map(|&byte| f32::from(byte)).collect());
    let structure = linear_accuracy(&data, 30, 0.01, texture_features);
    println!("pixels {pixels:.3}, structure {structure:.3}");
    assert!(pixels < 0.6, "{pixels}");
    assert!(structure > 0.8, "{structure}");
}

/// Otherwise a network that only learns its last bias could leave chance.
#[test]
fn the_mean_image_tells_nothing_about_the_class() {
    let data = drawn(1, 400, 0);
    let per_class = data.train.pixels.len() / CLASSES;
    let means: Vec<f64> = (data.train.pixels.chunks_exact(per_class))
        .map(|pixels| pixels.iter().map(|&byte| f64::from(byte)).sum::<f64>() / per_class as f64)
        .collect();
    let spread = means.iter().copied().fold(f64::MIN, f64::max) - means.iter().copied().fold(f64::MAX, f64::min);
    assert!(spread < 8.0, "{means:?}");
}
