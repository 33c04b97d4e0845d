package provider

// The tests of troubles run the real CLI too, but with the provider in this
// process, so that its graces are short. One apply holds many resources, each
// with a trouble of its own, since a run of the CLI costs more than a trouble.

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// here returns a CLI in a folder with the configuration, whose provider is a
// server in this process.
func (h *harness) here(config string) *cli {
	h.t.Helper()
	return h.hereWith(factories(), config)
}

// providers make the servers of a provider, by its name.
type providers = map[string]func() (tfprotov6.ProviderServer, error)

// hereWith is here with other providers.
func (h *harness) hereWith(made providers, config string) *cli {
	h.t.Helper()
	c := &cli{t: h.t, path: cliPath(h.t), folder: h.t.TempDir()}
	c.configure(config)
	c.env = []string{
		"TF_REATTACH_PROVIDERS=" + serveHere(h.t, made), "TF_CLI_CONFIG_FILE=" + os.DevNull, "CHECKPOINT_DISABLE=1",
		"TF_IN_AUTOMATION=1", "PATH=" + os.Getenv("PATH"), "HOME=" + c.folder, "TMPDIR=" + os.TempDir(),
	}
	return c
}

// configure replaces the configuration.
func (c *cli) configure(config string) {
	c.t.Helper()
	c.write("main.tf", required+config)
}

// serveHere serves the provider until the test ends, and returns the value of
// the variable by which a CLI finds it instead of starting one.
func serveHere(t *testing.T, made providers) string {
	t.Helper()
	server, err := made["instance"]()
	if err != nil {
		t.Fatal(err)
	}
	const terraform, tofu = "registry.terraform.io/" + thisProvider, "registry.opentofu.org/" + thisProvider
	offer, closed := channelOf(tf6server.WithDebug), make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		failed <- tf6server.Serve(terraform, func() tfprotov6.ProviderServer { return server },
			tf6server.WithDebug(t.Context(), offer, closed), tf6server.WithGoPluginLogger(hclog.NewNullLogger()),
			tf6server.WithLoggingSink(t))
	}()
	select {
	case err := <-failed:
		t.Fatalf("serve the provider: %v", err)
	case at := <-offer:
		t.Cleanup(func() { <-closed })
		one := map[string]any{
			"Protocol": string(at.Protocol), "ProtocolVersion": at.ProtocolVersion, "Pid": at.Pid, "Test": true,
			"Addr": map[string]string{"Network": at.Addr.Network(), "String": at.Addr.String()},
		}
		value, err := json.Marshal(map[string]any{terraform: one, tofu: one})
		if err != nil {
			t.Fatal(err)
		}
		return string(value)
	}
	return ""
}

// channelOf makes the channel that an option of the server wants, whose type
// belongs to a module that this one does not require by itself.
func channelOf[T any](func(context.Context, chan T, chan struct{}) tf6server.ServeOpt) chan T {
	return make(chan T)
}

// outcome is one run of the CLI, as its JSON output tells.
type outcome struct {
	text  string
	err   error
	took  time.Duration
	diags []diagnostic
	// planned are the actions of the plan, by address.
	planned map[string]string
	// began are the addresses of the changes that the apply began, in order.
	began []string
}

type diagnostic struct {
	Severity string
	Summary  string
	Detail   string
	Address  string
}

// do runs a command whose output is JSON: plan, apply or destroy.
func (c *cli) do(command string, args ...string) outcome {
	c.t.Helper()
	all := []string{command, "-json"}
	if command != "plan" {
		all = append(all, "-auto-approve")
	}
	began := time.Now()
	o := readOutcome(c.run(append(append(all, "-parallelism=40"), args...)...))
	o.took = time.Since(began)
	return o
}

// readOutcome reads the JSON output of a command.
func readOutcome(text string, err error) outcome {
	o := outcome{text: text, err: err, planned: map[string]string{}}
	for line := range strings.Lines(text) {
		var message struct {
			Type       string
			Diagnostic diagnostic
			Change     struct {
				Action   string
				Resource struct{ Addr string }
			}
			Hook struct{ Resource struct{ Addr string } }
		}
		if json.Unmarshal([]byte(line), &message) != nil {
			continue // Not every line of a run that fails early is JSON.
		}
		switch message.Type {
		case "diagnostic":
			o.diags = append(o.diags, message.Diagnostic)
		case "planned_change":
			o.planned[message.Change.Resource.Addr] = message.Change.Action
		case "apply_start":
			o.began = append(o.began, message.Hook.Resource.Addr)
		}
	}
	return o
}

