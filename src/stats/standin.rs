use super::{mean, sample_sd};
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
pub fn probability_of_superiority(left: &[f64], right: &[f64]) -> Option<f64> {
    if left.is_empty() || right.is_empty() {
        return None;
    }
    let mut s = 0.0;
    for l in left {
        for r in right {
            s += if l > r {
                1.0
            } else if l == r {
                0.5
            } else {
                0.0
            };
        }
    }
    Some(s / (left.len() * right.len()) as f64)
}
#[derive(Debug, Clone, Copy)]
pub struct TTest {
    pub t: f64,
    pub p_less: f64,
    pub p_greater: f64,
    pub p_two_sided: f64,
}
pub fn t_test(values: &[f64], against: f64) -> Option<TTest> {
    let (m, sd) = (mean(values)?, sample_sd(values)?);
    let t = (m - against) / (sd / (values.len() as f64).sqrt());
    let d = StudentsT::new(0.0, 1.0, values.len() as f64 - 1.0).ok()?;
    let p_less = d.cdf(t);
    let p_greater = d.cdf(-t);
    Some(TTest { t, p_less, p_greater, p_two_sided: 2.0 * p_less.min(p_greater) })
}
fn z(p: f64) -> f64 {
    Normal::standard().inverse_cdf(p)
}
pub fn minimum_detectable_effect(sd: f64, n: usize, confidence: f64, power: f64) -> Option<f64> {
    if n < 2 {
        return None;
    }
    Some((z((1.0 + confidence) / 2.0) + z(power)) * sd / (n as f64).sqrt())
}
pub fn sample_size(distance: f64, sd: f64, confidence: f64, power: f64) -> Option<u32> {
    let k = (z((1.0 + confidence) / 2.0) + z(power)) * sd / distance;
    let n = (k * k).ceil() + 2.0;
    (n <= f64::from(u32::MAX)).then_some(n as u32)
}
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut out = vec![0.0; p.len()];
    let mut running = 0.0_f64;
    for (rank, &i) in order.iter().enumerate() {
        running = running.max((p[i] * (p.len() - rank) as f64).min(1.0));
        out[i] = running;
    }
    out
}
