package main

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const longPlan = `
instance_power_state.a: Refreshing state... [id=alicloud/cn-hangzhou/i-a]

Note: Objects have changed outside of Terraform

Terraform detected the following changes made outside of Terraform since the
last "terraform apply" which may have affected this plan:

  # instance_power_state.a has changed
  ~ resource "instance_power_state" "a" {
        id            = "alicloud/cn-hangzhou/i-a"
      ~ state         = "stopped" -> "running"
        # (9 unchanged attributes hidden)
    }

Unless you have made equivalent changes to your configuration, or ignored the
relevant attributes using ignore_changes, the following plan may include
actions to undo or respond to these changes.

─────────────────────────────────────────────────────────────────────────────

Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
  + create
  ~ update in-place

Terraform will perform the following actions:

  # instance_power_state.b will be created
  + resource "instance_power_state" "b" {
      + allow_restart = false
      + charging      = (known after apply)
      + cloud         = "alicloud"
      + force_stop    = true
      + instance_id   = "i-b"
      + on_destroy    = "leave"
      + state         = "stopped"

      + timeouts {
          + create = "2m"
        }
    }

  # instance_power_state.c will be destroyed
  - resource "instance_power_state" "c" {
      - state = "stopped" -> null
    }

  # instance_fleet_power_state.d will be updated in-place
  ~ resource "instance_fleet_power_state" "d" {
        id        = "alicloud/cn-hangzhou"
      ~ instances = {
          ~ "i-d" = {
              ~ state  = "running" -> "stopped"
              ~ status = "Running" -> (known after apply)
            }
            # (2 unchanged elements hidden)
        }
    }

Plan: 1 to add, 1 to change, 1 to destroy.

Changes to Outputs:
  ~ power = {
      ~ a = "x" -> (known after apply)
    }

Warning: Forced stop planned

  with instance_power_state.b,
  on main.tf line 89, in resource "instance_power_state" "b":
  89:   force_stop = true

The power will be cut.
`

func TestAbridged(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := newPage(&out, map[string]bool{})
	if _, err := io.WriteString(p, longPlan); err != nil {
		t.Fatal(err)
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	want := `   | Note: Objects have changed outside of Terraform
   |
   |   # instance_power_state.a has changed
   |       ~ state         = "stopped" -> "running"
   |
   |   # instance_power_state.b will be created
   |       + force_stop    = true
   |       + state         = "stopped"
   |   # instance_fleet_power_state.d will be updated in-place
   |       ~ instances = {
   |           ~ "i-d" = {
   |               ~ state  = "running" -> "stopped"
   |             }
   |         }
   |
   | Plan: 1 to add, 1 to change, 1 to destroy.
   |
   | Warning: Forced stop planned
   |   with instance_power_state.b
   | The power will be cut.
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("abridged (-want +got):\n%s", diff)
	}
}

// With colors the CLI draws boxes, and no empty line stands before one.
func TestAbridgedBoxes(t *testing.T) {
	t.Parallel()
	const text = "Changes to Outputs:\n  - a = 1 -> null\n\x1b[33m╷\x1b[0m\n" +
		"│ \x1b[1mWarning: \x1b[0mOne\n│ \n│   with a.b,\n" +
		"│   on main.tf line 8, in resource \"a\" \"b\":\n│    8: resource\n│ \n" +
		"│ First.\n╵\n╷\n│ Warning: Two\n│ \n│ Second.\n╵\nDestroy complete!\n"
	var out strings.Builder
	p := newPage(&out, map[string]bool{"Warning: Two": true})
	if _, err := io.WriteString(p, text); err != nil {
		t.Fatal(err)
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	want := "   | │ \x1b[1mWarning: \x1b[0mOne\n   | │   with a.b\n   | │ First.\n   |\n   | Destroy complete!\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("abridged (-want +got):\n%s", diff)
	}
}

func TestAbridgedShowsAWarningOnce(t *testing.T) {
	t.Parallel()
	const text = "Warning: One\n\nFirst.\n\nWarning: Two\n\nSecond.\n\nApply complete!\n\nOutputs:\n\na = 1\n"
	seen := map[string]bool{"Warning: One": true}
	var out strings.Builder
	for range 2 {
		p := newPage(&out, seen)
		if _, err := io.WriteString(p, text); err != nil {
			t.Fatal(err)
		}
		if err := p.close(); err != nil {
			t.Fatal(err)
		}
	}
	want := "   | Warning: Two\n   | Second.\n   |\n   | Apply complete!\n   |\n   | Outputs:\n   |\n   | a = 1\n" +
		"   | Apply complete!\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("abridged (-want +got):\n%s", diff)
	}
}

func TestAbridgedKeepsWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	const text = "Error: Unable to stop instance \"i-1\"\n\nThe cloud refused.\nRequest id: 1\n"
	var out strings.Builder
	p := newPage(&out, map[string]bool{})
	if _, err := io.WriteString(p, text); err != nil {
		t.Fatal(err)
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	want := "   | Error: Unable to stop instance \"i-1\"\n   | The cloud refused.\n   | Request id: 1\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("abridged (-want +got):\n%s", diff)
	}
}
