//! Which test images a trained network got right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

/// One bit for each test image, in the data set's order: whether the class named was the right one, after the last epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Correctness {
    images: usize,
    /// Image `i` is bit `i % 8` of byte `i / 8`, counted from the lowest; bits beyond the last image are 0.
    bytes: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    images: u64,
    /// The bytes in Base64 (RFC 4648).
    bits: String,
}

impl Correctness {
    /// Images.
    pub fn len(&self) -> usize {
        self.images
    }

    pub fn is_empty(&self) -> bool {
        self.images == 0
    }

    /// Of each image, in order.
    pub fn iter(&self) -> impl Iterator<Item = bool> + '_ {
        (0..self.images).map(|image| self.bytes[image / 8] >> (image % 8) & 1 == 1)
    }

    /// How many are right.
    pub fn count(&self) -> u64 {
        self.bytes.iter().map(|byte| u64::from(byte.count_ones())).sum()
    }
}

impl FromIterator<bool> for Correctness {
    fn from_iter<I: IntoIterator<Item = bool>>(each: I) -> Self {
        let mut found = Self { images: 0, bytes: Vec::new() };
        for right in each {
            if found.images.is_multiple_of(8) {
                found.bytes.push(0);
            }
            if let Some(last) = found.bytes.last_mut() {
                *last |= u8::from(right) << (found.images % 8);
            }
            found.images += 1;
        }
        found
    }
}

impl From<Correctness> for Written {
    fn from(found: Correctness) -> Self {
        Self { images: found.images as u64, bits: BASE64.encode(found.bytes) }
    }
}

impl TryFrom<Written> for Correctness {
    type Error = String;

    fn try_from(Written { images, bits }: Written) -> Result<Self, String> {
        let bytes = BASE64.decode(bits).map_err(|error| format!("its bits are no Base64: {error}"))?;
        let beyond =
            |images: u64| bytes.last().is_some_and(|last| !images.is_multiple_of(8) && last >> (images % 8) != 0);
        if bytes.len() as u64 != images.div_ceil(8) || beyond(images) {
            return Err(format!("its bits are not those of {images} images"));
        }
        Ok(Self { images: images as usize, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Python: base64.b64encode(bytes([0b00000101, 0b00000010])) == b"BQI="
    #[test]
    fn a_bit_an_image_is_written_and_read_back() {
        let each = [true, false, true, false, false, false, false, false, false, true];
        let found: Correctness = each.into_iter().collect();
        assert_eq!((found.len(), found.count()), (10, 3));
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(text, r#"{"images":10,"bits":"BQI="}"#);
        let read: Correctness = serde_json::from_str(&text).unwrap();
        assert_eq!(read, found);
        assert!(read.iter().eq(each));
    }

    #[test]
    fn bits_that_are_not_of_so_many_images_are_refused() {
        for text in [
            r#"{"images":17,"bits":"BQI="}"#,
            r#"{"images":8,"bits":"BQI="}"#,
            r#"{"images":9,"bits":"BQI="}"#,
            r#"{"images":18446744073709551615,"bits":"BQI="}"#,
            r#"{"images":10,"bits":"BQ"}"#,
            r#"{"images":10,"bits":"BQI=","more":1}"#,
        ] {
            assert!(serde_json::from_str::<Correctness>(text).is_err(), "{text}");
        }
        let none: Correctness = serde_json::from_str(r#"{"images":0,"bits":""}"#).unwrap();
        assert!(none.is_empty() && none.iter().next().is_none());
    }
}
