package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// row is one comparison, ours and theirs, from samples taken alternately in this
// run.
type row struct {
	what, against string
	ours, theirs  []float64
	unit          string
	// most is the maximum ratio; 0 means that it is only shown.
	most float64
	// missing is why this machine could not measure the row.
	missing string
}

// ratio returns the median ratio of ours to theirs. Where there are as many samples
// of both, it compares those that were taken next to each other: a machine that
// changes its speed in between changes that ratio less than the ratio of medians.
func (r row) ratio() float64 {
	if len(r.ours) != len(r.theirs) {
		return median(r.ours) / median(r.theirs)
	}
	ratios := make([]float64, len(r.ours))
	for i := range ratios {
		ratios[i] = r.ours[i] / r.theirs[i]
	}
	return median(ratios)
}

func median(samples []float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// line returns the comparison as a line of a table, and whether it is within its
// limit.
func (r row) line() (text string, holds bool) {
	limit, verdict := "-", ""
	if r.most > 0 {
		limit = fmt.Sprintf("%.2fx", r.most)
	}
	if r.missing != "" {
		return fmt.Sprintf("%s\t%s\t-\t%s\tnot measured: %s\t\t\t", r.what, r.against, limit, r.missing), true
	}
	if holds = r.most == 0 || r.ratio() <= r.most; !holds {
		verdict = "TOO MUCH"
	}
	return fmt.Sprintf("%s\t%s\t%.2fx\t%s\t%.3g %s\t%.3g %s\t%d\t%s", r.what, r.against,
		r.ratio(), limit, median(r.ours), r.unit, median(r.theirs), r.unit, len(r.ours), verdict), holds
}

// count is how often something calls the tables. It is exact and does not depend
// on the machine.
type count struct {
	what string
	cost
	// most is the maximum number of waits.
	most int
}

func (c count) line() (text string, holds bool) {
	verdict := ""
	if holds = c.waits <= c.most; !holds {
		verdict = "TOO MANY"
	}
	return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%s", c.what, c.waits, c.most, c.calls, c.records, verdict), holds
}

// show prints a table, unless it is empty, and reports whether all are within
// their limits.
func show[T interface{ line() (string, bool) }](w io.Writer, heading string, all []T) bool {
	if len(all) == 0 {
		return true
	}
	hold := true
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, heading)
	for _, one := range all {
		text, holds := one.line()
		hold = hold && holds
		_, _ = fmt.Fprintln(table, text)
	}
	_, _ = fmt.Fprintln(table)
	_ = table.Flush()
	return hold
}
