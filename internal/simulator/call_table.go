package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
)

// wantsTable reports whether a request asks for a table for people: by its query, or
// by the header that a terminal's user sets.
func wantsTable(r *http.Request) bool {
	if format := r.URL.Query().Get("format"); format != "" {
		return format == "table"
	}
	return strings.HasPrefix(r.Header.Get("Accept"), "text/plain")
}

// mostIDs is how many ids a line of the table names.
const mostIDs = 3

// callTable is a log of calls as a table.
func callTable(calls []Call) (string, error) {
	var out strings.Builder
	table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "CALL\tTIME\tACTION\tREGION\tINSTANCES\tOPTIONS\tANSWER\tTROUBLE")
	for _, k := range calls {
		fmt.Fprintln(table, strings.Join([]string{
			fmt.Sprint(k.Index), k.Time.UTC().Format("15:04:05.000"), orDash(k.Action), orDash(k.Region),
			orDash(k.instances()), orDash(k.options()), k.answer(), orDash(string(k.Trouble)),
		}, "\t"))
	}
	err := table.Flush()
	return out.String(), err
}

func orDash(text string) string { return orElse(text, "-") }

// instances names the instances of a call, or of what a listing returned.
func (k Call) instances() string {
	ids := k.InstanceIDs
	if len(ids) == 0 {
		ids = k.Shown
	}
	if more := len(ids) - mostIDs; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:mostIDs], " "), more)
	}
	return strings.Join(ids, " ")
}

// options are those of a write that change what it does.
func (k Call) options() string {
	var all []string
	if k.DryRun {
		all = append(all, "dry run")
	}
	if k.Op.Write() && k.Force != "" {
		all = append(all, string(k.Force))
	}
	if k.StoppedMode != "" {
		all = append(all, k.StoppedMode)
	}
	return strings.Join(all, " ")
}

// answer is what became of a call.
func (k Call) answer() string {
	switch {
	case k.Code != "":
		return k.Code
	case k.Lost:
		return "lost"
	case len(k.ItemCodes) > 0:
		return fmt.Sprintf("%d refused", len(k.ItemCodes))
	case !k.Delivered:
		return "none yet"
	default:
		return "ok"
	}
}
