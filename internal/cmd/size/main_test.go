package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/modules"
)

func TestPackageOf(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ symbol, want string }{
		"a function":                         {"net/http.Get", "net/http"},
		"a function of the program":          {"main.main", "main"},
		"a method":                           {"example.com/a/b.(*T).Do", "example.com/a/b"},
		"a closure":                          {"example.com/a/b.Do.func1.2", "example.com/a/b"},
		"a dot in the last part of a path":   {"gopkg.in/yaml%2ev2.Unmarshal", "gopkg.in/yaml.v2"},
		"type arguments with slashes":        {"slices.SortFunc[go.shape.[]example.com/a/b.T]", "slices"},
		"a method of a type with arguments":  {"example.com/a.(*Group[go.shape.string,example.com/b.T]).Do", "example.com/a"},
		"the equality of a type":             {"type:.eq.example.com/a/b.T", "example.com/a/b"},
		"the hash of an array":               {"type:.hash.[2]example.com/a/b.T", "example.com/a/b"},
		"the methods of a pointer's type":    {"go:itab.*example.com/a/b.T,io.Reader", "example.com/a/b"},
		"the strings of all packages":        {"go:string.*", ""},
		"a symbol of the linker":             {"_rt0_amd64_linux", ""},
		"a broken escape in the path's part": {"gopkg.in/yaml%2.Unmarshal", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := packageOf(test.symbol); got != test.want {
				t.Errorf("packageOf(%q): got %q, want %q", test.symbol, got, test.want)
			}
		})
	}
}

func TestWeighSharesOutTheTablesByCodeAndAddsUpToTheWhole(t *testing.T) {
	t.Parallel()
	packages := []modules.Package{
		{Path: "strings", Module: modules.Module{Path: modules.Standard}},
		{Path: "example.com/a/b", Module: modules.Module{Path: "example.com/a"}},
	}
	b := binary{
		lineTables: 1000,
		readOnly:   500,
		symbols: []symbol{
			{"strings.Index", 300, codeSection},
			{"example.com/a/b.Do", 100, codeSection},
			{"example.com/a/b.table", 40, ".data"},
			{"example.com/a/b.words", 50, readOnlySection},
			{"example.com/unknown.Do", 7, codeSection},
		},
	}
	got := weigh(b, packages, 2200)
	want := []row{
		{"std", 300 + 750},
		{"example.com/a", 100 + 40 + 50 + 250},
		{typesAndStrings, 450},
		{rest, 2200 - 1050 - 440 - 450},
	}
	byName := cmpopts.SortSlices(func(a, b row) bool { return a.name < b.name })
	if diff := cmp.Diff(want, got, byName, cmp.AllowUnexported(row{})); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestReportJoinsLightModules(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	report(&got, []row{{"light", 10_000}, {"lighter", 5_000}, {"heavy", 1_985_000}}, 2_000_000)
	want := `  1.99 MB   99.2 %    heavy
  0.01 MB    0.8 %    2 modules below 0.02 MB
  2.00 MB  100.0 %    the binary, stripped
`
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
}
