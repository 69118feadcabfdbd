package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// row is one comparison of medians, ours and theirs, from samples taken
// alternately in this run.
type row struct {
	what, against string
	ours, theirs  []float64
	unit          string
	// most is the maximum ratio; 0 means that it is only shown.
	most float64
	// missing is why this machine could not measure the row.
	missing string
}

func (r row) ratio() float64 { return median(r.ours) / median(r.theirs) }

func (r row) holds() bool { return r.most == 0 || r.missing != "" || r.ratio() <= r.most }

func median(samples []float64) float64 {
	sorted := slices.Sorted(slices.Values(samples))
	if len(sorted) == 0 {
		return 0
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

// show prints the rows and reports whether all are within their limits.
func show(w io.Writer, rows []row) bool {
	if len(rows) == 0 {
		return true
	}
	all := true
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "MEASURED\tAGAINST\tRATIO\tAT MOST\tOURS\tTHEIRS\tSAMPLES\t")
	for _, r := range rows {
		limit, verdict := "-", ""
		if r.most > 0 {
			limit = fmt.Sprintf("%.2fx", r.most)
		}
		if r.missing != "" {
			_, _ = fmt.Fprintf(table, "%s\t%s\t-\t%s\tnot measured: %s\t\t\t\n", r.what, r.against, limit, r.missing)
			continue
		}
		if !r.holds() {
			all, verdict = false, "TOO MUCH"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%.2fx\t%s\t%.3g %s\t%.3g %s\t%d\t%s\n", r.what, r.against,
			r.ratio(), limit, median(r.ours), r.unit, median(r.theirs), r.unit, len(r.ours), verdict)
	}
	_ = table.Flush()
	return all
}
