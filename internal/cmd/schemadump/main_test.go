package main

import (
	_ "embed"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// want is what "terraform providers schema -json" of Terraform 1.15.3 printed for
// toyProvider, but for the key of the provider and white space.
//
//go:embed testdata/toy.json
var want string

func TestRunPrintsWhatTerraformPrints(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := run(t.Context(), &out, toyProvider{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(decode(t, want), decode(t, out.String())); diff != "" {
		t.Errorf("schema (-want +got):\n%s", diff)
	}
}

func TestRunReportsAnInvalidSchema(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	err := run(t.Context(), &out, toyProvider{invalid: true})
	if err == nil || !strings.Contains(err.Error(), "reserved") {
		t.Errorf("error: got %v, want one that names the reserved word", err)
	}
	if out.Len() != 0 {
		t.Errorf("output: got %q, want none", out.String())
	}
}

// decode makes a text of JSON comparable.
func decode(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}
