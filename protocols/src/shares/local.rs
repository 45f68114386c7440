//! Local operations on single components, and the form in which lanes are written with all components.

use caucus_core::algebra::{NotCanonical, Ring};
use caucus_core::wide;

/// Lanes that are interleaved at a time: few enough to stay in the nearest cache.
const PIECE_LANES: usize = 256;

/// Combines two vectors lane by lane; a single lane on either side is combined with all lanes of the other.
///
/// # Panics
/// If the lengths are neither equal nor 1.
pub(crate) fn zip<R: Ring>(a: &[R], b: &[R], out: &mut Vec<R>, op: impl Fn(R, R) -> R) {
    out.clear();
    wide!(|| match (a, b) {
        (a, b) if a.len() == b.len() => out.extend(a.iter().zip(b).map(|(a, b)| op(*a, *b))),
        (&[a], b) => out.extend(b.iter().map(|b| op(a, *b))),
        (a, &[b]) => out.extend(a.iter().map(|a| op(*a, b))),
        (a, b) => panic!("vectors of {} and {} lanes do not fit together", a.len(), b.len()),
    });
}

/// Appends the encodings of all components of lane 0, then of lane 1, …
pub(super) fn write_interleaved<R: Ring, const C: usize>(parts: [&[R]; C], out: &mut Vec<u8>) {
    let lanes = parts.first().map_or(0, |part| part.len());
    out.reserve(lanes * C * R::BYTES);
    let mut buffer = Vec::with_capacity(C * PIECE_LANES);
    for start in (0..lanes).step_by(PIECE_LANES) {
        let pieces = parts.map(|part| &part[start..lanes.min(start + PIECE_LANES)]);
        buffer.clear();
        for lane in 0..pieces.first().map_or(0, |piece| piece.len()) {
            buffer.extend(pieces.map(|piece| piece[lane]));
        }
        R::encode(&buffer, out);
    }
}

/// Reads what [`write_interleaved`] writes. The caller has compared the lengths.
pub(super) fn read_interleaved<R: Ring, const C: usize>(
    bytes: &[u8],
    lanes: usize,
) -> Result<[Vec<R>; C], NotCanonical> {
    let mut parts: [Vec<R>; C] = std::array::from_fn(|_| Vec::with_capacity(lanes));
    let mut buffer = vec![R::ZERO; C * PIECE_LANES];
    for (piece_idx, piece) in bytes.chunks(C * PIECE_LANES * R::BYTES).enumerate() {
        let elements = &mut buffer[..piece.len() / R::BYTES];
        R::decode(piece, elements)
            .map_err(|error| NotCanonical { index: error.index + piece_idx * C * PIECE_LANES })?;
        for (component, part) in parts.iter_mut().enumerate() {
            part.extend(elements.iter().skip(component).step_by(C));
        }
    }
    Ok(parts)
}
