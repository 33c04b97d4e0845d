package provider

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// The guides state facts of the drivers and of the provider: which codes there
// are and what is advised about them, which messages, which permissions. These
// tests ask the drivers, over the wire, and the provider's source.

// guide reads a page of the guides.
func guide(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", name+".md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// tableRows returns the cells of the rows between the two comments that a mark
// makes, without the heads of the tables.
func tableRows(t *testing.T, page, mark string) [][]string {
	t.Helper()
	name, _, _ := strings.Cut(mark, ":")
	_, rest, begins := strings.Cut(page, "<!-- "+mark)
	body, _, ends := strings.Cut(rest, "<!-- /"+name+" -->")
	if !begins || !ends {
		t.Fatalf("the page has no part marked %q", mark)
	}
	var rows [][]string
	for line := range strings.Lines(body) {
		if strings.HasPrefix(line, "|--") || strings.HasPrefix(line, "| --") {
			rows = rows[:len(rows)-1] // It was the head.
			continue
		}
		if cells := strings.Split(strings.TrimSpace(line), " | "); strings.HasPrefix(line, "| ") {
			cells[0] = strings.TrimPrefix(cells[0], "| ")
			cells[len(cells)-1] = strings.TrimSuffix(cells[len(cells)-1], " |")
			rows = append(rows, cells)
		}
	}
	if len(rows) == 0 {
		t.Fatalf("the part marked %q has no rows", mark)
	}
	return rows
}

var inBackticks = regexp.MustCompile("`([^`]+)`")

// quoted returns what stands in backticks.
func quoted(cell string) []string {
	var words []string
	for _, match := range inBackticks.FindAllStringSubmatch(cell, -1) {
		words = append(words, match[1])
	}
	return words
}

// bench is a driver of a cloud on a simulator, with one instance.
type bench struct {
	t      *testing.T
	cloud  *simulator.Cloud
	driver backend.Driver
	id     string
}

func newBench(t *testing.T, cloudName string) *bench {
	t.Helper()
	server := startClouds(t)
	if err := localcloud.Demo(server); err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, cloud: server.Cloud(cloudName), id: moduleInstances[cloudName][0]}
	b.cloud.LimitRates(false)
	b.cloud.SetTransition(0)
	variables := make(map[string]string)
	for _, wire := range server.Wires() {
		if wire.Cloud() != b.cloud {
			continue
		}
		for _, variable := range wire.Environment(server.URL()) {
			name, value, _ := strings.Cut(variable, "=")
			variables[name] = value
		}
	}
	c, v := clouds[cloudName], make(values)
	for _, f := range c.fields {
		v[f.name] = f.fallback
	}
	names := c.account.Names()
	for _, family := range c.account.Families() {
		for _, name := range family.ID {
			v[names.ID.Name] += variables[name]
		}
		for _, name := range family.Secret {
			v[names.Secret.Name] += variables[name]
		}
	}
	region := ""
	if c.hasRegion() {
		region = b.cloud.Regions()[0]
	}
	driver, err := c.open(v, region, openOptions{endpoint: server.URL()})
	if err != nil {
		t.Fatal(err)
	}
	b.driver = driver
	return b
}

// fault is what the driver reads when the cloud answers a start with a code. The
// status alone says nothing, so what the driver knows it knows by the code.
func (b *bench) fault(code string) backend.Fault {
	b.t.Helper()
	b.cloud.ClearTroubles()
	if _, err := b.cloud.AddTrouble(simulator.Trouble{
		Kind: simulator.Error, Code: code, Status: http.StatusTeapot, Message: "no",
	}); err != nil {
		b.t.Fatal(err)
	}
	fault := b.driver.Fault(b.driver.Start(b.t.Context(), []string{b.id})[0].Err)
	if fault.Code != code {
		b.t.Errorf("the driver reads the code %q as %q", code, fault.Code)
	}
	return fault
}

func TestTroubleshootingPageGivesTheDriversAdvice(t *testing.T) {
	t.Parallel()
	page := guide(t, "troubleshooting")
	for _, name := range cloudNames(clouds) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, name)
			if got := b.fault("NoSuchCodeAnywhere"); got.Advice != "" || got.Kind != backend.KindOther {
				t.Fatalf("a code that does not exist: got kind %v and advice %q, so that the page would prove nothing", got.Kind,
					got.Advice)
			}
			for _, row := range tableRows(t, page, "codes:"+name) {
				for _, code := range quoted(row[0]) {
					// A driver may add which action was denied.
					advice, _, _ := strings.Cut(b.fault(code).Advice, " The action that was denied is ")
					if row[1] != advice {
						t.Errorf("%s: the page says\n%s\nthe driver says\n%s", code, row[1], advice)
					}
				}
			}
		})
	}
}

