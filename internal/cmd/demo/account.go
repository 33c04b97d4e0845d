package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// span is how long one step took.
type span struct {
	name string
	// waited is what the provider waited for the slowest cloud, and whole is
	// the time of the command with all else.
	waited, whole time.Duration
}

// cloudAccount is what one cloud saw.
type cloudAccount struct {
	name      string
	instances int
	calls     map[string]int
}

// accounts counts what each cloud saw, and the instances that were managed in it.
func accounts(server *simulator.Server, managed []key) []cloudAccount {
	var out []cloudAccount
	for _, wire := range server.Wires() {
		a := cloudAccount{name: wire.Cloud().Name(), calls: wire.Cloud().CallCounts()}
		for _, k := range managed {
			if k.cloud == a.name {
				a.instances++
			}
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b cloudAccount) int { return strings.Compare(a.name, b.name) })
	return out
}

// line writes the actions and how often each was called.
func (a cloudAccount) line() string {
	var parts []string
	for _, action := range slices.Sorted(maps.Keys(a.calls)) {
		parts = append(parts, fmt.Sprintf("%s %d", action, a.calls[action]))
	}
	return strings.Join(parts, ", ")
}

// writeAccount writes the two tables: what each cloud was asked, and how long
// each step took.
func writeAccount(w io.Writer, clouds []cloudAccount, transition time.Duration, spans []span) error {
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\n   CLOUD\tINSTANCES\tCALLS IN THE WHOLE DEMO")
	for _, c := range clouds {
		fmt.Fprintf(table, "   %s\t%d\t%s\n", c.name, c.instances, c.line())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(table, "\n   STEP\tWAITED\tTRANSITION\tWHOLE COMMAND")
	for _, s := range spans {
		fmt.Fprintf(table, "   %s\t%s\t%s\t%s\n", s.name, seconds(s.waited), seconds(transition), seconds(s.whole))
	}
	return table.Flush()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
