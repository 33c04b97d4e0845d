//go:build unix

package terraform

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// scripts is a copy of tools/cli in a folder with a space in its name, where the
// commands that it calls are played by scripts.
type scripts struct{ root, path string }

func newScripts(t *testing.T) scripts {
	t.Helper()
	s := scripts{root: filepath.Join(t.TempDir(), "the sources")}
	s.path = filepath.Join(s.root, "a bin")
	text, err := os.ReadFile("../../../../tools/cli")
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "tools/cli", string(text))
	s.write(t, "tools/clis/build", "#!/bin/sh\necho unreachable >&2\nexit 1\n")
	s.write(t, "a bin/go", "#!/bin/sh\necho 'get: no such host' >&2\nexit 1\n")
	// Nothing else is on PATH: the machine may have a CLI.
	for _, name := range []string{"bash", "cat", "chmod", "dirname", "mkdir", "mktemp", "mv", "rm", "tail"} {
		path, err := exec.LookPath(name)
		if err == nil {
			err = os.Symlink(path, filepath.Join(s.path, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s scripts) write(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(s.root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// cli plays a CLI of a version.
func (s scripts) cli(t *testing.T, name, version string) {
	t.Helper()
	s.write(t, name, "#!/bin/sh\ncat\necho '"+version+"'\necho 'on linux_amd64'\n")
}

// run runs tools/cli and returns what it prints.
func (s scripts) run(t *testing.T, set ...string) (stdout, stderr string, ok bool) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join(s.path, "bash"), filepath.Join(s.root, "tools/cli"))
	command.Dir = t.TempDir()
	command.Env = append([]string{"PATH=" + s.path}, set...)
	var out, complaints strings.Builder
	command.Stdout, command.Stderr = &out, &complaints
	err := command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return strings.TrimSuffix(out.String(), "\n"), complaints.String(), err == nil
}

func TestTheScriptFindsACLI(t *testing.T) {
	t.Parallel()
	const other = "other/cli"
	for _, test := range []struct {
		name  string
		clis  map[string]string // what each prints as its version
		named string            // by TF_CLI
		want  string
		says  string
	}{
		{
			"terraform before tofu",
			map[string]string{"a bin/terraform": "Terraform v1.11.4", "a bin/tofu": "OpenTofu v1.8.0"},
			"", "a bin/terraform", "",
		},
		{"tofu alone", map[string]string{"a bin/tofu": "OpenTofu v1.8.0"}, "", "a bin/tofu", ""},
		{"the next major version", map[string]string{"a bin/terraform": "Terraform v2.0.0-dev"}, "", "a bin/terraform", ""},
		{
			"an old terraform is passed over",
			map[string]string{"a bin/terraform": "Terraform v1.5.7", "a bin/tofu": "OpenTofu v1.12.6"},
			"", "a bin/tofu", "a bin/terraform is not used: it is Terraform v1.5.7, and the provider needs 1.8 or newer\n",
		},
		{
			"so is another program",
			map[string]string{"a bin/terraform": "a shim", "a bin/tofu": "OpenTofu v1.12.6"},
			"", "a bin/tofu", "a bin/terraform is not used: it is neither Terraform nor OpenTofu\n",
		},
		{
			"one that was downloaded before",
			map[string]string{".bin/terraform-1.11.4/terraform": "Terraform v1.11.4"},
			"", ".bin/terraform-1.11.4/terraform", "",
		},
		{"one that was built before", map[string]string{".bin/tofu-1.12.6": "OpenTofu v1.12.6"}, "", ".bin/tofu-1.12.6", ""},
		{
			"the one that is named",
			map[string]string{"a bin/terraform": "Terraform v1.11.4", other: "OpenTofu v1.12.6"},
			other, other, "",
		},
		{
			"one that is named and missing", nil, other, "",
			`TF_CLI names "other/cli", which is not a program that can be run.`,
		},
		{
			"one that is named and old",
			map[string]string{other: "Terraform v1.7.5"},
			other, "",
			`TF_CLI names "other/cli", which is Terraform v1.7.5, and the provider needs 1.8 or newer.`,
		},
		{
			"one that is named and another program",
			map[string]string{other: "shim 3"},
			other, "",
			`TF_CLI names "other/cli", which is neither Terraform nor OpenTofu.`,
		},
		{
			"none, and none can be had", nil, "", "",
			"Terraform 1.11.4 could not be downloaded (no such host).\nBuilding OpenTofu 1.12.6 from its sources into .bin " +
				"instead. This takes some minutes, once.\nunreachable\nOpenTofu could not be built. Install Terraform",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScripts(t)
			for name, version := range test.clis {
				s.cli(t, name, version)
			}
			want := ""
			if test.want != "" {
				want = filepath.Join(s.root, test.want)
			}
			got, says, ok := s.run(t, "TF_CLI="+test.named)
			if got != want || ok != (want != "") {
				t.Errorf("got %q and success %t, want %q", got, ok, want)
			}
			if !strings.Contains(says, test.says) || test.says == "" && says != "" {
				t.Errorf("got the message %q, want %q", says, test.says)
			}
		})
	}
}

func TestTheScriptKeepsWhatItDownloaded(t *testing.T) {
	t.Parallel()
	s := newScripts(t)
	s.write(t, "a bin/go", `#!/bin/sh
while [ "$1" != -path ]; do shift; done
printf '#!/bin/sh\necho Terraform v1.11.4\n' >"$2/terraform"
chmod +x "$2/terraform"
`)
	want := filepath.Join(s.root, ".bin/terraform-1.11.4/terraform")
	if got, says, ok := s.run(t); got != want || !ok || !strings.Contains(says, "downloading Terraform 1.11.4") {
		t.Errorf("got %q, success %t and the message %q; want %q", got, ok, says, want)
	}
	if got, says, ok := s.run(t); got != want || !ok || says != "" {
		t.Errorf("again: got %q, success %t and the message %q; want %q and none", got, ok, says, want)
	}
	left, err := os.ReadDir(filepath.Join(s.root, ".bin"))
	if err != nil || len(left) != 1 {
		t.Errorf("the folder has %v, error %v; want the CLI alone", left, err)
	}
}
