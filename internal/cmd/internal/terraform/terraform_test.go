package terraform

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestFind(t *testing.T) {
	t.Parallel()
	on := func(names ...string) func(string) (string, error) {
		return func(name string) (string, error) {
			for _, n := range names {
				if n == name {
					return "/bin/" + filepath.Base(name), nil
				}
			}
			return "", exec.ErrNotFound
		}
	}
	for _, test := range []struct {
		name, named string
		look        func(string) (string, error)
		want, err   string
	}{
		{"the one that is named", "/opt/tofu", on("terraform", "/opt/tofu"), "/bin/tofu", ""},
		{"the one that is named is not there", "/opt/tofu", on("terraform"), "", "TF_CLI names a program that cannot be run"},
		{"terraform before tofu", "", on("tofu", "terraform"), "/bin/terraform", ""},
		{"tofu alone", "", on("tofu"), "/bin/tofu", ""},
		{"none", "", on(), "", `neither terraform nor tofu is on PATH: "make demo" gets one`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := Find(test.named, "demo", test.look)
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got error %v, want %q", err, test.err)
			}
		})
	}
}
