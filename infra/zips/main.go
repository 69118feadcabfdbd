// Command zips packs each program for Lambda into a zip of its own. The same
// commit gives the same bytes, on every machine. Lambda shows the checksum of the
// zip that it runs, so anyone with the source can tell what a deployment runs.
//
//	zips FROM TO     # dist/lambda dist/zips
package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"text/tabwriter"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: zips FROM TO")
		os.Exit(2)
	}
	archives, err := pack(os.Args[1], os.Args[2], os.Stderr)
	if err == nil {
		err = printSizes(os.Stdout, archives)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "keyward:", err)
		os.Exit(1)
	}
}

// printSizes prints a table of sizes, in thousands of bytes.
func printSizes(to io.Writer, archives []archive) error {
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(table, "program\tbinary kB\tzip kB\t")
	total := archive{function: fmt.Sprintf("%d programs", len(archives))}
	for _, a := range archives {
		total.binary += a.binary
		total.size += a.size
	}
	for _, a := range append(slices.Clip(archives), total) {
		_, _ = fmt.Fprintf(table, "%s\t%d\t%d\t\n", a.function, a.binary/1000, a.size/1000)
	}
	return table.Flush()
}