// errors returns the texts of the errors of one resource, or of all when no
// address is given.
func (o outcome) errors(address string) []string { return o.texts("error", address) }

func (o outcome) warnings(address string) []string { return o.texts("warning", address) }

func (o outcome) texts(severity, address string) []string {
	var texts []string
	for _, d := range o.diags {
		if d.Severity == severity && (address == "" || d.Address == address) {
			texts = append(texts, d.Summary+"\n\n"+d.Detail)
		}
	}
	return texts
}

// succeeded fails the test when the run did not.
func (o outcome) succeeded(t *testing.T) {
	t.Helper()
	if o.err != nil {
		t.Errorf("the run failed: %v\n%s", o.err, strings.Join(o.errors(""), "\n---\n"))
		if len(o.errors("")) == 0 {
			t.Log(o.text)
		}
	}
}

// hasError checks that a resource has one error, which says each of the texts.
func (o outcome) hasError(t *testing.T, address string, wants ...string) {
	t.Helper()
	texts := o.errors(address)
	if len(texts) != 1 {
		t.Errorf("got %d errors of %s, want 1:\n%s", len(texts), address, strings.Join(texts, "\n---\n"))
		return
	}
	for _, want := range wants {
		if !says(want).MatchString(texts[0]) {
			t.Errorf("the error of %s does not say %q:\n%s", address, want, texts[0])
		}
	}
}

// attributes returns the resources in the state, by address.
func (c *cli) attributes() map[string]map[string]any {
	c.t.Helper()
	out, err := c.run("show", "-json")
	if err != nil {
		c.t.Fatalf("show: %v\n%s", err, out)
	}
	var shown struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string
					Values  map[string]any
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal([]byte(out), &shown); err != nil {
		c.t.Fatalf("show: %v\n%s", err, out)
	}
	all := map[string]map[string]any{}
	for _, r := range shown.Values.RootModule.Resources {
		all[r.Address] = r.Values
	}
	return all
}

// values are the resources in the state, by address, and the outputs.
func (c *cli) values() (resources map[string]map[string]any, outputs map[string]any) {
	c.t.Helper()
	out, err := c.run("output", "-json")
	if err != nil {
		c.t.Fatalf("output: %v\n%s", err, out)
	}
	var all map[string]struct{ Value any }
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		c.t.Fatalf("output: %v\n%s", err, out)
	}
	outputs = map[string]any{}
	for name, one := range all {
		outputs[name] = one.Value
	}
	return c.attributes(), outputs
}

// apart is hclWith for many resources with calls of their own: joining is off,
// and so are the rate limits on both sides.
func (h *harness) apart(resources string) string {
	h.sim.LimitRates(false)
	return h.fast("batch_window = \"0s\"", resources)
}

// fast is hclWith without rate limits on this side.
func (h *harness) fast(settings, resources string) string {
	own := *h
	own.config += "\n requests_per_second = 1000"
	return own.hclWith(settings, resources)
}

// writesOf are the starts, stops and reboots that named an instance, in order.
func (h *harness) writesOf(id string) []simulator.Call {
	var calls []simulator.Call
	for _, call := range h.sim.Calls(0) {
		if call.Op.Write() && !call.DryRun && slices.Contains(call.InstanceIDs, id) {
			calls = append(calls, call)
		}
	}
	return calls
}

// describeCalls makes a log readable in a message.
func describeCalls(calls []simulator.Call) string {
	var text strings.Builder
	for _, k := range calls {
		fmt.Fprintf(&text, "\n  %d %s %s ids=%d force=%s mode=%q code=%q status=%d trouble=%q effect=%v lost=%v",
			k.Index, k.Time.Format("05.000"), k.Action, len(k.InstanceIDs), k.Force, k.StoppedMode, k.Code, k.HTTPStatus,
			k.Trouble, k.Effect, k.Lost)
	}
	return text.String()
}
