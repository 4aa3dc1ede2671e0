//! Two columns of nodes and lines between them, drawn with few crossings.
//!
//! Each node is moved to the mean place of its neighbours, column by column (the barycentre method of Sugiyama,
//! Tagawa and Toda, 1981), and the order with the fewest crossings is kept. No randomness and no fractions: equal
//! input gives an equal picture. Nodes of a column stand on rows of their own, so their labels cannot touch.

/// Times both columns are put in order.
const ROUNDS: usize = 12;

/// The order of both columns, top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnOrders {
    pub(super) left: Vec<usize>,
    pub(super) right: Vec<usize>,
}

/// Orders `left` and `right` nodes (numbered from 0 in the order preferred where nothing else decides) for lines
/// between them. Quadratic in the lines.
pub(super) fn order(left: usize, right: usize, lines: &[(usize, usize)]) -> ColumnOrders {
    let mut columns = ColumnOrders { left: (0..left).collect(), right: (0..right).collect() };
    let mut best = (crossings(&columns, lines), columns.clone());
    let turned: Vec<(usize, usize)> = lines.iter().map(|&(l, r)| (r, l)).collect();
    for _ in 0..ROUNDS {
        settle(&mut columns.right, &columns.left, lines);
        settle(&mut columns.left, &columns.right, &turned);
        let crossed = crossings(&columns, lines);
        if crossed < best.0 {
            best = (crossed, columns.clone());
        }
    }
    best.1
}

/// Orders one column by the mean place of its neighbours in the other; lines are (fixed, moved).
fn settle(moved: &mut [usize], fixed: &[usize], lines: &[(usize, usize)]) {
    let place = places(fixed);
    let mut sums = vec![(0u64, 0u64); moved.len()];
    for &(from, to) in lines {
        sums[to] = (sums[to].0 + place[from] as u64, sums[to].1 + 1);
    }
    // Sum over count, compared across: whole numbers only. A node without lines sinks to the end.
    moved.sort_by(|&p, &q| {
        let ((sum_p, count_p), (sum_q, count_q)) = (sums[p], sums[q]);
        let alone = (count_p == 0).cmp(&(count_q == 0));
        alone.then((sum_p * count_q).cmp(&(sum_q * count_p))).then(p.cmp(&q))
    });
}

fn places(order: &[usize]) -> Vec<usize> {
    let mut place = vec![0; order.len()];
    for (at, &node) in order.iter().enumerate() {
        place[node] = at;
    }
    place
}

/// Pairs of lines that cross.
fn crossings(columns: &ColumnOrders, lines: &[(usize, usize)]) -> usize {
    let (left, right) = (places(&columns.left), places(&columns.right));
    let placed: Vec<(usize, usize)> = lines.iter().map(|&(l, r)| (left[l], right[r])).collect();
    let crossed = |(i, p): (usize, &(usize, usize))| {
        placed[..i].iter().filter(|q| (p.0 < q.0 && p.1 > q.1) || (p.0 > q.0 && p.1 < q.1)).count()
    };
    placed.iter().enumerate().map(crossed).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_node_has_a_row_and_nothing_gets_worse(
            left in 1usize..20, right in 1usize..12, lines in prop::collection::vec((0usize..20, 0usize..12), 0..60)
        ) {
            let mut lines: Vec<_> = lines.into_iter().map(|(l, r)| (l % left, r % right)).collect();
            lines.sort_unstable();
            lines.dedup();
            let columns = order(left, right, &lines);
            let sorted = |order: &[usize]| { let mut order = order.to_vec(); order.sort_unstable(); order };
            prop_assert_eq!(sorted(&columns.left), (0..left).collect::<Vec<_>>());
            prop_assert_eq!(sorted(&columns.right), (0..right).collect::<Vec<_>>());
            let plain = ColumnOrders { left: (0..left).collect(), right: (0..right).collect() };
            prop_assert!(crossings(&columns, &lines) <= crossings(&plain, &lines));
            lines.reverse();
            prop_assert_eq!(order(left, right, &lines), columns);
        }
    }

    #[test]
    fn what_can_be_drawn_without_crossings_is() {
        let lines = [(0, 2), (1, 1), (2, 0), (3, 2), (4, 1)];
        assert_eq!(crossings(&order(5, 3, &lines), &lines), 0);
    }
}
