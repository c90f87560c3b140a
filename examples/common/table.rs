//! Aligned columns.

/// Columns that are as wide as their widest cell, two blanks apart; an empty one takes no room.
pub(crate) struct Columns<const N: usize> {
    widths: [usize; N],
}

impl<const N: usize> Columns<N> {
    /// Columns at least so wide, for rows that are not known yet.
    pub(crate) fn at_least(widths: [usize; N]) -> Self {
        Self { widths }
    }

    /// A row, for which columns grow when it needs them to.
    pub(crate) fn line(&mut self, row: &[String; N]) -> String {
        self.widen(row);
        self.padded(row)
    }

    fn widen(&mut self, row: &[String; N]) {
        for (width, cell) in self.widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }

    fn padded(&self, row: &[String; N]) -> String {
        let cells = row.iter().zip(self.widths).filter(|&(_, width)| width > 0);
        let padded: Vec<String> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    }
}

/// The lines of a table whose rows are all there.
pub(crate) fn aligned<const N: usize>(rows: &[[String; N]]) -> Vec<String> {
    let mut columns = Columns::at_least([0; N]);
    rows.iter().for_each(|row| columns.widen(row));
    rows.iter().map(|row| columns.padded(row)).collect()
}
