package provider

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// update rewrites the tables instead of comparing them:
// go test ./internal/provider -run Capability -update.
var update = flag.Bool("update", false, "rewrite the capability tables of README.md and templates/")

// TestCapabilityTablesSayWhatTheDriversSay compares the tables that users read
// with the drivers' own statements.
func TestCapabilityTablesSayWhatTheDriversSay(t *testing.T) {
	table := capabilityTable(t, clouds)
	for _, name := range []string{"README.md", filepath.Join("templates", "index.md.tmpl")} {
		file := filepath.Join("..", "..", name)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		begin, end := "<!-- capabilities: kept by a test against the drivers' own statements -->\n", "<!-- /capabilities -->"
		before, rest, ok := strings.Cut(string(text), begin)
		was, after, ok2 := strings.Cut(rest, end)
		if !ok || !ok2 {
			t.Fatalf("%s has no place for the table", name)
		}
		if was == table {
			continue
		}
		if !*update {
			t.Errorf("the table of %s is not up to date: run go test ./internal/provider -run Capability -update", name)
			continue
		}
		if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// openDriver is a driver of a cloud, or of one of its services.
type openDriver struct {
	scope  string // the service, where there are several
	driver backend.Driver
}

// openAll opens a cloud with keys of no account, once for each of its services.
func openAll(t *testing.T, c cloud) []openDriver {
	t.Helper()
	scopes := []string{""}
	if c.scopeField != "" {
		scopes = c.field(c.scopeField).oneOf
	}
	var all []openDriver
	for _, scope := range scopes {
		v := values{c.scopeField: scope}
		for _, f := range c.fields {
			if f.sensitive && !strings.Contains(f.name, "token") {
				v[f.name] = "x"
			}
		}
		driver, err := c.open(v, "r-1", openOptions{})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, openDriver{scope, driver})
	}
	return all
}

// columnTitle is the head of the column of a cloud, or of one of its services.
func columnTitle(name, scope string) string {
	if scope == "" {
		return "`" + name + "`"
	}
	return "`" + name + "` (`" + scope + "`)"
}

// capabilityTable is a column for each service and a row for each question.
func capabilityTable(t *testing.T, clouds map[string]cloud) string {
	t.Helper()
	type column struct {
		title  string
		driver backend.Driver
	}
	var columns []column
	for _, name := range cloudNames(clouds) {
		for _, o := range openAll(t, clouds[name]) {
			columns = append(columns, column{title: columnTitle(name, o.scope), driver: o.driver})
		}
	}
	rows := []struct {
		question string
		answer   func(backend.Driver) string
	}{
		{"graceful and forced stop", func(backend.Driver) string { return "yes" }},
		{"`force_stop_after`", func(d backend.Driver) string {
			if d.Capabilities().NativeEscalation {
				return "yes, and by the cloud itself"
			}
			return "yes"
		}},
		{"`stop_charging`, read back", func(d backend.Driver) string { return yes(d.Capabilities().StopCharging) }},
		{"mode of a stopped instance", func(d backend.Driver) string {
			if d.Capabilities().ModeChangeNeedsRestart {
				return "with `allow_restart`"
			}
			return "-"
		}},
		{"the cloud's dry run in a plan", func(d backend.Driver) string {
			_, ok := d.(backend.DryRunner)
			return yes(ok)
		}},
		{"reason of a failed transition", func(d backend.Driver) string { return yes(d.Capabilities().OperationReason) }},
		{"instances in one call", func(d backend.Driver) string { return fmt.Sprint(d.BatchSize()) }},
		{"one bad id in a call", func(d backend.Driver) string {
			if d.Capabilities().PerItemOutcomes {
				return "fails alone"
			}
			return "fails the call; it is split"
		}},
		{"reads and writes a second", func(d backend.Driver) string {
			can := d.Capabilities()
			text := fmt.Sprintf("%g, %g", can.ReadsPerSecond, can.WritesPerSecond)
			if can.RatesAssumed {
				text += " (assumed)"
			}
			return text
		}},
	}
	var out strings.Builder
	out.WriteString("| |")
	for _, c := range columns {
		out.WriteString(" " + c.title + " |")
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(columns)) + "\n")
	for _, r := range rows {
		out.WriteString("| " + r.question + " |")
		for _, c := range columns {
			out.WriteString(" " + r.answer(c.driver) + " |")
		}
		out.WriteString("\n")
	}
	return out.String()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
