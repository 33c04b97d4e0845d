package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/localcloud"
)

// variableBlocks are what the configurations of this test take their values from. In a
// validation none of them is known, whatever its default is.
const variableBlocks = `
variable "endpoint" {
  type      = string
  sensitive = true
}
variable "tags" {
  type    = map(string)
  default = { env = "prod" }
}
variable "states" {
  type    = list(string)
  default = ["running", "stopped"]
}
variable "nothing" {
  type    = string
  default = null
}
variable "no_list" {
  type    = list(string)
  default = null
}
variable "yes" {
  type    = bool
  default = true
}
variable "timeout" {
  type    = string
  default = "10m"
}
variable "secret_tags" {
  type      = map(string)
  default   = { env = "prod" }
  sensitive = true
}
variable "secret_state" {
  type      = string
  default   = "stopped"
  sensitive = true
}
variable "ids" {
  type = map(list(string))
}
`

// variablesOf is what a configuration says of one cloud. CLOUD stands for its name.
// A terraform_data hides its values until the apply. The searches that wait for it
// come before the stops, so that they find no instance that is stopping.
const variablesOf = `
resource "terraform_data" "CLOUD" {
  input = {
    ids     = var.ids["CLOUD"]
    tags    = var.tags
    states  = var.states
    state   = "stopped"
    timeout = var.timeout
    name    = "web-*"
  }
}
data "instance_power_states" "CLOUD_variable" {
  cloud    = "CLOUD"
  tags     = var.tags
  states   = var.states
  name     = var.nothing
  charging = var.nothing
  timeouts {
    read = var.timeout
  }
}
data "instance_power_states" "CLOUD_output" {
  cloud  = "CLOUD"
  tags   = terraform_data.CLOUD.output.tags
  states = terraform_data.CLOUD.output.states
  name   = terraform_data.CLOUD.output.name
}
data "instance_power_states" "CLOUD_element" {
  cloud        = "CLOUD"
  instance_ids = [terraform_data.CLOUD.output.ids[0], var.ids["CLOUD"][1]]
  tags         = { env = terraform_data.CLOUD.output.tags.env }
  states       = [var.secret_state, "running"]
}
data "instance_power_states" "CLOUD_conditional" {
  cloud        = var.yes ? "CLOUD" : null
  region       = var.yes ? null : "elsewhere"
  tags         = var.yes ? var.secret_tags : {}
  states       = var.yes ? null : ["stopped"]
  instance_ids = var.no_list
}
data "instance_power_states" "CLOUD_empty" {
  cloud        = "CLOUD"
  instance_ids = []
  tags         = {}
}
data "instance_power_state" "CLOUD" {
  cloud       = "CLOUD"
  instance_id = terraform_data.CLOUD.output.ids[0]
  region      = var.nothing
}
resource "instance_power_state" "CLOUD" {
  cloud            = "CLOUD"
  instance_id      = terraform_data.CLOUD.output.ids[0]
  state            = var.secret_state
  stopped_mode     = var.nothing
  force_stop       = var.yes ? null : true
  force_stop_after = var.nothing
  timeouts {
    create = terraform_data.CLOUD.output.timeout
    read   = var.nothing
  }
  depends_on = [data.instance_power_states.CLOUD_output, data.instance_power_states.CLOUD_element]
}
resource "instance_fleet_power_state" "CLOUD" {
  cloud        = "CLOUD"
  instance_ids = [for id in var.ids["CLOUD"] : id if id != var.ids["CLOUD"][0]]
  state        = terraform_data.CLOUD.output.state
  max_failures = var.nothing
  timeouts {
    update = var.timeout
  }
  depends_on = [data.instance_power_states.CLOUD_output, data.instance_power_states.CLOUD_element]
}
output "CLOUD" {
  value = join(" ", [for one in [
    data.instance_power_states.CLOUD_variable,
    data.instance_power_states.CLOUD_output,
    nonsensitive(data.instance_power_states.CLOUD_element),
    nonsensitive(data.instance_power_states.CLOUD_conditional),
    data.instance_power_states.CLOUD_empty,
  ] : length(one.ids)])
}
`

