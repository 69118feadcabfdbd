package main

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// count is how often something calls the tables. It is exact and does not depend
// on the machine.
type count struct {
	what string
	cost
	// most is the maximum number of waits.
	most int
}

func (c count) holds() bool { return c.waits <= c.most }

// showCounts prints the counts and reports whether all are within their limits.
func showCounts(w io.Writer, counts []count) bool {
	if len(counts) == 0 {
		return true
	}
	all := true
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "COUNTED\tWAITS\tAT MOST\tCALLS\tRECORDS\t")
	for _, c := range counts {
		verdict := ""
		if !c.holds() {
			all, verdict = false, "TOO MANY"
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%s\n", c.what, c.waits, c.most, c.calls, c.records, verdict)
	}
	_, _ = fmt.Fprintln(table)
	_ = table.Flush()
	return all
}
