package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// tagged makes an instance with a tag.
func (h *harness) tagged(value string, stopped bool) string {
	return h.seed(func(in *simulator.Instance) {
		in.Tags = map[string]string{"env": value}
		if stopped {
			in.Status, in.StoppedMode = h.sim.Words().Stopped, h.sim.Words().KeepCharging
		}
	})
}

// many makes n running instances at once.
func (h *harness) many(n int) []string {
	h.t.Helper()
	ids, err := h.sim.SeedBulk(simulator.Bulk{
		Count:       n,
		First:       h.next + 1,
		IDPattern:   h.idPattern,
		NamePattern: "many-#",
		Template:    h.like,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.next += n
	return ids
}

// regionOf is the region of an identity, which not every cloud has.
func (h *harness) regionOf() knownvalue.Check {
	if h.regional() {
		return knownvalue.StringExact(h.scope)
	}
	return knownvalue.Null()
}

func (h *harness) identity(id string) map[string]knownvalue.Check {
	return map[string]knownvalue.Check{
		"cloud": knownvalue.StringExact(h.cloud), "region": h.regionOf(), "instance_id": knownvalue.StringExact(id),
	}
}

func TestEndToEndIdentityIsStoredAndImportable(t *testing.T) {
	eachService(t, func(_ *testing.T, h *harness) {
		id := h.stopped()
		resource.UnitTest(h.t, resource.TestCase{
			ProtoV6ProviderFactories: factories(),
			TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
			Steps: []resource.TestStep{
				{
					Config:            h.hcl(power(id, "stopped")),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectIdentity(web, h.identity(id))},
				},
				{
					ResourceName: web, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity,
					ImportPlanChecks: resource.ImportPlanChecks{
						PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(web, plancheck.ResourceActionNoop)},
					},
				},
			},
		})
	})
}

func TestEndToEndImportByIdentityWithoutARegion(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		id := h.stopped()
		c := newCLI(t, h.hcl(power(id, "stopped")+
			fmt.Sprintf("import {\n to = %s\n identity = {\n cloud = %q\n instance_id = %q\n}\n}\n", web, h.cloud, id)))
		c.needs(12)
		out, err := c.run("apply", "-auto-approve", "-no-color")
		if err != nil || !strings.Contains(out, "1 imported, 0 added, 0 changed, 0 destroyed") {
			t.Fatalf("%v\n%s", err, out)
		}
		if out, err := c.run("plan", "-detailed-exitcode", "-no-color"); err != nil {
			t.Errorf("the plan after it is not empty: %v\n%s", err, out)
		}
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes, want none", got)
		}
	})
}

// found is a list block.
func (h *harness) found(lines ...string) string {
	return fmt.Sprintf("list \"instance_power_state\" \"found\" {\n provider = instance\n%s\n}\n",
		strings.Join(lines, "\n"))
}

func TestEndToEndGeneratedImportOfManyEndsInAnEmptyPlan(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		for n := range 50 {
			h.tagged("prod", n%2 == 0)
		}
		c := newCLI(t, h.hcl(""))
		c.needs(14)
		c.write("find.tfquery.hcl", h.found("config {", `tags = { env = "prod" }`, "}"))
		if out, err := c.run("query", "-generate-config-out=generated.tf", "-no-color"); err != nil {
			t.Fatalf("query: %v\n%s", err, out)
		}
		out, err := c.run("apply", "-auto-approve", "-no-color")
		if err != nil || !strings.Contains(out, "50 imported, 0 added, 0 changed, 0 destroyed") {
			generated, readErr := os.ReadFile(filepath.Join(c.folder, "generated.tf"))
			t.Fatalf("apply: %v, %v\n%s\n%.3000s", err, readErr, out, generated)
		}
		if out, err := c.run("plan", "-detailed-exitcode", "-no-color"); err != nil {
			t.Errorf("the plan after it is not empty: %v\n%s", err, out)
		}
		if got := h.writes(); got != 0 {
			t.Errorf("got %d writes, want none", got)
		}
	})
}

func TestEndToEndInterruptedQueryFails(t *testing.T) {
	eachService(t, func(t *testing.T, h *harness) {
		h.many(150)
		c := newCLI(t, h.hcl(""))
		c.needs(14)
		c.write("find.tfquery.hcl", h.found("limit = 1000"))
		h.trouble(simulator.Trouble{Kind: simulator.LostAnswer, Action: h.reads})
		cmd, out := c.command(t.Context(), "query", "-no-color")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		h.calls(h.reads)
		interrupted := time.Now()
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Errorf("the interrupted query reports success:\n%s", out)
		}
		if took := time.Since(interrupted); took > atOnce {
			t.Errorf("the query went on for %s after the interrupt", took)
		}
		if !says("The run was interrupted before the listing ended.").MatchString(out.String()) {
			t.Errorf("the output does not say that the query was interrupted:\n%s", out)
		}
	})
}

// needs skips the test on a CLI below version 1.minor. OpenTofu counts on its own: it
// has no queries, and has not come to the version that Terraform has them from.
func (c *cli) needs(minor int) {
	c.t.Helper()
	if got, version := c.minor(); got < minor {
		c.t.Skipf("the CLI is %s, and this needs 1.%d", version, minor)
	}
}

// needsOfTofu is needs for an OpenTofu alone.
func (c *cli) needsOfTofu(minor int) {
	c.t.Helper()
	if out, err := c.run("version"); err != nil || !strings.HasPrefix(out, "OpenTofu") {
		return
	}
	c.needs(minor)
}

// minor is the second part of the CLI's version.
func (c *cli) minor() (minor int, of string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	cmd, out := c.command(ctx, "version", "-json")
	if err := cmd.Run(); err != nil {
		c.t.Fatalf("version: %v\n%s", err, out)
	}
	var version struct {
		Version string `json:"terraform_version"`
	}
	if err := json.Unmarshal(out.Bytes(), &version); err != nil {
		c.t.Fatalf("version: %v\n%s", err, out)
	}
	rest, isOne := strings.CutPrefix(version.Version, "1.")
	number, _, _ := strings.Cut(rest, ".")
	got, err := strconv.Atoi(number)
	if err != nil || !isOne {
		c.t.Fatalf("the version is %q", version.Version)
	}
	return got, version.Version
}
