package provider

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// actionHCL is an action of that type, named all.
func actionHCL(typ string, ids []string, lines ...string) string {
	return fmt.Sprintf("action %q \"all\" {\n config {\n instance_ids = %s\n%s\n }\n}\n", typ, hclList(ids),
		strings.Join(lines, "\n"))
}

// invoke runs one action by its address.
func (c *cli) invoke(typ string, more ...string) (string, error) {
	return c.run(append([]string{"apply", "-auto-approve", "-no-color", "-invoke=action." + typ + ".all"}, more...)...)
}

// wantInvoked checks that an invocation succeeded and said each of the texts.
func wantInvoked(t *testing.T, out string, err error, wants ...string) {
	t.Helper()
	if err != nil {
		t.Fatalf("the invocation failed: %v\n%s", err, out)
	}
	for _, want := range wants {
		if !says(want).MatchString(out) {
			t.Errorf("the output does not say %q:\n%s", want, out)
		}
	}
}

func TestEndToEndActionsAreInvoked(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(100, "running")
		c := h.here(h.hcl(actionHCL(stopAction, ids)))
		c.needs(14)
		words := h.sim.Words()

		out, err := c.invoke(stopAction)
		wantInvoked(t, out, err, "Stopping 100 instances on "+h.cloud, "100 of 100 instances stopped after")
		h.are(words.Stopped, ids...)()
		if got := h.count(h.stop); got != 1 {
			t.Errorf("got %d stops of 100 instances, want 1%s", got, describeCalls(h.sim.Calls(0)))
		}

		out, err = c.invoke(stopAction)
		wantInvoked(t, out, err, "100 of 100 instances stopped after")
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes after a second stop, want the 1 of the first", got)
		}

		c.configure(h.hcl(actionHCL(startAction, ids[:3], "dry_run = true")))
		out, err = c.invoke(startAction)
		wantInvoked(t, out, err, "Dry run on "+h.cloud, "3 to start (of 3). Nothing was changed.")
		if got := h.count(h.start); got != 0 && !h.dryRuns(h.start) {
			t.Errorf("got %d starts in a dry run, want none", got)
		}
		h.are(words.Stopped, ids...)()

		c.configure(h.hcl(actionHCL(startAction, ids[:3])))
		out, err = c.invoke(startAction)
		wantInvoked(t, out, err, "Starting 3 instances on "+h.cloud, "3 of 3 instances running after")
		h.are(words.Running, ids[:3]...)()

		h.trouble(simulator.Trouble{Kind: simulator.Stuck, InstanceIDs: ids[1:2]})
		c.configure(h.hcl(actionHCL(stopAction, ids[:3], "timeout = \"5s\"")))
		out, err = c.invoke(stopAction)
		if err == nil || !says("Unable to stop 1 of 3 instances").MatchString(out) ||
			!says("The time limit of 5s (`timeout`) passed").MatchString(out) ||
			!says("- "+ids[1]+" (last seen stopping").MatchString(out) || !says("The other 2 are stopped.").MatchString(out) {
			t.Errorf("the stop of one that is stuck gives %v:\n%s", err, out)
		}
	})
}

// dryRuns reports whether all calls of an action were dry runs.
func (h *harness) dryRuns(action string) bool {
	return !slices.ContainsFunc(h.sim.Calls(0),
		func(call simulator.Call) bool { return call.Action == action && !call.DryRun })
}

// TestEndToEndActionOnAnEmptyList: an action without instances succeeds, by itself and in
// the run of a resource, and makes no call.
func TestEndToEndActionOnAnEmptyList(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		config, triggered := "variable \"ids\" {\n type = list(string)\n default = []\n}\n", []string{}
		for _, typ := range []string{startAction, stopAction, rebootAction} {
			config += strings.Replace(actionHCL(typ, nil), "= []", "= var.ids", 1)
			triggered = append(triggered, "action."+typ+".all")
		}
		config += "resource \"terraform_data\" \"night\" {\n lifecycle {\n action_trigger {\n events = [after_create]\n" +
			" actions = [" + strings.Join(triggered, ", ") + "]\n }\n }\n}\n"
		c := h.here(h.hcl(config))
		c.needs(14)
		out, err := c.run("apply", "-auto-approve", "-no-color")
		wantInvoked(t, out, err, "No instances are named: nothing to start.", "No instances are named: nothing to stop.",
			"No instances are named: nothing to reboot.")
		out, err = c.invoke(stopAction)
		wantInvoked(t, out, err, "No instances are named: nothing to stop.")
		h.quiet(t, "an action on an empty list")
		id := h.running()
		out, err = c.invoke(stopAction, "-var=ids=[\""+id+"\"]")
		wantInvoked(t, out, err, "1 of 1 instance stopped after")
		if got := h.writesOf(id); len(got) != 1 {
			t.Errorf("with an instance got %d writes, want 1%s", len(got), describeCalls(got))
		}
	})
}

