package provider

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// formerState is a state file with one volcengine_ecs_instance_state.web, as
// Terraform leaves it on the disk.
func formerState(t *testing.T, id, action, status, mode string) string {
	t.Helper()
	object := map[string]any{
		"version":           4,
		"terraform_version": "1.11.4",
		"serial":            3,
		"lineage":           "6f3c1f0e-6c0a-4d7e-9f58-0d3f1a3f2b11",
		"outputs":           map[string]any{},
		"resources": []any{map[string]any{
			"mode":     "managed",
			"type":     movedType,
			"name":     "web",
			"provider": fmt.Sprintf("provider[%q]", "registry.terraform.io/"+movedProvider),
			"instances": []any{map[string]any{
				"schema_version": 0,
				"attributes": map[string]any{
					"action": action, "id": "state:" + id, "instance_id": id, "status": status, "stopped_mode": mode, "timeouts": nil,
				},
				"sensitive_attributes": []any{},
				"private":              []byte(formerTimeouts),
			}},
		}},
		"check_results": nil,
	}
	text, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const movedBlock = "moved {\n from = volcengine_ecs_instance_state.web\n to = instance_power_state.web\n}\n"

// TestEndToEndMovedFromTheFormerResource moves what is in a state file. The plan
// says so, has nothing to do, and the apply sends nothing.
func TestEndToEndMovedFromTheFormerResource(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		action, mode string
		stopped      bool
		lines        []string
		says         []string
		changes      bool
	}{
		"one that runs":       {"Start", "KeepCharging", false, nil, nil, false},
		"one that is stopped": {"Stop", "KeepCharging", true, nil, nil, false},
		"one in the mode that it had": {
			"Stop", "KeepCharging", true, []string{`stopped_mode = "keep_charging"`}, nil, false,
		},
		"one that goes on being forced": {
			"ForceStop", "KeepCharging", true, []string{"force_stop = true"}, []string{"Forced stop taken over"}, false,
		},
		"one that is no longer forced": {
			"ForceStop", "KeepCharging", true, nil, []string{"Forced stop taken over", "force_stop = true -> false"}, true,
		},
		"one with time limits from here": {
			"Stop", "KeepCharging", true, []string{"timeouts {", `update = "10m"`, "}"}, nil, true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, volcengineService(t))
			seed, state, status := h.running, "running", h.sim.Words().Running
			if test.stopped {
				seed, state, status = h.stopped, "stopped", h.sim.Words().Stopped
			}
			id := seed()
			c := formerCLI(t, movedCloud, h.hcl(movedBlock+power(id, state, test.lines...)),
				formerState(t, id, test.action, status, test.mode))
			out, err := c.run("plan", "-no-color", "-out=plan.bin")
			if err != nil {
				t.Fatalf("plan: %v\n%s", err, out)
			}
			want := []string{
				"volcengine_ecs_instance_state.web has moved to instance_power_state.web",
				"0 to add, 0 to change, 0 to destroy",
			}
			if test.changes {
				want = []string{"(moved from volcengine_ecs_instance_state.web)", "0 to add, 1 to change, 0 to destroy"}
			}
			for _, text := range append(want, test.says...) {
				if !says(text).MatchString(out) {
					t.Errorf("the plan does not say %q:\n%s", text, out)
				}
			}
			for _, args := range [][]string{
				{"apply", "-no-color", "plan.bin"},
				{"plan", "-no-color", "-detailed-exitcode"},
				{"destroy", "-no-color", "-auto-approve"},
			} {
				if out, err := c.run(args...); err != nil {
					t.Fatalf("%s: %v\n%s", args[0], err, out)
				}
			}
			if got := h.writes(); got != 0 {
				t.Errorf("got %d writes, want 0: the instance is %s already", got, state)
			}
			h.is(id, status)()
		})
	}
}

// The state of a sister brand's resource differs in names alone.
func TestEndToEndMovedFromASisterBrand(t *testing.T) {
	t.Parallel()
	for of, providers := range movedProviders {
		if of == movedType {
			continue
		}
		t.Run(of, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, volcengineService(t))
			id := h.stopped()
			words := h.sim.Words()
			state := formerState(t, id, "Stop", words.Stopped, words.KeepCharging)
			state = strings.NewReplacer(movedType, of, movedProvider, providers[0]).Replace(state)
			brand, _, _ := strings.Cut(of, "_")
			c := formerCLI(t, brand, h.hcl(strings.ReplaceAll(movedBlock, movedType, of)+power(id, "stopped")), state)
			out, err := c.run("apply", "-no-color", "-auto-approve")
			if want := of + ".web has moved to instance_power_state.web"; err != nil || !says(want).MatchString(out) {
				t.Errorf("the apply does not say %q: %v\n%s", want, err, out)
			}
			if out, err := c.run("plan", "-no-color", "-detailed-exitcode"); err != nil {
				t.Errorf("the next plan is not empty: %v\n%s", err, out)
			}
			if got := h.writes(); got != 0 {
				t.Errorf("got %d writes, want none", got)
			}
		})
	}
}

func TestEndToEndMovedAndChangedInOneRun(t *testing.T) {
	t.Parallel()
	h := newHarness(t, volcengineService(t))
	id := h.running()
	c := formerCLI(t, movedCloud, h.hcl(movedBlock+power(id, "stopped", `stopped_mode = "stop_charging"`)),
		formerState(t, id, "Start", h.sim.Words().Running, ""))
	if out, err := c.run("apply", "-no-color", "-auto-approve"); err != nil {
		t.Fatalf("apply: %v\n%s", err, out)
	}
	h.isStopped(id)()
	if got := h.count(h.stop); got != 1 {
		t.Errorf("got %d stops, want 1", got)
	}
	if out, err := c.run("plan", "-no-color", "-detailed-exitcode"); err != nil {
		t.Errorf("the next plan is not empty: %v\n%s", err, out)
	}
}

