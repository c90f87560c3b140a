//! ChaCha20, as a function of a key and four words (RFC 8439 section 2.3).

/// 256 bits.
pub(super) type Key = [[u32; 4]; 2];

/// The block of `key` at `input`, where RFC 8439 has its counter and nonce.
pub(super) fn block(key: &Key, input: [u32; 4]) -> [[u32; 4]; 4] {
    let [high, low] = *key;
    let start = [CONSTANTS, high, low, input];
    let mut rows = start;
    for _ in 0..10 {
        quarter_rounds(&mut rows);
        let [a, b, c, d] = rows;
        rows = [a, left(b), left(left(c)), right(d)];
        quarter_rounds(&mut rows);
        let [a, b, c, d] = rows;
        rows = [a, right(b), left(left(c)), left(d)];
    }
    for (word, start) in rows.iter_mut().flatten().zip(start.iter().flatten()) {
        *word = word.wrapping_add(*start);
    }
    rows
}

/// One for each column.
fn quarter_rounds([a, b, c, d]: &mut [[u32; 4]; 4]) {
    for (((a, b), c), d) in a.iter_mut().zip(b).zip(c).zip(d) {
        for (half, rest) in [(16, 12), (8, 7)] {
            *a = a.wrapping_add(*b);
            *d = (*d ^ *a).rotate_left(half);
            *c = c.wrapping_add(*d);
            *b = (*b ^ *c).rotate_left(rest);
        }
    }
}

/// Turns a row, so that diagonals become columns.
fn left([p, q, r, s]: [u32; 4]) -> [u32; 4] {
    [q, r, s, p]
}

fn right([p, q, r, s]: [u32; 4]) -> [u32; 4] {
    [s, p, q, r]
}

/// "expand 32-byte k".
const CONSTANTS: [u32; 4] = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_block_is_that_of_rfc_8439_section_2_3_2() {
        let key = [
            [0x0302_0100, 0x0706_0504, 0x0B0A_0908, 0x0F0E_0D0C],
            [0x1312_1110, 0x1716_1514, 0x1B1A_1918, 0x1F1E_1D1C],
        ];
        let input = [0x0000_0001, 0x0900_0000, 0x4A00_0000, 0x0000_0000];
        assert_eq!(
            block(&key, input),
            [
                [0xE4E7_F110, 0x1559_3BD1, 0x1FDD_0F50, 0xC471_20A3],
                [0xC7F4_D1C7, 0x0368_C033, 0x9AAA_2204, 0x4E6C_D4C3],
                [0x4664_82D2, 0x09AA_9F07, 0x05D7_C214, 0xA202_8BD9],
                [0xD19C_12B5, 0xB94E_16DE, 0xE883_D0CB, 0x4E3C_50A2],
            ]
        );
    }
}
