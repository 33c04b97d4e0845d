package terraform

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

func TestHead(t *testing.T) {
	t.Parallel()
	service := simulator.Service{
		Cloud: "northcloud", Region: "north",
		Arguments: simulator.Arguments{ID: "access_key"},
		Keys:      simulator.Keys{Lasting: simulator.Credential{AccessKeyID: "id"}},
	}
	const want = `terraform {
  required_providers {
    instance = { source = "instance-power/instance" }
  }
}

provider "instance" {
  northcloud {
    region = "north"
    access_key = "id"
    endpoint = "http://127.0.0.1:1"
  }
  batch_window = "0s"
}
`
	got := Head([]simulator.Service{service}, "http://127.0.0.1:1", `batch_window = "0s"`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
}
