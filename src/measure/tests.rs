use proptest::prelude::*;

use super::*;

/// Scores with many ties, as thresholds of tenths give them.
fn rows() -> impl Strategy<Value = Vec<(f64, bool)>> {
    prop::collection::vec((0_u8..=10, any::<bool>()), 2..60)
        .prop_map(|rows| rows.into_iter().map(|(tenths, bad)| (f64::from(tenths) / 10.0, bad)).collect())
}

fn both_kinds(rows: &[(f64, bool)]) -> bool {
    rows.iter().any(|(_, bad)| *bad) && rows.iter().any(|(_, bad)| !*bad)
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

proptest! {
    #[test]
    fn the_area_is_the_share_of_pairs_in_the_right_order_and_a_tie_is_half_of_one(rows in rows()) {
        prop_assume!(both_kinds(&rows));
        let bad: Vec<f64> = rows.iter().filter(|(_, bad)| *bad).map(|(score, _)| *score).collect();
        let good: Vec<f64> = rows.iter().filter(|(_, bad)| !*bad).map(|(score, _)| *score).collect();
        let won: f64 = bad.iter().flat_map(|b| good.iter().map(move |g| (b, g))).map(|(b, g)| {
            if b > g { 1.0 } else if b < g { 0.0 } else { 0.5 }
        }).sum();
        let pairs = f64::from(u32::try_from(bad.len() * good.len()).unwrap());
        prop_assert!(close(auc(&rows).unwrap(), won / pairs));
    }

    #[test]
    fn recall_within_a_bound_is_the_best_over_all_thresholds(rows in rows(), rate in 0.0..1.0) {
        prop_assume!(both_kinds(&rows));
        let count = |bad: bool, from: f64| rows.iter().filter(|(score, kind)| *kind == bad && *score >= from).count();
        let (all_bad, all_good) = (count(true, -1.0), count(false, -1.0));
        let share = |n: usize, of: usize| f64::from(u32::try_from(n).unwrap()) / f64::from(u32::try_from(of).unwrap());
        let best = rows.iter().map(|(score, _)| *score)
            .filter(|from| share(count(false, *from), all_good) <= rate + 1e-9)
            .map(|from| share(count(true, from), all_bad)).fold(0.0, f64::max);
        let found = recall_at(&rows, rate).unwrap();
        prop_assert!(close(found.recall, best));
        if let Some(from) = found.threshold {
            prop_assert!(share(count(false, from), all_good) <= rate + 1e-9);
        }
    }

    #[test]
    fn a_row_of_weight_three_is_three_rows(rows in rows(), extra in prop::collection::vec(1_u8..4, 60)) {
        let weights: Vec<f64> = extra.iter().take(rows.len()).map(|n| f64::from(*n)).collect();
        let repeated: Vec<(f64, bool)> =
            rows.iter().zip(&extra).flat_map(|(row, n)| std::iter::repeat_n(*row, usize::from(*n))).collect();
        let weighted = Labelled::weighted(&rows, &weights);
        let same = |one: Option<f64>, other: Option<f64>| match (one, other) {
            (Some(one), Some(other)) => close(one, other),
            (None, None) => true,
            _ => false,
        };
        prop_assert!(same(auc(weighted), auc(&repeated)));
        prop_assert!(same(average_precision(weighted), average_precision(&repeated)));
        prop_assert!(same(brier(weighted), brier(&repeated)));
        prop_assert!(same(calibration_error(weighted, 15), calibration_error(&repeated, 15)));
        prop_assert!(same(recall_at(weighted, 0.2).map(|c| c.recall), recall_at(&repeated, 0.2).map(|c| c.recall)));
        prop_assert!(points(weighted).iter().zip(points(&repeated)).all(|(one, other)| close(one.bad, other.bad)));
    }

    #[test]
    fn every_measure_is_within_its_bounds(rows in rows()) {
        for value in [auc(&rows), average_precision(&rows), brier(&rows), calibration_error(&rows, 15)].into_iter().flatten() {
            prop_assert!((0.0..=1.0 + 1e-12).contains(&value), "{value}");
        }
        let counted: u64 = histogram(rows.iter().map(|(score, _)| *score), 10).iter().sum();
        prop_assert_eq!(counted, u64::try_from(rows.len()).unwrap());
        let binned: f64 = reliability(&rows, 10).iter().map(|bin| bin.rows).sum();
        prop_assert!(close(binned, f64::from(u32::try_from(rows.len()).unwrap())));
    }

    #[test]
    fn an_interval_holds_its_rate_and_narrows_with_more(hits in 0_u32..200, more in 0_u32..200) {
        let of = hits + more + 1;
        let rate = f64::from(hits) / f64::from(of);
        let quick = wilson(f64::from(hits), f64::from(of));
        let exact = clopper_pearson(u64::from(hits), u64::from(of), 0.95);
        for interval in [quick, exact] {
            prop_assert!(0.0 <= interval.low && interval.low <= rate && rate <= interval.high && interval.high <= 1.0);
        }
        let tenfold = wilson(f64::from(hits) * 10.0, f64::from(of) * 10.0);
        prop_assert!(tenfold.high - tenfold.low < quick.high - quick.low);
        prop_assert!(upper_bound(u64::from(hits), u64::from(of), 0.95) < exact.high);
    }
}

#[test]
fn the_measures_of_few_rows_are_what_the_hand_computes() {
    let perfect = [(1.0, true), (0.0, false)];
    let rows = perfect.as_slice();
    assert_eq!((auc(rows), average_precision(rows), brier(rows)), (Some(1.0), Some(1.0), Some(0.0)));
    assert_eq!(calibration_error(rows, 15), Some(0.0));
    let tied = [(0.5, true), (0.5, false)];
    assert_eq!(auc(tied.as_slice()), Some(0.5));
    assert_eq!(recall_at(tied.as_slice(), 0.01), Some(Caught { recall: 0.0, threshold: None }));
    let five = [(0.8, true), (0.8, true), (0.8, true), (0.8, false), (0.2, false)];
    assert!(close(calibration_error(five.as_slice(), 15).unwrap(), (0.2 + 0.2) / 5.0));
    // Precision 1 at the first bad one, 2/3 at the second.
    let mixed = [(0.9, true), (0.8, false), (0.7, true), (0.1, false)];
    assert!(close(average_precision(mixed.as_slice()).unwrap(), (1.0 + 2.0 / 3.0) / 2.0));
    assert_eq!(auc(mixed.as_slice()), Some(0.75));
    assert_eq!(histogram([0.0, 0.099, 0.1, 0.95, 1.0, -3.0, 7.0], 10), [3, 1, 0, 0, 0, 0, 0, 0, 0, 3]);
}

#[test]
fn what_cannot_be_measured_is_none() {
    let empty: Vec<(f64, bool)> = Vec::new();
    let only_bad = vec![(0.5, true); 3];
    for rows in [&empty, &only_bad] {
        assert_eq!((auc(rows), average_precision(rows), recall_at(rows, 0.1)), (None, None, None));
    }
    assert_eq!((brier(&empty), calibration_error(&empty, 15)), (None, None));
    assert_eq!(wilson(0.0, 0.0), Interval { low: 0.0, high: 1.0 });
}

/// Figures of the R functions `binom.confint(method = "wilson")` and `binom.test`, and of closed forms.
#[test]
fn intervals_are_those_of_the_books() {
    let near = |one: f64, other: f64| (one - other).abs() < 5e-7;
    let ten = wilson(1.0, 10.0);
    assert!(near(ten.low, 0.017_876_2) && near(ten.high, 0.404_150_0), "{ten:?}");
    let exact = clopper_pearson(1, 10, 0.95);
    assert!(near(exact.low, 0.002_528_579) && near(exact.high, 0.445_016_1), "{exact:?}");
    // Without a hit the bound is 1 - (1 - confidence)^(1/n): about three over n at 95 %.
    for of in [1_u32, 10, 1_000] {
        let closed = 1.0 - 0.05_f64.powf(1.0 / f64::from(of));
        assert!(near(upper_bound(0, u64::from(of), 0.95), closed), "{of}");
    }
    let all = clopper_pearson(10, 10, 0.95);
    assert!(near(all.low, 0.025_f64.powf(0.1)) && near(all.high, 1.0), "{all:?}");
    assert!((effective([1.0, 1.0, 2.0]) - 16.0 / 6.0).abs() < 1e-12);
}

mod logistic {
    use super::{
        super::{Bounds, Fit, Observation, fit, platt, probability},
        close,
    };

    /// Every way to show four signals, with as many bad ones as these weights make of `each`.
    fn planted(intercept: f64, weights: [f64; 4], each: f64) -> Vec<Observation> {
        (0_u8..16)
            .map(|mask| {
                let features: Vec<(usize, f64)> =
                    (0..4).filter(|bit| mask & (1 << bit) != 0).map(|bit| (bit, 1.0)).collect();
                let z = intercept + features.iter().map(|(n, _)| weights[*n]).sum::<f64>();
                Observation { features, bad: each * probability(z), good: each * (1.0 - probability(z)) }
            })
            .collect()
    }

    fn drawn_to(centres: [f64; 4]) -> Vec<Bounds> {
        let signed = |centre: f64| if centre < 0.0 { (-20.0, 0.0) } else { (0.0, 20.0) };
        centres.into_iter().map(|centre| Bounds { centre, low: signed(centre).0, high: signed(centre).1 }).collect()
    }

    #[test]
    fn planted_weights_are_recovered_from_many_rows() {
        let weights = [2.5, -1.2, 0.7, 3.0];
        let found = fit(&planted(-1.0, weights, 10_000.0), None, &drawn_to([0.5, -0.1, 2.0, 1.0]), 2.0).unwrap();
        assert!((found.intercept + 1.0).abs() < 0.01, "{found:?}");
        for (found, planted) in found.weights.iter().zip(weights) {
            assert!((found - planted).abs() < 0.01, "{found} for {planted}");
        }
    }

    #[test]
    fn few_rows_leave_the_weights_near_where_they_were() {
        let centres = [0.5, -0.1, 2.0, 1.0];
        let found = fit(&planted(-1.0, [2.5, -1.2, 0.7, 3.0], 0.5), None, &drawn_to(centres), 2.0).unwrap();
        for ((found, centre), planted) in found.weights.iter().zip(centres).zip([2.5, -1.2, 0.7, 3.0]) {
            assert!(
                (found - centre).abs() < 0.4 && (found - centre) * (planted - centre) > 0.0,
                "{found} from {centre}"
            );
        }
        // What no row shows stays exactly.
        let unseen = vec![
            Observation { features: vec![(0, 1.0)], bad: 30.0, good: 3.0 },
            Observation { features: Vec::new(), bad: 3.0, good: 30.0 },
        ];
        let found = fit(&unseen, None, &drawn_to(centres), 2.0).unwrap();
        assert!(
            found.weights[0] > 1.5 && found.weights.iter().zip(centres).skip(1).all(|(w, c)| close(*w, c)),
            "{found:?}"
        );
    }

    #[test]
    fn a_weight_never_changes_its_sign_and_the_others_are_fitted_around_it() {
        // The first speaks for spam in the table and against it in the labels.
        let rows = planted(-0.5, [-2.0, -1.0, 1.0, 2.0], 5_000.0);
        let found = fit(&rows, None, &drawn_to([1.0, -1.0, 1.0, 2.0]), 2.0).unwrap();
        assert_eq!(found.weights[0], 0.0);
        assert!(found.weights[1] < -0.5 && found.weights[2] > 0.5 && found.weights[3] > 1.0, "{found:?}");
        let best = posterior(&rows, &found, &[1.0, -1.0, 1.0, 2.0], 2.0);
        // Nothing within the bounds is better: a unique maximum.
        for n in 0..5 {
            for by in [-1e-3, 1e-3] {
                let mut moved = found.clone();
                match n {
                    0 => moved.intercept += by,
                    n => moved.weights[n - 1] += by,
                }
                if moved.weights[0] >= 0.0 {
                    assert!(posterior(&rows, &moved, &[1.0, -1.0, 1.0, 2.0], 2.0) < best, "{n} {by}");
                }
            }
        }
    }

    fn posterior(rows: &[Observation], at: &Fit, centres: &[f64], precision: f64) -> f64 {
        let labels: f64 = rows
            .iter()
            .map(|row| {
                let z = at.intercept + row.features.iter().map(|(n, x)| at.weights[*n] * x).sum::<f64>();
                row.bad * probability(z).ln() + row.good * (1.0 - probability(z)).ln()
            })
            .sum();
        labels - precision / 2.0 * at.weights.iter().zip(centres).map(|(w, c)| (w - c).powi(2)).sum::<f64>()
    }

    #[test]
    fn signals_that_always_show_one_of_two_are_kept_apart_by_the_prior_alone() {
        // Each row shows the first or the second: with the intercept they are one too many.
        let rows = vec![
            Observation { features: vec![(0, 1.0)], bad: 100_000.0, good: 300_000.0 },
            Observation { features: vec![(1, 1.0)], bad: 300_000.0, good: 100_000.0 },
        ];
        let found = fit(&rows, None, &drawn_to([-1.2, 2.0, 0.5, 0.5]), 2.0).unwrap();
        let (one, other) = (found.intercept + found.weights[0], found.intercept + found.weights[1]);
        assert!((one + 3.0_f64.ln()).abs() < 1e-3 && (other - 3.0_f64.ln()).abs() < 1e-3, "{found:?}");
        // Of all that explain the labels alike, the nearest: both moved by as much.
        assert!(((found.weights[0] + 1.2) + (found.weights[1] - 2.0)).abs() < 1e-3, "{found:?}");
    }

    #[test]
    fn a_held_intercept_stands_and_the_weights_are_fitted_around_it() {
        let rows = planted(-1.0, [2.5, -1.2, 0.7, 3.0], 10_000.0);
        let bounds = drawn_to([0.5, -0.1, 2.0, 1.0]);
        let found = fit(&rows, Some(-1.0), &bounds, 2.0).unwrap();
        assert!(close(found.intercept, -1.0) && (found.weights[0] - 2.5).abs() < 0.01, "{found:?}");
        // Too low an intercept is made up for by what speaks for spam.
        let low = fit(&rows, Some(-2.0), &bounds, 2.0).unwrap();
        assert!(close(low.intercept, -2.0) && low.weights[0] > 2.6 && low.weights[1] > -1.2, "{low:?}");
    }

    #[test]
    fn without_rows_of_both_kinds_there_is_no_fit() {
        let spam = vec![Observation { features: vec![(0, 1.0)], bad: 5.0, good: 0.0 }];
        assert_eq!(fit(&spam, None, &drawn_to([1.0; 4]), 2.0), None);
        assert_eq!(platt([(1.0, true, 1.0)]), None);
    }

    #[test]
    fn platts_two_parameters_undo_a_stretched_scale() {
        // Log-odds that are twice as sure as they may be, and one too high.
        let rows = (-30_i32..=30).flat_map(|tenths| {
            let truth = f64::from(tenths) / 10.0;
            let told = 2.0 * truth + 1.0;
            [(told, true, 1_000.0 * probability(truth)), (told, false, 1_000.0 * (1.0 - probability(truth)))]
        });
        let (slope, intercept) = platt(rows).unwrap();
        assert!((slope - 0.5).abs() < 0.01 && (intercept + 0.5).abs() < 0.01, "{slope} {intercept}");
    }

    #[test]
    fn a_score_that_parts_the_kinds_completely_still_has_parameters() {
        let (slope, intercept) = platt([(2.0, true, 50.0), (-2.0, false, 50.0)]).unwrap();
        assert!(slope > 1.0 && slope.is_finite() && intercept.abs() < 0.1, "{slope} {intercept}");
    }
}