// actionOf and listOf are what the clients say that have actions and queries.
const (
	actionOf = `
action "instance_stop" "CLOUD" {
  config {
    cloud        = "CLOUD"
    instance_ids = terraform_data.CLOUD.output.ids
    region       = var.nothing
    stopped_mode = var.secret_state == "stopped" ? "keep_charging" : null
    max_failures = var.nothing
    timeout      = var.timeout
    wait         = var.yes ? true : null
  }
}
`
	listOf = `
list "instance_power_state" "CLOUD" {
  provider = instance
  config {
    cloud  = "CLOUD"
    tags   = var.secret_tags
    states = var.states
    name   = var.nothing
    timeouts {
      list = var.timeout
    }
  }
}
`
)

// variablesCLI is a folder with a configuration for every cloud, each of which has
// four instances. Three of them have the tag.
func variablesCLI(t *testing.T) (c *cli, server *simulator.Server, clouds []string) {
	t.Helper()
	cliPath(t)
	server = startClouds(t)
	localcloud.SetTransition(server, transitionTime)
	var ids []string
	all := services()
	provider := strings.ReplaceAll(exampleProvider(server), fmt.Sprintf("%q", server.URL()), "var.endpoint")
	c = newCLI(t, provider+variableBlocks, exampleEnvironment(server)...)
	for _, wire := range server.Wires() {
		name := wire.Cloud().Name()
		clouds = append(clouds, name)
		row := all[slices.IndexFunc(all, func(s service) bool { return s.cloud == name })]
		tagged := row.like
		tagged.Tags = map[string]string{"env": "prod"}
		own, err := wire.Cloud().SeedBulk(simulator.Bulk{
			Count:       3,
			First:       1,
			IDPattern:   row.idPattern,
			NamePattern: "web-#",
			Template:    tagged,
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.Cloud().SeedBulk(simulator.Bulk{
			Count:       1,
			First:       9,
			IDPattern:   row.idPattern,
			NamePattern: "db-#",
			Template:    row.like,
		}); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, fmt.Sprintf("%s = %s", name, hclList(own)))
		c.write(name+".tf", strings.ReplaceAll(variablesOf, "CLOUD", name))
	}
	c.write("terraform.tfvars", fmt.Sprintf("endpoint = %q\nids = {\n%s\n}\n", server.URL(), strings.Join(ids, "\n")))
	return c, server, clouds
}

func TestEndToEndVariablesEverywhere(t *testing.T) {
	t.Parallel()
	c, server, clouds := variablesCLI(t)
	for _, args := range [][]string{
		{"validate", "-no-color"},
		{"plan", "-no-color"},
		{"apply", "-auto-approve", "-no-color"},
		{"plan", "-detailed-exitcode", "-no-color"},
	} {
		out, err := c.run(args...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
		if strings.Contains(out, server.URL()) {
			t.Errorf("%s: the output has the sensitive endpoint:\n%s", args[0], out)
		}
		if args[0] != "apply" {
			continue
		}
		for _, name := range clouds {
			if !says(fmt.Sprintf("%s = \"3 3 2 3 0\"", name)).MatchString(out) {
				t.Errorf("%s: the searches do not find 3, 3, 2, 3 and 0:\n%s", name, out)
			}
		}
	}
	for _, wire := range server.Wires() {
		for _, in := range wire.Cloud().Instances() {
			want := wire.Cloud().Words().Running
			if len(in.Tags) > 0 {
				want = wire.Cloud().Words().Stopped
			}
			if in.Status != want {
				t.Errorf("%s is %s, want %s", in.ID, in.Status, want)
			}
		}
	}
}

func TestEndToEndVariablesOfActionsAndQueries(t *testing.T) {
	t.Parallel()
	c, _, clouds := variablesCLI(t)
	c.needs(14)
	for _, name := range clouds {
		c.write(name+"_action.tf", strings.ReplaceAll(actionOf, "CLOUD", name))
		c.write(name+".tfquery.hcl", strings.ReplaceAll(listOf, "CLOUD", name))
	}
	for _, args := range [][]string{
		{"validate", "-no-color"},
		{"validate", "-query", "-no-color"},
		{"apply", "-auto-approve", "-no-color"},
		{"query", "-no-color"},
	} {
		out, err := c.run(args...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
		if got := strings.Count(out, "list.instance_power_state."); args[0] == "query" && got != 3*len(clouds) {
			t.Errorf("got %d instances, want 3 of each cloud:\n%s", got, out)
		}
	}
	for _, name := range clouds {
		out, err := c.run("apply", "-auto-approve", "-no-color", "-invoke=action.instance_stop."+name)
		if err != nil || !says("3 of 3 instances stopped").MatchString(out) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
