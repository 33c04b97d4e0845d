package provider

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// The guides show what a plan or an apply prints. These tests do what a guide tells the
// reader, and look for each line that it shows in the output of the CLI.

// usualSimulator is where the guides' commands expect the simulated clouds.
const usualSimulator = "http://127.0.0.1:8090"

// guideRun is a CLI on the demo fleets of simulated clouds, and the page that it follows.
type guideRun struct {
	*cli

	server *simulator.Server
	page   string
}

func newGuideRun(t *testing.T, page string) *guideRun {
	t.Helper()
	cliPath(t)
	server, err := localcloud.Start(t.Context(), simulator.DefaultAddress)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Errorf("close the simulator: %v", err)
		}
	})
	if err := localcloud.Demo(server); err != nil {
		t.Fatal(err)
	}
	localcloud.SetTransition(server, transitionTime)
	g := &guideRun{cli: newCLI(t, "", exampleEnvironment(server)...), server: server, page: guide(t, page)}
	g.write("provider.tf", exampleProvider(server))
	return g
}

// run runs the CLI, which must end as it is told here, and returns what it prints.
func (g *guideRun) run(fails bool, args ...string) string {
	g.t.Helper()
	out, err := g.cli.run(slices.Insert(args, 1, "-no-color")...)
	if (err != nil) != fails {
		g.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

func (g *guideRun) plan(config string) string {
	g.t.Helper()
	g.write("power.tf", config)
	return g.run(false, "plan")
}

func (g *guideRun) apply(config string, fails bool) string {
	g.t.Helper()
	g.write("power.tf", config)
	return g.run(fails, "apply", "-auto-approve")
}

// shownBlock is a block of a page that shows an output.
var shownBlock = regexp.MustCompile("(?s)```text\n(.*?)```")

// wantShown checks that an output has the lines of the block that begins with some
// words, in their order. What follows "<-" explains a line, and three dots end it.
func (g *guideRun) wantShown(begin, out string) {
	g.t.Helper()
	for _, block := range shownBlock.FindAllStringSubmatch(g.page, -1) {
		if !strings.HasPrefix(strings.TrimSpace(block[1]), begin) {
			continue
		}
		rest := normalOutput(out)
		for line := range strings.Lines(block[1]) {
			line, _, _ = strings.Cut(line, "<-")
			want := strings.TrimSuffix(normalOutput(line), " ...")
			at := strings.Index(rest, want)
			if at < 0 {
				g.t.Errorf("the page shows %q, which the output does not have at this place:\n%s", want, out)
				return
			}
			rest = rest[at+len(want):]
		}
		return
	}
	g.t.Errorf("the page has no block that begins with %q", begin)
}

var (
	requestIDs = regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\([0-9a-f]{8}\)`)
	spans      = regexp.MustCompile(`\bfor \d+s|\d+ \d\d:\d\d:\d\d\.\d{3}`)
)

// normalOutput removes what differs from run to run.
func normalOutput(text string) string {
	return spans.ReplaceAllString(requestIDs.ReplaceAllString(normalLine(text), "ID"), "TIME")
}

// curls are the commands of a page that use the control interface.
var curls = regexp.MustCompile(`(?m)^curl (?:-X (\w+) )?'?(http://127\.0\.0\.1:8090/[^\s']*)'?(?: -d '([^']*)')?`)

// curl sends the request of the page's command that has some words, and returns the
// answer.
func (g *guideRun) curl(words string) string {
	g.t.Helper()
	oneLine := strings.ReplaceAll(g.page, "\\\n  ", "")
	for _, command := range curls.FindAllStringSubmatch(oneLine, -1) {
		if !strings.Contains(command[0], words) {
			continue
		}
		method := command[1]
		if method == "" {
			method = map[bool]string{true: http.MethodGet, false: http.MethodPost}[command[3] == ""]
		}
		url := strings.Replace(command[2], usualSimulator, g.server.URL(), 1)
		req, err := http.NewRequestWithContext(g.t.Context(), method, url, strings.NewReader(command[3]))
		if err != nil {
			g.t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			g.t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		answer, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode >= http.StatusMultipleChoices {
			g.t.Fatalf("%s: %v, status %d\n%s", command[0], err, resp.StatusCode, answer)
		}
		return string(answer)
	}
	g.t.Fatalf("the page has no curl command with %q", words)
	return ""
}

// TestEndToEndGettingStarted follows the page from the first apply to the destroy.
func TestEndToEndGettingStarted(t *testing.T) {
	t.Parallel()
	g := newGuideRun(t, "getting-started")
	config := string(guideFile(t, "getting-started", "main.tf"))
	if !strings.Contains(config, usualSimulator) {
		t.Fatalf("the configuration does not use %s", usualSimulator)
	}
	g.write("provider.tf", "")
	g.write("main.tf", strings.Replace(config, usualSimulator, g.server.URL(), 1))
	out := g.run(false, "apply", "-auto-approve")
	g.wantShown("Warning: Stop-charging", out)
	g.wantShown("instance_power_state.web: Creation complete", out)
	if got := g.curl("instances/ins-demoweb1"); !strings.Contains(got, "STOPPED") {
		t.Errorf("the control interface shows of the instance:\n%s", got)
	}
	table := g.curl("format=table")
	g.page = guide(t, "simulator")
	g.wantShown("CALL", table)
	g.page = guide(t, "getting-started")

	g.curl("no_stock")
	started := strings.Replace(g.read("main.tf"), `state        = "stopped"`, `state        = "running"`, 1)
	g.write("main.tf", started)
	g.wantShown("Error: Unable to start instance", g.run(true, "apply", "-auto-approve"))
	g.curl("-X DELETE")
	g.run(false, "apply", "-auto-approve")

	g.curl(`"status":"STOPPED"`)
	g.wantShown(`~ state         = "stopped" -> "running"`, g.run(false, "plan"))
	g.run(false, "destroy", "-auto-approve")
}

// powerOf is a resource about an instance, with more arguments.
func powerOf(cloud, id, state, more string) string {
	return fmt.Sprintf(`resource "instance_power_state" "test" {
  cloud       = %q
  instance_id = %q
  state       = %q
%s}
`, cloud, id, state, more)
}

// stoppedFleet is a fleet of instances that are to be stopped.
func stoppedFleet(ids ...string) string {
	return "resource \"instance_fleet_power_state\" \"test\" {\n  cloud = \"tencentcloud\"\n  state = \"stopped\"\n" +
		"  instance_ids = [\"" + strings.Join(ids, "\", \"") + "\"]\n}\n"
}

// TestEndToEndGuidesShowWhatIsPrinted brings about what each guide describes.
func TestEndToEndGuidesShowWhatIsPrinted(t *testing.T) {
	t.Parallel()
	for name, try := range map[string]func(t *testing.T){
		"an instance that cannot stop charging": func(t *testing.T) {
			g := newGuideRun(t, "stop-charging")
			out := g.plan(powerOf("tencentcloud", "ins-demoprepaid", "stopped", "stopped_mode = \"stop_charging\"\n"))
			g.wantShown("Warning: Apply will fail", out)
		},
		"an instance that is stopped in another mode": func(t *testing.T) {
			g := newGuideRun(t, "stop-charging")
			out := g.plan(powerOf("tencentcloud", "ins-demobatch", "stopped", "stopped_mode = \"keep_charging\"\n"))
			g.wantShown("The instance is already stopped", out)
		},
		"a type that is always forced": func(t *testing.T) {
			g := newGuideRun(t, "force-and-data-safety")
			g.wantShown("Warning: Forced stop", g.plan(powerOf("volcengine", "i-demometal", "stopped", "")))
		},
		"a guest that ignores a stop": func(t *testing.T) {
			g := newGuideRun(t, "force-and-data-safety")
			g.trouble("tencentcloud", untilSeen)
			g.trouble("tencentcloud", simulator.Trouble{Kind: simulator.SoftStopIgnored, Mode: simulator.Fallback})
			g.wantShown("Error: Unable to stop", g.apply(powerOf("tencentcloud", "ins-demoweb1", "stopped", ""), true))
		},
		"drift": func(t *testing.T) {
			g := newGuideRun(t, "drift")
			config := powerOf("tencentcloud", "ins-demoweb1", "stopped", "")
			g.apply(config, false)
			g.change("tencentcloud", "ins-demoweb1", "RUNNING")
			g.wantShown("# instance_power_state.test", g.plan(config))
		},
		"the plan of a fleet": func(t *testing.T) {
			g := newGuideRun(t, "fleets-and-parallelism")
			if err := g.server.Cloud("tencentcloud").Seed(simulator.Instance{ID: "ins-demoweb3"}); err != nil {
				t.Fatal(err)
			}
			out := g.plan(stoppedFleet("ins-demoweb1", "ins-demoweb2", "ins-demoweb3", "ins-demorescue"))
			g.wantShown("Warning: Fleet plan", out)
			g.wantShown("Warning: Apply will fail", out)
		},
		"the drift of one in a thousand": func(t *testing.T) {
			g := newGuideRun(t, "fleets-and-parallelism")
			cloud := g.server.Cloud("tencentcloud")
			stopped := simulator.Instance{Status: cloud.Words().Stopped, StoppedMode: cloud.Words().KeepCharging}
			ids, err := cloud.SeedBulk(simulator.Bulk{Count: 999, IDPattern: "ins-bulk####", Template: stopped})
			if err != nil {
				t.Fatal(err)
			}
			g.apply(stoppedFleet(append(ids, "ins-demoweb1")...), false)
			g.change("tencentcloud", "ins-demoweb1", "RUNNING")
			g.wantShown("~ instances", g.run(false, "plan"))
		},
		"the import of the migration guide": func(t *testing.T) {
			g := newGuideRun(t, "migration")
			config := string(guideFile(t, "migration", "import.tf"))
			seedExample(t, g.server, config)
			const promised = `"4 to import, 0 to add, 0 to`
			out := g.apply(config, false)
			if !strings.Contains(config, promised) ||
				!says("4 to import, 0 to add, 0 to change, 0 to destroy").MatchString(out) {
				t.Errorf("the comment does not promise %s, or the plan is another:\n%s", promised, out)
			}
			for _, wire := range g.server.Wires() {
				for _, call := range wire.Cloud().Calls(0) {
					if call.Op != simulator.OpDescribe {
						t.Errorf("%s: the import made the call %s", wire.Cloud().Name(), call.Action)
					}
				}
			}
		},
		"an instance that changes before its resource is created": func(t *testing.T) {
			g := newGuideRun(t, "troubleshooting")
			g.write("power.tf", powerOf("tencentcloud", "ins-demoweb1", "stopped", ""))
			g.run(false, "plan", "-out=plan.bin")
			g.change("tencentcloud", "ins-demoweb1", "STOPPED")
			const message = "Provider produced inconsistent final plan"
			out := g.run(true, "apply", "plan.bin")
			if !strings.Contains(g.page, message) || !strings.Contains(out, message) || !strings.Contains(out, ".found_state") {
				t.Errorf("the page and the output do not both have %q:\n%s", message, out)
			}
		},
		"a stop that takes too long": func(t *testing.T) {
			g := newGuideRun(t, "troubleshooting")
			g.trouble("tencentcloud", simulator.Trouble{Kind: simulator.Stuck})
			out := g.apply(powerOf("tencentcloud", "ins-demoweb1", "stopped", "timeouts {\ncreate = \"8s\"\n}\n"), true)
			g.wantShown("Error: Unable to stop", out)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			try(t)
		})
	}
}

