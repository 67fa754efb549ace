//! Colours, dashes and markers: variants are told apart without colour as well as with it.

use plotters::style::RGBColor;

/// After Okabe and Ito 2008, "Color Universal Design": orange and sky blue are replaced by darker relatives, black and
/// yellow are left out, so that every line has a contrast of 3 or more with a white page (WCAG 2.2, 1.4.11).
const SERIES: [RGBColor; 6] = [
    RGBColor(0x00, 0x72, 0xB2),
    RGBColor(0xD5, 0x5E, 0x00),
    RGBColor(0x00, 0x8F, 0x68),
    RGBColor(0xB8, 0x5F, 0x91),
    RGBColor(0x94, 0x6C, 0x00),
    RGBColor(0x23, 0x30, 0x7A),
];

/// Lengths of dash and gap in CSS pixels; `None` is a solid line.
const DASHES: [Option<(i32, i32)>; 4] = [None, Some((9, 4)), Some((4, 3)), Some((14, 5))];

const MARKERS: [Marker; 5] = [Marker::Circle, Marker::Square, Marker::Triangle, Marker::Diamond, Marker::Cross];

pub const PAPER: RGBColor = RGBColor(0xFF, 0xFF, 0xFF);
pub const INK: RGBColor = RGBColor(0x1B, 0x1F, 0x24);
pub const MUTED: RGBColor = RGBColor(0x57, 0x60, 0x6A);
pub const GRID: RGBColor = RGBColor(0xE1, 0xE5, 0xEA);

/// For each light colour its counterpart on a dark page, paper first.
const DARK: [(RGBColor, RGBColor); 10] = [
    (PAPER, RGBColor(0x15, 0x19, 0x1F)),
    (INK, RGBColor(0xE6, 0xEA, 0xF0)),
    (MUTED, RGBColor(0xA3, 0xAD, 0xB8)),
    (GRID, RGBColor(0x2B, 0x32, 0x3B)),
    (SERIES[0], RGBColor(0x3D, 0x9B, 0xDB)),
    (SERIES[1], RGBColor(0xEE, 0x7F, 0x2B)),
    (SERIES[2], RGBColor(0x2F, 0xBF, 0x97)),
    (SERIES[3], RGBColor(0xD9, 0x93, 0xB9)),
    (SERIES[4], RGBColor(0xD9, 0xA4, 0x1C)),
    (SERIES[5], RGBColor(0xA9, 0xBC, 0xFF)),
];

/// The style sheet of every drawing. Attribute selectors, because plotters writes colours as attributes, which any rule
/// overrides.
pub fn style() -> String {
    let dark = DARK.map(|(light, dark)| {
        let (light, dark) = (hex(light), hex(dark));
        format!("svg.plot [fill='{light}']{{fill:{dark}}}svg.plot [stroke='{light}']{{stroke:{dark}}}")
    });
    format!(
        "svg.plot text{{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;paint-order:stroke;\
         stroke:{};stroke-width:14px;stroke-linejoin:round}}\
         @media screen and (prefers-color-scheme:dark){{svg.plot text{{stroke:{}}}{}}}",
        hex(PAPER),
        hex(DARK[0].1),
        dark.concat(),
    )
}

fn hex(RGBColor(red, green, blue): RGBColor) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

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

    fn contrast(one: RGBColor, other: RGBColor) -> f64 {
        crate::report::tests::contrast::contrast(&hex(one), &hex(other))
    }

    #[test]
    fn lines_and_text_stand_out_from_a_light_and_a_dark_page() {
        let dark_paper = DARK[0].1;
        for (light, dark) in DARK.into_iter().skip(4) {
            assert!(contrast(light, PAPER) >= 3.0, "{} on white", hex(light));
            assert!(contrast(dark, dark_paper) >= 3.0, "{} on dark", hex(dark));
        }
        for (light, dark) in &DARK[1..3] {
            assert!(contrast(*light, PAPER) >= 4.5 && contrast(*dark, dark_paper) >= 4.5);
        }
    }

    #[test]
    fn the_first_sixty_variants_look_different() {
        let looks: Vec<_> = (0..60).map(Look::of).collect();
        for (index, look) in looks.iter().enumerate() {
            assert!(!looks[..index].contains(look), "{index}");
        }
    }
}
