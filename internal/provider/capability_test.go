package provider

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// update rewrites the tables instead of comparing them:
// go test ./internal/provider -run Tables -update.
var update = flag.Bool("update", false,
	"rewrite the tables of README.md and templates/, and the texts in testdata, that tests keep")

// keepTable compares a table of a page, between two comments, with what it should
// be.
func keepTable(t *testing.T, name, mark, table string) {
	t.Helper()
	file := filepath.Join("..", "..", name)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	word, _, _ := strings.Cut(mark, ":")
	begin, end := "<!-- "+mark+" -->\n", "<!-- /"+word+" -->"
	before, rest, ok := strings.Cut(string(text), begin)
	was, after, ok2 := strings.Cut(rest, end)
	switch {
	case !ok || !ok2:
		t.Fatalf("%s has no place for the table of %s", name, word)
	case was == table:
	case !*update:
		t.Errorf("the table of %s in %s is not up to date: run go test ./internal/provider -run Tables -update", word, name)
	default:
		if err := os.WriteFile(file, []byte(before+begin+table+end+after), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCapabilityTablesSayWhatTheDriversSay compares the tables that users read
// with the drivers' own statements.
func TestCapabilityTablesSayWhatTheDriversSay(t *testing.T) {
	table := capabilityTable(t, clouds)
	for _, name := range []string{"README.md", filepath.Join("templates", "index.md.tmpl")} {
		keepTable(t, name, "capabilities: kept by a test against the drivers' own statements", table)
	}
}

// TestCredentialTablesNameTheSources does the same to the sources of credentials,
// in the order of their precedence.
func TestCredentialTablesNameTheSources(t *testing.T) {
	var out strings.Builder
	out.WriteString("\n| cloud | order | source |\n|---|---|---|\n")
	for _, name := range cloudNames(clouds) {
		c := clouds[name]
		head := "`" + name + "`"
		line := func(order, source string) {
			fmt.Fprintf(&out, "| %s | %s | %s |\n", head, order, inCode.ReplaceAllString(source, "`$0`"))
			head = ""
		}
		for i, source := range c.account.Sources() {
			line(strconv.Itoa(i+1), source)
		}
		if role := c.account.Names().AssumeRole; role.Block != "" {
			line("then", "the role of `"+role.Block+"`, assumed with the keys of the source")
		}
		if c.hasRegion() {
			line("region", "`region`, "+strings.Join(c.regionEnv, ", "))
		}
	}
	out.WriteString("\n")
	keepTable(t, filepath.Join("templates", "index.md.tmpl"),
		"credentials: kept by a test against the provider's table of clouds", out.String())
}

// inCode finds variables and files in the description of a source.
var inCode = regexp.MustCompile(`\b[A-Z]+(?:_[A-Z0-9]+)+\b|~/[\w./]+`)

// withKeys adds keys of no account to the values of a cloud.
func withKeys(c cloud, v values) values {
	if c.account != nil {
		n := c.account.Names()
		v[n.ID.Name], v[n.Secret.Name] = "x", "x"
	}
	return v
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
		v := withKeys(c, values{c.scopeField: scope})
		driver, err := c.open(v, "cn-beijing", openOptions{})
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
		{"graceful and forced stops", func(backend.Driver) string { return "yes" }},
		{"`force_stop_after`", func(d backend.Driver) string {
			if d.Capabilities().NativeEscalation {
				return "yes, and by the cloud itself"
			}
			return "yes"
		}},
		{"`stop_charging`, read back", func(d backend.Driver) string { return yes(d.Capabilities().StopCharging) }},
		{"changes `stopped_mode` of a stopped instance", func(d backend.Driver) string {
			if d.Capabilities().ModeChangeNeedsRestart {
				return "with `allow_restart`"
			}
			return "-"
		}},
		{"dry run by the cloud in a plan", func(d backend.Driver) string {
			_, ok := d.(backend.DryRunner)
			return yes(ok)
		}},
		{"reports why a transition failed", func(d backend.Driver) string { return yes(d.Capabilities().OperationReason) }},
		{"instances in one call", func(d backend.Driver) string { return fmt.Sprint(d.BatchSize()) }},
		{"one bad id among them", func(d backend.Driver) string {
			if d.Capabilities().PerItemOutcomes {
				return "fails alone"
			}
			return "fails the call; it is split"
		}},
		{"limit of reads per second", func(d backend.Driver) string { return rate(d, d.Capabilities().ReadsPerSecond) }},
		{
			"limit of starts, and of stops, per second",
			func(d backend.Driver) string { return rate(d, d.Capabilities().WritesPerSecond) },
		},
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

// rate is a limit of a cloud. Where the cloud documents none, it is an assumption.
func rate(d backend.Driver, perSecond float64) string {
	if d.Capabilities().RatesAssumed {
		return fmt.Sprintf("%g (assumed)", perSecond)
	}
	return fmt.Sprintf("%g", perSecond)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
