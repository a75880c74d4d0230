//! A text as a QR code, drawn as an SVG that needs no style and no script.

use std::fmt::Write as _;

use qrcode::{Color, QrCode, types::QrError};

/// Blank squares around the code, as the standard asks for.
const QUIET: usize = 4;

/// The document: one black path on white, a unit a square.
///
/// # Errors
/// Where the text is longer than a code holds, about 2,300 bytes.
pub(super) fn svg(text: &str, title: &str) -> Result<String, QrError> {
    let code = QrCode::new(text)?;
    let width = code.width();
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        let (mut x, y) = (QUIET, y + QUIET);
        for run in row.chunk_by(|one, next| one == next) {
            let n = run.len();
            if run.first() == Some(&Color::Dark) {
                // Writing into a String cannot fail.
                let _infallible = write!(path, "M{x} {y}h{n}v1h-{n}z");
            }
            x += n;
        }
    }
    let side = width + 2 * QUIET;
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" role="img" shape-rendering="crispEdges"><title>{title}</title><path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>"##
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_is_the_code_square_by_square() {
        let drawn = svg("otpauth://totp/x:ada?secret=MZXW6YTBOI", "Scan").unwrap();
        let code = QrCode::new("otpauth://totp/x:ada?secret=MZXW6YTBOI").unwrap();
        let mut dark = vec![false; code.width() * code.width()];
        for run in drawn.split("d=\"M").nth(2).unwrap().split('M') {
            let (x, rest) = run.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let n: usize = rest.split_once('v').unwrap().0.parse().unwrap();
            let start = (y.parse::<usize>().unwrap() - QUIET) * code.width() + x.parse::<usize>().unwrap() - QUIET;
            dark[start..start + n].fill(true);
        }
        assert_eq!(dark, code.to_colors().iter().map(|color| *color == Color::Dark).collect::<Vec<_>>());
        assert!(drawn.starts_with("<svg xmlns=") && drawn.ends_with("</svg>"));
        assert!(drawn.contains("<title>Scan</title>") && !drawn.contains("style"));
    }

    #[test]
    fn a_text_that_is_too_long_is_an_error() {
        assert!(svg(&"x".repeat(3_000), "Scan").is_err());
    }
}
