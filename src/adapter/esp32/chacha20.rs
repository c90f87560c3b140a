//! The block function of ChaCha20 (RFC 8439 section 2.3).
//!
//! The crate `chacha20` reaches the words of the state by indices that are arguments of a function: with
//! `opt-level = "z"` their checks stay in the firmware, each with a panic that never happens, so that no link could prove
//! that there is none. Here there are no indices.

/// The block of a key for a counter and a nonce.
pub(super) fn block(key: [[u32; 4]; 2], input: [u32; 4]) -> [[u32; 4]; 4] {
    let [key_begin, key_end] = key;
    let begin = [CONSTANTS, key_begin, key_end, input];
    let mut state = begin;
    for _ in 0..10 {
        quarter_rounds(&mut state);
        // What was a diagonal is a column.
        let [a, b, c, d] = state;
        state = [a, left(b), left(left(c)), left(left(left(d)))];
        quarter_rounds(&mut state);
        let [a, b, c, d] = state;
        state = [a, left(left(left(b))), left(left(c)), left(d)];
    }
    let words = state.as_flattened_mut().iter_mut().zip(begin.as_flattened());
    words.for_each(|(word, begin)| *word = word.wrapping_add(*begin));
    state
}

/// A quarter round of each column (RFC 8439 section 2.1).
fn quarter_rounds([a, b, c, d]: &mut [[u32; 4]; 4]) {
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        *a = a.wrapping_add(*b);
        *d = (*d ^ *a).rotate_left(16);
        *c = c.wrapping_add(*d);
        *b = (*b ^ *c).rotate_left(12);
        *a = a.wrapping_add(*b);
        *d = (*d ^ *a).rotate_left(8);
        *c = c.wrapping_add(*d);
        *b = (*b ^ *c).rotate_left(7);
    }
}

/// A row, turned by one word.
fn left([a, b, c, d]: [u32; 4]) -> [u32; 4] {
    [b, c, d, a]
}

/// "expand 32-byte k", as words.
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574];

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn stream(key: [[u32; 4]; 2], input: [u32; 4]) -> Vec<u8> {
        block(key, input).as_flattened().iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    // The example of RFC 8439 section 2.3.2.
    #[test]
    fn the_block_is_that_of_the_example() {
        let key = [
            [0x0302_0100, 0x0706_0504, 0x0B0A_0908, 0x0F0E_0D0C],
            [0x1312_1110, 0x1716_1514, 0x1B1A_1918, 0x1F1E_1D1C],
        ];
        let expected = [
            [0xE4E7_F110, 0x1559_3BD1, 0x1FDD_0F50, 0xC471_20A3],
            [0xC7F4_D1C7, 0x0368_C033, 0x9AAA_2204, 0x4E6C_D4C3],
            [0x4664_82D2, 0x09AA_9F07, 0x05D7_C214, 0xA202_8BD9],
            [0xD19C_12B5, 0xB94E_16DE, 0xE883_D0CB, 0x4E3C_50A2],
        ];
        assert_eq!(block(key, [1, 0x0900_0000, 0x4A00_0000, 0]), expected);
    }

    // The test vectors of RFC 8439 appendix A.1.
    #[test]
    fn streams_begin_like_those_of_the_test_vectors() {
        let zero = [[0; 4]; 2];
        let last_is_one = [[0; 4], [0, 0, 0, 0x0100_0000]];
        let second_is_ff = [[0xFF00, 0, 0, 0], [0; 4]];
        for (key, input, begin) in [
            (zero, [0; 4], [0x76, 0xB8, 0xE0, 0xAD, 0xA0, 0xF1, 0x3D, 0x90]),
            (zero, [1, 0, 0, 0], [0x9F, 0x07, 0xE7, 0xBE, 0x55, 0x51, 0x38, 0x7A]),
            (last_is_one, [1, 0, 0, 0], [0x3A, 0xEB, 0x52, 0x24, 0xEC, 0xF8, 0x49, 0x92]),
            (second_is_ff, [2, 0, 0, 0], [0x72, 0xD5, 0x4D, 0xFB, 0xF1, 0x2E, 0xC4, 0x4B]),
            (zero, [0, 0, 0, 0x0200_0000], [0xC2, 0xC6, 0x4D, 0x37, 0x8C, 0xD5, 0x36, 0x37]),
        ] {
            assert_eq!(stream(key, input)[..8], begin, "{input:?}");
        }
    }
}