// TestEndToEndActionPlanNamesItsInstances: the plan of a run that triggers an action names
// the instances on which it cannot act, and those whose power it will cut.
func TestEndToEndActionPlanNamesItsInstances(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(4, "running")
		h.inoperable(ids[0])
		h.sim.Remove(ids[1])
		c := h.here(h.hcl(actionHCL(rebootAction, ids, "max_failures = 2", "force_stop = true") + `
resource "terraform_data" "night" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.instance_reboot.all]
    }
  }
}
`))
		c.needs(14)
		out, err := c.run("plan", "-no-color")
		if err != nil {
			t.Fatalf("plan: %v\n%s", err, out)
		}
		for _, want := range []string{
			"- " + ids[0] + " (last seen", "- " + ids[1] + " (last seen absent)",
			"The instances " + strings.Join([]string{ids[2], ids[3], ids[1]}, ", ") + " will lose power at once",
		} {
			if !says(want).MatchString(out) {
				t.Errorf("the plan does not say %q:\n%s", want, out)
			}
		}
		h.wantNoWrites(t, "a plan")
	})
}

func TestEndToEndActionReboot(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		// Its SDK has no field that says how hard to reboot; the default is graceful.
		h.audit.ExplicitForce = h.name != "zenlayercloud zec"
		ids := h.seedMany(3, "running")
		h.trouble(untilSeen)
		c := h.here(h.hcl(actionHCL(rebootAction, ids)))
		c.needs(14)
		out, err := c.invoke(rebootAction)
		wantInvoked(t, out, err, "Rebooting 3 instances on "+h.cloud, "3 of 3 instances rebooted after")
		h.are(h.sim.Words().Running, ids...)()
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes for one reboot of three, want 1%s", got, describeCalls(h.sim.Calls(0)))
		}
		for _, call := range h.sim.Calls(0) {
			if call.Op.Write() && (call.Op != simulator.OpReboot || call.Force != simulator.Graceful) {
				t.Errorf("got a %s that is %s, want a graceful reboot", call.Op, call.Force)
			}
		}
		h.change(ids[0], func(in *simulator.Instance) {
			in.Status, in.StoppedMode = h.sim.Words().Stopped, h.sim.Words().KeepCharging
		})
		out, err = c.invoke(rebootAction)
		if err == nil || !says("The action will fail unless this changes before it runs.").MatchString(out) ||
			!says("The instance is stopped, and only a running one can be rebooted.").MatchString(out) ||
			!says("The other 2 are rebooted.").MatchString(out) {
			t.Errorf("the reboot of a stopped instance gives %v:\n%s", err, out)
		}
		if got := h.writes(); got != 2 {
			t.Errorf("got %d writes, want one more, for the other two%s", got, describeCalls(h.sim.Calls(0)))
		}
		h.are(h.sim.Words().Running, ids[1:]...)()
		h.isStopped(ids[0])()
	})
}

func TestEndToEndActionTriggeredByAResource(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		ids := h.seedMany(2, "running")
		c := h.here(h.hcl(actionHCL(stopAction, ids) + `
resource "terraform_data" "night" {
  lifecycle {
    action_trigger {
      events  = [after_create]
      actions = [action.instance_stop.all]
    }
  }
}
`))
		c.needs(14)
		out, err := c.run("apply", "-auto-approve", "-no-color")
		wantInvoked(t, out, err, "Stopping 2 instances on "+h.cloud, "2 of 2 instances stopped after")
		h.are(h.sim.Words().Stopped, ids...)()
		out, err = c.run("apply", "-auto-approve", "-no-color")
		wantInvoked(t, out, err)
		if got := h.writes(); got != 1 {
			t.Errorf("got %d writes, want the one of the create", got)
		}
	})
}

// TestEndToEndActionAfterWhatMakesItPossible reboots an instance after the update
// that starts it: when the action is planned, the instance is stopped.
func TestEndToEndActionAfterWhatMakesItPossible(t *testing.T) {
	t.Parallel()
	h := newHarness(t, services()[0])
	id := h.running()
	h.trouble(untilSeen)
	c := h.here(h.hcl(actionHCL(rebootAction, []string{id}) + power(id, "running", `
  lifecycle {
    action_trigger {
      events  = [after_update]
      actions = [action.instance_reboot.all]
    }
  }`)))
	c.needs(14)
	if _, version := c.minor(); version == "1.14.0" {
		t.Skip("Terraform 1.14.0 invokes after_update before the update is done; 1.14.1 does not (hashicorp/terraform#37936)")
	}
	out, err := c.run("apply", "-auto-approve", "-no-color")
	wantInvoked(t, out, err)
	h.change(id, halted(h, h.sim.Words().KeepCharging))
	out, err = c.run("apply", "-auto-approve", "-no-color")
	wantInvoked(t, out, err, "Unable to reboot 1 of 1 instance",
		"The action will fail unless this changes before it runs.", "1 of 1 instance rebooted after")
	h.isRunning(id)()
	if got := h.writes(); got != 2 {
		t.Errorf("got %d writes, want a start and a reboot%s", got, describeCalls(h.sim.Calls(0)))
	}
}