// promised is an output of an example, with its value in a comment above it.
var promised = regexp.MustCompile(`(?m)^# ("[^"]+"|[0-9.]+?)(?:\.\.\.)?: .*\noutput "(\w+)"`)

// TestEndToEndExamplesOfFunctionsReturnWhatTheySay compares the values in the comments
// of the examples with the outputs.
func TestEndToEndExamplesOfFunctionsReturnWhatTheySay(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"next_change", "running_hours"} {
		g := newGuideRun(t, "schedules")
		config := string(guideFile(t, "..", "functions", name, "function.tf"))
		out := g.apply(config, false)
		values := promised.FindAllStringSubmatch(config, -1)
		if len(values) == 0 {
			t.Errorf("the example of %s names no value", name)
		}
		for _, value := range values {
			if !says(value[2] + " = " + value[1]).MatchString(out) {
				t.Errorf("%s: the output %s is not %s:\n%s", name, value[2], value[1], out)
			}
		}
	}
}

func (g *guideRun) trouble(cloud string, of simulator.Trouble) {
	g.t.Helper()
	if _, err := g.server.Cloud(cloud).AddTrouble(of); err != nil {
		g.t.Fatal(err)
	}
}

// change is what somebody does to an instance in the console.
func (g *guideRun) change(cloud, id, status string) {
	g.t.Helper()
	if err := g.server.Cloud(cloud).Change(id, func(in *simulator.Instance) error {
		in.Status, in.StoppedMode = status, ""
		return nil
	}); err != nil {
		g.t.Fatal(err)
	}
}

// Every block that a guide shows of an output has a test: one of those above, or one
// that is named here.
func TestGuidesShowNothingUntested(t *testing.T) {
	t.Parallel()
	tested := map[string]int{
		"getting-started": 4, "stop-charging": 2, "force-and-data-safety": 2, "drift": 1, "troubleshooting": 1,
		"simulator":              1,
		"fleets-and-parallelism": 4, // The line of the log is that of TestFleetProgress.
		"hcp-terraform":          1, // TestEndToEndRunOfTheGuideOfHCPTerraform.
	}
	pages, err := filepath.Glob(filepath.Join("..", "..", "templates", "guides", "*.md.tmpl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range pages {
		name := strings.TrimSuffix(filepath.Base(file), ".md.tmpl")
		if got := len(shownBlock.FindAllString(guide(t, name), -1)); got != tested[name] {
			t.Errorf("%s shows %d outputs, and %d are tested: try what it shows above", name, got, tested[name])
		}
	}
}