func TestTroubleshootingPageNamesCodesThatAreWaitedOut(t *testing.T) {
	t.Parallel()
	rows := tableRows(t, guide(t, "troubleshooting"), "waits")
	if len(rows) != len(clouds) {
		t.Errorf("got %d rows, want one for each of %d clouds", len(rows), len(clouds))
	}
	for _, row := range rows {
		name := quoted(row[0])[0]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, name)
			for i, want := range []backend.Kind{backend.KindThrottled, backend.KindBusy} {
				for _, code := range quoted(row[i+1]) {
					if got := b.fault(code).Kind; got != want {
						t.Errorf("%s: got kind %v, want %v", code, got, want)
					}
				}
			}
		})
	}
}

func TestTroubleshootingPageQuotesMessagesThatExist(t *testing.T) {
	t.Parallel()
	var files []string
	for _, folder := range []string{".", filepath.Join("..", "renewing")} {
		found, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	var source strings.Builder
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source.Write(text)
	}
	for _, row := range tableRows(t, guide(t, "troubleshooting"), "messages") {
		// A row's first cell is one message, which may hold backticks itself;
		// three dots stand for a value.
		message := strings.TrimSuffix(strings.TrimPrefix(row[0], "`"), "`")
		pattern := strings.ReplaceAll(regexp.QuoteMeta(message), ` \.\.\. `, `[^\n]+`)
		if !regexp.MustCompile(pattern).MatchString(source.String()) {
			t.Errorf("no message of the provider has the words %q", message)
		}
	}
}

// policyActions reads the actions of a policy, whichever cloud's form it has,
// without the prefix of the service.
func policyActions(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "guides", "permissions", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	// The keys differ in case alone, which encoding/json does not mind.
	var policy struct {
		Version   string
		Statement []struct {
			Effect           string
			Action, Resource []string
		}
	}
	if err := json.Unmarshal(text, &policy); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var actions []string
	for _, statement := range policy.Statement {
		if !strings.EqualFold(statement.Effect, "allow") || len(statement.Resource) == 0 {
			t.Errorf("%s: got effect %q on %v, want what is allowed, on what", name, statement.Effect, statement.Resource)
		}
		for _, action := range statement.Action {
			_, bare, _ := strings.Cut(action, ":")
			actions = append(actions, bare)
		}
	}
	slices.Sort(actions)
	return actions
}

// called returns the actions that were called since the last time.
func (b *bench) called() []string {
	var actions []string
	for _, call := range b.cloud.Calls(0) {
		actions = append(actions, call.Action)
	}
	b.cloud.ForgetCalls()
	slices.Sort(actions)
	return slices.Compact(actions)
}

func TestPermissionsPageGrantsWhatIsCalledAndNoMore(t *testing.T) {
	t.Parallel()
	rows := tableRows(t, strings.Replace(guide(t, "permissions"), "| | a plan", "<!-- permissions -->\n| | a plan", 1)+
		"<!-- /permissions -->", "permissions")
	for _, s := range localcloud.Services() {
		name := s.Cloud
		if s.NoPolicies {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, name)
			ids := []string{b.id}
			if _, err := b.driver.Describe(t.Context(), ids); err != nil {
				t.Fatal(err)
			}
			if checker, ok := b.driver.(backend.AbsenceChecker); ok {
				if err := checker.CheckAbsent(t.Context(), b.id+"0"); err != nil {
					t.Fatal(err)
				}
			}
			plan := b.called()
			for _, outcomes := range [][]backend.Outcome{
				b.driver.Stop(t.Context(), ids, backend.StopOptions{}), b.driver.Start(t.Context(), ids),
			} {
				if err := outcomes[0].Err; err != nil {
					t.Fatal(err)
				}
			}
			writes := b.called()
			var dry []string
			if runner, ok := b.driver.(backend.DryRunner); ok {
				for _, op := range []backend.Op{backend.OpStart, backend.OpStop} {
					runner.DryRun(t.Context(), op, ids, backend.StopOptions{})
				}
				dry = b.called()
			}
			apply := slices.Sorted(slices.Values(slices.Concat(plan, writes)))
			if diff := cmp.Diff(plan, policyActions(t, name+"-plan")); diff != "" {
				t.Errorf("policy for plans (-called +granted):\n%s", diff)
			}
			if diff := cmp.Diff(apply, policyActions(t, name+"-apply")); diff != "" {
				t.Errorf("policy for applies (-called +granted):\n%s", diff)
			}
			at := slices.IndexFunc(rows, func(row []string) bool { return row[0] == "`"+name+"`" })
			if at < 0 {
				t.Fatalf("the table of the page has no row for %s", name)
			}
			for i, want := range [][]string{plan, dry, writes} {
				var got []string
				for _, action := range quoted(rows[at][i+1]) {
					_, bare, _ := strings.Cut(action, ":")
					got = append(got, bare)
				}
				slices.Sort(got)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("column %d of the table (-called +page):\n%s", i+1, diff)
				}
			}
		})
	}
}