// A mirror, or the registry of the other CLI, has another address: the resource
// is the same, and nothing is lost.
func TestEndToEndMovedFromAnotherAddressOfThisProvider(t *testing.T) {
	t.Parallel()
	h := newHarness(t, volcengineService(t))
	id := h.running()
	c := formerCLI(t, "instance", h.hcl(named("former", id, "stopped", `on_destroy = "restore"`)), "")
	if out, err := c.run("apply", "-no-color", "-auto-approve"); err != nil {
		t.Fatalf("apply: %v\n%s", err, out)
	}
	h.isStopped(id)()
	state := c.read("terraform.tfstate")
	if !strings.Contains(state, "/instance-power/instance") {
		t.Fatalf("the state does not name the provider:\n%s", state)
	}
	c.write("terraform.tfstate", strings.ReplaceAll(state, "/instance-power/instance", "/example/instance"))
	config := strings.ReplaceAll(c.read("main.tf"), `"former"`, `"web"`)
	c.write("main.tf", config+"moved {\n from = instance_power_state.former\n to = instance_power_state.web\n}\n")
	if out, err := c.run("apply", "-no-color", "-auto-approve"); err != nil ||
		!says("0 added, 0 changed, 0 destroyed").MatchString(out) {
		t.Fatalf("apply of the move: %v\n%s", err, out)
	}
	if out, err := c.run("destroy", "-no-color", "-auto-approve"); err != nil {
		t.Fatalf("destroy: %v\n%s", err, out)
	}
	h.isRunning(id)()
	if got := h.writes(); got != 2 {
		t.Errorf("got %d writes, want 2: the stop, and the start that restores", got)
	}
}

// A resource that makes the instance must not be moved: it would be forgotten.
func TestEndToEndMovedFromAnInstanceIsRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t, volcengineService(t))
	id := h.running()
	instance := func(text string) string { return strings.ReplaceAll(text, movedType, "volcengine_ecs_instance") }
	c := formerCLI(t, movedCloud, h.hcl(instance(movedBlock)+power(id, "running")),
		instance(formerState(t, id, "Start", h.sim.Words().Running, "")))
	out, err := c.run("plan", "-no-color")
	if err == nil {
		t.Fatalf("the plan succeeds, want an error:\n%s", out)
	}
	if want := "A resource that creates an instance stays in the configuration"; !says(want).MatchString(out) {
		t.Errorf("the plan does not say %q:\n%s", want, out)
	}
	if got := h.writes(); got != 0 {
		t.Errorf("got %d writes, want 0", got)
	}
}

func TestEndToEndMovedNeedsTheProvidersRegion(t *testing.T) {
	t.Parallel()
	h := newHarness(t, volcengineService(t))
	id := h.stopped()
	h.config = strings.ReplaceAll(h.config, fmt.Sprintf("region = %q", h.scope), "")
	c := formerCLI(t, movedCloud, h.hcl(movedBlock+power(id, "stopped")),
		formerState(t, id, "Stop", h.sim.Words().Stopped, "KeepCharging"))
	out, err := c.run("plan", "-no-color")
	if want := "Set `region` in the provider's `volcengine` block"; err == nil || !says(want).MatchString(out) {
		t.Errorf("the plan does not say %q: %v\n%s", want, err, out)
	}
	c.env = append(c.env, "VOLCENGINE_REGION="+h.scope)
	if out, err := c.run("apply", "-no-color", "-auto-approve"); err != nil {
		t.Errorf("apply with the region from the environment: %v\n%s", err, out)
	}
	if got := h.writes(); got != 0 {
		t.Errorf("got %d writes, want 0", got)
	}
}

func volcengineService(t *testing.T) service {
	t.Helper()
	for _, s := range services() {
		if s.cloud == movedCloud {
			return s
		}
	}
	t.Fatalf("there is no service %s", movedCloud)
	return service{}
}

// formerCLI is a CLI in whose folder lies a state that another provider has
// left. The CLI starts that provider to read its schema, though it asks it
// nothing about what is moved away, so this one can stand in for it.
func formerCLI(t *testing.T, former, config, state string) *cli {
	t.Helper()
	c := newCLI(t, config)
	if former != ownProvider {
		c.needsOfTofu(10) // Before that it moved nothing to another type.
	}
	binary, err := buildProvider()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.Symlink(filepath.Join(binary, "terraform-provider-instance"),
		filepath.Join(folder, "terraform-provider-"+former)); err != nil {
		t.Fatal(err)
	}
	address := "example/" + ownProvider
	if providers, known := movedProviders[former+"_ecs_instance_state"]; known {
		address = providers[0]
	}
	c.write("cli.tfrc", overriding(map[string]string{thisProvider: binary, address: folder}))
	if state == "" {
		return c
	}
	out, err := c.run("version")
	if err != nil {
		t.Fatalf("version: %v\n%s", err, out)
	}
	if strings.HasPrefix(out, "OpenTofu") {
		state = strings.ReplaceAll(state, "registry.terraform.io", "registry.opentofu.org")
	}
	c.write("terraform.tfstate", state)
	return c
}

func (c *cli) read(name string) string {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.folder, name))
	if err != nil {
		c.t.Fatal(err)
	}
	return string(text)
}
