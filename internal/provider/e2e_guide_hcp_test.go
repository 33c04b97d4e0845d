package provider

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// A run of HCP Terraform, and what its user adds to the user agent.
const (
	runID         = "run-CKuwsxMGgMd4W7Ui"
	appendedAgent = "env/night (ops@example.com)"
)

// TestEndToEndRunOfTheGuideOfHCPTerraform plans and applies the guide's configuration as it
// stands, with the guide's roles and the token that each phase gets.
func TestEndToEndRunOfTheGuideOfHCPTerraform(t *testing.T) {
	t.Parallel()
	cliPath(t)
	server := startClouds(t)
	localcloud.SetTransition(server, transitionTime)
	text := string(guideFile(t, "hcp-terraform", "main.tf"))
	seedExample(t, server, text)
	here := fmt.Sprintf("$0\nendpoint = %q\nsts_endpoint = %q", server.URL(), server.URL())
	c := newCLI(t, "")
	if !c.hasEphemeralValues() {
		t.Skip("the CLI does not know terraform.applying")
	}
	c.write("main.tf", regexp.MustCompile(`(?m)^ {4}region = "[^"]+"$`).ReplaceAllString(text, here))
	phases := map[string][]string{}
	for _, row := range localcloud.Services() {
		if !row.Federation.Tokens() {
			continue
		}
		seedGuideRoles(t, server.Cloud(row.Cloud))
		for _, phase := range []string{"plan", "apply"} {
			token, err := guideToken(t, server.Issuer(), row, phase).Token(server.Issuer())
			if err != nil {
				t.Fatal(err)
			}
			phases[phase] = append(phases[phase], "TFC_WORKLOAD_IDENTITY_TOKEN_"+hcpTag(row)+"="+token)
		}
	}
	own := c.env
	run := func(phase string, args ...string) string {
		t.Helper()
		c.env = append(append([]string{"TFC_RUN_ID=" + runID}, own...), phases[phase]...)
		out, err := c.run(args...)
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, tail(out))
		}
		return out
	}
	wantGuideLines(t, run("plan", "plan", "-no-color", "-out=plan.bin"))
	run("apply", "apply", "-no-color", "plan.bin")
	run("plan", "plan", "-no-color", "-detailed-exitcode")
	for _, wire := range server.Wires() {
		cloud := wire.Cloud()
		for _, in := range cloud.Instances() {
			if in.Status != cloud.Words().Stopped {
				t.Errorf("%s: %s is %q", cloud.Name(), in.ID, in.Status)
			}
		}
		for _, call := range cloud.Calls(0) {
			if call.Issued != "" && call.Session != "terraform-"+runID {
				t.Errorf("%s: the session of %s is %q, want the run's", cloud.Name(), call.Action, call.Session)
			}
		}
	}
}

// wantGuideLines checks that a plan has the lines which the guide shows of it, in their
// order.
func wantGuideLines(t *testing.T, out string) {
	t.Helper()
	page := string(guideFile(t, "..", "..", "templates", "guides", "hcp-terraform.md.tmpl"))
	_, shown, found := strings.Cut(page, "<!-- plan: kept by a test -->\n\n```text\n")
	shown, _, closed := strings.Cut(shown, "\n```")
	if !found || !closed {
		t.Fatal("the guide shows no plan")
	}
	plain := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	rest := plain(out) // Columns move with the longest name.
	for line := range strings.Lines(shown) {
		line = plain(line)
		at := strings.Index(rest, line)
		if at < 0 {
			t.Errorf("the guide shows %q, which the plan does not have at this place:\n%s", line, out)
			return
		}
		rest = rest[at+len(line):]
	}
}
