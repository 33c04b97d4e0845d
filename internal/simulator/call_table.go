package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// callQuery says which calls of the log are asked for, and in which form.
type callQuery struct {
	since  int
	action string
	op     Op
	table  bool
}

// readCallQuery reads the query of a request for calls. It refuses what it does not
// know: a list that is empty by mistake looks like calls that were not made.
func readCallQuery(r *http.Request) (callQuery, error) {
	q := callQuery{table: strings.HasPrefix(r.Header.Get("Accept"), "text/plain")}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return q, err
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		value := values.Get(name)
		switch name {
		case "since":
			if q.since, err = strconv.Atoi(value); err != nil {
				return q, fmt.Errorf("since: %w", err)
			}
		case "action":
			q.action = value
		case "op":
			q.op = Op(value)
			if !slices.Contains([]Op{OpDescribe, OpStart, OpStop, OpReboot, OpOther}, q.op) {
				return q, fmt.Errorf("op: there is no operation %q", value)
			}
		case "format":
			if value != "table" && value != "json" {
				return q, fmt.Errorf("format: %q is neither table nor json", value)
			}
			q.table = value == "table"
		default:
			return q, fmt.Errorf("a list of calls has no parameter %q", name)
		}
	}
	return q, nil
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
			strconv.Itoa(k.Index), k.Time.UTC().Format("15:04:05.000"), cell(k.Action), cell(k.Region),
			cell(k.instances()), cell(k.options()), cell(k.answer()), cell(string(k.Trouble)),
		}, "\t"))
	}
	err := table.Flush()
	return out.String(), err
}

// cell is the text of a cell. What came from a client is shown as Go writes it, so
// that it can neither move the cursor of a terminal nor begin another line.
func cell(text string) string {
	quoted := strconv.QuoteToGraphic(orElse(text, "-"))
	return strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`)
}

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
