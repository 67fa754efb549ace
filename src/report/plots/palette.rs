//! Colours, dashes and markers: variants are told apart without colour as well as with it.

use plotters::style::RGBColor;

/// Okabe and Ito 2008, "Color Universal Design", in order of contrast with white; black and yellow are left out
/// because they vanish on a dark and a white background.
const SERIES: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x9E, 0x73),
    RGBColor(0xCC, 0x79, 0xA7),
    RGBColor(0xE6, 0x9F, 0x00),
    RGBColor(0x56, 0xB4, 0xE9),
];

/// Lengths of dash and gap in CSS pixels; `None` is a solid line.
const DASHES: [Option<(i32, i32)>; 4] = [None, Some((9, 4)), Some((4, 3)), Some((14, 5))];

const MARKERS: [Marker; 5] = [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond, Marker::Cross];

pub const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
pub const INK: RGBColor = RGBColor(0x1B, 0x1F, 0x24);
pub const MUTED: RGBColor = RGBColor(0x57, 0x60, 0x6A);
pub const GRID: RGBColor = RGBColor(0xE1, 0xE5, 0xEA);

/// Attribute selectors, because plotters writes colours as attributes, which any rule overrides.
pub const STYLE: &str = "svg.plot text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;\
paint-order:stroke;stroke:#FFFFFF;stroke-width:14px;stroke-linejoin:round}\
@media screen and (prefers-color-scheme:dark){\
svg.plot text{stroke:#15191F}svg.plot [fill='#FFFFFF']{fill:#15191F}svg.plot [fill='#1B1F24']{fill:#E6EAF0}svg.plot [stroke='#1B1F24']{stroke:#E6EAF0}\
svg.plot [fill='#57606A']{fill:#A3ADB8}svg.plot [stroke='#57606A']{stroke:#A3ADB8}svg.plot [stroke='#E1E5EA']{stroke:#2B323B}\
svg.plot [fill='#0072B2']{fill:#3D9BDB}svg.plot [stroke='#0072B2']{stroke:#3D9BDB}}";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    Circle,
    Square,
    Triangle,
    Diamond,
    Cross,
}

/// How one variant is drawn in every plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub colour: RGBColor,
    pub dash: Option<(i32, i32)>,
    pub marker: Marker,
}

impl Look {
    /// The look of the variant at this place; the first sixty are all different.
    pub fn of(index: usize) -> Self {
        Self {
            colour: SERIES[index % SERIES.len()],
            dash: DASHES[index % DASHES.len()],
            marker: MARKERS[index % MARKERS.len()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_sixty_variants_look_different() {
        let looks: Vec<_> = (0..60).map(Look::of).collect();
        for (index, look) in looks.iter().enumerate() {
            assert!(!looks[..index].contains(look), "{index}");
        }
    }
}