// TestEndToEndActionValuesFromVariables gives an action what it cannot take in
// variables, whose values Terraform does not validate.
func TestEndToEndActionValuesFromVariables(t *testing.T) {
	t.Parallel()
	h := newHarness(t, services()[0])
	ids := h.seedMany(2, "running")
	c := h.here(h.hcl(`
variable "v" {
  type = object({
    cloud = optional(string)
    ids   = optional(list(string))
    mode  = optional(string)
    after = optional(string)
    most  = optional(number)
    wait  = optional(bool)
  })
}

action "instance_stop" "all" {
  config {
    cloud            = var.v.cloud
    instance_ids     = var.v.ids
    stopped_mode     = var.v.mode
    force_stop_after = var.v.after
    max_failures     = var.v.most
    wait             = var.v.wait
  }
}
`))
	c.needs(14)
	list := strings.Join(strings.Fields(hclList(ids)), " ")
	for name, test := range map[string]struct{ value, want string }{
		"a cloud that is none": {`{ cloud = "aws", ids = ` + list + ` }`, "`cloud` must be"},
		"a mode that is none": {
			`{ mode = "stop-charging", ids = ` + list + ` }`,
			"`stopped_mode` must be `keep_charging`, `stop_charging` or `stop_charging_if_supported`",
		},
		"a duration that is none": {
			`{ after = "5 minutes", ids = ` + list + ` }`, "`force_stop_after` must be a duration",
		},
		"less than no failures": {
			`{ most = -1, ids = ` + list + ` }`, "`max_failures` must be a number of instances",
		},
		"a time to force, without waiting": {`{ after = "5m", wait = false, ids = ` + list + ` }`, "Remove one of the two."},
		"an id that is null":               {`{ ids = [null] }`, "Instance id that is null"},
		"no ids at all":                    {`{}`, "`instance_ids` is null."},
	} {
		out, err := c.invoke(stopAction, "-var=v="+test.value)
		if err == nil || !says(test.want).MatchString(out) {
			t.Errorf("%s gives %v, want an error that says %q:\n%s", name, err, test.want, out)
		}
	}
	if got := len(h.sim.Calls(0)); got != 0 {
		t.Errorf("got %d calls, want none%s", got, describeCalls(h.sim.Calls(0)))
	}
	out, err := c.invoke(stopAction, "-var=v={ ids = "+list+" }")
	wantInvoked(t, out, err, "2 of 2 instances stopped after")
}

// TestEndToEndInterruptedActionFails: the protocol's library drops what an action
// says after the interrupt, its error too, unless the server waits for it. It is
// a race, so it is run more than once.
func TestEndToEndInterruptedActionFails(t *testing.T) {
	t.Parallel()
	for range 3 {
		h := newHarness(t, services()[0])
		ids := h.seedMany(2, "running")
		h.trouble(simulator.Trouble{Kind: simulator.Stuck})
		c := newCLI(t, h.hcl(actionHCL(stopAction, ids)))
		c.needs(14)
		cmd, out := c.command(t.Context(), "apply", "-auto-approve", "-no-color", "-invoke=action.instance_stop.all")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		h.calls(h.stop)
		interrupted := time.Now()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		err := cmd.Wait()
		if _, failed := err.(*exec.ExitError); !failed { //nolint:errorlint // Wait returns it as it is.
			t.Errorf("the interrupted action ended with %v, want a failure:\n%s", err, out)
		}
		if took := time.Since(interrupted); took > atOnce {
			t.Errorf("the action went on for %s after the interrupt", took)
		}
		if !says("The run was interrupted before the cloud reported the instance as stopped.").MatchString(out.String()) {
			t.Errorf("the output does not say that the run was interrupted:\n%s", out)
		}
	}
}

// TestEndToEndActionExamples invokes the action of each example, on clouds that
// hold the instances which it names.
func TestEndToEndActionExamples(t *testing.T) {
	t.Parallel()
	cliPath(t)
	for _, typ := range []string{startAction, stopAction, rebootAction} {
		t.Run(typ, func(t *testing.T) {
			t.Parallel()
			server := startClouds(t)
			localcloud.SetTransition(server, transitionTime)
			for _, wire := range server.Wires() {
				// A reboot that is not seen is waited for much longer.
				if _, err := wire.Cloud().AddTrouble(untilSeen); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(filepath.Join("..", "..", "examples", "actions", typ, "action.tf"))
			if err != nil {
				t.Fatal(err)
			}
			seedExample(t, server, string(text))
			c := newCLI(t, exampleProvider(server)+string(text), exampleEnvironment(server)...)
			c.needs(14)
			address := regexp.MustCompile(`-invoke=(action\.[a-z_]+\.[a-z]+)`).FindStringSubmatch(string(text))
			if address == nil {
				t.Fatal("the example does not say how it is invoked")
			}
			out, err := c.run("apply", "-auto-approve", "-no-color", "-invoke="+address[1])
			wantInvoked(t, out, err, "Action started: "+address[1])
			if strings.Contains(string(text), "action_trigger") {
				out, err = c.run("apply", "-auto-approve", "-no-color")
				wantInvoked(t, out, err, "Action started: "+address[1])
			}
		})
	}
}
